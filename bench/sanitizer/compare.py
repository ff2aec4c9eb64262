#!/usr/bin/env python3
"""What compute-sanitizer and our executor find on every broken fixture, check by check.

    bench/sanitizer/compare.py build/release/bin/kverify [--jobs 6] [--output FOLDER] [--only race]

Each tests/checks/<check>/bad_*.cu that the fuzz stage judges says on which lines which check must be broken; that the executor
finds all of it is a test of its own (ctest -L checks) and is repeated here. On the GPU, the stage `sanitizer` runs memcheck,
racecheck, initcheck and synccheck over the same launch. A marked line counts as found when a finding of that very check touches
it; `elsewhere` means that the tool said something else about the kernel. Needs a GPU, nvcc and compute-sanitizer.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

PATIENCE = 90  # seconds for one fixture under one tool: a sanitizer that hangs costs its own row


def read_fixture(path):
    lines = path.read_text().splitlines()
    words = lines[0].split()[2:] if lines and lines[0].startswith("// kverify:") else []
    head = dict(word.partition("=")[::2] for word in words)
    wanted = {}
    for number, line in enumerate(lines, 1):
        found = re.search(r"// expect: (.+)", line)
        for check in re.split(r"[,\s]+", found.group(1).strip()) if found else []:
            wanted.setdefault(check, set()).add(number)
    return head, words, wanted


def command_for(program, path, head, words, stage):
    command = [program, "audit", str(path), "--stages", stage, "--cases", "2", "--format", "json", "-q", "-j", "1", "--cuda-headers", "builtin",
               "--no-saved-cases", "--output", "/tmp/kverify-sanitizer", "--gpu-launch-limit", "3s"]
    if "contract" not in words:
        command += ["--block", head.get("block", "1"), "--grid", head.get("grid", "1")]
        if "shared" in head:
            command += ["--shared", head["shared"]]
        for key, value in head.items():
            if key.startswith("arg."):
                command += ["--arg", f"{key[4:]}={value}"]
        if head.get("kernel"):
            command += ["--kernel", head["kernel"]]
    if "target" in head:
        command += ["--target", head["target"]]
    return command


def patiently(command):
    """What the command prints. Out of patience, its whole session is killed: a sanitizer left behind would keep the pipe open."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True) as run:
        try:
            return run.communicate(timeout=PATIENCE)[0]
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
            raise


def findings(program, path, head, words, stage):
    """(check, line) pairs, and why nothing is known, if so."""
    try:
        kernel = json.loads(patiently(command_for(program, path, head, words, stage)))["kernels"][0]
    except (subprocess.TimeoutExpired, ValueError, KeyError, IndexError) as e:
        return set(), f"{type(e).__name__}"
    if kernel.get("error"):
        return set(), kernel["error"]["message"].splitlines()[0][:160]
    seen = {(f["check"], place["line"]) for f in kernel["findings"] for place in f["locations"]}
    unknown = [o for o in kernel["outcomes"] if o["stage"] == stage and o["outcome"] == "unknown"]
    problem = "" if seen or not unknown else str(unknown[0].get("reason", unknown[0].get("detail", "unknown")))[:160]
    return seen, problem


def judge(program, path, end):
    head, words, wanted = read_fixture(path)
    if time.monotonic() > end:
        return [{"check": check, "fixture": path.name, "ours": False, "sanitizer": False, "elsewhere": [], "problem": "not reached"}
                for check in sorted(wanted)]
    ours, _ = findings(program, path, head, words, "fuzz")
    theirs, problem = findings(program, path, head, words, "sanitizer")
    rows = []
    for check, lines in sorted(wanted.items()):
        rows.append({
            "check": check, "fixture": path.name,
            "ours": any(c == check and line in lines for c, line in ours),
            "sanitizer": any(c == check and line in lines for c, line in theirs),
            "elsewhere": sorted({c for c, _ in theirs if c != check}), "problem": problem,
        })
    return rows


def tableOf(rows):
    table = ["| check | marked in so many fixtures | executor | compute-sanitizer | it says something else | not run |", "| --- | --- | --- | --- | --- | --- |"]
    for check in sorted({row["check"] for row in rows}):
        of = [row for row in rows if row["check"] == check]
        table.append(f"| {check} | {len(of)} | {sum(r['ours'] for r in of)} | {sum(r['sanitizer'] for r in of)} | "
                     f"{sum(bool(r['elsewhere']) and not r['sanitizer'] for r in of)} | {sum(bool(r['problem']) for r in of)} |")
    return "\n".join(table) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--output", default="out/sanitizer")
    parser.add_argument("--only", default="", help="folders whose name starts with one of these, separated by commas")
    parser.add_argument("--seconds", type=float, default=1e9, help="fixtures that were not begun by then are not run")
    args = parser.parse_args()
    end = time.monotonic() + args.seconds
    root = pathlib.Path(__file__).resolve().parents[2] / "tests" / "checks"
    fixtures = []
    for path in sorted(root.glob("*/bad*.cu")):
        head, words, wanted = read_fixture(path)
        if path.parent.name.startswith(tuple(args.only.split(","))) and wanted and "fuzz" in head.get("stages", "fuzz"):
            fixtures.append(path)
    out = pathlib.Path(args.output)
    out.mkdir(parents=True, exist_ok=True)
    rows, order = [], {path: i for i, path in enumerate(fixtures)}
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        running = {pool.submit(judge, args.program, path, end): path for path in fixtures}
        for done in concurrent.futures.as_completed(running):
            rows += [(order[running[done]], row) for row in done.result()]
            # After each fixture: a run that is cut off keeps what it has.
            (out / "rows.json").write_text(json.dumps([row for _, row in sorted(rows, key=lambda r: r[0])], indent=1))
            (out / "table.md").write_text(tableOf([row for _, row in rows]))
    rows = [row for _, row in rows]
    print(tableOf(rows))
    print(f"{len(fixtures)} fixtures; executor {sum(r['ours'] for r in rows)}, compute-sanitizer {sum(r['sanitizer'] for r in rows)} "
          f"of {len(rows)} marked checks")
    sys.exit(0 if rows and all(not r["problem"] for r in rows) else 1)


if __name__ == "__main__":
    main()
