#!/usr/bin/env python3
"""Runs the static stage over a folder of kernels and counts what it says.

    tests/peers/static_corpus.py DIR [--kverify PATH] [--only TEXT] [--jobs N] [--json FILE]
                                     [--show ID [--lines N]] [--sample N] [--judged FILE] [--flag=-I...]

DIR holds `.cu` files, and Python files with CUDA inside strings (`load_inline(cuda_sources=...)`, triple-quoted text):
those are found with Python's own parser, never by running the file, and written to temporary `.cu` files. The host code
around them parses against torch_stub/, names of PyTorch's interface with nothing behind them. Nothing of what is read
is part of this project. GPUVerify's tests keep the flags of their second line.

--judged names a table of findings that were read (see judged.tsv); it prints the precision of each check.
Exit 0 when every file was judged, 1 when some did not parse, 2 for wrong usage.
"""
import argparse
import ast
import collections
import concurrent.futures
import dataclasses
import hashlib
import json
import os
import pathlib
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import gpuverify  # noqa: E402
STUB = HERE / "torch_stub"
# What load_inline puts ahead of the CUDA text that it is given.
TORCH_FLAGS = ("-I", str(STUB), "-include", "torch/extension.h", "-Wno-narrowing", "-Wno-c++11-narrowing")


@dataclasses.dataclass(frozen=True)
class Piece:
    """CUDA text and where it came from: line 1 of `text` is line `first` of `origin`."""
    origin: pathlib.Path
    text: str
    first: int = 1
    flags: tuple = ()


@dataclasses.dataclass
class Result:
    name: str  # origin relative to the folder, and the first line for text inside Python
    first: int
    findings: list = dataclasses.field(default_factory=list)  # dicts: check, severity, line, message
    seconds: float = 0.0
    error: str = ""


class Strings(ast.NodeVisitor):
    """Names to the texts that they are bound to, anywhere in the file."""

    def __init__(self):
        self.bound, self.calls, self.texts = {}, [], []

    def visit_Assign(self, node):
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.bound.setdefault(target.id, node.value)
        self.generic_visit(node)

    def visit_Call(self, node):
        for keyword in node.keywords:
            if keyword.arg == "cuda_sources":
                self.calls.append(keyword.value)
        self.generic_visit(node)

    def visit_Constant(self, node):
        if isinstance(node.value, str) and "__global__" in node.value:
            self.texts.append(node)


def text_of(node, bound, depth=0):
    """(text, first line) of an expression that is a text for certain, or None."""
    if node is None or depth > 20:
        return None
    if isinstance(node, ast.Constant) and isinstance(node.value, (str, int, float)):
        return str(node.value), node.lineno
    if isinstance(node, ast.Name) and node.id in bound:
        return text_of(bound[node.id], bound, depth + 1)
    if isinstance(node, (ast.List, ast.Tuple)):
        parts = [text_of(part, bound, depth + 1) for part in node.elts]
        if parts and all(parts):
            return "\n".join(text for text, _ in parts), parts[0][1]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        parts = [text_of(node.left, bound, depth + 1), text_of(node.right, bound, depth + 1)]
        if all(parts):
            return parts[0][0] + parts[1][0], parts[0][1]
    if isinstance(node, ast.JoinedStr):
        parts = [text_of(part.value if isinstance(part, ast.FormattedValue) else part, bound, depth + 1)
                 for part in node.values]
        if parts and all(parts):
            return "".join(text for text, _ in parts), node.lineno
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("strip", "lstrip"):
        return text_of(node.func.value, bound, depth + 1)
    return None


def pieces_of_python(path, source):
    """Every CUDA text of a Python file: what load_inline is given, then other strings with a kernel in them."""
    tree = ast.parse(source)
    strings = Strings()
    strings.visit(tree)
    found = [text_of(call, strings.bound) for call in strings.calls]
    found = [one for one in found if one and "__global__" in one[0]]
    for node in strings.texts:
        if not any(node.value in text for text, _ in found):
            found.append((node.value, node.lineno))
    pieces = []
    for text, first in found:
        if all(text != piece.text for piece in pieces):
            pieces.append(Piece(path, text, first, TORCH_FLAGS))
    return pieces


