"""`svasim schema` is draft-07 and agrees with the program on the files that come with it."""

import json
import unittest

import jsonschema

import svasim_program
from svasim_program import REPOSITORY

# Broken in one place each; `svasim` refuses them too (tests/platform/errors).
BAD_PLATFORMS = [
    {"nmae": "a"},
    {"smmu": {"tbu": {"slot": 8}}},
    {"smmu": {"tbu": {"clock": 1000}}},
    {"smmu": {"tbu": {"clock": "1ns"}}},
    {"smmu": {"tcu": {"walk_slots": 0}}},
    {"smmu": {"tbu": {"main_tlb": {"policy": "lfu"}}}},
    {"device": {"dma": {"mode": 1}}},
]


class Schema(unittest.TestCase):
    def validator(self, of):
        schema = json.loads(svasim_program.run_well("schema", of).stdout)
        self.assertEqual(schema["$schema"].rstrip("#"), "http://json-schema.org/draft-07/schema")
        jsonschema.Draft7Validator.check_schema(schema)
        return jsonschema.Draft7Validator(schema)

    def accepts_all_of(self, of, folder, pattern="*.json"):
        validator = self.validator(of)
        sva = of == "workload"  # SVA workloads have a schema of their own
        files = sorted(f for f in (REPOSITORY / folder).glob(pattern)
                       if not f.name.endswith(".schema.json")
                       and not (sva and f.name.startswith("sva_")))
        self.assertTrue(files)
        for file in files:
            with self.subTest(file.name):
                document = json.loads(file.read_text(encoding="utf-8"))
                self.assertEqual([e.message for e in validator.iter_errors(document)], [])

    def test_every_platform_file_fits_the_schema(self):
        self.accepts_all_of("platform", "platforms")

    def test_every_workload_file_fits_the_schema(self):
        self.accepts_all_of("workload", "workloads")

    def test_every_sva_workload_file_fits_the_schema_of_its_own(self):
        self.accepts_all_of("sva", "workloads", "sva_*.json")

    def test_the_schema_of_sva_workloads_refuses_what_is_broken(self):
        validator = self.validator("sva")
        for document in ({"kind": "sva", "process": 4}, {"kind": "zipf"}, {"queue_depth": 0},
                         {"buffer": 4096}, {"end": "never"}):
            with self.subTest(document):
                self.assertFalse(validator.is_valid(document))

    def test_every_platform_file_is_good_to_the_program(self):
        for file in sorted((REPOSITORY / "platforms").glob("*.json")):
            if file.name.endswith(".schema.json"):
                continue
            with self.subTest(file.name):
                svasim_program.run_well("platform", "check", file)

    def test_the_schema_refuses_what_is_broken(self):
        validator = self.validator("platform")
        for document in BAD_PLATFORMS:
            with self.subTest(document):
                self.assertFalse(validator.is_valid(document))

    def test_the_schema_takes_a_value_with_its_source_and_an_include(self):
        validator = self.validator("platform")
        self.assertTrue(validator.is_valid(
            {"$include": ["parts/a.json"],
             "smmu": {"tbu": {"slots": {"value": 8, "source": "TRM"}}}}))


if __name__ == "__main__":
    unittest.main()
