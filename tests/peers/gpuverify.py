#!/usr/bin/env python3
"""Runs GPUVerify's own CUDA tests through kverify and compares.

    tests/peers/gpuverify.py DIR [--kverify PATH] [--only TEXT] [--jobs N] [--json FILE] [--all]

DIR is GPUVerify's testsuite/CUDA (https://github.com/mc-imperial/gpuverify); nothing of it is part of this project.
A test says what is to come out in its first line (`//pass`, `//xfail:REASON`) and how to launch it in the second
(`--blockDim=64 --gridDim=[2,2]`). Exit 0: no disagreement that tests/peers/README.md does not explain.
"""
import argparse
import concurrent.futures
import dataclasses
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
MOST_THREADS = 1024

# What our annotations can say. Everything else of GPUVerify's language makes a test 'annotations, not mapped'.
# In gpuverify.h.
MAPPED = {"__requires", "__global_requires", "__assert", "__global_assert", "__assume", "__invariant", "__loop_invariant",
          "__global_invariant", "__implies", "__enabled", "__all", "__requires_fresh_array"}
# Conditions about other threads, or about which accesses there were. In an invariant they help GPUVerify's proof along,
# and are left out; anywhere else the test stays 'annotations, not mapped'.
INVARIANTS = ("__invariant", "__loop_invariant", "__global_invariant")
ANNOTATIONS = MAPPED | {
    "__ensures", "__global_ensures", "__axiom", "__read", "__write", "__no_read", "__no_write", "__read_implies",
    "__write_implies", "__read_offset_bytes", "__write_offset_bytes", "__read_offset", "__write_offset", "__ptr_base",
    "__ptr_offset_bytes", "__uniform_bool", "__uniform_int", "__distinct_bool", "__distinct_int", "__all", "__other_int",
    "__other_bool", "__at_most_one", "__exclusive", "__return_val_int", "__return_val_ptr", "__return_val_funptr",
    "__return_val_bool", "__requires_fresh_array", "__function_wide_invariant",
    "__function_wide_candidate_invariant", "__candidate_invariant", "__barrier_invariant", "__old_int", "__same_group",
    "__non_temporal_loads_begin", "__bugle_assert"}
# Properties that GPUVerify proves; the others are ours alone and do not count for agreement.
THEIRS = ("race.", "barrier.", "assert.failed", "invariant.broken")
ORDER = {"proved": 0, "tested": 1, "unknown": 2, "refuted": 3}


class BadTest(Exception):
    """A file that does not look like one of GPUVerify's tests."""


@dataclasses.dataclass
class Test:
    name: str
    expect: str  # "pass" or "xfail"
    why: str = ""  # of an xfail: NOT_ALL_VERIFIED, BUGLE_ERROR, …
    block: tuple = (1,)
    grid: tuple = (1,)
    flags: tuple = ()  # for the compiler
    kinds: frozenset = frozenset()  # what sets it apart: "annotations", "lockstep", …
    kernels: tuple = ()
    notes: tuple = ()


@dataclasses.dataclass
class Result:
    test: Test
    outcome: str  # proved, refuted, unknown, error
    checks: dict = dataclasses.field(default_factory=dict)  # check -> (outcome, detail)
    seconds: float = 0.0  # of the process
    formal: float = 0.0  # of the formal stage
    detail: str = ""


def without_comments(text):
    return re.sub(r"/\*.*?\*/|//[^\n]*", lambda m: "\n" * m.group().count("\n"), text, flags=re.S)


def dimensions(text):
    """'64', '[8,8]' or '(8, 8)' as numbers."""
    numbers = re.findall(r"\d+", text)
    if not numbers or len(numbers) > 3 or not re.fullmatch(r"[\[(]?\s*\d+(\s*,\s*\d+)*\s*[\])]?", text.strip()):
        raise BadTest(f"'{text}' are no dimensions")
    return tuple(int(n) for n in numbers)


def closing(code, at):
    """Where the parenthesis that opens at `at` is closed."""
    depth = 0
    for place in range(at, len(code)):
        depth += {"(": 1, ")": -1}.get(code[place], 0)
        if depth == 0:
            return place
    raise BadTest("a parenthesis is never closed")


