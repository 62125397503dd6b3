"""Every example workload runs on neoverse-n2.json, and its trace says the same as it does."""

import json
import pathlib
import tempfile
import unittest

import svasim_program
from imports import count
from svasim_program import run, run_well

# SVA workloads are plans: there is nothing to generate.
EXAMPLES = sorted(file for file in (svasim_program.REPOSITORY / "workloads").glob("*.json")
                  if not file.name.startswith("sva_"))
PLATFORM = svasim_program.REPOSITORY / "platforms" / "neoverse-n2.json"
ACCESSES = 2000


class Generated(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="svasim-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def shortened(self, example):
        workload = json.loads(example.read_text())
        workload["accesses"] = ACCESSES
        file = self.folder / example.name
        file.write_text(json.dumps(workload))
        return file

    def result_of(self, *arguments):
        run_well("run", PLATFORM, *arguments, "-q", "--check", "-o", self.folder)
        return json.loads((self.folder / "result.json").read_text())["run"]

    def test_every_example_runs_and_so_does_its_trace(self):
        self.assertGreaterEqual(len(EXAMPLES), 13)
        for example in EXAMPLES:
            with self.subTest(example.name):
                workload = self.shortened(example)
                trace = self.folder / "t.svt"
                run_well("trace", "generate", workload, "-o", trace)
                text = run_well("trace", "info", trace).stdout
                self.assertEqual(count(text, "accesses"), ACCESSES)
                direct = self.result_of("--workload", workload)
                replayed = self.result_of("--trace", trace)
                for key in ("accesses", "bytes", "requests", "completed", "faulted", "commands"):
                    self.assertEqual(direct[key], replayed[key], key)
                self.assertEqual(direct["completed"], direct["requests"])

    def test_an_open_loop_keeps_its_times(self):
        workload = self.folder / "w.json"
        workload.write_text('{"accesses": 1000, "footprint": "64KiB", "interval": "10us"}')
        run_well("run", PLATFORM, "--workload", workload, "-q", "-o", self.folder,
                 "--set", "device.dma.mode=open")
        run_text = json.loads((self.folder / "result.json").read_text())["run"]
        self.assertGreater(run_text["time_ps"], 999 * 10_000_000)
        self.assertLess(run_text["time_ps"], 1010 * 10_000_000)

    def test_the_output_and_the_workload_are_checked(self):
        done = run("trace", "generate", EXAMPLES[0], "-o", self.folder / "t.txt")
        self.assertEqual((done.returncode, done.stderr),
                         (2, f"{self.folder}/t.txt: the name must end in .csv or .svt\n"))
        bad = self.folder / "w.json"
        bad.write_text('{"pattern": "zipff"}')
        done = run("trace", "generate", bad, "-o", self.folder / "t.svt")
        self.assertEqual(done.returncode, 2)
        self.assertTrue(done.stderr.startswith(f"{bad}:1:13: pattern must be one of "), done.stderr)
        self.assertFalse((self.folder / "t.svt").exists())


if __name__ == "__main__":
    unittest.main()
