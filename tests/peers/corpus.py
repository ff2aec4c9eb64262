#!/usr/bin/env python3
"""Runs `kverify audit` over a folder of kernels that nobody wrote for us, and counts how far each gets.

    tests/peers/corpus.py DIR [--kverify PATH] [--stages LIST] [--only TEXT] [--sample N] [--jobs N] [--timeout S]
                              [--journal FILE] [--budget S] [--json FILE] [--faults FILE] [--flag=-I...] [--audit=--quick]

Every .cu file and every Python file with CUDA in it is audited in a process of its own, without a contract and without flags:
kverify finds the texts, the instantiations and, where it can, the launch. GPUVerify's tests keep the flags of their second
line. Nothing of what is read is part of this project.

The table: parsed (to device IR), with host code left out, launch found, executed; each stage's outcomes; seconds; then the
reasons of what is unknown, counted, and of every file that did not parse its reason. --faults names a table of files that are
wrong themselves (file, tab, why): nvcc refuses them too. A file that gives no answer in time is asked once more whether it parses.

Files come in the order of their contents' hashes, so that whatever part is done is a fair sample of the whole. --journal keeps
every row as soon as it is there: the same command goes on from it. --budget ends the run in time (0: only the table of what the
journal has), and the table says how many of the files it covers.
Exit 0 when every file parsed but those, 1 when others did not, 2 for wrong usage.
"""
import argparse
import collections
import concurrent.futures
import dataclasses
import hashlib
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import gpuverify  # noqa: E402

NO_ANSWER = "no answer"


@dataclasses.dataclass(frozen=True)
class Source:
    """What one process audits."""
    name: str        # relative to the folder
    path: pathlib.Path
    flags: tuple = ()
    text: str = ""   # of an adapted file: what is audited in its place


@dataclasses.dataclass
class Row:
    name: str
    kernels: int = 0
    parsed: bool = False
    left_out: list = dataclasses.field(default_factory=list)  # notes on host code
    writes_launch: bool = False  # some text of it has a launch at all
    launched: bool = False
    executed: bool = False
    outcomes: dict = dataclasses.field(default_factory=dict)  # "stage outcome": number of checks
    unknown: list = dataclasses.field(default_factory=list)   # "stage: reason"
    facts: list = dataclasses.field(default_factory=list)     # of the host that checks miss
    host_runs: list = dataclasses.field(default_factory=list)  # what running the host code said of following it
    refuted: list = dataclasses.field(default_factory=list)   # checks
    findings: list = dataclasses.field(default_factory=list)  # of those checks: [check, line, message]
    seconds: float = 0.0
    error: str = ""
    digest: str = ""                                          # of the file and of how it was audited


def of_gpuverify(name, path, text):
    """One of GPUVerify's tests as gpuverify.py compiles it; None for other files."""
    try:
        test = gpuverify.parse(path.name, text)
    except gpuverify.BadTest:
        return None
    flags = ("-include", str(HERE / "gpuverify_ignored.h"), "-include", str(HERE / "gpuverify.h"),
             "-I", str(HERE.parent.parent / "include"), "-I", str(path.parent), *test.flags)
    if "cooperative groups" in test.kinds:
        flags = ("-include", "cooperative_groups.h", *flags)
    return Source(name, path, flags, gpuverify.in_cuda(gpuverify.without_comments(text))[0])


def collect(folder, only=""):
    sources = []
    for path in sorted(folder.rglob("*")) if folder.is_dir() else [folder]:
        if path.suffix not in (".cu", ".py") or only not in str(path) or not path.is_file():
            continue
        name = str(path.relative_to(folder)) if folder.is_dir() else path.name
        text = path.read_text(errors="replace")
        if path.suffix == ".py" and "__global__" not in text:
            continue
        sources.append((of_gpuverify(name, path, text) if path.suffix == ".cu" else None) or Source(name, path))
    return sorted(sources, key=lambda source: hashlib.sha256(source.path.read_bytes()).hexdigest())


def first_line(message):
    """Of clang's text the first error; of others the first line."""
    lines = message.strip().splitlines() or [""]
    return next((line for line in lines if "error:" in line), lines[0])[:300]


def launched(kernel):
    """Did a stage that needs a launch have one? Where the host code shows none, all that it says is "host fact"."""
    return any(one["stage"] in ("fuzz", "formal") and one["reason"] != "host fact" for one in kernel["outcomes"])


HOST_RUNS = {"on the CPU launched what following it says": "as followed", "and not confirmed by a run": "not confirmed",
             "running it on the CPU differ": "another than followed", "its launches were caught, not followed": "launches caught"}


