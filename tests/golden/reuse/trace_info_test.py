"""`svasim trace info`: what it prints against ground truth."""

import json
import pathlib
import re
import tempfile
import unittest

import svasim_program
from svasim_program import run_well, trace_file

TRUTH = json.loads((svasim_program.REPOSITORY / "tests/golden/ground_truth.json").read_text())
OTHER_TRUTH = json.loads(pathlib.Path(__file__).with_name("ground_truth.json").read_text())
MADE = """#svasim-trace v1
#stream,0x8,asid=1,vmid=0
0,A,0x8,,0x1000,64,R,,
2us,A,0x8,,0x2010,16,W,,
5us,C,0x1000000000011,0x0
6us,A,0x8,,0x1000,64,R,,
"""


def info(trace):
    return run_well("trace", "info", trace).stdout


class TraceInfo(unittest.TestCase):
    def test_counts_are_those_of_ground_truth(self):
        for key in ("smmuv3/nvme_randrw_k612_strict", "smmuv3/igb_tcp_rx_lazy"):
            truth, text = TRUTH[key], info(trace_file(key.split("/")[1]))
            with self.subTest(key):
                self.assertRegex(text, rf"(?m)^  accesses +{truth['accesses']:,}$")
                self.assertRegex(
                    text, rf"(?m)^  footprint .* {truth['distinct_pages']:,} pages of 4KiB$")
                for sid, n in truth["accesses_per_stream"].items():
                    tag = truth["translation_tag_of_stream"][sid]
                    self.assertIn(f"  StreamID {sid}: ASID {tag['asid']}, VMID 0, {n:,} accesses",
                                  text)
                rules = [truth["tlb"][r]["fully_assoc_lru"]["64"]["misses"]
                         for r in ("no_invalidation", "with_invalidation")]
                row, = re.findall(r"(?m)^ +64 +([\d.]+) % +([\d.]+) %$", text)
                for printed, misses in zip(row, rules):
                    self.assertAlmostEqual(float(printed), 100 * misses / truth["accesses"],
                                           delta=0.00501)

    def test_accesses_in_blocks_are_told_apart(self):
        truth = TRUTH["passthrough/nvme_vfio_guest_2m_blocks"]
        blocks = truth["mapping_size_entries"]["accesses_in_blocks"]
        text = info(trace_file("nvme_vfio_guest_2m_blocks"))
        self.assertRegex(text, rf"(?m)^  mapped by +2MiB .* {blocks:,} accesses$")
        pages = truth["accesses"] - blocks
        self.assertRegex(text, rf"(?m)^  mapped by +4KiB .* {pages:,} accesses$")
        self.assertRegex(text, r"(?m)^  ranges +4  of "
                         rf"{truth['invalidation_ops']['pages_in_ranges']:,} pages in all$")

    def test_traffic_and_gaps_of_a_small_trace(self):
        with tempfile.TemporaryDirectory(prefix="svasim-test-") as folder:
            trace = pathlib.Path(folder, "made.csv")
            trace.write_text(MADE)
            text = info(trace)
        self.assertRegex(text, r"(?m)^  reads +2 +66\.7 %  128 B$")
        self.assertRegex(text, r"(?m)^  writes +1 +33\.3 %  16 B$")
        self.assertIn("smallest 2.000 µs, 99 % within 4.000 µs, largest 4.000 µs\n", text)
        self.assertIn("StreamID 0x8: ASID 1, VMID 0, 3 accesses, 1 writes, 0x1000 to 0x201f\n",
                      text)
        # The command removes both pages of ASID 1.
        self.assertRegex(text, r"(?m)^ +no limit +66\.67 % +100\.00 %")

    def test_requests_and_domains_of_a_virtio_iommu_log(self):
        truth = OTHER_TRUTH["virtio-iommu/boot_probe_attach"]
        text = info(trace_file("virtio_iommu_boot_probe_attach"))
        self.assertRegex(text, r"\A\S+: qemu-virtio-iommu, digest ")
        self.assertRegex(text, rf"(?m)^  accesses +{truth['accesses']}$")
        self.assertRegex(text, r"(?m)^  requests +358$")
        for name in ("attach", "map", "unmap"):
            count = truth["event_counts"][f"virtio_iommu_{name}"]
            self.assertRegex(text, rf"(?m)^  {name} +{count}$")
        self.assertIn("StreamID 0x8: domain 1, 49 accesses, ", text)
        self.assertIn("StreamID 0x10: domain 0, 173 accesses, ", text)
        self.assertRegex(text, r"(?m)^  ranges +46  of 46 pages in all$")

    def test_runs_are_told_from_accesses(self):
        truth = OTHER_TRUTH["app/sqlite"]
        text = info(svasim_program.REPOSITORY / "workloads/traces/app_sqlite.pages.txt.gz")
        self.assertRegex(text, r"\A\S+: page-runs, digest ")
        self.assertRegex(text, r"(?m)^  accesses +2,000,000$")
        self.assertRegex(text, rf"(?m)^  runs +{truth['runs']:,}$")
        self.assertRegex(text, rf"(?m)^  footprint .* {truth['distinct_pages']:,} pages of 4KiB$")
        reads, writes = (int(re.search(rf"(?m)^  {name} +([\d,]+) ", text)[1].replace(",", ""))
                         for name in ("reads", "writes"))
        self.assertEqual(reads + writes, 2000000)

    def test_a_trace_of_faults_only_is_told(self):
        text = info(trace_file("dma_to_unmapped"))
        self.assertRegex(text, r"(?m)^  accesses +0$")
        self.assertRegex(text, r"(?m)^  events +64$")


if __name__ == "__main__":
    unittest.main()
