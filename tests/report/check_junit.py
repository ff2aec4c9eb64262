#!/usr/bin/env python3
"""A JUnit file against our own schema of what Jenkins and GitLab take (junit.xsd), and read by junitparser.

Exit code 77: neither xmllint nor junitparser is here, nothing was checked.

usage: check_junit.py FILE...
"""
import os
import shutil
import subprocess
import sys

NOT_RUN = 77
XSD = os.path.join(os.path.dirname(os.path.abspath(__file__)), "junit.xsd")


def check_schema(path):
    run = subprocess.run(["xmllint", "--noout", "--nonet", "--schema", XSD, path], capture_output=True, text=True)
    return [] if run.returncode == 0 else run.stderr.splitlines()


def check_reader(path):
    """What a reader sees: as many suites, failures and errors as the file says, and no case skipped."""
    import junitparser

    wrong = []
    read = junitparser.JUnitXml.fromfile(path)
    tests = failures = errors = 0
    for suite in read:
        for case in suite:
            tests += 1
            kinds = [type(result).__name__ for result in case.result]
            failures += "Failure" in kinds
            errors += "Error" in kinds
            if "Skipped" in kinds:
                wrong.append(f"{path}: {case.name} is skipped")
            if not case.name or not case.classname:
                wrong.append(f"{path}: a case without a name or a class")
    for said, seen in (("tests", tests), ("failures", failures), ("errors", errors)):
        if getattr(read, said) != seen:
            wrong.append(f"{path}: says {getattr(read, said)} {said}, a reader sees {seen}")
    if tests == 0:
        wrong.append(f"{path}: a reader sees no case")
    return wrong


def main():
    checks = []
    if shutil.which("xmllint"):
        checks.append(check_schema)
    try:
        import junitparser  # noqa: F401

        checks.append(check_reader)
    except ImportError:
        pass
    if not checks:
        print("not run: apt-get install libxml2-utils python3-junitparser")
        return NOT_RUN
    wrong = [line for path in sys.argv[1:] for check in checks for line in check(path)]
    print("\n".join(wrong))
    print(f"{len(sys.argv) - 1} files, {len(checks)} readers, {len(wrong)} complaints")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
