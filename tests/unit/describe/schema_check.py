"""Checks a JSON schema against documents: schema_check.py SCHEMA DOCUMENTS.

DOCUMENTS is a JSON list. Prints one line: "ok" or "no" for each document, in order.
Fails when the schema is no valid draft-07 schema.
"""

import json
import sys

import jsonschema

with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
with open(sys.argv[2], encoding="utf-8") as file:
    documents = json.load(file)
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)
print(" ".join("ok" if validator.is_valid(d) else "no" for d in documents))
