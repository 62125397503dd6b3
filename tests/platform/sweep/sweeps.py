"""Small sweeps to run, and what they leave behind."""

import json
import pathlib
import shutil
import sqlite3
import tempfile
import unittest

import svasim_program

PLATFORM = str(svasim_program.REPOSITORY / "platforms" / "neoverse-n2.json")
WORKLOAD = {"pattern": "hot_cold", "accesses": 2000, "footprint": "64KiB",
            "cold_footprint": "4MiB", "cold_ppm": 200000}
ENTRIES = "smmu.tbu.main_tlb.entries"


def tables(directory):
    """Every row of results.sqlite, by table."""
    db = sqlite3.connect(f"file:{directory}/results.sqlite?mode=ro", uri=True)
    try:
        names = [row[0] for row in db.execute(
            "SELECT name FROM sqlite_master WHERE type='table' ORDER BY name")]
        return {name: db.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall()
                for name in names}
    finally:
        db.close()


class Folder(unittest.TestCase):
    """A folder of its own, with a workload in it."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="svasim-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        (self.folder / "w.json").write_text(json.dumps(WORKLOAD), encoding="utf-8")

    def spec(self, file="s.json", **members):
        """Writes a specification and returns its file."""
        whole = {"platform": PLATFORM, "workload": "w.json"} | members
        whole = {key: value for key, value in whole.items() if value is not None}
        (self.folder / file).write_text(json.dumps(whole), encoding="utf-8")
        return file

    def sweep(self, *arguments, **options):
        return svasim_program.run("sweep", *arguments, cwd=self.folder, **options)

    def sweep_well(self, *arguments):
        done = self.sweep(*arguments)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def same_results(self, one, other):
        """The same bytes in both tables and every point."""
        for file in ("results.sqlite", "results.csv"):
            self.assertEqual((self.folder / one / file).read_bytes(),
                             (self.folder / other / file).read_bytes(), file)
        names = sorted(p.name for p in (self.folder / one / "points").iterdir())
        self.assertEqual(names, sorted(p.name for p in (self.folder / other / "points").iterdir()))
        for name in names:
            self.assertEqual((self.folder / one / "points" / name).read_bytes(),
                             (self.folder / other / "points" / name).read_bytes())
