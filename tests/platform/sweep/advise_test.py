"""`svasim advise`: the smallest storage that reaches a target."""

import json
import unittest

import svasim_program
import sweeps
from sweeps import ENTRIES, PLATFORM

UTLB = "smmu.tbu.utlb.entries"


class Advise(sweeps.Folder):
    def advise(self, *arguments):
        return svasim_program.run("advise", PLATFORM, *arguments, cwd=self.folder)

    def advise_json(self, *arguments):
        done = self.advise("--workload", "w.json", "--json", *arguments)
        self.assertEqual(done.stderr, "")
        return done.returncode, json.loads(done.stdout)

    def test_the_answer_is_that_of_trying_every_size(self):
        target = "translation_mean < 112ns"
        code, said = self.advise_json("--target", target, "--vary", f"{ENTRIES},{UTLB}",
                                      "--max-entries", "256", "--all-sizes")
        self.assertEqual(code, 0)
        sizes = [4 << k for k in range(7)]
        self.sweep_well(self.spec(axes=[{"path": ENTRIES, "values": sizes},
                                        {"path": [UTLB, "smmu.tbu.utlb.ways"], "values": sizes}]),
                        "-o", "all")
        metrics = {}
        for point, name, value, _ in sweeps.tables(self.folder / "all")["metrics"]:
            metrics.setdefault(point, {})[name] = value
        meeting = [m["storage_bits"] for m in metrics.values() if m["translation_mean"] < 112000]
        self.assertTrue(0 < len(meeting) < 49, "the target tells designs apart")
        self.assertEqual(said["best"]["storage_bits"], min(meeting))
        self.assertLess(len(said["runs"]), 25)
        self.assertEqual(said["combinations"], 49)

    def test_every_run_is_what_svasim_run_says(self):
        _, said = self.advise_json("--target", "read_p99 < 1us", "--vary", ENTRIES,
                                   "--set", "smmu.tcu.walk_slots=8")
        for run in said["runs"]:
            sets = [f"{path}={n}" for path, n in run["sizes"].items()]
            result = svasim_program.result(
                PLATFORM, "--workload", "w.json", "--set", "smmu.tcu.walk_slots=8",
                *(w for s in sets for w in ("--set", s)), cwd=self.folder)
            self.assertEqual(run["value"], result["latency"]["read"]["p99"])
            self.assertEqual(run["met"], run["value"] < 1_000_000)

    def test_with_a_topology_every_instance_costs_and_no_size_is_left_out(self):
        trace = svasim_program.trace_file("nvme_vfio_guest_4k")
        said = {}
        for platform, options in (("neoverse-n2", ["--all-sizes"]), ("two-socket", [])):
            done = svasim_program.run(
                "advise", svasim_program.REPOSITORY / "platforms" / f"{platform}.json", "--trace", trace,
                "--target", "translation_mean < 1s", "--vary", ENTRIES, "--max-entries", "64", "--json", *options)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            said[platform] = json.loads(done.stdout)
        self.assertEqual({ENTRIES: []}, said["two-socket"]["left_out"])
        bits = {p: {r["sizes"][ENTRIES]: r["storage_bits"] for r in s["runs"]} for p, s in said.items()}
        largest, smallest = max(bits["two-socket"]), min(bits["two-socket"])
        # Of one TBU and of five; the same structures.
        one, five = (bits[p][largest] - bits[p][smallest] for p in ("neoverse-n2", "two-socket"))
        self.assertEqual(5 * one, five)

    def test_reuse_curves_leave_out_sizes_that_cannot_help(self):
        trace = svasim_program.trace_file("nvme_vfio_guest_4k")
        done = self.advise("--trace", trace, "--target", "translation_mean < 30ns",
                           "--vary", ENTRIES)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout,
                         r"smallest storage that meets it: smmu.tbu.main_tlb.entries=\d+\n")
        self.assertRegex(done.stdout, r"\n\d runs for 12 combinations; \d sizes left out, as they "
                         r"miss no less often than smaller ones under LRU\n\Z")

    def test_a_target_out_of_reach_ends_with_1_after_one_run(self):
        code, said = self.advise_json("--target", "translation_mean < 1ps", "--vary", ENTRIES)
        self.assertEqual(code, 1)
        self.assertIsNone(said["best"])
        self.assertEqual(len(said["runs"]), 1)
        done = self.advise("--workload", "w.json", "--target", "translation_mean < 1ps",
                           "--vary", ENTRIES)
        self.assertEqual(done.returncode, 1)
        self.assertIn("\nnot even the largest sizes reach translation_mean < 1ps\n1 run for ",
                      done.stdout)

    def test_names_of_files_stay_text(self):
        name = "<b>\x1b[31m\n.json"
        (self.folder / name).write_bytes((self.folder / "w.json").read_bytes())
        done = self.advise("--workload", name, "--target", "translation_mean < 1s",
                           "--vary", ENTRIES)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertTrue(done.stdout.startswith(
            "<b>\\x1b[31m\\x0a.json on neoverse-n2.json: translation_mean < 1s\n"), done.stdout)

    def test_bad_usage_is_told_before_anything_runs(self):
        good = {"--workload": "w.json", "--target": "read_p99 < 1us", "--vary": ENTRIES}
        rows = [
            ({"--target": "read_p98 < 1us"},
             '--target: no metric "read_p98"; did you mean "read_p90"?'),
            ({"--target": "read_p99 < 1"}, '--target: read_p99 needs a time such as 1us, not "1"'),
            ({"--vary": "smmu.tbu.main_tlb.entrys"},
             '--vary: no parameter "smmu.tbu.main_tlb.entrys"; did you mean '
             '"smmu.tbu.main_tlb.entries"?'),
            ({"--vary": "smmu.tcu.walk_slots"},
             "--vary: smmu.tcu.walk_slots is not the entries of a structure with ways"),
            ({"--vary": f"{ENTRIES},{ENTRIES}"}, f"--vary: {ENTRIES} twice"),
            ({"--vary": "smmu.tcu.tlb.entries"},
             "--vary: smmu.tcu.tlb is left out by this platform; give it entries and ways with "
             "--set"),
            ({"--set": "smmu.tcu.walk_slots=0"},
             "--set smmu.tcu.walk_slots=0: smmu.tcu.walk_slots must be 1 to 512 slots, but is 0"),
            ({"--set": "smmu.tcu.walk_slot=1"},
             '--set smmu.tcu.walk_slot=1: no parameter "smmu.tcu.walk_slot"; did you mean '
             '"smmu.tcu.walk_slots"?'),
            ({"--set": "x"}, "--set x: needs PATH=VALUE"),
            ({"--trace": "t.csv"}, "give exactly one of --trace FILE and --workload FILE"),
        ]
        for change, said in rows:
            with self.subTest(change):
                arguments = [word for pair in (good | change).items() for word in pair]
                done = self.advise(*arguments)
                self.assertEqual((done.returncode, done.stdout, done.stderr), (2, "", said + "\n"))


if __name__ == "__main__":
    unittest.main()
