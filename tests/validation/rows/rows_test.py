"""Rows of the validation: each is within its tolerance, each spent constant matters, and
DEVIATIONS.md and README.md say what the rows and the program say.

    rows_test.py quick|long      run the tests
    rows_test.py approve         write the tables of DEVIATIONS.md and README.md anew
"""

import json
import pathlib
import re
import sys
import tempfile
import unittest

from svasim_program import REPOSITORY, run, run_well

FOLDER = REPOSITORY / "tests" / "validation" / "rows"
DEVIATIONS = REPOSITORY / "tests" / "validation" / "DEVIATIONS.md"
README = REPOSITORY / "README.md"
ROWS = [json.loads(f.read_text(encoding="utf-8")) for f in sorted(FOLDER.glob("*.json"))]
LONG = "long" in sys.argv[1:]
QUICK = [] if LONG else ["--quick"]
HERE = {"cwd": REPOSITORY}
SLOW_ROWS = {r["name"] for r in ROWS if any(p.get("slow") for p in r["points"])}
ONLY_SLOW = {r["name"] for r in ROWS if all(p.get("slow") for p in r["points"])}
HEAVY = SLOW_ROWS | {"issue-cmdlist"}  # where constants are changed again and again


def table(head, lines):
    text = "| " + " | ".join(head) + " |\n" + "|---" * len(head) + "|\n"
    return text + "".join("| " + " | ".join(l) + " |\n" for l in lines)


def gap_table():
    return table(["row", "point", "published", "model", "why"],
                 [[f"`{r['name']}`", p["name"], with_unit(r, p, "expected"),
                   with_unit(r, p, "shows"), p["reason"]]
                  for r in ROWS for p in r["points"] if p.get("role") == "gap"])


def with_unit(r, p, key):
    return f"{p[key]:,} {p.get('unit', r.get('unit', ''))}".strip()


def spent_table():
    lines = []
    for r in ROWS:
        for s in r.get("spent", []):
            names = [s.get("parameter") or s["argument"], *s.get("with", [])]
            change = f", changed by {s['step']}" if "step" in s else ""
            lines.append([f"`{r['name']}`", ", ".join(f"`{n}`" for n in names), s["value"],
                          s["fitted_to"] + change])
    return table(["row", "constant", "value", "fitted to"], lines)


def input_table():
    lines = []
    for r in ROWS:
        for c in r.get("inputs", []):
            names = [c.get("parameter") or c["argument"], *c.get("with", [])]
            lines.append([f"`{r['name']}`", ", ".join(f"`{n}`" for n in names), c["value"],
                          c["source"]])
    return table(["row", "constant", "value", "from"], lines)


def between(text, name):
    """The part of `text` between its markers, and what is around it."""
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"
    head, rest = text.split(begin)
    body, tail = rest.split(end)
    return head + begin, body, end + tail


def replaced(text, name, body):
    head, _, tail = between(text, name)
    return head + body + tail


def printed_table():
    return "```text\n" + run_well("validate", "-q", **HERE).stdout + "```\n"


