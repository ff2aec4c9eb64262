#!/usr/bin/env python3
"""Mutants of every kernel of the corpus: how many are killed, by which stage, and who survives.

    bench/mutation/mutation.py [kernels] [--kverify build/release/bin/kverify] [--stages fuzz,stability] [--json FILE]
                               [--sample N] [--jobs N]

Prints a table a kernel, a table an operator, and every mutant that was neither killed nor proved equivalent, with its line.
With --json an earlier run that was cut off goes on where it stopped. Exit 0: at least the goal was killed of the mutants
that are another function.
"""
import argparse
import collections
import json
import pathlib
import resource
import subprocess
import sys

GOAL = 0.99
FATES = ("killed", "survived", "equivalent", "same_function", "unjudged")
STAGES = ("cases", "properties", "algebra", "stability", "formal")


def sources(paths):
    for path in map(pathlib.Path, paths):
        found = sorted(path.rglob("*.cu")) if path.is_dir() else [path]
        yield from (one for one in found if "wrong" not in one.parts)


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def judged(source, options):
    """The kernel's entry of the JSON report, and what it cost."""
    command = [options.kverify, "mutate", str(source), "--format", "json", "--quiet", "--stages", options.stages,
               "--cases", str(options.cases)]
    if options.sample:
        command += ["--sample", str(options.sample)]
    if options.jobs:
        command += ["--jobs", str(options.jobs)]
    before = cpu_seconds()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        kernel = json.loads(done.stdout)["kernels"][0]
    except (json.JSONDecodeError, KeyError, IndexError):
        kernel = {"file": str(source), "error": (done.stderr.strip() or "no report").splitlines()[-1]}
    kernel["cpu_seconds"] = cpu_seconds() - before
    return kernel


def percent(killed, others):
    return "-" if others == 0 else f"{100 * killed / others:.1f} %"


def scores(counts):
    """Of all that are no proven equivalents, and of those the other functions."""
    others = counts["mutants"] - counts["equivalent"]
    return f"{percent(counts['killed'], others)} | {percent(counts['killed'], others - counts['same_function'])}"


def kernel_table(kernels):
    yield "| kernel | mutants | killed | survived | equivalent | same function | unjudged | killed of all others | of other functions | CPU, s |"
    yield "| --- |" + " --- |" * 9
    total = collections.Counter()
    seconds = 0.0
    for kernel in kernels:
        name = str(pathlib.Path(kernel["file"]).parent).removeprefix("kernels/")
        if kernel["error"]:
            yield f"| {name} |" + " - |" * 6 + f" {kernel['error']} | - | - |"
            continue
        counts = kernel["counts"]
        total.update(counts)
        seconds += kernel["cpu_seconds"]
        row = " | ".join(str(counts[fate]) for fate in FATES)
        yield f"| {name} | {counts['mutants']} | {row} | {scores(counts)} | {kernel['cpu_seconds']:.0f} |"
    row = " | ".join(str(total[fate]) for fate in FATES)
    yield f"| all | {total['mutants']} | {row} | {scores(total)} | {seconds:.0f} |"


def operator_table(mutants):
    yield "| operator | mutants | killed | survived | equivalent | same function | unjudged | killed of all others | of other functions |"
    yield "| --- |" + " --- |" * 8
    rows = collections.defaultdict(collections.Counter)
    for mutant in mutants:
        rows[mutant["operator"]].update([mutant["fate"].replace("-", "_"), "mutants"])
    for name, row in sorted(rows.items()):
        yield f"| {name} | {row['mutants']} | " + " | ".join(str(row[fate]) for fate in FATES) + f" | {scores(row)} |"


def stage_line(kernels):
    by = collections.Counter()
    for kernel in kernels:
        if not kernel["error"]:
            by.update(kernel["killed_by"] or {})
    return "killed by: " + ", ".join(f"{stage} {by[stage]}" for stage in STAGES)


def source_line(mutant):
    try:
        return pathlib.Path(mutant["file"]).read_text().splitlines()[mutant["line"] - 1].strip()
    except (OSError, IndexError):
        return ""


def arguments_of(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", default=["kernels"])
    parser.add_argument("--kverify", default="build/release/bin/kverify")
    parser.add_argument("--stages", default="fuzz,stability")
    parser.add_argument("--cases", type=int, default=36)
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=0)
    parser.add_argument("--json", type=pathlib.Path, help="everything, written after each kernel")
    return parser.parse_args(argv)


def main(argv):
    options = arguments_of(argv)
    known = {}
    if options.json and options.json.exists():
        known = {kernel["file"]: kernel for kernel in json.loads(options.json.read_text())}
    kernels = []
    for source in sources(options.paths):
        kernels.append(known.get(str(source)) or judged(source, options))
        print(f"{source}: {kernels[-1].get('counts') or kernels[-1]['error']}", file=sys.stderr, flush=True)
        if options.json:
            options.json.write_text(json.dumps(kernels, indent=1))
    print("\n".join(kernel_table(kernels)))
    mutants = [mutant for kernel in kernels if not kernel["error"] for mutant in kernel["mutants"]]
    print("\n" + "\n".join(operator_table(mutants)) + "\n\n" + stage_line(kernels) + "\n")
    for one in mutants:
        if one["fate"] not in ("killed", "equivalent"):
            print(f"{one['fate']}: {one['file']}:{one['line']}:{one['column']} {one['operator']}: {one['change']}\n"
                  f"    {source_line(one)}\n    = {one['detail']}")
    count = collections.Counter(one["fate"] for one in mutants)
    others = len(mutants) - count["equivalent"] - count["same-function"]
    met = others and count["killed"] >= GOAL * others and not any(kernel["error"] for kernel in kernels)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
