"""Memory that does not grow with the length of a run, and a quick start.

usage: resources_test.py quick|long
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

import svasim_program

QUICK, LONG = (200_000, 2_000_000, 16), (1_000_000, 50_000_000, 64)  # accesses, accesses, MiB
EXTENT = sys.argv.pop(1)


@unittest.skipIf(svasim_program.SANITIZED, "sanitizers need memory and time of their own")
class Resources(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="svasim-test-"))
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "p.json").write_text("{}", encoding="utf-8")

    def child(self, *arguments):
        """Seconds and the most MiB that a process of the program needed."""
        start = time.monotonic()
        with subprocess.Popen([svasim_program.PROGRAM, *arguments], cwd=self.folder,
                              stdout=subprocess.DEVNULL) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 0)
        return time.monotonic() - start, usage.ru_maxrss / 1024

    def peak(self, accesses, **workload):
        workload |= {"accesses": accesses}
        (self.folder / "w.json").write_text(json.dumps(workload), encoding="utf-8")
        return self.child("run", "p.json", "--workload", "w.json", "-q", "-o", "out")[1]

    def test_memory_does_not_grow_with_the_number_of_accesses(self):
        few, many, allowed = QUICK if EXTENT == "quick" else LONG
        workload = {"pattern": "hot_cold", "footprint": "256KiB", "cold_footprint": "64MiB",
                    "cold_ppm": 100000, "write_ppm": 300000}
        small, large = self.peak(few, **workload), self.peak(many, **workload)
        print(f"{few} accesses: {small:.1f} MiB, {many} accesses: {large:.1f} MiB")
        self.assertLess(large, small + allowed)

    @unittest.skipUnless(EXTENT == "quick", "in the quick test")
    def test_memory_does_not_grow_with_the_length_of_a_trace(self):
        def trace(rounds):
            with open(self.folder / "t.csv", "w", encoding="utf-8") as file:
                file.write("#svasim-trace v1\n")
                for i in range(rounds):  # map, use, unmap: an ASID has two IOVA pages to give out
                    page = 0x1000 * (1 + i % 2)
                    file.write(f"{i},A,0x8,,{page:#x},64,R,{0x100000 + i * 0x1000:#x},3\n"
                               f"{i},C,{0x12 | 1 << 48:#x},{page | 1:#x}\n{i},C,0x46,0x0\n")
            return self.child("run", "p.json", "--trace", "t.csv", "-q", "-o", "out")[1]
        small, large = trace(5_000), trace(100_000)
        print(f"5000 rounds: {small:.1f} MiB, 100000 rounds: {large:.1f} MiB")
        self.assertLess(large, small + 16)

    @unittest.skipUnless(EXTENT == "quick", "in the quick test")
    def test_a_run_of_one_access_ends_within_a_tenth_of_a_second(self):
        (self.folder / "w.json").write_text('{"accesses": 1}', encoding="utf-8")
        arguments = ("run", "p.json", "--workload", "w.json", "-q", "-o", "out")
        best = min(self.child(*arguments)[0] for _ in range(10))
        print(f"one access: {best * 1000:.0f} ms")
        self.assertLess(best, 0.1)


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