class Rows(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            done = run("validate", "-q", "-o", folder, *QUICK, **HERE)
            cls.outcome = json.loads(pathlib.Path(folder, "validate.json").read_text("utf-8"))
        cls.code = done.returncode
        cls.table = done.stdout.split("\nwritten: ")[0]

    def test_every_row_is_within_its_tolerance(self):
        for r in self.outcome["rows"]:
            with self.subTest(r["name"]):
                self.assertTrue(r["good"], [p for p in r["points"] if not p["good"]])
        self.assertEqual(0, self.code)
        self.assertTrue(self.outcome["good"])

    def test_no_row_is_missing(self):
        wanted = [r["name"] for r in ROWS if LONG or r["name"] not in ONLY_SLOW]
        self.assertEqual(wanted, [r["name"] for r in self.outcome["rows"]])
        for f, r in zip(sorted(FOLDER.glob("*.json")), ROWS):
            self.assertEqual(f.stem, r["name"])

    def test_every_gap_is_outside_its_tolerance(self):
        gaps = [p for r in self.outcome["rows"] for p in r["points"] if p["role"] == "gap"]
        self.assertGreaterEqual(len(gaps), 1)
        for p in gaps:
            limit = p["tolerance"]
            if limit.endswith(" %"):
                self.assertGreater(abs(p["error_percent"]), float(limit[:-2]), p["name"])

    def test_a_row_whose_constants_are_its_figures_predicts_nothing(self):
        for r in self.outcome["rows"]:
            if r["kind"] == "calibration":
                self.assertEqual((0, "calibrated"), (r["predicted"], r["verdict"]), r["name"])
            if r["kind"] == "validation" and r["name"] not in SLOW_ROWS:
                self.assertGreater(r["predicted"], 0, r["name"])
            if r["kind"] == "information":
                self.assertEqual((0, "printed"), (r["predicted"], r["verdict"]), r["name"])

    def test_secondary_and_recalled_figures_do_not_pass_or_fail(self):
        for r in ROWS:
            if r["source"].startswith("S:") or "recalled" in r["source"]:
                self.assertEqual("information", r["kind"], r["name"])

    @unittest.skipUnless(LONG, "runs the slow points")
    def test_the_table_of_the_readme_is_what_the_program_prints(self):
        self.assertEqual(between(README.read_text(encoding="utf-8"), "validation")[1],
                         f"```text\n{self.table}```\n")


class Constants(unittest.TestCase):
    def changed(self, rows):
        done = run("validate", *rows, "--perturb", "-q", **HERE)
        self.assertEqual((0, ""), (done.returncode, done.stderr), done.stdout)
        return done.stdout

    def test_changing_a_spent_constant_makes_its_row_fail(self):
        rows = [r["name"] for r in ROWS if (r["name"] in HEAVY) == LONG]
        lines = self.changed(rows).splitlines() if rows else []
        for r in ROWS:
            if r["name"] in rows:
                names = {s.get("parameter") or s["argument"] for s in r.get("spent", [])}
                found = {l.split()[1] for l in lines if l.split()[0] == r["name"]}
                self.assertEqual(names, found)
        counts = [l for l in lines if re.search(r" \d+ -> \d+ ", l)]
        for line in counts:
            before, after = re.search(r" (\d+) -> (\d+) ", line).groups()
            self.assertEqual(1, abs(int(after) - int(before)), line)
        self.assertEqual(LONG, bool(counts))

    @unittest.skipIf(LONG, "quick")
    def test_a_constant_that_does_not_matter_is_told(self):
        row = {"name": "idle", "what": "An idle constant", "source": "A: made up",
               "experiment": "kvm_primitives", "unit": "ns", "tolerance": "5 %",
               "metric": "hvc / 1000", "points": [{"name": "hvc", "expected": 292}],
               "spent": [{"parameter": "vm.cpu.kvm.kick", "value": "628ns",
                          "fitted_to": "nothing"}]}
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "idle.json")
            file.write_text(json.dumps(row), encoding="utf-8")
            done = run("validate", file, "--perturb", "-q", **HERE)
        self.assertEqual((1, ""), (done.returncode, done.stderr))
        self.assertRegex(done.stdout, r"^idle +vm\.cpu\.kvm\.kick +628ns -> 690\.8ns +NOT NOTICED\n"
                                      r"idle +vm\.cpu\.kvm\.kick +628ns -> 565\.2ns +NOT NOTICED\n$")


@unittest.skipIf(LONG, "quick")
class Deviations(unittest.TestCase):
    TEXT = DEVIATIONS.read_text(encoding="utf-8")

    def test_every_gap_of_the_rows_is_listed_and_no_other(self):
        self.assertEqual(gap_table(), between(self.TEXT, "gaps")[1])

    def test_every_spent_constant_of_the_rows_is_listed_and_no_other(self):
        self.assertEqual(spent_table(), between(self.TEXT, "spent")[1])

    def test_every_input_of_the_rows_is_listed_and_no_other(self):
        self.assertEqual(input_table(), between(self.TEXT, "inputs")[1])


