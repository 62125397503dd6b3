"""`svasim run` on virtio-iommu logs, which it refuses, and on the accesses of programs."""

import pathlib
import tempfile
import unittest

import svasim_program
from svasim_program import MINIMAL, run, trace_file

RUNS = "R 10 3\nW 11 2\nR 10 1\n"


class Replay(unittest.TestCase):
    def refused(self, trace):
        done = run("run", MINIMAL, "--trace", trace, "-q")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertEqual(done.stderr,
                         f"{trace}: replaying virtio-iommu logs is not supported yet\n")

    def test_a_virtio_iommu_log_is_refused(self):
        self.refused(trace_file("virtio_iommu_boot_probe_attach"))

    def test_a_converted_virtio_iommu_log_is_refused(self):
        with tempfile.TemporaryDirectory(prefix="svasim-test-") as folder:
            converted = pathlib.Path(folder, "t.svt")
            svasim_program.run_well("trace", "convert",
                                    trace_file("virtio_iommu_boot_probe_attach"), converted)
            self.refused(converted)

    def test_each_access_of_a_run_is_replayed(self):
        with tempfile.TemporaryDirectory(prefix="svasim-test-") as folder:
            trace = pathlib.Path(folder, "t")
            trace.write_text(RUNS)
            result = svasim_program.result(MINIMAL, "--trace", trace, "--check")
        self.assertEqual(result["run"]["accesses"], 6)

    def test_a_lackey_log_is_replayed(self):
        trace = svasim_program.REPOSITORY / "workloads/traces/app_sqlite.lackey.gz"
        result = svasim_program.result(MINIMAL, "--trace", trace, "--check")
        self.assertEqual(result["run"]["accesses"], 16150)


if __name__ == "__main__":
    unittest.main()
