"""`svasim run` on virtio-iommu logs and on the accesses of programs."""

import pathlib
import tempfile
import unittest

import svasim_program
from svasim_program import MINIMAL, trace_file

RUNS = "R 10 3\nW 11 2\nR 10 1\n"


class Replay(unittest.TestCase):
    def test_a_converted_virtio_iommu_log_gives_what_the_log_gives(self):
        log = trace_file("virtio_iommu_boot_probe_attach")
        with tempfile.TemporaryDirectory(prefix="svasim-test-") as folder:
            converted = pathlib.Path(folder, "t.svt")
            svasim_program.run_well("trace", "convert", log, converted)
            of_both = [svasim_program.result(MINIMAL, "--trace", t) for t in (log, converted)]
        for r in of_both:
            del r["input"]
        self.assertEqual(*of_both)

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