def piece_of_gpuverify(path, text):
    """One of GPUVerify's tests as gpuverify.py compiles it, line by line as it was; None for other files."""
    try:
        test = gpuverify.parse(path.name, text)
    except gpuverify.BadTest:
        return None
    flags = ("-include", str(HERE / "gpuverify_ignored.h"), "-include", str(HERE / "gpuverify.h"),
             "-I", str(HERE.parent.parent / "include"), *test.flags)
    if "cooperative groups" in test.kinds:
        flags = ("-include", "cooperative_groups.h", *flags)
    return Piece(path, gpuverify.in_cuda(gpuverify.without_comments(text))[0], 1, flags)


def collect(folder, only=""):
    """(pieces, {name: why not})"""
    pieces, bad = [], {}
    paths = sorted(folder.rglob("*")) if folder.is_dir() else [folder]
    for path in paths:
        if path.suffix not in (".cu", ".py") or only not in str(path):
            continue
        text = path.read_text(errors="replace")
        if path.suffix == ".cu":
            pieces.append(piece_of_gpuverify(path, text) or Piece(path, text, 1, TORCH_FLAGS if "torch/" in text else ()))
            continue
        try:
            pieces += pieces_of_python(path, text)
        except SyntaxError as error:
            bad[str(path)] = f"not Python: {error.msg}"
    return pieces, bad


def findings_of(report):
    """The findings of a report's kernels, each once: a helper function belongs to every kernel that calls it."""
    seen, findings = set(), []
    for kernel in report["kernels"]:
        for finding in kernel["findings"]:
            at = finding["locations"][0] if finding["locations"] else {"line": 0, "column": 0}
            key = (finding["check"], at["line"], at["column"], finding["message"])
            if key not in seen:
                seen.add(key)
                findings.append({"check": finding["check"], "severity": finding["severity"], "line": at["line"],
                                 "lines": [one["line"] for one in finding["locations"]], "message": finding["message"]})
    return findings


def run(piece, folder, kverify, more=()):
    name = str(piece.origin.relative_to(folder)) if folder.is_dir() else piece.origin.name
    result = Result(name if piece.first == 1 else f"{name}:{piece.first}", piece.first)
    with tempfile.TemporaryDirectory() as out:
        source = pathlib.Path(out, hashlib.sha256(piece.text.encode()).hexdigest()[:12] + ".cu")
        source.write_text(piece.text)
        command = [kverify, "audit", str(source), "--stages", "static", "--format", "json", "--quiet", "--jobs", "1",
                   "--output", out, "--", "-I", str(piece.origin.parent), *piece.flags, *more]
        begin = time.monotonic()
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        except subprocess.TimeoutExpired:
            result.error = "no answer in 120 s"
            return result
        result.seconds = time.monotonic() - begin
    try:
        report = json.loads(done.stdout)
    except json.JSONDecodeError:
        result.error = (done.stderr.strip() or "no report").splitlines()[0][:300]
        return result
    errors = [kernel["error"]["message"] for kernel in report["kernels"] if kernel["error"]]
    if errors:
        result.error = next((line for line in errors[0].splitlines() if "error:" in line), errors[0].splitlines()[0])
    elif not report["kernels"]:
        result.error = "an empty report"
    result.findings = findings_of(report)
    return result


def read_judged(path):
    """Rows file, line, check, yes|no|unclear, why (tab-separated; # begins a comment)."""
    rows = []
    for line in path.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            file, number, check, verdict, why = (line.split("\t") + [""] * 5)[:5]
            if verdict not in ("yes", "no", "unclear"):
                raise ValueError(f"{path}: '{verdict}' is none of yes, no, unclear")
            rows.append((file, int(number), check, verdict, why))
    return rows


def precision(rows, results):
    """Lines of a table: of the judged places that are still part of a finding, how many are true."""
    there = {(one.name, line, finding["check"]) for one in results for finding in one.findings
             for line in finding.get("lines", [finding["line"]])}
    total = collections.Counter(finding["check"] for one in results for finding in one.findings)
    judged = collections.defaultdict(collections.Counter)
    for file, line, check, verdict, _ in rows:
        if (file, line, check) in there:
            judged[check][verdict] += 1
    lines = ["| check | findings | judged | true | precision |", "| --- | --- | --- | --- | --- |"]
    for check in sorted(set(total) | set(judged)):
        counts = judged[check]
        number = sum(counts.values())
        share = f"{100 * counts['yes'] / number:.0f} %" if number else "-"
        lines.append(f"| `{check}` | {total[check]} | {number} | {counts['yes']} | {share} |")
    return lines


