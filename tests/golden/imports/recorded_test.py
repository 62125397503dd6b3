"""Every recorded trace imports, and what comes out has the counts that were published with it."""

import gzip
import json
import pathlib
import subprocess
import tempfile
import unittest

import svasim_program
from imports import count, imported, info_of, records
from svasim_program import run, trace_file

GOLDEN = svasim_program.REPOSITORY / "tests" / "golden"
TRUTH = json.loads((GOLDEN / "ground_truth.json").read_text())
OTHER_TRUTH = json.loads((GOLDEN / "reuse" / "ground_truth.json").read_text())
TRACES = svasim_program.REPOSITORY / "workloads" / "traces"
PAGE_RUNS = TRACES / "app_sqlite.pages.txt.gz"
LACKEY = TRACES / "app_sqlite.lackey.gz"


class Recorded(unittest.TestCase):
    def test_smmuv3_logs(self):
        for key, truth in TRUTH.items():
            with self.subTest(key):
                text = info_of(trace_file(key.split("/")[1]))
                self.assertEqual(count(text, "accesses"), truth.get("accesses", 0))
                expected = dict(truth.get("commands_by_opcode", {}))
                # Two logs begin between a command's two lines: its operands alone are one, too.
                if truth.get("invalidation_ops", {}).get("by_asid"):
                    expected["SMMU_CMD_TLBI_NH_ASID"] = truth["invalidation_ops"]["by_asid"]
                for name, n in expected.items():
                    self.assertEqual(count(text, name.replace("SMMU_CMD_", "")), n)
                for sid, n in truth.get("accesses_per_stream", {}).items():
                    self.assertIn(f"  StreamID {sid}: ", text)
                    self.assertIn(f" {n:,} accesses", text)
                events = truth["event_counts"].get("smmuv3_record_event", 0)
                self.assertEqual(count(text, "events"), events)

    def test_virtio_iommu_logs(self):
        for key, truth in OTHER_TRUTH.items():
            if not key.startswith("virtio-iommu/"):
                continue
            with self.subTest(key):
                text = info_of(trace_file("virtio_iommu_" + key.split("/")[1]))
                self.assertEqual(count(text, "accesses"), truth["accesses"])
                for name in ("attach", "detach", "map", "unmap"):
                    self.assertEqual(count(text, name),
                                     truth["event_counts"].get(f"virtio_iommu_{name}", 0))

    def test_faults_are_told_by_type_and_stream(self):
        unmapped = info_of(trace_file("dma_to_unmapped"))
        self.assertRegex(unmapped, r"(?m)^  F_TRANSLATION +64  StreamID 0x200$")
        self.assertEqual(count(unmapped, "events"), 64)
        for name, n in {"CFGI_CD": 2, "CFGI_STE": 2, "PREFETCH_CONFIG": 1, "SYNC": 5,
                        "TLBI_NH_ASID": 1}.items():
            self.assertEqual(count(unmapped, name), n)
        bad_stream = info_of(trace_file("dma_without_stream_entry"))
        self.assertRegex(bad_stream, r"(?m)^  C_BAD_STREAMID +8  StreamID 0x200$")
        self.assertEqual(count(bad_stream, "events"), 8)

    def test_application_streams(self):
        truth = OTHER_TRUTH["app/sqlite"]
        text = info_of(PAGE_RUNS)
        self.assertEqual(count(text, "accesses"), 2000000)
        self.assertEqual(count(text, "runs"), truth["runs"])
        lines = gzip.decompress(LACKEY.read_bytes()).decode().splitlines()
        data = [line for line in lines if line[:3] in (" L ", " S ", " M ")]
        rows = records(LACKEY)
        self.assertEqual(len(rows), len(data))
        for row, line in zip(rows, data):
            address, size = line[3:].split(",")
            self.assertEqual((int(row[4], 16), int(row[5]), row[6]),
                             (int(address, 16), int(size), "R" if line[1] == "L" else "W"))

    def test_ftrace_texts(self):
        key = "smmuv3/nvme_randrw_k612_strict"
        events = TRUTH[key]["ftrace_event_counts"]
        text = info_of(TRACES / "nvme_randrw_k612_strict.ftrace.txt.gz")
        # Each mapping is accessed whole, each unmap an invalidation, as the QEMU log counts pages.
        pages = TRUTH[key]["invalidation_ops"]["pages_in_ranges"]
        self.assertEqual(count(text, "accesses"), pages)
        self.assertEqual(count(text, "TLBI_NH_VA"), events["unmap"])
        self.assertEqual(count(text, "SYNC"), events["unmap"])
        self.assertIn(f"  of {pages:,} pages in all\n", text)
        guest = info_of(TRACES / "nvme_vfio_guest_2m_blocks.ftrace.txt.gz")
        self.assertEqual(count(guest, "accesses"), 0)
        self.assertEqual(count(guest, "SYNC"), 48)
        lazy = info_of(TRACES / "igb_tcp_rx_lazy.ftrace.txt.gz")
        self.assertEqual(count(lazy, "SYNC"), 431)
        self.assertIn("  StreamID 0x200: ", lazy)

    def test_joining_says_how_many_accesses_were_found(self):
        name = "nvme_randrw_k612_strict"
        _, err, _ = imported(TRACES / f"{name}.ftrace.txt.gz", "--join", trace_file(name))
        self.assertTrue(err.startswith("svasim: 3,072 of 4,877 accesses took length and direction "
                                       "from the ftrace text\n"), err)

    def test_disks_and_captures(self):
        self.assertEqual(count(info_of(TRACES / "blkparse_sample.txt"), "accesses"), 280)
        rows = records(TRACES / "fio_randrw.iolog.gz", "--sid", "0x42")
        self.assertEqual({row[2] for row in rows}, {"0x42"})
        # 344 reads, 156 writes and a sync: the last two columns tell nothing else of that size.
        self.assertEqual(sum(row[5:7] == ["16", "W"] for row in rows), 501)
        capture = TRACES / "tcp_loopback.pcap.gz"
        received = sum(int(r[5]) for r in records(capture) if int(r[4], 16) >= 0x100004000)
        both = sum(int(r[5]) for r in records(capture, "--mac", "02:00:00:00:00:01")
                   if int(r[4], 16) >= 0x100004000)
        self.assertEqual((received, both), (92332, 92332))

    def test_plain_gzip_and_zstd_and_a_named_format_give_the_same(self):
        packed = trace_file("nvme_randrw_k612_strict")
        plain = gzip.decompress(packed.read_bytes())
        with tempfile.TemporaryDirectory(prefix="svasim-test-") as folder:
            text = pathlib.Path(folder, "t")
            text.write_bytes(plain)
            zstd = pathlib.Path(folder, "t.any")
            subprocess.run(["zstd", "-q", text, "-o", zstd], check=True)
            expected = records(packed)
            self.assertEqual(len(expected), 4877 + 1426)
            self.assertEqual(records(text), expected)
            self.assertEqual(records(zstd), expected)
            self.assertEqual(records("qemu-smmuv3", packed), expected)

    def test_what_was_imported_is_said(self):
        out, err, _ = imported(trace_file("nvme_randrw_k612_strict"))
        self.assertEqual(out, "out.svt: 4,877 accesses, 1,426 commands, 0 requests, 0 events of "
                              "qemu-smmuv3 in 2 streams\n")
        self.assertRegex(err, r"\Asvasim: 10107 lines in [\d.]+ s of CPU time, [\d.]+ M/s\n\Z")


