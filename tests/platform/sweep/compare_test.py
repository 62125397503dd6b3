"""`svasim compare`: runs and sweeps, side by side."""

import json
import unittest

import svasim_program
import sweeps
from sweeps import ENTRIES, PLATFORM


class Compare(sweeps.Folder):
    def compare(self, *arguments):
        return svasim_program.run("compare", *arguments, cwd=self.folder)

    def compare_well(self, *arguments):
        done = self.compare(*arguments)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def run_into(self, out, *sets):
        svasim_program.run_well("run", PLATFORM, "--workload", "w.json", "-q", "-o", out,
                                *svasim_program.settings(**dict(sets)), cwd=self.folder)

    def test_two_runs_differ_by_what_their_results_say(self):
        self.run_into("a", ("smmu__tbu__main_tlb__entries", 64))
        self.run_into("b", ("smmu__tbu__main_tlb__entries", 1024))
        results = [json.loads((self.folder / d / "result.json").read_text()) for d in "ab"]
        p90 = [r["latency"]["translation"]["p90"] for r in results]
        (one,) = json.loads(self.compare_well("a", "b/result.json", "--json"))["comparisons"]
        metrics = {m["name"]: m for m in one["metrics"]}
        self.assertEqual((one["base"], one["other"]), ("a", "b/result.json"))
        self.assertEqual(metrics["translation_p90"]["difference"], p90[1] - p90[0])
        self.assertIsNone(metrics["translation_p90"]["confidence_95"])
        self.assertIn("storage_bits", self.compare_well("a", "b"))

    def test_a_run_beside_itself_shows_no_difference(self):
        self.run_into("a")
        self.assertRegex(self.compare_well("a", "a"),
                         r"\AA  a\nB  a\n  all \d+ figures are the same\n\Z")

    def test_seeds_of_a_sweep_give_confidence_intervals_that_hold_the_difference(self):
        axes = [{"path": ENTRIES, "values": [64, 1024]}]
        self.sweep_well(self.spec(axes=axes, seeds=[1, 2, 3, 4]), "-o", "s")
        (one,) = json.loads(self.compare_well("s", "--json"))["comparisons"]
        self.assertEqual((one["base"], one["other"]), (f"s: {ENTRIES}=64", f"s: {ENTRIES}=1024"))
        mean = next(m for m in one["metrics"] if m["name"] == "translation_mean")
        self.assertEqual(mean["samples"], [4, 4])
        low, high = mean["confidence_95"]
        self.assertLess(low, mean["difference"])
        self.assertLess(mean["difference"], high)
        self.assertLess(high, 0)  # larger is faster, beyond doubt
        self.assertIn("(4 and 4 seeds; means)", self.compare_well("s"))

    def test_sweeps_are_compared_point_by_point(self):
        axes = [{"path": ENTRIES, "values": [64, 128]}]
        self.sweep_well(self.spec(axes=axes), "-o", "s")
        wider = [{"path": ENTRIES, "values": [128, 64, 256]}]
        self.sweep_well(self.spec(axes=wider, set={"smmu.tcu.walk_slots": 2}), "-o", "t")
        pairs = json.loads(self.compare_well("s", "t", "--json"))["comparisons"]
        self.assertEqual([(p["base"], p["other"]) for p in pairs],
                         [(f"s: {ENTRIES}={n}", f"t: {ENTRIES}={n}") for n in (128, 64)])

    def test_what_holds_no_results_is_refused(self):
        (self.folder / "empty").mkdir()
        self.run_into("a")
        for given, said in (("empty", "empty: holds neither result.json nor sweep.json"),
                            ("nothing.json", "cannot open nothing.json: No such file or directory"),
                            ("w.json", "w.json: format: is missing")):
            done = self.compare("a", given)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (2, "", said + "\n"))


if __name__ == "__main__":
    unittest.main()
