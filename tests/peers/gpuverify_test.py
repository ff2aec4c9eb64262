#!/usr/bin/env python3
"""The adapter's parsing, on texts of our own, and a run against a stand-in for kverify."""
import json
import pathlib
import stat
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import gpuverify as adapter  # noqa: E402

PLAIN = """//pass
//--blockDim=64 --gridDim=2 --no-inline
__global__ void scale(float *x) { x[blockIdx.x * blockDim.x + threadIdx.x] *= 2; }
"""


def test_of(second="//--blockDim=64 --gridDim=2", body="", first="//pass"):
    return adapter.parse("t", f"{first}\n{second}\n{body}\n")


class Parse(unittest.TestCase):
    def test_a_plain_test(self):
        test = adapter.parse("scale", PLAIN)
        self.assertEqual((test.expect, test.block, test.grid, test.kernels), ("pass", (64,), (2,), ("scale",)))
        self.assertEqual(test.kinds, frozenset())

    def test_dimensions_and_flags(self):
        test = test_of("//--gridDim=[4,2] --blockDim=[8,8,2] -DWIDTH=7 --no-inline")
        self.assertEqual((test.block, test.grid, test.flags), ((8, 8, 2), (4, 2), ("-DWIDTH=7",)))

    def test_expected_failures(self):
        test = test_of(first="//xfail:NOT_ALL_VERIFIED")
        self.assertEqual((test.expect, test.why), ("xfail", "NOT_ALL_VERIFIED"))
        self.assertEqual(test_of(first="//XFAIL: BUGLE_ERROR ").why, "BUGLE_ERROR")

    def test_blocks_that_no_device_launches_are_made_smaller_and_that_is_said(self):
        test = test_of("//--blockDim=2048 --gridDim=1")
        self.assertEqual(test.block, (1024,))
        self.assertIn("2048", test.notes[0])

    def test_what_is_not_a_test_is_said(self):
        for text in ("", "//pass", "int x;\n//--blockDim=1 --gridDim=1", "//pass\n//--gridDim=1",
                     "//pass\n//--blockDim=many --gridDim=1", "//pass\nint x;"):
            with self.assertRaises(adapter.BadTest, msg=text):
                adapter.parse("t", text)

    def test_annotations(self):
        self.assertEqual(adapter.group_of(test_of(body="void f() { __requires(n > 0); }")), "annotations")
        self.assertEqual(adapter.group_of(test_of(body="void f() { __assert(__no_read(x)); }")),
                         "annotations, not mapped")
        self.assertEqual(adapter.group_of(test_of(body="void f() { for (; __invariant(__no_read(x)), true;); }")),
                         "annotations, helpers left out")
        self.assertEqual(adapter.group_of(test_of(body="// __requires(n > 0)\n/* __assert(1) */")), "plain")
        self.assertEqual(adapter.group_of(test_of(body="void f() { __syncthreads(); }")), "plain")

    def test_other_kinds(self):
        self.assertEqual(adapter.group_of(test_of("//--blockDim=32 --gridDim=1 --warp-sync=32")), "lockstep")
        self.assertEqual(adapter.group_of(test_of(body="#include <cooperative_groups.h>")), "cooperative groups")
        self.assertEqual(adapter.group_of(test_of(body="typedef int (*fn)(int);")), "function pointers")

    def test_kernels_with_bounds_and_templates(self):
        self.assertEqual(adapter.kernels_in("extern \"C\" __global__ void __launch_bounds__(64) a(int) {}\n"
                                            "__global__ static void b() {}"), ("a", "b"))

    def test_comments_keep_their_lines(self):
        self.assertEqual(adapter.without_comments("a/*\n\n*/b//c\nd"), "a\n\nb\nd")