class Usage(unittest.TestCase):
    def refused(self, *arguments):
        done = run("trace", "import", *arguments)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        return done.stderr

    def test_an_unknown_format_names_the_nearest(self):
        self.assertEqual(
            self.refused("qemu-smuv3", "t", "-o", "t.svt"),
            'unknown trace format "qemu-smuv3"; did you mean "qemu-smmuv3"?; svasim trace import '
            "--help lists them\n")

    def test_the_name_says_what_is_written(self):
        self.assertEqual(self.refused("t", "-o", "t.txt"),
                         "t.txt: the name must end in .csv or .svt\n")

    def test_options_that_are_no_number_or_address(self):
        self.assertEqual(self.refused(LACKEY, "-o", "t.svt", "--sid", "zero"),
                         '--sid: "zero" is no StreamID\n')
        self.assertEqual(self.refused(LACKEY, "-o", "t.svt", "--mac", "1:2:3"),
                         '--mac: "1:2:3" is no address aa:bb:cc:dd:ee:ff\n')

    def test_a_file_of_another_format_than_named_is_refused_with_its_line(self):
        first = gzip.decompress(LACKEY.read_bytes()).decode().split("\n")[0]
        self.assertEqual(
            self.refused("page-runs", LACKEY, "-o", "t.svt"),
            f'{LACKEY}:1:1: expected "R PAGE COUNT" or "W PAGE COUNT", not "{first}"\n')

    def test_help_lists_every_format(self):
        text = run("trace", "import", "--help").stdout
        for name in ("qemu-smmuv3", "qemu-virtio-iommu", "ftrace", "page-runs", "lackey", "fio-iolog",
                     "blkparse", "pcap", "csv", "svt"):
            self.assertRegex(text, rf"(?m)^  {name} +\S")


if __name__ == "__main__":
    unittest.main()