@unittest.skipIf(LONG, "quick")
class Program(unittest.TestCase):
    def row_file(self, folder, **changes):
        row = json.loads((FOLDER / "kvm-n1.json").read_text(encoding="utf-8"))
        row |= {"platform": str(REPOSITORY / "platforms" / "neoverse-n2.json")} | changes
        row = {k: v for k, v in row.items() if v is not None}
        file = pathlib.Path(folder, "row.json")
        file.write_text(json.dumps(row, indent=1), encoding="utf-8")
        return file

    def refused(self, **changes):
        with tempfile.TemporaryDirectory() as folder:
            file = self.row_file(folder, **changes)
            done = run("validate", file, **HERE)
            self.assertEqual((2, ""), (done.returncode, done.stdout))
            return done.stderr.replace(str(file), "row.json")

    def test_a_row_outside_its_tolerance_exits_with_1(self):
        done = run("validate", "kvm-n1", "--set", "vm.cpu.kvm.exit=400ns", "-q", **HERE)
        self.assertEqual((1, ""), (done.returncode, done.stderr))
        self.assertRegex(done.stdout, r"(?m)^KVM primitives, Neoverse N1 .* OUTSIDE$")
        self.assertRegex(done.stdout, r"(?m)^    hvc +292 ns +400 ns +\+36.99 % +5 %  spent  OUTSIDE$")

    def test_a_gap_that_closes_or_moves_exits_with_1(self):
        point = {"name": "hvc", "metric": "hvc / 1000", "expected": 292, "role": "gap",
                 "shows": 292, "reason": "none"}
        for shows, expected, verdict in ((292, 292, "GAP CLOSED"), (300, 350, "GAP MOVED")):
            with tempfile.TemporaryDirectory() as folder:
                file = self.row_file(folder, kind=None, spent=None,
                                     points=[point | {"shows": shows, "expected": expected}])
                done = run("validate", file, "-q", **HERE)
            self.assertEqual(1, done.returncode)
            self.assertIn(f"  {verdict}\n", done.stdout)

    def test_a_bad_row_is_told_by_line_and_column(self):
        hvc = {"name": "hvc", "metric": "hvc / 1000", "expected": 292}
        self.assertEqual('row.json:9:15: tolerance needs "N %", "N ns" or "exact", not "5 us"\n',
                         self.refused(tolerance="5 us"))
        self.assertEqual('row.json:74:2: a row: unknown key "tolerences"; did you mean '
                         '"tolerance"?\n', self.refused(tolerences="5 %"))
        self.assertEqual("row.json:5:10: kind needs one of validation, calibration, information, "
                         'not "guess"\n', self.refused(kind="guess"))
        self.assertEqual('row.json:11:12: a row needs "points", a list of some\n',
                         self.refused(points=[]))
        self.assertEqual('row.json:12:3: a gap needs "shows", what the model has, and "reason"\n',
                         self.refused(points=[hvc | {"role": "gap"}]))
        self.assertEqual('row.json:14:14: metric: a figure is missing after "hvc / "\n',
                         self.refused(points=[hvc | {"metric": "hvc / "}]))

    def test_what_cannot_be_simulated_is_told_before_anything_runs(self):
        hvc = {"name": "hvc", "metric": "hvc / 1000", "expected": 292}
        self.assertEqual('row.json:12:3: hvc: --set vm.cpu.kvm.exot=1ns: vm.cpu.kvm: unknown key '
                         '"exot"; did you mean "exit"?\n',
                         self.refused(points=[hvc | {"set": {"vm.cpu.kvm.exot": "1ns"}}]))
        self.assertEqual('row.json:12:3: hvc: argument loops=3: unknown key "loops"\n',
                         self.refused(points=[hvc | {"arguments": {"loops": 3}}]))
        self.assertEqual('row.json:12:3: hvc: no point "other"\n',
                         self.refused(points=[hvc | {"metric": "'other'.hvc"}]))
        self.assertEqual('row.json:12:3: kvm-n1: no experiment "kvm"; there are: command_lists, '
                         'kvm_primitives, link_rate, run, stall_sweep, walk\n',
                         self.refused(points=[hvc], experiment="kvm"))
        exit_cost = {"parameter": "vm.cpu.kvm.exit", "value": "300ns"}
        self.assertEqual("row.json:44:3: vm.cpu.kvm.exit is 292ns, not 300ns\n",
                         self.refused(spent=[exit_cost | {"fitted_to": "hvc"}]))
        self.assertEqual("row.json:44:3: vm.cpu.kvm.exit is 292ns, not 300ns\n",
                         self.refused(spent=None, inputs=[exit_cost | {"source": "A: x"}]))

    def test_a_count_that_would_be_changed_by_more_than_one_is_told(self):
        entries = {"parameter": "smmu.tbu.main_tlb.entries", "value": "2048", "fitted_to": "x"}
        self.assertEqual('row.json:48:12: counts are changed by one: step needs a value with a unit, '
                         'not "64"\n', self.refused(spent=[entries | {"step": "64"}]))

    def test_a_figure_that_the_experiment_does_not_give_is_told(self):
        hvc = {"name": "hvc", "metric": "hvx", "expected": 292}
        self.assertEqual('row.json:12:3: hvc: kvm_primitives gives no "hvx"\n',
                         self.refused(points=[hvc], spent=None))

    def test_an_unknown_row_is_told_with_the_nearest(self):
        done = run("validate", "kvm-n2", **HERE)
        self.assertEqual((2, 'no row "kvm-n2" in tests/validation/rows; did you mean "kvm-n1"?\n'),
                         (done.returncode, done.stderr))

    def test_it_writes_json_and_a_page_that_fetches_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            run_well("validate", "tlp-gen3-x8", "-q", "-o", folder, **HERE)
            outcome = json.loads(pathlib.Path(folder, "validate.json").read_text(encoding="utf-8"))
            page = pathlib.Path(folder, "validate.html").read_text(encoding="utf-8")
            self.assertEqual({"validate.json", "validate.html"},
                             {f.name for f in pathlib.Path(folder).iterdir()})
        self.assertEqual(["tlp-gen3-x8"], [r["name"] for r in outcome["rows"]])
        self.assertEqual(2, page.count("<svg"))
        self.assertNotIn("<script", page)
        self.assertNotRegex(page, r"(?:src|href)=")
        self.assertIn("default-src 'none'", page)

    def test_the_same_command_gives_the_same_bytes(self):
        first = run_well("validate", "gem5-like", "kvm-n1", "--json", "-j1", **HERE).stdout
        self.assertEqual(first, run_well("validate", "gem5-like", "kvm-n1", "--json", **HERE).stdout)

    def test_the_list_names_every_row(self):
        listed = run_well("validate", "--list", **HERE).stdout
        self.assertEqual([r["name"] for r in ROWS], re.findall(r"(?m)^(\S+)", listed))


def approve():
    text = DEVIATIONS.read_text(encoding="utf-8")
    for name, body in (("gaps", gap_table()), ("spent", spent_table()), ("inputs", input_table())):
        text = replaced(text, name, body)
    DEVIATIONS.write_text(text, encoding="utf-8")
    README.write_text(replaced(README.read_text(encoding="utf-8"), "validation", printed_table()),
                      encoding="utf-8")


if __name__ == "__main__":
    if "approve" in sys.argv[1:]:
        approve()
    else:
        unittest.main(argv=sys.argv[:1])
