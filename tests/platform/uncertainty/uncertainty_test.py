"""svasim run --uncertainty, and the confidence of platforms and results."""

import json
import pathlib
import tempfile
import unittest

from svasim_program import REPOSITORY, run, run_well

WORKLOAD = {"pattern": "random", "accesses": 300, "length": "64B", "footprint": "1MiB"}
# One number is assumed and has a range; every other one of its group is not assumed.
KNOWN = "T: a test"


def leaves(value, path=""):
    """{dotted path: value} of the parameters of a result."""
    if not isinstance(value, dict):
        return {path: value}
    out = {}
    for key, member in value.items():
        out |= leaves(member, f"{path}.{key}" if path else key)
    return out


class Uncertainty(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="svasim-test-")
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)
        self.workload = self.folder / "w.json"
        self.workload.write_text(json.dumps(WORKLOAD), encoding="utf-8")

    def platform(self, **assumed):
        """A platform whose numbers all have a source, those of `assumed` as they stand there."""
        base = self.folder / "base.json"
        base.write_text('{"device": {"dma": {"mode": "serial"}}}', encoding="utf-8")
        self.result(base)
        parameters = leaves(self.last["platform"]["parameters"])
        tree = {}
        for path, value in parameters.items():
            at = tree
            *groups, name = path.split(".")
            for group in groups:
                at = at.setdefault(group, {})
            at[name] = assumed.get(path.replace(".", "__"), {"value": value, "source": KNOWN})
        file = self.folder / "p.json"
        file.write_text(json.dumps(tree), encoding="utf-8")
        return file

    def result(self, platform, *options):
        out = self.folder / "out"
        done = run_well("run", platform, "--workload", self.workload, "-q", "-o", out, *options)
        self.last = json.loads((out / "result.json").read_text(encoding="utf-8"))
        return done

    def test_one_assumed_number_moves_the_band_by_what_it_is(self):
        # Serial accesses: a walk takes two ways to the TCU.
        platform = self.platform(smmu__tbu__dti_latency={
            "value": "20ns", "source": "A: a guess", "range": ["10ns", "50ns"]})
        self.result(platform, "--uncertainty", "-j", "2")
        found = self.last["uncertainty"]
        self.assertEqual((found["runs"], found["varied"], found["fixed"], found["failed"]),
                         (2, 1, 0, 0))
        p99 = next(f for f in found["figures"] if f["name"] == "translation_p99")
        self.assertEqual(p99["movers"][0]["path"], "smmu.tbu.dti_latency")
        self.assertEqual(p99["movers"][0]["low_value"], "10ns")
        self.assertEqual(p99["movers"][0]["high_value"], "50ns")
        # Quantiles are upper edges of buckets, at most 0.78 % above.
        self.assertAlmostEqual(p99["low"], p99["value"] - 20000, delta=p99["value"] * 0.01)
        self.assertAlmostEqual(p99["high"], p99["value"] + 60000, delta=p99["high"] * 0.01)
        self.assertEqual({f["name"] for f in found["figures"]},
                         {"translation_p50", "translation_p99", "throughput"})

    def test_what_the_run_does_not_reach_costs_no_run(self):
        guess = {"source": "A: a guess"}
        platform = self.platform(cpu__clock={"value": "2GHz", **guess},
                                 smmu__command_queue__decode={"value": "5ns", **guess},
                                 smmu__tcu__walk_slots={"value": 1, **guess})
        self.result(platform, "--uncertainty")
        found = self.last["uncertainty"]
        self.assertEqual((found["runs"], found["varied"], found["unreached"]), (1, 1, 2))
        self.assertEqual(self.last["confidence"]["platform"]["assumed"], 3)
        self.assertEqual(self.last["confidence"]["reached"]["assumed"], 1)

    def test_entries_of_a_fully_associative_structure_take_the_ways_along(self):
        platform = self.platform(smmu__tbu__utlb__entries={"value": 32, "source": "A: a guess"},
                                 smmu__tbu__utlb__ways={"value": 32, "source": "A: a guess"})
        self.result(platform, "--uncertainty")
        found = self.last["uncertainty"]
        self.assertEqual((found["runs"], found["varied"], found["fixed"]), (2, 1, 0))

    def test_the_rest_of_the_result_is_that_of_a_run_without(self):
        platform = self.platform(smmu__tcu__walk_slots={"value": 2, "source": "A: a guess"})
        self.result(platform, "--uncertainty")
        with_band = self.last
        self.result(platform)
        with_band.pop("uncertainty")
        self.assertEqual(with_band, self.last)

    def test_the_number_of_jobs_does_not_change_the_result(self):
        platform = REPOSITORY / "platforms" / "minimal.json"
        self.result(platform, "--uncertainty", "-j", "1")
        alone = self.last
        self.result(platform, "--uncertainty", "-j", "3")
        self.assertEqual(alone, self.last)

    def test_jobs_without_uncertainty_is_refused(self):
        done = run("run", REPOSITORY / "platforms" / "minimal.json", "--workload", self.workload,
                   "-j", "2")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--jobs requires --uncertainty", done.stderr)

    def test_a_bad_range_is_told_with_its_place(self):
        file = self.folder / "bad.json"
        file.write_text('{"smmu": {"tcu": {"walk_slots": {"value": 8, "range": [16, 64]}}}}',
                        encoding="utf-8")
        done = run("platform", "check", file)
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stderr,
                         f"{file}:1:55: smmu.tcu.walk_slots.range does not hold the value\n")

    def test_list_show_and_check_print_the_confidence(self):
        minimal = REPOSITORY / "platforms" / "minimal.json"
        line = r"numbers: \d+ measured, \d+ from documents, \d+ derived, \d+ assumed"
        for command in (["platform", "show", minimal], ["platform", "check", minimal]):
            self.assertRegex(run_well(*command).stdout, "(?m)^" + line + "$")
        listed = run_well("platform", "list", cwd=REPOSITORY).stdout
        self.assertRegex(listed, "(?m)^ +" + line + "$")
        whole = run_well("platform", "show", minimal).stdout.splitlines()
        parts = []
        for trust, tag in (("measured", "M"), ("documents", "T"), ("derived", "D"), ("assumed", "A")):
            shown = run_well("platform", "show", minimal, "--trust", trust).stdout.splitlines()
            self.assertEqual(shown[:4], whole[:4])
            for parameter in shown[4:]:
                self.assertRegex(parameter, f"^[a-z].* {tag}: ")
            parts += shown[4:]
        self.assertEqual(sorted(parts), sorted(whole[4:]))
        with_own = run_well("platform", "check", minimal, "--set", "smmu.tcu.walk_slots=4").stdout
        self.assertRegex(with_own, "(?m)^" + line + ", 1 without a tag$")


if __name__ == "__main__":
    unittest.main()