def without_helpers(code):
    """(code without the invariants that say what ours can't, how many these were)"""
    count, at = 0, 0
    while match := re.compile(r"\b(%s)\s*\(" % "|".join(INVARIANTS)).search(code, at):
        end = closing(code, match.end() - 1)
        if annotations_in(code[match.end():end]) - MAPPED:
            lines = "\n" * code[match.start():end + 1].count("\n")
            code = code[:match.start()] + "__left_out" + lines + code[end + 1:]
            count += 1
            at = match.start()
        else:
            at = match.end()
    return code, count


def with_callers_asked(code):
    """Preconditions of device functions are proved where these are called: they are inlined, so in their first line."""
    result, at = "", 0
    for match in re.finditer(r"__device__[^;{}]*\{", code):
        if match.start() < at or "__global__" in match.group():
            continue
        depth, end = 1, match.end()
        while end < len(code) and depth:
            depth += {"{": 1, "}": -1}.get(code[end], 0)
            end += 1
        body = re.sub(r"\b__(global_)?requires\s*\(", "__callee_requires(", code[match.end():end])
        result += code[at:match.end()] + body
        at = end
    return result + code[at:]


def annotations_in(code):
    return {name for name in re.findall(r"\b(__\w+)\s*\(", code) if name in ANNOTATIONS}


def kinds_of(code, options):
    kinds = set()
    if annotations_in(code):
        kinds.add("annotations")
        code, left_out = without_helpers(code)
        if left_out:
            kinds.add("helpers left out")
        if annotations_in(code) - MAPPED:
            kinds.add("annotations not mapped")
    if re.search(r"curand", code):
        kinds.add("curand")
    if re.search(r"cooperative_groups", code):
        kinds.add("cooperative groups")
    if re.search(r"\(\s*\*\s*\w*\s*\)\s*\(", code) or re.search(r"\bfunptr|typedef[^;]*\(\s*\*", code):
        kinds.add("function pointers")
    if "warp-sync" in options:
        kinds.add("lockstep")
    return kinds


def kernels_in(code):
    return tuple(re.findall(r"__global__\s+(?:\w+\s+)*?(?:__launch_bounds__\s*\([^)]*\)\s*)?(\w+)\s*\(", code))


def parse(name, text):
    """The test in `text`, or BadTest."""
    lines = text.splitlines()
    if len(lines) < 2:
        raise BadTest("fewer than two lines")
    first = re.fullmatch(r"//\s*(pass|xfail)\s*(?::\s*(\S+))?\s*", lines[0], re.I)
    if not first:
        raise BadTest(f"the first line is neither //pass nor //xfail: {lines[0]!r}")
    if not lines[1].startswith("//"):
        raise BadTest(f"the second line has no options: {lines[1]!r}")
    options, flags = {}, []
    for word in lines[1][2:].split():
        match = re.fullmatch(r"--([\w-]+)(?:=(.*))?", word)
        if match:
            options[match.group(1)] = match.group(2) or ""
        elif re.match(r"-[DI]", word):
            flags.append(word)
    if "blockDim" not in options or "gridDim" not in options:
        raise BadTest("the second line has no --blockDim and --gridDim")
    code = without_comments(text)
    block, grid, notes = dimensions(options["blockDim"]), dimensions(options["gridDim"]), []
    if len(block) == 1 and block[0] > MOST_THREADS:
        notes.append(f"run with {MOST_THREADS} threads: no device launches {block[0]}")
        block = (MOST_THREADS,)
    return Test(name, first.group(1).lower(), (first.group(2) or "").upper(), block, grid, tuple(flags),
                frozenset(kinds_of(code, options)), kernels_in(code), tuple(notes))


def collect(folder):
    """(tests, {name: why not}) of every kernel.cu below."""
    tests, bad = [], {}
    for path in sorted(folder.rglob("*.cu")):
        name = str(path.parent.relative_to(folder)) if path.name == "kernel.cu" else str(path.relative_to(folder))
        try:
            tests.append((path, parse(name, path.read_text(errors="replace"))))
        except BadTest as error:
            bad[name] = str(error)
    return tests, bad


