"""The same input and seed give the same bytes, and a result file is canonical."""

import json
import os
import pathlib
import re
import shutil
import sys
import tempfile
import unittest

import svasim_program
from svasim_program import MINIMAL, REPOSITORY, result_text, settings, trace_file

RANDOM = settings(smmu__tbu__main_tlb__policy="random", smmu__tbu__utlb__policy="random",
                  memory__system_level_cache__policy="random")
WORKLOAD = {"pattern": "hot_cold", "accesses": 100000, "cold_ppm": 300000, "write_ppm": 400000,
            "streams": 3, "seed": 7}


class Folder(unittest.TestCase):
    """A folder of its own, with a workload in it."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="svasim-test-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.workload = self.folder / "workload.json"
        self.workload.write_text(json.dumps(WORKLOAD), encoding="utf-8")
        self.defaults = self.folder / "defaults.json"
        self.defaults.write_text("{}", encoding="utf-8")

    def runs(self):
        """Arguments of runs in which every kind of choice is made at random."""
        strict, lazy = trace_file("nvme_randrw_k612_strict"), trace_file("nvme_randrw_4jobs_lazy")
        return [(self.defaults, "--trace", strict, *RANDOM),
                (MINIMAL, "--trace", lazy, "--set", "smmu.tbu.main_tlb.policy=random"),
                (self.defaults, "--workload", self.workload, *RANDOM, "--set",
                 "tables.mode=nested")]


class Repeated(Folder):
    def test_two_runs_give_the_same_bytes(self):
        for arguments in self.runs():
            with self.subTest(arguments):
                self.assertEqual(result_text(*arguments), result_text(*arguments))

    def test_another_seed_gives_another_result(self):
        arguments = (self.defaults, "--workload", self.workload, *RANDOM)
        first = result_text(*arguments)
        self.workload.write_text(json.dumps(WORKLOAD | {"seed": 8}), encoding="utf-8")
        self.assertNotEqual(first, result_text(*arguments))

    def test_where_files_lie_and_what_the_host_is_called_leaves_no_trace(self):
        trace = trace_file("nvme_randrw_k612_strict")
        here = result_text(MINIMAL, "--trace", trace, cwd=REPOSITORY)
        for source in (MINIMAL, trace):
            shutil.copy(source, self.folder)
        environment = os.environ | {"TZ": "Asia/Tokyo", "LC_ALL": "C", "HOSTNAME": "elsewhere"}
        there = result_text("./minimal.json", "--trace", f"../{self.folder.name}/{trace.name}",
                            cwd=self.folder, env=environment)
        self.assertEqual(here, there)

    def test_checks_that_ride_along_change_nothing(self):
        arguments = (self.defaults, "--trace", trace_file("nvme_randrw_k612_strict"))
        self.assertEqual(result_text(*arguments),
                         result_text(*arguments, "--check", "--check-protocol"))


class Canonical(Folder):
    @staticmethod
    def refuse_float(text):
        raise AssertionError(f"{text} is no integer")

    def strings(self, value):
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            for key, member in value.items():
                yield key
                yield from self.strings(member)
        elif isinstance(value, list):
            for element in value:
                yield from self.strings(element)

    def test_a_result_has_sorted_keys_and_integers_only(self):
        for arguments in self.runs():
            text = result_text(*arguments)
            value = json.loads(text, parse_float=self.refuse_float,
                               parse_constant=self.refuse_float)
            self.assertEqual(
                text, json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n")

    def test_a_result_names_no_path_of_the_host(self):
        included = self.folder / "parts"
        included.mkdir()
        (included / "tlb.json").write_text('{"smmu": {"tbu": {"slots": 8}}}', encoding="utf-8")
        self.defaults.write_text('{"$include": "parts/tlb.json", "name": "a"}', encoding="utf-8")
        result = json.loads(result_text(self.defaults, "--workload", self.workload))
        for text in self.strings(result):
            self.assertNotIn(str(self.folder), text)
            self.assertIsNone(re.search(r"(^|[\s\"'(])/\w", text), text)
        provenance = result["platform"]["provenance"]
        self.assertEqual(provenance["name"], "set in defaults.json")
        self.assertEqual(provenance["smmu.tbu.slots"], "set in parts/tlb.json")

    def test_the_report_can_be_made_again_from_the_result(self):
        for arguments in self.runs():
            svasim_program.run_well("run", *arguments, "-q", "-o", self.folder / "out")
            made = (self.folder / "out" / "report.html").read_bytes()
            again = self.folder / "again.html"
            svasim_program.run_well("report", self.folder / "out" / "result.json", "-o", again)
            self.assertEqual(made, again.read_bytes())


class OtherBuild(Folder):
    """Only where the environment variable SVASIM_OTHER names the program of another build type."""

    @unittest.skipUnless("SVASIM_OTHER" in os.environ, "no other build given")
    def test_a_debug_and_a_release_build_give_the_same_bytes(self):
        for arguments in self.runs():
            with self.subTest(arguments):
                self.assertEqual(result_text(*arguments),
                                 result_text(*arguments, program=os.environ["SVASIM_OTHER"]))


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
