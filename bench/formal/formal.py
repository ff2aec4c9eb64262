#!/usr/bin/env python3
"""What the formal stage costs: each kernel of the corpus from cold, from the cache, and its queries by Z3 and by cvc5.

usage: bench/formal/formal.py KVERIFY [--kernels DIR] [--rounds N]

KVERIFY is the built program. Wall-clock seconds of the whole command, compiling included, and what it took of the
processors; the median of the rounds.
The solvers' columns sum the time of all of a kernel's proved queries, as one thread would need it: Z3 inside kverify
with its lemmas made and its terms built, cvc5 as a program on the same SMT-LIB text, its start included.
"""
import argparse
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time


def audit(kverify, kernel, cache, *more):
    """One audit by proofs alone: (seconds, processor seconds, the kernel's report)."""
    command = [kverify, "audit", str(kernel), "--stages", "formal", "--format", "json", "--quiet", "--output",
               os.path.join(cache, "out"), *more]
    environment = dict(os.environ, XDG_CACHE_HOME=cache)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    run = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    seconds = time.monotonic() - start
    if run.returncode == 2 or not run.stdout:
        sys.exit(f"{' '.join(command)} failed: {run.stderr}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, processor, json.loads(run.stdout)["kernels"][0]


def cvc5_on(folder):
    """(seconds, queries, how many it answered unsat, how many sat)."""
    seconds, answers = 0.0, []
    for query in sorted(pathlib.Path(folder).glob("*.smt2")):
        text = "(set-logic QF_LIA)\n" + query.read_text()
        start = time.monotonic()
        run = subprocess.run(["cvc5", "--lang=smt2", "--tlimit=10000"], input=text, capture_output=True, text=True,
                             check=False)
        seconds += time.monotonic() - start
        answers.append(run.stdout.strip().split("\n")[0])
    return seconds, len(answers), answers.count("unsat"), answers.count("sat")


def row(kverify, kernel, rounds):
    cold, processor, cached, solver = [], [], [], []
    with tempfile.TemporaryDirectory() as scratch:
        for number in range(rounds):
            cache = os.path.join(scratch, str(number))
            seconds, spent, report = audit(kverify, kernel, cache)
            cold.append(seconds)
            processor.append(spent)
            solver.append(sum(one["seconds"] for one in report["outcomes"]))
            cached.append(audit(kverify, kernel, cache)[0])
        questions = os.path.join(scratch, "questions")
        audit(kverify, kernel, os.path.join(scratch, "dump"), "--no-cache", "--dump-smt2", questions)
        cvc5 = cvc5_on(questions)
    proved = sum(one["outcome"] == "proved" for one in report["outcomes"])
    open_ones = [one["check"] for one in report["outcomes"] if one["outcome"] != "proved"]
    return {"kernel": f"{kernel.parent.name}/{kernel.name}", "proved": f"{proved} of {proved + len(open_ones)}",
            "cold": statistics.median(cold), "processor": statistics.median(processor),
            "cached": statistics.median(cached), "z3": statistics.median(solver),
            "cvc5": cvc5, "open": open_ones}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kverify")
    parser.add_argument("--kernels", default="kernels", help="folder of the corpus")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    kernels = sorted(path.parent for path in pathlib.Path(options.kernels).glob("*/*/kernel.cu"))
    if not kernels:
        sys.exit(f"there is no */*/kernel.cu below '{options.kernels}'")
    print("| kernel | checks proved | cold, s | of processors | cached, s | Z3, s | cvc5, s | queries | cvc5 agrees |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    disagreements = 0
    for kernel in kernels:
        one = row(os.path.abspath(options.kverify), kernel, options.rounds)
        seconds, queries, unsat, sat = one["cvc5"]
        print(f"| {one['kernel']} | {one['proved']} | {one['cold']:.2f} | {one['processor']:.2f} | {one['cached']:.2f} | {one['z3']:.2f} | "
              f"{seconds:.2f} | {queries} | {unsat} |", flush=True)
        for check in one["open"]:
            print(f"  open: {check}", file=sys.stderr)
        disagreements += sat if not one["open"] else 0
    print(f"\nqueries that cvc5 calls satisfiable where kverify proved all: {disagreements} (the first query of each "
          "launch asks whether the contract can be satisfied at all, and is not dumped)", file=sys.stderr)


if __name__ == "__main__":
    main()