def read_report(row, report):
    """Fills the row from one report of kverify's."""
    kernels = report["kernels"]
    errors = [kernel["error"] for kernel in kernels if kernel["error"]]
    broken = [error for error in errors if error["kind"] in ("compile", "input", "internal", "environment", "limit")]
    row.kernels = len(kernels)
    row.parsed = bool(kernels) and not broken
    row.launched = bool(kernels) and not errors and all(launched(kernel) for kernel in kernels)
    if errors:
        row.error = first_line((broken or errors)[0]["message"])
    counts = collections.Counter()
    for kernel in kernels:
        texts = kernel["notes"] + kernel.get("assumptions", [])
        row.host_runs += sorted({said for words, said in HOST_RUNS.items() if any(words in text for text in texts)})
        row.left_out += [note for note in kernel["notes"] + kernel.get("profile", []) if "was left out" in note]
        for one in kernel["outcomes"]:
            counts[f"{one['stage']} {one['outcome']}"] += 1
            if one["outcome"] == "unknown":
                row.unknown.append(f"{one['stage']}: {one['reason'] or 'no reason'}")
                if one["reason"] == "host fact":
                    row.facts.append(one.get("detail", ""))
            if one["outcome"] == "refuted":
                row.refuted.append(one["check"])
            row.executed |= one["stage"] == "fuzz" and one["outcome"] in ("tested", "refuted")
    row.outcomes = dict(counts)
    for finding in (one for kernel in kernels for one in kernel.get("findings", []) if one["check"] in row.refuted):
        lines = [where["line"] for where in finding["locations"]]
        row.findings.append([finding["check"], lines[0] if lines else 0, finding["message"]])


def digest_of(source, options):
    """Names one audit: other bytes, flags or stages are another."""
    how = [str(source.path), source.text, *source.flags, options.stages, *options.audit, *options.flag]
    return hashlib.sha256("\0".join(how).encode() + source.path.read_bytes()).hexdigest()[:16]


def run(source, options):
    row = answer(source, options, options.stages)
    if row.error.startswith(NO_ANSWER) and options.stages != "static":
        row.parsed = answer(source, options, "static").parsed
    row.digest = digest_of(source, options)
    return row


def answer(source, options, stages):
    text = source.path.read_text(errors="replace")
    row = Row(source.name, writes_launch="<<<" in text or "cudaLaunch" in text)
    with tempfile.TemporaryDirectory() as out:
        path = source.path
        if source.text:
            path = pathlib.Path(out, hashlib.sha256(source.text.encode()).hexdigest()[:12] + ".cu")
            path.write_text(source.text)
        flags = [*source.flags, *options.flag]
        command = [options.kverify, "audit", str(path), "--stages", stages, "--format", "json", "--quiet", "--jobs", "1",
                   "--output", out, *options.audit, *(["--", *flags] if flags else [])]
        begin = time.monotonic()
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=options.timeout)
        except subprocess.TimeoutExpired:
            row.error, row.seconds = f"{NO_ANSWER} in {options.timeout} s", float(options.timeout)
            return row
        row.seconds = time.monotonic() - begin
    try:
        read_report(row, json.loads(done.stdout))
    except json.JSONDecodeError:
        row.error = first_line(done.stderr or "no report")
    return row


def share(part, whole):
    return f"{part} ({100 * part / whole:.1f} %)" if whole else "0"


def read_journal(path):
    """{digest: row}; a line that a kill cut off is left out."""
    rows = {}
    for line in path.read_text().splitlines() if path and path.exists() else []:
        try:
            row = Row(**json.loads(line))
        except (json.JSONDecodeError, TypeError):
            continue
        rows[row.digest] = row
    return rows


def run_all(sources, options):
    """The rows that there are when the budget ends, in the order of the sources."""
    known = read_journal(options.journal)
    done = {source.name: known[digest] for source in sources if (digest := digest_of(source, options)) in known}
    deadline = time.monotonic() + options.budget if options.budget is not None else float("inf")
    lock = threading.Lock()

    def judge(source):
        if time.monotonic() >= deadline:
            return
        row = run(source, options)
        with lock:
            done[source.name] = row
            if options.journal:
                with options.journal.open("a") as file:  # the line break first: a kill may have cut the last row off
                    file.write("\n" + json.dumps(dataclasses.asdict(row)))
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        list(pool.map(judge, [source for source in sources if source.name not in done]))
    return [done[source.name] for source in sources if source.name in done]


def part_of_whole(what, rows):
    """The same shares, of those that could have had them."""
    return [f"| {what} | {len(rows)} |",
            f"| of those, every launch found | {share(sum(row.launched for row in rows), len(rows))} |",
            f"| of those, executed | {share(sum(row.executed for row in rows), len(rows))} |"] if rows else []