def show(results, folder, check, context, pieces):
    """Findings of one check with the lines around them, to be read."""
    texts = {(str(piece.origin.relative_to(folder)) if folder.is_dir() else piece.origin.name) +
             ("" if piece.first == 1 else f":{piece.first}"): piece.text for piece in pieces}
    for one in results:
        for finding in one.findings:
            if check not in ("all", finding["check"]):
                continue
            print(f"--- {one.name} line {finding['line']} {finding['check']}: {finding['message']}")
            lines = texts[one.name].split("\n")
            for number in range(max(1, finding["line"] - context), min(len(lines), finding["line"] + context) + 1):
                print(f"{'>' if number == finding['line'] else ' '} {number:4} {lines[number - 1]}")


def summary(results):
    checks, files = collections.Counter(), collections.defaultdict(set)
    severity = {}
    for one in results:
        for finding in one.findings:
            checks[finding["check"]] += 1
            files[finding["check"]].add(one.name)
            severity[finding["check"]] = finding["severity"]
    lines = ["| check | severity | findings | files |", "| --- | --- | --- | --- |"]
    lines += [f"| `{check}` | {severity[check]} | {checks[check]} | {len(files[check])} |" for check in sorted(checks)]
    times = [one.seconds for one in results if not one.error]
    if times:
        lines.append(f"seconds per file, process and all: median {statistics.median(times):.2f}, "
                     f"largest {max(times):.2f}, {sum(times):.0f} together")
    failed = [one for one in results if one.error]
    lines.append(f"{len(results)} files, {len(results) - len(failed)} parsed, {len(failed)} did not")
    lines += [f"not parsed: {one.name}: {one.error}" for one in failed]
    return lines


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--kverify", default=os.environ.get("KVERIFY", "kverify"))
    parser.add_argument("--only", default="", help="paths that contain this")
    parser.add_argument("--sample", type=int, default=0, help="this many of the files, drawn with a fixed seed")
    parser.add_argument("--flag", action="append", default=[], help="one more for the compiler: --flag=-I/some/where")
    parser.add_argument("--jobs", type=int, default=max(1, (os.cpu_count() or 2) // 2))
    parser.add_argument("--json", type=pathlib.Path, help="every result, for looking closer")
    parser.add_argument("--show", default="", help="print the findings of this check ('all') with their lines")
    parser.add_argument("--lines", type=int, default=4, help="lines of context with --show")
    parser.add_argument("--files", action="store_true", help="print seconds and findings of every file")
    parser.add_argument("--judged", type=pathlib.Path, help="table of findings that were read; prints precision")
    parser.add_argument("--extract", type=pathlib.Path, help="write the CUDA texts to this folder and run nothing")
    options = parser.parse_args(arguments)
    pieces, bad = collect(options.folder, options.only)
    if not pieces:
        print(f"no CUDA below {options.folder}", file=sys.stderr)
        return 2
    if options.sample:
        pieces = random.Random(1).sample(pieces, min(options.sample, len(pieces)))
    if options.extract:
        options.extract.mkdir(parents=True, exist_ok=True)
        for piece in pieces:
            (options.extract / f"{piece.origin.stem}_{piece.first}.cu").write_text(piece.text)
        print(f"{len(pieces)} texts in {options.extract}")
        return 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        results = list(pool.map(lambda piece: run(piece, options.folder, options.kverify, options.flag), pieces))
    results += [Result(name, 1, error=why) for name, why in bad.items()]
    if options.json:
        options.json.write_text(json.dumps([dataclasses.asdict(one) for one in results], indent=1))
    if options.show:
        show(results, options.folder, options.show, options.lines, pieces)
    if options.files:
        for one in results:
            print(f"{one.seconds:6.2f} s {len(one.findings):4} finding(s)  {one.name}")
    print("\n".join(summary(results)))
    if options.judged:
        print("\n".join(precision(read_judged(options.judged), results)))
    return 1 if any(one.error for one in results) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