def in_cuda(code):
    """The test in CUDA proper, line by line as it was. GPUVerify's front end takes what nvcc refuses: host variables in
    device code (they become __device__), textures as global objects (a header of ours), and device functions without a
    body, which may return anything and touch nothing (they get a body that does)."""
    notes, lines, depth = [], [], 0
    for line in code.split("\n"):
        plain = re.fullmatch(r"\s*(?!struct\b|typedef\b|class\b|enum\b|using\b|extern\b|return\b|const\b)"
                             r"(texture<[^;]*>|[A-Za-z_][\w ]*?)[ *]+\w+\s*(\[\w*\])*\s*(=[^;(]*)?;\s*", line)
        if depth == 0 and plain and "__" not in line:
            line = "__device__ " + line
            notes.append("host variables taken for __device__ ones")
        depth += line.count("{") - line.count("}")
        lines.append(line)
    text = "\n".join(lines)

    def body(match):
        notes.append("functions without a body return anything")
        kind = match.group(1).strip()
        result = "" if kind == "void" else f"return ({kind})kverifyAnything();"
        return f"__device__ {kind} {match.group(2)}({match.group(3)}) {{ {result} }}"
    text = re.sub(r"__device__\s+([\w ]+[ *]+?)(\w+)\s*\(([^(){};]*)\)\s*;", body, text)
    text, left_out = without_helpers(text)
    if left_out:
        notes.append("invariants about other threads or sets of accesses left out")
    return with_callers_asked(text), sorted(set(notes))


def command_of(test, path, kernel, kverify, out):
    command = [kverify, "audit", str(path), "--kernel", kernel, "--stages", "formal", "--format", "json", "--quiet", "--jobs", "1",
               "--same-value-writes", "refute" if test.expect == "xfail" else "allow", "--no-cache",
               "--block", ",".join(map(str, test.block)), "--grid", ",".join(map(str, test.grid)), "--output", out, "--"]
    if "cooperative groups" in test.kinds:
        command += ["-include", "cooperative_groups.h"]
    return command + ["-include", str(HERE / "gpuverify.h"), "-I", str(HERE.parent.parent / "include"), *test.flags]


def judge(checks):
    """One word for the properties that GPUVerify proves."""
    theirs = {check: what for check, (what, _) in checks.items() if check.startswith(THEIRS)}
    if any(what == "refuted" for what in theirs.values()):
        return "refuted"
    return "unknown" if any(what != "proved" for what in theirs.values()) else "proved"


def checks_of(report):
    """check -> (worst outcome, detail) over the kernels of a report, and the error or None."""
    checks, errors = {}, []
    for kernel in report["kernels"]:
        if kernel["error"]:
            errors.append(kernel["error"].get("message", "?"))
        for one in kernel["outcomes"]:
            if one["stage"] != "formal":
                continue
            detail = "; ".join(filter(None, (one["reason"], one["detail"])))
            before = checks.get(one["check"])
            if not before or ORDER[one["outcome"]] > ORDER[before[0]]:
                checks[one["check"]] = (one["outcome"], detail)
    return checks, "; ".join(errors)


def run_kernel(test, path, kernel, kverify, out):
    """(report, seconds, what went wrong or '') of one kernel."""
    begin = time.monotonic()
    try:
        done = subprocess.run(command_of(test, path, kernel, kverify, out), capture_output=True, text=True, timeout=300)
    except subprocess.TimeoutExpired:
        return {"kernels": []}, 300, "no answer in 300 s"
    seconds = time.monotonic() - begin
    try:
        report = json.loads(done.stdout)
    except json.JSONDecodeError:
        return {"kernels": []}, seconds, (done.stderr.strip() or "no report").splitlines()[-1][:300]
    return report, seconds, "" if report["kernels"] else "an empty report"