def table(rows, faults, whole=None):
    """Lines of Markdown; `whole` is how many files the corpus has, where not all were judged."""
    faults = {**{row.name: "not Python" for row in rows if "this is not Python" in row.error}, **faults}
    own = [row for row in rows if row.name not in faults]
    parsed = [row for row in rows if row.parsed]
    times = [row.seconds for row in rows]
    lines = ["| | files |", "| --- | --- |", f"| in the corpus | {whole or len(rows)} |",
             *([f"| judged, in the order of their hashes | {share(len(rows), whole)} |"] if whole and whole != len(rows) else []),
             f"| parsed | {share(len(parsed), len(rows))} |",
             f"| parsed, of those that are no fault of their own | {share(sum(row.parsed for row in own), len(own))} |",
             f"| parsed, with host code left out | {share(sum(bool(row.left_out) for row in parsed), len(rows))} |",
             f"| launch found | {share(sum(row.launched for row in rows), len(rows))} |",
             f"| executed | {share(sum(row.executed for row in rows), len(rows))} |",
             *part_of_whole("no fault of their own, and a launch is written in them", [row for row in own if row.writes_launch]),
             f"| refuted | {share(sum(bool(row.refuted) for row in rows), len(rows))} |",
             f"| seconds a file: median, largest, all | {statistics.median(times):.2f}, {max(times):.2f}, {sum(times):.0f} |"]
    outcomes = collections.Counter()
    unknown = collections.Counter()
    refuted = collections.Counter()
    for row in rows:
        refuted.update(set(row.refuted))
        outcomes.update(row.outcomes)
        unknown.update(set(row.unknown))
    if outcomes:
        lines += ["", "| stage and outcome | checks |", "| --- | --- |"]
        lines += [f"| {name} | {outcomes[name]} |" for name in sorted(outcomes)]
    if refuted:
        lines += ["", "| refuted | files |", "| --- | --- |"]
        lines += [f"| {check} | {count} |" for check, count in refuted.most_common()]
    if unknown:
        lines += ["", "| unknown, and why | files |", "| --- | --- |"]
        lines += [f"| {reason} | {count} |" for reason, count in unknown.most_common()]
    runs = collections.Counter(said for row in rows for said in set(row.host_runs))
    if runs:
        lines += ["", "| host code, run on the CPU: on some way | files |", "| --- | --- |"]
        lines += [f"| {said} | {count} |" for said, count in runs.most_common()]
    failed = [row for row in rows if not row.parsed]
    if failed:
        lines += ["", "| not parsed | why | fault of |", "| --- | --- | --- |"]
        lines += [f"| {row.name} | {row.error} | {'the file: ' + faults[row.name] if row.name in faults else 'ours'} |"
                  for row in failed]
    return lines


def read_faults(path):
    """{file: why}; # begins a comment."""
    rows = [line.split("\t", 1) for line in path.read_text().splitlines() if line.strip() and not line.startswith("#")]
    for row in rows:
        if len(row) != 2:
            raise ValueError(f"{path}: '{row[0]}' has no reason behind a tab")
    return dict(rows)


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--kverify", default=os.environ.get("KVERIFY", "kverify"))
    parser.add_argument("--stages", default="static", help="what judges them; static parses everything and runs nothing")
    parser.add_argument("--only", default="", help="paths that contain this")
    parser.add_argument("--sample", type=int, default=0, help="this many of the files, drawn with a fixed seed")
    parser.add_argument("--jobs", type=int, default=max(1, (os.cpu_count() or 2) // 2))
    parser.add_argument("--timeout", type=int, default=120, help="seconds for one file")
    parser.add_argument("--journal", type=pathlib.Path, help="keeps every row as it comes; the same command goes on from it")
    parser.add_argument("--budget", type=float, help="seconds after which no more files are begun (0: only the journal's table)")
    parser.add_argument("--json", type=pathlib.Path, help="every row, for looking closer")
    parser.add_argument("--faults", type=pathlib.Path, help="files that are wrong themselves: name, tab, why")
    parser.add_argument("--audit", action="append", default=[], help="one more flag of the audit: --audit=--quick")
    parser.add_argument("--flag", action="append", default=[], help="one more for the compiler: --flag=-I/some/where")
    options = parser.parse_args(arguments)
    sources = collect(options.folder, options.only)
    if not sources:
        print(f"no CUDA below {options.folder}", file=sys.stderr)
        return 2
    faults = read_faults(options.faults) if options.faults else {}
    if options.sample:
        sources = random.Random(1).sample(sources, min(options.sample, len(sources)))
    rows = run_all(sources, options)
    if not rows:
        print("nothing is judged: the budget is too small, and the journal has nothing of these files", file=sys.stderr)
        return 2
    if options.json:
        options.json.write_text(json.dumps([dataclasses.asdict(row) for row in rows], indent=1))
    print("\n".join(table(rows, faults, len(sources))))
    return 1 if any(not row.parsed and row.name not in faults for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
