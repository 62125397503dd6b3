"""The report of a run in a browser: it draws, asks nothing, logs nothing; text stays text."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import browser
from svasim_program import REPOSITORY, run_well, settings, trace_file

HOSTILE = ("\"><script>window.broken=1</script><img src=x onerror='window.broken=1'>\n\x1b[31m"
           "</script><!--&{a|b}")
FULL = "smmu__tbu__main_tlb__entries"
# Built without the charts (no npm, or no way to a registry) there is less to see.
CHARTS = pathlib.Path(os.environ.get("SVASIM_CHARTS_DIR", "/nonexistent"), "charts.js")
INTERACTIVE = CHARTS.is_file() and CHARTS.stat().st_size != 0


def hostile(value):
    """A result in which every free text is hostile."""
    closed = {"kind", "group"}
    if isinstance(value, dict):
        return {key: v if key in closed else hostile(v) for key, v in value.items()}
    if isinstance(value, list):
        return [hostile(v) for v in value]
    return HOSTILE + value if isinstance(value, str) else value


@unittest.skipUnless(browser.CHROMIUM, "no chromium (Debian package of that name)")
class InTheBrowser(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="svasim-test-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        run_well("run", REPOSITORY / "platforms" / "neoverse-n2.json", "--trace",
                 trace_file("mix_nvme_igb_lazy"), *settings(**{FULL: 64}), "-q", "-o", cls.folder)
        cls.report = cls.folder / "report.html"
        cls.result = json.loads((cls.folder / "result.json").read_text(encoding="utf-8"))
        started = browser.Browser()
        cls.browser = started.__enter__()
        cls.addClassCleanup(started.__exit__)

    def report_of(self, result, name):
        file = self.folder / f"{name}.json"
        file.write_text(json.dumps(result), encoding="utf-8")
        out = self.folder / f"{name}.html"
        run_well("report", file, "-o", out)
        return out

    def assert_quiet(self):
        self.assertEqual([], self.browser.said())
        self.assertEqual([], self.browser.asked())

    def charts(self):
        return self.browser.value(
            "[...document.querySelectorAll('.live figure')]"
            ".filter(f => f.querySelector('svg path'))"
            ".map(f => f.querySelector('figcaption').firstChild.textContent)")

    def test_it_loads_without_a_word_and_without_a_request(self):
        for width in (1400, 420):
            for dark in (False, True):
                with self.subTest(width=width, dark=dark):
                    self.browser.open(self.report, width, dark)
                    self.assert_quiet()
                    self.assertIn("mix_nvme_igb_lazy", self.browser.value("document.title"))
                    self.assertLessEqual(
                        self.browser.value("document.documentElement.scrollWidth"), width)

    @unittest.skipUnless(INTERACTIVE, "built without the interactive charts")
    def test_every_chart_is_drawn(self):
        self.browser.open(self.report)
        self.assertEqual(self.charts(), [
            "Share of requests done within a time", "Share that takes longer: the tail",
            "Mean time of a DMA by stage", "Entries in use, mean of each window", "Hit ratio",
            "Translation latency by stream", "Who evicted whom in the Main TLB",
            "Descriptor reads and walk-cache hits by level"])
        self.assertEqual(0, self.browser.value(
            "[...document.querySelectorAll('.static')].filter(e => e.offsetParent).length"))

    @unittest.skipUnless(INTERACTIVE, "built without the interactive charts")
    def test_hops_of_faults_are_drawn_where_a_result_has_them(self):
        hops = [{"hop": "pri", "label": "Page request", "sum_ps": 4000000, "count": 4,
                 "max_ps": 2000000}]
        self.browser.open(self.report_of(self.result | {"fault_hops": hops}, "hops"))
        self.assertIn("Mean time of each hop of a fault", self.charts())
        self.assert_quiet()

    def sva(self, hops):
        none = {key: None for key in ("unmap_p50_ps", "unmap_p99_ps", "message_p50_ps")}
        return self.result | {"sva": none | {
            "variant": "b", "title": "vSVA", "faults": 3, "faults_unresolved": 0,
            "fault_p50_ps": sum(h["ps"] for h in hops), "fault_p99_ps": 9, "messages_failed": 0,
            "time_ps": 100, "bytes": 1, "bytes_per_s": 1, "cpu_ps": {"HK": 5, "GK": None},
            "hops": hops}}

    def test_a_fault_of_an_sva_workload_is_shown_hop_by_hop(self):
        hops = [{"step": f"b.{i}", "actor": actor, "what": f"what {i}", "on_path": True, "ps": ps}
                for i, (actor, ps) in enumerate((("DEV", 0), ("SMMU/DEV", 2000), ("GK", 6000)))]
        page = self.report_of(self.sva(hops), "sva")
        for width in (1400, 420):
            self.browser.open(page, width, width == 420)
            self.assertEqual(["b.0", "b.1", "b.2", "Whole"], self.browser.value(
                "[...document.querySelectorAll('.hops tr')].slice(1)"
                ".map(r => r.cells[0].textContent)"))
            self.assertLessEqual(
                self.browser.value("document.documentElement.scrollWidth"), width)
            if INTERACTIVE:
                self.assertEqual("When each hop begins, and how long it lasts", self.charts()[0])
            self.assert_quiet()

    def test_hostile_text_of_an_sva_workload_stays_text(self):
        hops = [{"step": "b.1", "actor": "HK", "what": "w", "on_path": True, "ps": 5000}]
        self.browser.open(self.report_of(hostile(self.sva(hops)), "hostile_sva"))
        self.assert_quiet()
        self.assertEqual(None, self.browser.value("window.broken ?? null"))
        self.assertEqual(0, self.browser.value("document.querySelectorAll('img').length"))
        shown = self.browser.value("document.querySelector('.hops').rows[1].cells[2].textContent")
        self.assertEqual(HOSTILE.replace("\x1b", "\ufffd") + "w", shown)

    @unittest.skipUnless(INTERACTIVE, "built without the interactive charts")
    def test_a_click_on_a_heading_sorts_by_the_numbers_with_their_units(self):
        self.browser.open(self.report)
        column = ("(() => {const t = document.querySelector('table.sort');"
                  "t.rows[0].cells[9].click();"
                  "return [...t.rows].slice(1).map(r => r.cells[9].textContent)})()")
        first, second = self.browser.value(column), self.browser.value(column)
        self.assertEqual(first, second[::-1])
        scale = {"ns": 1, "\u00b5s": 1000}
        numbers = [float(t.split()[0]) * scale[t.split()[1]] for t in first]
        self.assertEqual(numbers, sorted(numbers, reverse=True))

    @unittest.skipUnless(INTERACTIVE, "built without the interactive charts")
    def test_a_chart_is_saved_as_svg(self):
        self.browser.open(self.report)
        before = ("window.saved = [];"
                  "URL.createObjectURL = b => (b.text().then(t => saved.push(t)), '#')")
        self.browser.value(before + "; 0")
        self.browser.value("document.querySelectorAll('.save').forEach(b => b.click())")
        saved = []
        for _ in range(50):
            saved = self.browser.value("saved")
            if len(saved) == 8:
                break
        self.assertEqual(len(saved), 8)
        for text in saved:
            self.assertRegex(text, r"^<svg [^>]*xmlns=\"http://www.w3.org/2000/svg\"")

    def test_hostile_text_stays_text(self):
        self.browser.open(self.report_of(hostile(self.result), "hostile"))
        self.assert_quiet()
        self.assertEqual(None, self.browser.value("window.broken ?? null"))
        self.assertEqual(0, self.browser.value("document.querySelectorAll('img').length"))
        self.assertEqual(HOSTILE.replace("\x1b", "\ufffd"), self.browser.value(
            f"document.querySelector('h1').textContent.slice(0, {len(HOSTILE)})"))
        if INTERACTIVE:
            self.assertEqual(8, len(self.charts()))
            # ... and where the charts show it, when pointed at.
            self.browser.value(
                "document.querySelectorAll('.area svg').forEach(s => {"
                "const b = s.getBoundingClientRect();"
                "for (const x of [0.3, 0.6]) s.parentNode.dispatchEvent(new MouseEvent('mousemove',"
                "{bubbles: true, clientX: b.x + b.width * x, clientY: b.y + b.height * 0.5}))}); 0")
            self.assertGreater(self.browser.value("document.querySelectorAll('.tip').length"), 0)
            self.assertEqual(0, self.browser.value("document.querySelectorAll('img').length"))
            self.assertEqual(None, self.browser.value("window.broken ?? null"))
        self.assert_quiet()

    def test_a_result_of_an_older_version_is_shown(self):
        old = {k: v for k, v in self.result.items()
               if k not in ("streams", "evictions", "occupancy")}
        self.browser.open(self.report_of(old, "old"))
        self.assert_quiet()
        shown = self.browser.value("document.querySelector('main').textContent")
        for heading in ("Who evicted whom", "How full it was", "Streams"):
            self.assertFalse(heading in shown, heading)


class Bundle(unittest.TestCase):
    def test_the_lock_names_no_address_and_every_digest(self):
        web = REPOSITORY / "analysis" / "web"
        lock = json.loads((web / "package-lock.json").read_text(encoding="utf-8"))
        wanted = json.loads((web / "package.json").read_text(encoding="utf-8"))
        for kind in ("dependencies", "devDependencies"):
            for name, version in wanted[kind].items():
                self.assertRegex(version, r"^\d+\.\d+\.\d+$")
                self.assertEqual(version, lock["packages"][f"node_modules/{name}"]["version"])
        for name, package in lock["packages"].items():
            self.assertNotIn("resolved", package)
            self.assertTrue(name == "" or "integrity" in package, name)

    @unittest.skipUnless(INTERACTIVE, "built without the interactive charts")
    def test_the_notices_of_the_libraries_stand_in_the_page(self):
        with tempfile.TemporaryDirectory() as folder:
            result = REPOSITORY / "tests" / "unit" / "analysis" / "example.result.json"
            out = pathlib.Path(folder, "r.html")
            run_well("report", result, "-o", out)
            page = out.read_text(encoding="utf-8")
        for notice in ("Apache ECharts\nCopyright", "BSD 3-Clause License",
                       "Copyright (c) Microsoft"):
            self.assertIn(notice, page)

    def test_a_build_that_cannot_fetch_the_library_goes_on_and_says_so(self):
        with tempfile.TemporaryDirectory() as folder:
            npm = pathlib.Path(folder, "npm")
            npm.write_text("#!/bin/sh\necho no route to the registry\nexit 1\n", encoding="utf-8")
            npm.chmod(0o755)
            out = pathlib.Path(folder, "out")
            done = subprocess.run(
                ["cmake", f"-DSOURCE={REPOSITORY}/analysis/web", f"-DOUT={out}", f"-DNPM={npm}",
                 "-DNODE=node", "-P", REPOSITORY / "analysis" / "web" / "bundle.cmake"],
                capture_output=True, text=True, check=False)
            self.assertEqual(0, done.returncode, done.stderr)
            self.assertRegex(done.stderr, re.escape(
                f"svasim: npm could not fetch the chart library (log: {out}/npm.log); reports will "
                "have static charts.\n") + re.escape(
                    f"svasim: to try again: rm {out}/charts.js\n"))
            self.assertEqual("", (out / "charts.js").read_text(encoding="utf-8"))
            self.assertEqual("no route to the registry\n",
                             (out / "npm.log").read_text(encoding="utf-8"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
