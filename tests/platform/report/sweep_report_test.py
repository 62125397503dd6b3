"""The report of a sweep: made from its directory, drawn in a browser, metric and axes to choose."""

import json
import pathlib
import shutil
import sys
import tempfile
import unittest

import browser
from report_test import HOSTILE, INTERACTIVE
from svasim_program import MINIMAL, REPOSITORY, run, run_well, trace_file

SPEC = {
    "name": "sizes", "platform": str(REPOSITORY / "platforms" / "neoverse-n2.json"),
    "workload": str(REPOSITORY / "workloads" / "hot_cold.json"),
    "set": {"workload.accesses": 3000},
    "axes": [
        {"path": "smmu.tbu.main_tlb.entries", "values": [64, 256, 1024]},
        {"path": "smmu.tcu.walk_slots", "values": [4, 16]},
    ],
    "seeds": [1, 2],
}


FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="svasim-test-"))


def setUpModule():
    unittest.addModuleCleanup(shutil.rmtree, FOLDER)
    spec = FOLDER / "spec.json"
    spec.write_text(json.dumps(SPEC), encoding="utf-8")
    run_well("sweep", spec, "-o", FOLDER / "sweep", "-q")
    run_well("report", FOLDER / "sweep", "-o", FOLDER / "sweep.html")


class Folder(unittest.TestCase):
    folder, sweep, report = FOLDER, FOLDER / "sweep", FOLDER / "sweep.html"


class Sweep(Folder):
    def test_it_says_what_its_numbers_stand_on(self):
        page = self.report.read_text(encoding="utf-8")
        self.assertRegex(page, r"<dt>Confidence</dt><dd>\d+ numbers: \d+ measured, .*; the run reaches \d+: ")
        self.assertRegex(page, r"This sweep leans on up to \d+ of \d+ numbers that are assumed")

    def test_the_same_points_give_the_same_page(self):
        again = self.folder / "again.html"
        run_well("report", self.sweep, "-o", again)
        self.assertTrue(self.report.read_bytes() == again.read_bytes())

    def test_a_sweep_that_is_not_complete_says_so(self):
        part = self.folder / "part"
        shutil.copytree(self.sweep, part)
        next((part / "points").iterdir()).unlink()
        out = self.folder / "part.html"
        run_well("report", part, "-o", out)
        self.assertTrue("1 of 12 points have no result yet." in out.read_text(encoding="utf-8"))

    def test_a_directory_of_a_run_is_its_result(self):
        out = self.folder / "run"
        run_well("run", MINIMAL, "--trace", trace_file("nvme_randrw_k612_strict"), "-q", "-o", out)
        run_well("report", out, "-o", self.folder / "r.html")
        self.assertTrue((out / "report.html").read_bytes()
                        == (self.folder / "r.html").read_bytes())

    def test_another_directory_is_refused(self):
        empty = self.folder / "empty"
        empty.mkdir()
        done = run("report", empty, "-o", self.folder / "no.html")
        self.assertEqual((2, f"{empty}: holds neither the sweep.json of a sweep nor the "
                             "result.json of a run\n"), (done.returncode, done.stderr))
        self.assertFalse((self.folder / "no.html").exists())


@unittest.skipUnless(browser.CHROMIUM, "no chromium (Debian package of that name)")
class InTheBrowser(Folder):
    @classmethod
    def setUpClass(cls):
        started = browser.Browser()
        cls.browser = started.__enter__()
        cls.addClassCleanup(started.__exit__)

    def assert_quiet(self):
        self.assertEqual([], self.browser.said())
        self.assertEqual([], self.browser.asked())

    def test_it_loads_without_a_word_and_without_a_request(self):
        for width in (1400, 420):
            for dark in (False, True):
                with self.subTest(width=width, dark=dark):
                    self.browser.open(self.report, width, dark)
                    self.assert_quiet()
                    self.assertLessEqual(
                        self.browser.value("document.documentElement.scrollWidth"), width)

    @unittest.skipUnless(INTERACTIVE, "built without the interactive charts")
    def test_front_effects_and_heat_map_are_drawn_for_every_metric(self):
        self.browser.open(self.report)
        self.assertEqual(3, self.browser.value(
            "[...document.querySelectorAll('figure')]"
            ".filter(f => f.querySelector('svg path')).length"))
        metrics = self.browser.value("document.querySelector('.choose select').options.length")
        self.assertGreater(metrics, 10)
        shown = set()
        for i in range(metrics):
            shown.add(self.browser.value(
                "(() => {const s = document.querySelector('.choose select');"
                f"s.selectedIndex = {i}; s.dispatchEvent(new Event('change'));"
                "return document.querySelector('[data-chart=sensitivity] svg').textContent})()"))
        self.assertGreater(len(shown), metrics // 2)
        self.assert_quiet()

    @unittest.skipUnless(INTERACTIVE, "built without the interactive charts")
    def test_the_axes_of_the_heat_map_can_be_chosen(self):
        self.browser.open(self.report)
        axes = ("(() => {const [x, y] = document.querySelectorAll('[data-chart=heat] select');"
                "[x.selectedIndex, y.selectedIndex] = [%d, %d];"
                "x.dispatchEvent(new Event('change')); y.dispatchEvent(new Event('change'));"
                "return [...document.querySelectorAll('[data-chart=heat] svg text')]"
                ".map(t => t.textContent)})()")
        one, other = self.browser.value(axes % (0, 1)), self.browser.value(axes % (1, 0))
        self.assertNotEqual(one, other)
        for value in ("64", "256", "1024", "4", "16"):
            self.assertIn(value, one)
            self.assertIn(value, other)
        self.assert_quiet()

    def test_hostile_names_stay_text(self):
        hostile = self.folder / "hostile"
        shutil.copytree(self.sweep, hostile)
        plan = json.loads((hostile / "sweep.json").read_text(encoding="utf-8"))
        for key in ("name", "description", "platform", "svasim"):
            plan[key] = HOSTILE
        plan["constraints"] = [HOSTILE]
        plan["axes"][0]["values"] = [HOSTILE + v for v in plan["axes"][0]["values"]]
        (hostile / "sweep.json").write_text(json.dumps(plan), encoding="utf-8")
        out = self.folder / "hostile.html"
        run_well("report", hostile, "-o", out)
        self.browser.open(out)
        self.assert_quiet()
        self.assertEqual(HOSTILE.replace("\x1b", "\ufffd"),
                         self.browser.value("document.querySelector('h1').textContent"))
        self.assertEqual(None, self.browser.value("window.broken ?? null"))
        self.assertEqual(0, self.browser.value("document.querySelectorAll('img').length"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