class InCuda(unittest.TestCase):
    def test_what_nvcc_refuses_is_put_right(self):
        text, notes = adapter.in_cuda("int total = 0;\n__device__ char maybe(void);\nstruct s { int a; };\n"
                                      "__global__ void k() {\n  int t;\n  t = maybe();\n}")
        self.assertEqual(text.split("\n")[0], "__device__ int total = 0;")
        self.assertIn("__device__ char maybe(void) { return (char)kverifyAnything(); }", text)
        self.assertIn("struct s { int a; };", text)
        self.assertIn("\n  int t;\n", text)
        self.assertEqual(len(notes), 2)

    def test_annotations_that_ours_can_not_say_are_left_out_of_loops(self):
        text, notes = adapter.in_cuda("__global__ void k(int *x) {\n  for (int i = 0; __invariant(__implies(__write(x),\n"
                                      "    true)), __invariant(i >= 0), i < 9; ++i);\n}")
        self.assertEqual(text, "__global__ void k(int *x) {\n  for (int i = 0; __left_out\n, __invariant(i >= 0), i < 9; "
                               "++i);\n}")
        self.assertEqual(len(notes), 1)

    def test_preconditions_of_device_functions_are_proved(self):
        text, _ = adapter.in_cuda("__device__ void f(int x) { __requires(x > 0); }\n"
                                  "__global__ void k(int x) { __requires(x > 1); f(x); }")
        self.assertEqual(text.count("__callee_requires("), 1)
        self.assertIn("k(int x) { __requires(x > 1)", text)

    def test_proper_cuda_stays(self):
        self.assertEqual(adapter.in_cuda(PLAIN), (PLAIN, []))


def outcome(check, what):
    return {"check": check, "stage": "formal", "outcome": what, "reason": None, "detail": "why", "seconds": 0.25}


class Judge(unittest.TestCase):
    def test_only_races_and_barriers_count(self):
        self.assertEqual(adapter.judge({"race.shared-read-write": ("proved", ""), "bounds.local": ("refuted", "")}),
                         "proved")
        self.assertEqual(adapter.judge({"race.shared-read-write": ("unknown", "")}), "unknown")
        self.assertEqual(adapter.judge({"barrier.divergent": ("refuted", ""), "race.x": ("unknown", "")}), "refuted")

    def test_the_worst_kernel_counts(self):
        report = {"kernels": [{"error": None, "outcomes": [outcome("race.x", "proved")]},
                              {"error": None, "outcomes": [outcome("race.x", "refuted")]}]}
        checks, error = adapter.checks_of(report)
        self.assertEqual((checks["race.x"][0], error), ("refuted", ""))

    def test_agreement(self):
        result = lambda first, what: adapter.Result(test_of(first=first), what)
        self.assertTrue(adapter.agrees(result("//pass", "proved")))
        self.assertFalse(adapter.agrees(result("//pass", "unknown")))
        self.assertFalse(adapter.agrees(result("//xfail:NOT_ALL_VERIFIED", "proved")))
        self.assertIsNone(adapter.agrees(result("//xfail:CLANG_ERROR", "error")))

    def test_no_answer_is_never_a_proof(self):
        with tempfile.TemporaryDirectory() as folder:
            program = pathlib.Path(folder, "kverify")
            program.write_text("#!/bin/sh\necho broken >&2\nexit 3\n")
            program.chmod(program.stat().st_mode | stat.S_IXUSR)
            source = pathlib.Path(folder, "kernel.cu")
            source.write_text(PLAIN)
            result = adapter.run(test_of(), source, str(program))
            self.assertEqual((result.outcome, result.detail), ("error", "broken"))
            program.write_text("#!/bin/sh\necho '{\"kernels\": []}'\n")
            self.assertEqual(adapter.run(test_of(), source, str(program)).outcome, "error")

    def test_a_report_is_read(self):
        with tempfile.TemporaryDirectory() as folder:
            report = {"kernels": [{"error": None, "outcomes": [outcome("race.x", "proved"), outcome("barrier.y", "proved")]}]}
            pathlib.Path(folder, "report").write_text(json.dumps(report))
            program = pathlib.Path(folder, "kverify")
            program.write_text(f"#!/bin/sh\ncat {folder}/report\n")
            program.chmod(program.stat().st_mode | stat.S_IXUSR)
            source = pathlib.Path(folder, "kernel.cu")
            source.write_text(PLAIN)
            result = adapter.run(test_of(), source, str(program))
            self.assertEqual((result.outcome, result.formal), ("proved", 0.5))


if __name__ == "__main__":
    unittest.main()
