"""`svasim run` of recorded traces and DMA workloads through the fault loop."""

import gzip
import json
import pathlib
import tempfile
import unittest

import svasim_program
from svasim_program import REPOSITORY, settings

PLATFORM = REPOSITORY / "platforms" / "neoverse-n2.json"
TRACES = REPOSITORY / "workloads" / "traces"
FIRST_TOUCH = settings(memory__first_touch="true")
WORKLOAD = {"pattern": "random", "accesses": 2000, "footprint": "1MiB", "streams": 2, "seed": 3}


class Traces(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="svasim-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "w.json").write_text(json.dumps(WORKLOAD), encoding="utf-8")
        with gzip.open(TRACES / "app_sqlite.pages.txt.gz", "rt", encoding="ascii") as pages:
            head = "".join(line for line, _ in zip(pages, range(3000)))
        (self.folder / "head.pages.txt").write_text(head, encoding="ascii")

    def result(self, *arguments):
        return svasim_program.result(PLATFORM, *arguments, cwd=self.folder)

    def structure(self, result, path):
        return next(s for s in result["structures"] if s["path"] == path)

    def test_an_applications_pages_fault_once_each(self):
        first = self.result("--trace", "head.pages.txt", *FIRST_TOUCH,
                            *settings(device__dma__mode="serial"))
        pages = {line.split()[1] for line in
                 (self.folder / "head.pages.txt").read_text(encoding="ascii").splitlines()}
        self.assertEqual(first["sva"]["faults"], len(pages))
        self.assertEqual(first["run"]["note"],
                         f"{len(pages)} pages absent until the device touched them")
        self.assertEqual(first["run"]["requests"], first["run"]["completed"])
        self.assertEqual(sum(h["ps"] for h in first["sva"]["hops"] if h["on_path"]),
                         first["sva"]["fault_p50_ps"])
        self.assertGreater(first["sva"]["slowdown_prefaulted_ppm"], 1_000_000)
        self.assertGreater(first["sva"]["slowdown_ideal_ppm"],
                           first["sva"]["slowdown_prefaulted_ppm"])

    def test_a_dma_workload_in_a_guest_gives_the_same_bytes_twice(self):
        arguments = (PLATFORM, "--workload", "w.json", "--check", *FIRST_TOUCH,
                     *settings(variant="b"))
        def text():
            with tempfile.TemporaryDirectory(prefix="svasim-test-") as out:
                done = svasim_program.run("run", *arguments, "-q", "-o", out, cwd=self.folder)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                return pathlib.Path(out, "result.json").read_text(encoding="utf-8")
        first = text()
        self.assertEqual(first, text())
        self.assertIn("each stream in a VM of its own", json.loads(first)["run"]["note"])

    def test_stalls_that_overlap_all_end_with_a_translation(self):
        got = self.result("--workload", "w.json", *FIRST_TOUCH, *settings(variant="g"))
        self.assertEqual(got["run"]["requests"], got["run"]["completed"])
        faults = got["statistics"]["faults"]
        self.assertEqual(faults["unresolved"], 0)
        self.assertGreater(faults["resolved"], 400)

    def test_refusals_name_what_is_wrong(self):
        def said(*arguments):
            done = svasim_program.run("run", PLATFORM, *arguments, "-q", cwd=self.folder)
            self.assertEqual(done.returncode, 2)
            return done.stderr
        self.assertIn("variant f maps all memory before the device comes, so that no page is absent "
                      "at first touch; choose another variant",
                      said("--workload", "w.json", *FIRST_TOUCH, *settings(variant="f")))

    def test_an_atc_hits_as_the_reuse_curve_says(self):
        curve = json.loads(svasim_program.run(  # says its speed on stderr
            "reuse", "head.pages.txt", "--json", cwd=self.folder).stdout)
        whole = next(c for c in curve["curves"]
                     if c["scope"] == "total" and c["ways"] == 0 and not c["invalidations"])
        misses = next(p["misses"] for p in whole["points"] if p["entries"] == 64)
        result = self.result("--trace", "head.pages.txt", "--check",
                             *settings(device__ats="true", device__dma__mode="serial",
                                       device__atc__entries=64, device__atc__ways=64))
        self.assertEqual(self.structure(result, "device.atc")["misses"], misses)

    def test_an_atc_can_be_sized_for_a_trace(self):
        done = svasim_program.run("advise", PLATFORM, "--workload", "w.json", "--json",
                                  "--target", "translation_mean < 400ns",
                                  "--vary", "device.atc.entries", "--max-entries", "512",
                                  *settings(device__ats="true"), cwd=self.folder)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("device.atc.entries", json.loads(done.stdout)["best"]["sizes"])

    def test_a_recorded_trace_runs_through_an_atc_with_its_invalidations(self):
        result = self.result("--trace", TRACES / "nvme_randread4k_qd32_strict.qemu.log.gz",
                             "--check", *settings(device__ats="true"))
        self.assertGreater(self.structure(result, "device.atc")["invalidated"], 0)
        self.assertEqual(result["statistics"]["device"]["dma"]["output_mismatches"], 0)
        self.assertEqual(result["run"]["faulted"], 0)
        # One for each TLBI: the trace has one stream.
        self.assertEqual(result["run"]["note"],
                         f"{result['run']['commands_by_opcode']['TLBI_NH_VA']} CMD_ATC_INV were "
                         "added for the device's ATC")

    def requests_of(self, name, kinds):
        trace = TRACES / f"virtio_iommu_{name}.qemu.log.gz"
        with gzip.open(trace, "rt", encoding="utf-8") as log:
            text = log.read()
        result = self.result("--trace", trace, "--check")
        device = result["statistics"]["guest0"]["viommu"]
        for kind in kinds:
            self.assertEqual(device[kind], text.count(f":virtio_iommu_{kind} "), kind)
        self.assertEqual(device["refused"], 0)
        self.assertEqual(result["run"]["faulted"], 0)
        self.assertEqual(result["statistics"]["device"]["dma"]["output_mismatches"], 0)
        self.assertEqual(result["run"]["accesses"], text.count(":virtio_iommu_translate_out "))
        return result

    def test_the_requests_of_a_virtio_iommu_log_are_made_anew(self):
        result = self.requests_of("nvme_seqread128k_qd4", ("map", "unmap"))
        self.assertGreater(result["sva"]["cpu_ps"]["VMM"], 0)

    def test_the_attach_requests_of_a_boot_are_made_anew(self):
        self.requests_of("boot_probe_attach", ("attach", "map", "unmap"))

    def test_a_virtio_net_log_runs(self):
        self.requests_of("virtio_net_tcp_rx", ("map", "unmap"))

    def test_many_requests_of_a_virtio_iommu_log_are_made_anew(self):
        self.requests_of("nvme_randread4k_qd32", ("map", "unmap"))


if __name__ == "__main__":
    unittest.main()
