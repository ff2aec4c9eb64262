#!/usr/bin/env python3
"""Audits the corpus kernel by kernel: what each verdict costs, and whether every counterexample replays.

usage: bench/corpus/corpus.py KVERIFY [--kernels DIR] [--wrong] [--only TEXT] [-- FLAGS of kverify audit]

KVERIFY is the built program. Without --wrong: the kernels of DIR that are to be certified, each from a cold cache and without
saved cases. With --wrong: those of DIR/wrong, which are to be refuted; every replay file is run again by `kverify replay`.
Seconds of the whole command, compiling included: on the wall, and of the processors (user and system), which do not depend on
what else the machine does. The exit status is 1 where a verdict is not the one that is due or a replay differs.
"""
import argparse
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time


def spent():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def audit(kverify, kernel, scratch, flags):
    """(seconds, processor seconds, report of the kernel)."""
    command = [kverify, "audit", str(kernel), "--cuda-headers", "builtin", "--format", "json", "--quiet", "--no-saved-cases",
               "--output", os.path.join(scratch, "out"), *flags]
    environment = dict(os.environ, XDG_CACHE_HOME=scratch)
    before, start = spent(), time.monotonic()
    run = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    seconds = time.monotonic() - start
    if not run.stdout:
        sys.exit(f"{' '.join(command)} failed: {run.stderr}")
    kernels = json.loads(run.stdout)["kernels"]
    if len(kernels) != 1:
        sys.exit(f"{kernel}: one kernel was expected, {len(kernels)} came")
    return seconds, spent() - before, kernels[0]


def field(report):
    """What the finite field said of the algebra."""
    for one in report["outcomes"]:
        if one["check"] == "algebra.mismatch":
            return f"equal, {one['cases']} runs" if one["outcome"] == "tested" else f"{one['reason']} {one['detail']}"
    return "not evaluated"


def kill_score(report):
    """Wrong results and the kernel's own mutants that the oracle rejects; mutants it cannot tell apart are no wrong results."""
    adequacy = report.get("adequacy")
    if not adequacy:
        return "-"
    mutants = adequacy.get("mutants") or {}
    text = f"{adequacy['rejected']}/{adequacy['total']}"
    if mutants:
        text += f" + {mutants['rejected']}/{mutants['total']}"
    return text


def cases(report):
    search = report.get("search") or {}
    stress = (report.get("stability") or {}).get("cases") or []
    return f"{search.get('drawn', 0)} + {search.get('guided', 0)} + {len(stress)}"


def certified_row(name, seconds, processor, report):
    print(f"| {name} | {report['verdict']} | {seconds:.1f} | {processor:.1f} | {cases(report)} | {kill_score(report)} | "
          f"{field(report)} |", flush=True)
    return report["verdict"] == "certified"


def wrong_row(kverify, name, seconds, processor, report):
    found = [one for one in report["findings"] if one["confirmed"] and one["replay"]]
    same = 0
    for one in found:
        run = subprocess.run([kverify, "replay", one["replay"]], capture_output=True, text=True, check=False)
        same += run.returncode == 1 and run.stdout.rstrip().endswith("reproduced, bit for bit")
    checks = ", ".join(sorted({f"`{one['check']}`" for one in found}))
    first = found[0]["launch"] if found else "-"
    print(f"| {name} | {report['verdict']} | {checks} | {first} | {same} of {len(found)} | {seconds:.1f} | {processor:.1f} |",
          flush=True)
    return report["verdict"] == "refuted" and found and same == len(found)


def kernels_below(folder, wrong, only):
    pattern = "wrong/*/kernel.cu" if wrong else "*/*/kernel.cu"
    found = sorted(path.parent for path in pathlib.Path(folder).glob(pattern))
    return [path for path in found if (wrong or path.parent.name != "wrong") and only in str(path)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kverify")
    parser.add_argument("--kernels", default="kernels", help="folder of the corpus")
    parser.add_argument("--wrong", action="store_true", help="the kernels that are to be refuted")
    parser.add_argument("--only", default="", metavar="TEXT", help="only those with TEXT in their path")
    # Pythons differ in what they make of "--" behind a positional: what follows it is not argparse's.
    words = sys.argv[1:]
    cut = words.index("--") if "--" in words else len(words)
    options = parser.parse_args(words[:cut])
    options.flags = words[cut + 1:]
    kverify = os.path.abspath(options.kverify)
    chosen = kernels_below(options.kernels, options.wrong, options.only)
    if not chosen:
        sys.exit(f"there is no such kernel below '{options.kernels}'")
    if options.wrong:
        print("| kernel | verdict | refuted by | falsifying launch | replays | wall, s | CPU, s |")
        print("| --- | --- | --- | --- | --- | --- | --- |")
    else:
        print("| kernel | verdict | wall, s | CPU, s | cases: drawn + guided + stress | wrong results + own mutants rejected | field |")
        print("| --- | --- | --- | --- | --- | --- | --- |")
    as_due = True
    for kernel in chosen:
        with tempfile.TemporaryDirectory() as scratch:
            seconds, processor, report = audit(kverify, kernel, scratch, options.flags)
            name = f"{kernel.parent.name}/{kernel.name}"
            row = (wrong_row(kverify, kernel.name, seconds, processor, report) if options.wrong
                   else certified_row(name, seconds, processor, report))
            as_due = as_due and row
    sys.exit(0 if as_due else 1)


if __name__ == "__main__":
    main()
