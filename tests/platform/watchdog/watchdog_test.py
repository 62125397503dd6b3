"""`svasim run` of a fault loop that does not go on: exit code 1, what is occupied, and no output."""

import json
import pathlib
import tempfile
import unittest

import svasim_program
from svasim_program import REPOSITORY, settings

PLATFORM = REPOSITORY / "platforms" / "neoverse-n2.json"
# Four pages, all of them swapped out.
WORKLOAD = {"kind": "sva", "question": "?", "processes": 1, "buffers": 1, "buffer": "16KiB",
            "messages": 1, "queue_depth": 1, "access": "512B", "swapped_percent": 100,
            "end": "keep"}
# Each half written: 16 reads of 512 bytes, and 16 writes as two of 256 bytes.
STUCK = ("svasim: the run is stuck at 100000000000 ps: 1 processes are not done, 1 messages and 48 "
         "requests in flight at the device, 0 TBU slots, 0 TCU slots and 0 walk slots in use, 4 "
         "faults open")


class Watchdog(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="svasim-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "w.json").write_text(json.dumps(WORKLOAD), encoding="utf-8")

    def run_here(self, variant, **values):
        return svasim_program.run("run", PLATFORM, "--workload", "w.json", "-o", "out",
                                  *settings(variant=variant, **values), cwd=self.folder)

    def nothing_is_left(self):
        return sorted(p.name for p in self.folder.rglob("*") if p.is_file()) == ["w.json"]

    def test_a_host_whose_disk_does_not_answer_ends_the_run(self):
        done = self.run_here("a", software__host__kernel__mm__swap_in="1000000us")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout, "")
        self.assertEqual(done.stderr.splitlines(), [
            STUCK,
            "  device.atc.pages: 4 pages",
            "  device.atc.pri.open_groups: 4 groups",
            "  device.atc.pri.outstanding: 4 requests",
            "  device.atc.slots: 48 requests",
            "  device.dma.in_flight: 48 requests",
            "  device.work.queued: 1 works",
        ])
        self.assertTrue(self.nothing_is_left())

    def test_the_same_of_a_guest_names_its_queues_too(self):
        done = self.run_here("b", software__guest__kernel__mm__swap_in="1000000us")
        self.assertEqual(done.returncode, 1)
        first, *occupied = done.stderr.splitlines()
        self.assertEqual(first, STUCK)
        self.assertIn("  device.atc.pri.outstanding: 4 requests", occupied)
        # All 64 event buffers are with the device again.
        self.assertIn("  guest0.viommu_events.outstanding: 64 chains", occupied)
        self.assertEqual(occupied, sorted(occupied))
        self.assertTrue(self.nothing_is_left())

    def test_a_watchdog_with_more_patience_lets_it_end(self):
        done = self.run_here("a", software__host__kernel__mm__swap_in="1000000us",
                             software__watchdog="2000000us")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stderr, r"\Asvasim: 48 requests in [0-9.]+ s\n\Z")

    def test_a_device_window_without_the_interrupt_controller_is_told_at_once(self):
        for variant in "abcdefg":
            with self.subTest(variant):
                done = self.run_here(variant, memory__interconnect__device_base=9 << 44)
                self.assertEqual(done.returncode, 2)
                self.assertEqual(done.stdout, "")
                self.assertEqual(
                    done.stderr,
                    "neoverse-n2: memory.interconnect.device_base: the device window from "
                    "0x900000000000 of 33554432 bytes does not have the interrupt translation service at 0x8080000 "
                    "(gic.its_base) in it; no fault would ever be told of\n")
                self.assertTrue(self.nothing_is_left())


if __name__ == "__main__":
    unittest.main()