def run(test, path, kverify):
    checks, errors, total, formal = {}, [], 0.0, 0.0
    with tempfile.TemporaryDirectory() as out:
        source = pathlib.Path(out, path.name)
        source.write_text(in_cuda(without_comments(path.read_text(errors="replace")))[0])
        for kernel in test.kernels or ("",):
            report, seconds, error = run_kernel(test, source, kernel, kverify, out)
            found, failed = checks_of(report)
            for check, (what, detail) in found.items():
                if check not in checks or ORDER[what] > ORDER[checks[check][0]]:
                    checks[check] = (what, detail)
            errors += filter(None, (error, failed))
            total += seconds
            formal += sum(one["seconds"] for kernel in report["kernels"] for one in kernel["outcomes"]
                          if one["stage"] == "formal")
    if errors:
        return Result(test, "error", checks, total, formal, "; ".join(errors)[:300])
    outcome = judge(checks)
    if test.expect == "xfail" and any(what == "refuted" for check, (what, _) in checks.items()
                                      if check != "requires.broken"):
        outcome = "refuted"  # an address that is wrong is a failure, whatever we call it
    blame = next((f"{check}: {detail}" for check, (what, detail) in sorted(checks.items())
                  if what == outcome and (outcome == "refuted" or check.startswith(THEIRS)) and outcome != "proved"), "")
    return Result(test, outcome, checks, total, formal, blame[:400])


def group_of(test):
    """The row of the table that the test counts in."""
    special = [kind for kind in ("function pointers", "curand", "cooperative groups", "lockstep") if kind in test.kinds]
    if special:
        return special[0]
    if "annotations not mapped" in test.kinds:
        return "annotations, not mapped"
    if "helpers left out" in test.kinds:
        return "annotations, helpers left out"
    return "annotations" if "annotations" in test.kinds else "plain"


def agrees(result):
    """Does what came out fit the test's first line? None: not comparable, their front end fails on purpose."""
    if result.test.expect == "pass":
        return result.outcome == "proved"
    if result.test.why in ("BUGLE_ERROR", "CLANG_ERROR"):
        return None
    return result.outcome == "refuted"


def explained(folder):
    """Names of tests that the README explains: | `name` | ... |"""
    readme = folder / "README.md"
    return set(re.findall(r"^\|\s*`([^`]+)`", readme.read_text(), re.M)) if readme.exists() else set()


def table(results):
    rows = {}
    for result in results:
        key = (group_of(result.test), result.test.expect)
        rows.setdefault(key, []).append(result)
    lines = ["| tests | their verdict | number | proved | refuted | unknown | error | median formal s | largest |",
             "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"]
    for (group, expect), some in sorted(rows.items()):
        count = lambda what: sum(one.outcome == what for one in some)
        times = [one.formal for one in some]
        lines.append(f"| {group} | {expect} | {len(some)} | {count('proved')} | {count('refuted')} | {count('unknown')} | "
                     f"{count('error')} | {statistics.median(times):.3f} | {max(times):.2f} |")
    return "\n".join(lines)


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--kverify", default=os.environ.get("KVERIFY", "kverify"))
    parser.add_argument("--only", default="", help="tests whose name contains this")
    parser.add_argument("--jobs", type=int, default=max(1, (os.cpu_count() or 2) // 2))
    parser.add_argument("--json", type=pathlib.Path, help="every result, for looking closer")
    parser.add_argument("--list", action="store_true", help="how the tests are classified; runs nothing")
    options = parser.parse_args(arguments)
    tests, bad = collect(options.folder)
    tests = [(path, test) for path, test in tests if options.only in test.name]
    if not tests:
        print(f"no tests below {options.folder}", file=sys.stderr)
        return 2
    for name, why in bad.items():
        print(f"not a test: {name}: {why}", file=sys.stderr)
    if options.list:
        for _, test in tests:
            print(f"{test.expect:5} {group_of(test):24} {test.name} {' '.join(sorted(test.kinds))}")
        return 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        results = list(pool.map(lambda one: run(one[1], one[0], options.kverify), tests))
    if options.json:
        options.json.write_text(json.dumps([dataclasses.asdict(one) | {"kinds": sorted(one.test.kinds)}
                                            for one in results], default=list, indent=1))
    print(table(results))
    known, surprises = explained(HERE), 0
    for result in results:
        if agrees(result) is not False:
            continue
        surprises += result.test.name not in known
        mark = "" if result.test.name in known else " (not explained)"
        print(f"{result.test.name}: they say {result.test.expect} {result.test.why}, we say {result.outcome}{mark}: "
              f"{' '.join(result.detail.split())[:160]}")
    print(f"{len(results)} tests; median formal time {statistics.median(one.formal for one in results):.3f} s, "
          f"of the whole process {statistics.median(one.seconds for one in results):.2f} s; "
          f"{surprises} disagreements without explanation")
    return 1 if surprises else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
