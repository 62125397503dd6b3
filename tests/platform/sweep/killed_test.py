"""A sweep and its workers are killed at random moments; started again it ends in the same tables.

usage: killed_test.py quick|long
"""

import os
import random
import signal
import subprocess
import sys
import time
import unittest

import svasim_program
import sweeps
from sweeps import ENTRIES

EXTENT = sys.argv.pop(1)
QUICK, LONG = (24, 5_000), (200, 100_000)  # points, accesses


def workers_of(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(child) for child in file.read().split()]
    except OSError:
        return []


class Killed(sweeps.Folder):
    def setUp(self):
        super().setUp()
        points, accesses = QUICK if EXTENT == "quick" else LONG
        self.count = points
        axes = [{"path": ENTRIES, "values": [64, 256]},
                {"path": "smmu.tcu.walk_slots", "from": 1, "to": points // 2}]
        self.file = self.spec(axes=axes, set={"workload.accesses": accesses})

    def start(self):
        return subprocess.Popen(
            [svasim_program.PROGRAM, "sweep", self.file, "-o", "killed", "-j", "2"],
            cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def finished(self):
        points = self.folder / "killed" / "points"
        return {p.name for p in points.glob("*.json")} if points.exists() else set()

    def test_the_tables_are_those_of_an_undisturbed_sweep(self):
        begin = time.monotonic()
        self.sweep_well(self.file, "-o", "whole", "-j", "2", "-q")
        whole = time.monotonic() - begin
        choose = random.Random(20261123)
        kills = 0
        for i in range(100):
            if kills == 10:
                break
            before = self.finished()
            with self.start() as process:
                time.sleep(choose.uniform(0, whole / 8))
                victims = [process.pid] if i % 2 == 0 else workers_of(process.pid)[:1]
                for pid in victims:
                    if process.poll() is None:
                        try:
                            os.kill(pid, signal.SIGKILL)
                            kills += 1
                        except ProcessLookupError:  # it ended meanwhile
                            pass
                if i % 2 == 1:  # a dead worker does not stop the sweep; this does
                    time.sleep(choose.uniform(0, whole / 20))
                    process.kill()
            self.assertLessEqual(before, self.finished(), "a finished point is gone")
        self.assertEqual(kills, 10)
        done = self.sweep(self.file, "-o", "killed", "-j", "2", "-q")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.same_results("whole", "killed")
        self.assertEqual(len(self.finished()), self.count)
        left = [p.name for p in (self.folder / "killed").rglob("*.tmp.*")]
        self.assertEqual(left, [])

    def test_a_killed_worker_is_told_and_its_point_is_run_again(self):
        process = subprocess.Popen(
            [svasim_program.PROGRAM, "sweep", self.spec("slow.json", axes=[
                {"path": ENTRIES, "values": [64, 128]}], set={"workload.accesses": 2_000_000}),
             "-o", "slow", "-j", "2"],
            cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        while not workers_of(process.pid):
            time.sleep(0.01)
        os.kill(workers_of(process.pid)[0], signal.SIGKILL)
        _, errors = process.communicate()
        self.assertEqual(process.returncode, 1)
        self.assertIn(f"svasim: failed: {ENTRIES}=64: killed by signal 9\n", errors)
        self.assertTrue(errors.endswith(
            f"svasim: no result: {ENTRIES}=64: killed by signal 9\n"), errors)
        (failure,) = (self.folder / "slow" / "failures").iterdir()
        self.assertFalse((self.folder / "slow" / "points" / failure.name).exists())
        self.assertEqual(len(sweeps.tables(self.folder / "slow")["points"]), 1)
        done = self.sweep("slow.json", "-o", "slow")
        self.assertEqual((done.returncode, done.stderr.count("failed")), (0, 0))
        self.assertEqual(done.stdout, "2 points: 1 were there, 1 run, 0 failed\n"
                         "written: slow/results.sqlite slow/results.csv\n")
        self.assertEqual(list((self.folder / "slow" / "failures").iterdir()), [])


if __name__ == "__main__":
    unittest.main()
