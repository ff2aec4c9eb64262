#!/usr/bin/env python3
"""Mutants of every kernel of the corpus: how many are killed, by whom, and who survives.

    bench/mutation/mutation.py [kernels] [--kverify build/release/bin/kverify] [--sample N] [--stages fuzz,formal] [--json FILE]

Prints a table a kernel, a table an operator, and the survivors with their lines. Exit 0: at least the goal was killed.
"""
import argparse
import collections
import json
import pathlib
import subprocess
import sys

GOAL = 0.99
FATES = ("killed", "survived", "equivalent", "unjudged")


def sources(paths):
    for path in map(pathlib.Path, paths):
        found = sorted(path.rglob("*.cu")) if path.is_dir() else [path]
        yield from (one for one in found if "wrong" not in one.parts)


def judged(source, options):
    """The kernel's entry of the JSON report."""
    command = [options.kverify, "mutate", str(source), "--format", "json", "--quiet", "--stages", options.stages,
               "--cases", str(options.cases)]
    if options.sample:
        command += ["--sample", str(options.sample)]
    if options.jobs:
        command += ["--jobs", str(options.jobs)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        return json.loads(done.stdout)["kernels"][0]
    except (json.JSONDecodeError, KeyError, IndexError):
        return {"file": str(source), "error": (done.stderr.strip() or "no report").splitlines()[-1]}


def percent(killed, others):
    return "-" if others == 0 else f"{100 * killed / others:.1f} %"


def kernel_table(kernels):
    yield "| kernel | mutants | killed | survived | equivalent | unjudged | killed of others | s |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    total = collections.Counter()
    seconds = 0.0
    for kernel in kernels:
        name = str(pathlib.Path(kernel["file"]).parent)
        if kernel["error"]:
            yield f"| {name} | - | - | - | - | - | {kernel['error']} | - |"
            continue
        counts = kernel["counts"]
        total.update(counts)
        seconds += kernel["seconds"]
        row = " | ".join(str(counts[fate]) for fate in FATES)
        yield (f"| {name} | {counts['mutants']} | {row} | "
               f"{percent(counts['killed'], counts['mutants'] - counts['equivalent'])} | {kernel['seconds']:.0f} |")
    row = " | ".join(str(total[fate]) for fate in FATES)
    yield f"| all | {total['mutants']} | {row} | {percent(total['killed'], total['mutants'] - total['equivalent'])} | {seconds:.0f} |"


def operator_table(mutants):
    yield "| operator | mutants | killed | survived | equivalent | unjudged | killed of others |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    rows = collections.defaultdict(collections.Counter)
    for mutant in mutants:
        rows[mutant["operator"]][mutant["fate"]] += 1
    for name, row in sorted(rows.items()):
        count = sum(row.values())
        yield (f"| {name} | {count} | " + " | ".join(str(row[fate]) for fate in FATES) +
               f" | {percent(row['killed'], count - row['equivalent'])} |")


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", default=["kernels"])
    parser.add_argument("--kverify", default="build/release/bin/kverify")
    parser.add_argument("--stages", default="fuzz")
    parser.add_argument("--cases", type=int, default=36)
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=0)
    parser.add_argument("--json", type=pathlib.Path, help="everything, for looking closer")
    options = parser.parse_args(arguments)
    kernels = []
    for source in sources(options.paths):
        kernels.append(judged(source, options))
        print(f"{source}: {kernels[-1].get('counts') or kernels[-1]['error']}", file=sys.stderr, flush=True)
    if options.json:
        options.json.write_text(json.dumps(kernels, indent=1))
    print("\n".join(kernel_table(kernels)))
    mutants = [mutant for kernel in kernels if not kernel["error"] for mutant in kernel["mutants"]]
    print("\n" + "\n".join(operator_table(mutants)) + "\n")
    killers = collections.Counter(f"{one['stage']} {one['check']}" for one in mutants if one["fate"] == "killed")
    print("killed by: " + ", ".join(f"{name} {count}" for name, count in killers.most_common()) + "\n")
    for one in mutants:
        if one["fate"] in ("survived", "unjudged"):
            print(f"{one['fate']}: {one['file']}:{one['line']}:{one['column']} {one['operator']}: {one['change']}"
                  f"{' (' + one['detail'] + ')' if one['detail'] else ''}")
    others = sum(one["fate"] != "equivalent" for one in mutants)
    killed = sum(one["fate"] == "killed" for one in mutants)
    return 0 if others and killed >= GOAL * others and not any(kernel["error"] for kernel in kernels) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
