"""`svasim bench`: its cases are there, and are what they say. How fast they are is not tested."""

import json
import re
import unittest

from svasim_program import REPOSITORY, run_well

CASES = ["hit", "mixed", "walk", "atc_hit", "fault_storm"]
PLATFORM = REPOSITORY / "platforms" / "neoverse-n2.json"


class Bench(unittest.TestCase):
    def test_json_has_a_rate_and_a_share_of_the_yardstick_for_each_case(self):
        out = json.loads(run_well("bench", PLATFORM, "-n", 5000, "-r", 1, "--json").stdout)
        self.assertEqual({"yardstick_m_per_s", "platform", "cases"}, set(out))
        self.assertEqual(sorted(CASES), sorted(out["cases"]))
        for name, case in out["cases"].items():
            with self.subTest(name):
                self.assertEqual({"m_per_s", "share"}, set(case))
                self.assertGreater(case["m_per_s"], 0)
                self.assertAlmostEqual(case["share"], case["m_per_s"] / out["yardstick_m_per_s"])

    def test_the_cases_miss_as_often_as_they_say(self):
        text = run_well("bench", PLATFORM, "-n", 130000, "-r", 1).stdout
        rows = re.findall(r"^(\w+) +[\d.]+ +[\d.]+ +([\d.]+)% ", text, re.MULTILINE)
        self.assertEqual(CASES, [name for name, _ in rows])
        misses = {name: float(percent) for name, percent in rows}
        self.assertEqual(0.1, misses["atc_hit"])
        self.assertEqual(100.0, misses["fault_storm"])


if __name__ == "__main__":
    unittest.main()
