"""`svasim sweep --engine slurm` on a real Slurm: the same results, also when a node is lost."""

import subprocess
import time
import unittest

import loopback_slurm
import svasim_program
import sweeps
from sweeps import ENTRIES

AXES = [{"path": ENTRIES, "values": [64, 256]},
        {"path": "smmu.tcu.walk_slots", "from": 1, "to": 20}]


@unittest.skipIf(loopback_slurm.missing(), "Slurm is not installed: svasim packages test")
class Slurm(sweeps.Folder):
    def setUp(self):
        super().setUp()
        (self.folder / "slurm").mkdir()
        self.cluster = loopback_slurm.Cluster(self.folder / "slurm")
        self.addCleanup(self.cluster.stop)
        self.cluster.start()

    def sweep_on_slurm(self, *arguments):
        return self.sweep(*arguments, "--engine", "slurm", env=self.cluster.environment)

    def test_local_and_slurm_give_identical_results(self):
        spec = self.spec(axes=AXES)
        self.sweep_well(spec, "-o", "local")
        done = self.sweep_on_slurm(spec, "-o", "cluster", "--shards", "4")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stderr, r"\Asvasim: Slurm job \d+, 4 shards\n")
        self.assertTrue(done.stdout.startswith("40 points: 0 were there, 40 run, 0 failed\n"))
        self.same_results("local", "cluster")
        again = self.sweep_on_slurm(spec, "-o", "cluster")
        self.assertTrue(again.stdout.startswith("40 points: 40 were there, 0 run, 0 failed\n"))

    def test_a_lost_node_loses_no_point(self):
        spec = self.spec(axes=AXES, set={"workload.accesses": 300_000})
        self.sweep_well(spec, "-o", "local", "-q")
        process = subprocess.Popen(
            [svasim_program.PROGRAM, "sweep", spec, "-o", "cluster", "--engine", "slurm",
             "--shards", "2"], cwd=self.folder, env=self.cluster.environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        points = self.folder / "cluster" / "points"
        loopback_slurm.until(lambda: points.exists() and len(list(points.glob("*.json"))) >= 4, 60,
                             "the fourth point")
        self.assertGreaterEqual(self.cluster.kill_node("n2"), 3)  # slurmd, the step, the shard
        lost = len(list(points.glob("*.json")))
        self.assertLess(lost, 40)
        # Slurm requeues what ran there, but holds it back for two minutes.
        end = time.monotonic() + 240
        while process.poll() is None and time.monotonic() < end:
            for job in self.cluster.ask("squeue", "-h", "-t", "PD", "-o", "%A").split():
                self.cluster.ask("scontrol", "update", f"job={job}", "StartTime=now")
            time.sleep(1)
        out, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, errors)
        self.assertTrue(out.startswith("40 points: 0 were there, 40 run, 0 failed\n"), out)
        self.same_results("local", "cluster")

    def test_what_sbatch_says_is_told(self):
        done = self.sweep_on_slurm(self.spec(), "-o", "cluster", "--sbatch=--partition=nowhere")
        self.assertEqual(done.returncode, 2)
        self.assertTrue(done.stderr.startswith("sbatch failed: sbatch: error: "), done.stderr)
        self.assertIn("invalid partition specified: nowhere", done.stderr)


if __name__ == "__main__":
    unittest.main()
