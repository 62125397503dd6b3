"""`svasim sweep`: what it runs, what it leaves behind, and that it goes on where it stood."""

import csv
import json
import sqlite3
import unittest

import svasim_program
import sweeps
from sweeps import ENTRIES

SIZES = {"path": ENTRIES, "from": 64, "to": 512, "scale": "log2"}


class Sweep(sweeps.Folder):
    def test_a_point_is_the_result_of_a_run_with_the_same_settings(self):
        self.sweep_well(self.spec(axes=[SIZES], set={"smmu.tbu.dti_latency": "25ns"}), "-o", "out")
        plan = json.loads((self.folder / "out" / "sweep.json").read_text())
        self.assertEqual(plan["axes"][0]["numbers"], [64, 128, 256, 512])
        for point, entries in zip(plan["points"], (64, 128, 256, 512)):
            expected = svasim_program.result_text(
                sweeps.PLATFORM, "--workload", self.folder / "w.json", "--set",
                f"{ENTRIES}={entries}", "--set", "smmu.tbu.dti_latency=25ns")
            file = self.folder / "out" / "points" / f"{point['name']}.json"
            self.assertEqual(file.read_text(), expected)

    def test_a_trace_is_replayed_at_every_point_as_a_run_does(self):
        trace = svasim_program.trace_file("nvme_randrw_k612_strict")
        self.sweep_well(self.spec(workload=None, trace=str(trace),
                                  axes=[{"path": ENTRIES, "values": [64, 256]}]), "-o", "out")
        results = {p.read_text() for p in (self.folder / "out" / "points").iterdir()}
        self.assertEqual(results, {
            svasim_program.result_text(sweeps.PLATFORM, "--trace", trace, "--set",
                                       f"{ENTRIES}={entries}") for entries in (64, 256)})

    def test_the_plan_names_the_version_that_results_name(self):
        self.sweep_well(self.spec(), "-o", "out")
        plan = json.loads((self.folder / "out" / "sweep.json").read_text())
        (point,) = (self.folder / "out" / "points").iterdir()
        self.assertEqual(plan["svasim"], json.loads(point.read_text())["svasim"])

    def test_both_tables_hold_the_figures_of_the_point_files(self):
        self.sweep_well(self.spec(axes=[SIZES], seeds=[3, 4]), "-o", "out")
        tables = sweeps.tables(self.folder / "out")
        self.assertEqual(len(tables["points"]), 8)
        self.assertEqual(tables["axes"], [(0, ENTRIES, "count", "entries", 0),
                                          (1, "workload.seed", "count", "seed", 1)])
        metrics = {(point, name): value for point, name, value, _ in tables["metrics"]}
        with open(self.folder / "out" / "results.csv", newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        for point, name, label in tables["points"]:
            result = json.loads((self.folder / "out" / "points" / f"{name}.json").read_text())
            p99 = result["latency"]["translation"]["p99"]
            self.assertEqual(metrics[point, "translation_p99"], p99)
            self.assertEqual(rows[point]["translation_p99 (ps)"], str(p99))
            entries = result["platform"]["parameters"]["smmu"]["tbu"]["main_tlb"]["entries"]
            self.assertEqual(rows[point][f"{ENTRIES} (entries)"], str(entries))
            self.assertIn(f"{ENTRIES}={entries}, workload.seed=", label)
            bins = [(edge, count) for p, which, edge, count in sorted(tables["bins"])
                    if (p, which) == (point, "translation")]
            self.assertEqual(bins, [tuple(b) for b in result["latency"]["translation"]["bins"]])
        db = sqlite3.connect(self.folder / "out" / "results.sqlite")
        self.addCleanup(db.close)
        self.assertEqual(db.execute("SELECT count(*), count(DISTINCT value) FROM params"
                                    " WHERE path='workload.seed' AND axis=1").fetchone(), (8, 2))

    def test_workers_and_their_order_leave_no_trace(self):
        spec = self.spec(axes=[SIZES], seeds=[1, 2])
        self.sweep_well(spec, "-o", "one", "-j", "1")
        self.sweep_well(spec, "-o", "three", "-j", "3")
        self.same_results("one", "three")

    def test_shards_do_the_whole_between_them_and_none_twice(self):
        spec = self.spec(axes=[SIZES], seeds=[1, 2])
        self.sweep_well(spec, "-o", "one")
        counts = []
        for k in (1, 2, 3):
            self.sweep_well(spec, "-o", "parts", "--shard", f"{k}/3")
            counts.append(len(list((self.folder / "parts" / "points").iterdir())))
            self.assertFalse((self.folder / "parts" / "results.csv").exists())
        self.assertEqual(counts, [3, 6, 8])
        self.assertTrue(self.sweep_well(spec, "-o", "parts").startswith(
            "8 points: 8 were there, 0 run, 0 failed\n"))
        self.same_results("one", "parts")

    def test_a_wider_specification_runs_only_what_is_new(self):
        self.sweep_well(self.spec(axes=[SIZES]), "-o", "out")
        wider = {"path": ENTRIES, "from": 32, "to": 1024, "scale": "log2"}
        self.assertEqual(self.sweep_well(self.spec(axes=[wider]), "-o", "out"),
                         "6 points: 4 were there, 2 run, 0 failed\n"
                         "written: out/results.sqlite out/results.csv\n")
        self.sweep_well(self.spec(axes=[wider]), "-o", "fresh")
        self.same_results("out", "fresh")

    def test_a_point_that_fails_is_told_and_recorded_and_tried_again(self):
        # An output address of 45 bits, in a guest whose addresses have 40 or 48.
        (self.folder / "t.csv").write_text(
            "#svasim-trace v1\n0,A,0x8,,0x1000,64,R,0x1ffffffff000,3\n", encoding="ascii")
        spec = self.spec(workload=None, trace="t.csv", set={"tables.mode": "nested"},
                         axes=[{"path": "tables.ipa_bits", "values": [40, 48]}])
        why = "t.csv:2: cannot map 0x1000 to 0x1ffffffff000: beyond 40 output bits"
        for there, run in ((0, 1), (1, 0)):
            done = self.sweep(spec, "-o", "out")
            self.assertEqual(done.returncode, 1)
            self.assertEqual(done.stderr, f"svasim: failed: tables.ipa_bits=40: exit 2: {why}\n"
                             f"svasim: no result: tables.ipa_bits=40: exit 2: {why}\n")
            self.assertTrue(done.stdout.startswith(
                f"2 points: {there} were there, {run} run, 1 failed\n"))
            (failure,) = (self.folder / "out" / "failures").iterdir()
            self.assertEqual(json.loads(failure.read_text()), {
                "exit": 2, "signal": 0, "message": why, "label": "tables.ipa_bits=40"})
            self.assertEqual([label for _, _, label in
                              sweeps.tables(self.folder / "out")["points"]], ["tables.ipa_bits=48"])

    def test_a_damaged_result_is_named_and_never_counted(self):
        spec = self.spec(axes=[{"path": ENTRIES, "values": [64, 128]}])
        self.sweep_well(spec, "-o", "out")
        name = self.sweep_well(spec, "--list").split()[0]
        file = self.folder / "out" / "points" / f"{name}.json"
        file.write_text(file.read_text()[:1000])
        done = self.sweep(spec, "-o", "out")
        self.assertEqual(done.returncode, 2)
        self.assertTrue(done.stderr.startswith(f"out/points/{name}.json:"), done.stderr)

    def test_the_default_directory_is_named_after_the_specification(self):
        self.sweep_well(self.spec("tlb.json"))
        self.assertTrue((self.folder / "tlb.sweep" / "results.sqlite").is_file())

    def test_latin_hypercube_and_random_take_as_many_points_as_asked(self):
        axes = [SIZES, {"path": "smmu.tcu.walk_slots", "from": 1, "to": 64}]
        for kind in ("random", "latin_hypercube"):
            spec = self.spec(axes=axes, sampling={"kind": kind, "points": 12, "seed": 5})
            lines = self.sweep_well(spec, "--list").splitlines()
            self.assertEqual(len(lines), 12)
            self.assertEqual(lines, self.sweep_well(spec, "--list").splitlines())

    def test_every_specification_that_comes_along_is_good(self):
        files = sorted((svasim_program.REPOSITORY / "workloads" / "sweeps").glob("*.json"))
        self.assertTrue(files)
        for file in files:
            with self.subTest(file.name):
                self.assertGreater(len(self.sweep_well(file, "--list").splitlines()), 10)

    def test_text_from_a_specification_stays_text(self):
        hostile = "<script>alert(1)</script>\n\x1b[31m\",=1+1"
        spec = self.spec(axes=[{"path": "name", "values": [hostile, "plain"]}],
                         name=hostile, description=hostile)
        listed = self.sweep_well(spec, "--list")
        self.assertNotIn("\x1b", listed)
        self.assertEqual(len(listed.splitlines()), 2)
        self.sweep_well(spec, "-o", "out")
        with open(self.folder / "out" / "results.csv", newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual(len(rows), 2)
        tables = sweeps.tables(self.folder / "out")
        self.assertIn(("name", hostile), tables["sweep"])
        names = {value for _, path, value, _, _ in tables["params"] if path == "name"}
        self.assertEqual(names, {hostile, "plain"})


if __name__ == "__main__":
    unittest.main()
