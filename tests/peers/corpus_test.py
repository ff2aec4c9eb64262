#!/usr/bin/env python3
"""What corpus.py collects and how it counts, on texts of our own and a stand-in for kverify."""
import contextlib
import io
import json
import pathlib
import stat
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import corpus  # noqa: E402

KERNEL = "__global__ void k(float* x) { x[0] = 1; }"


def outcome(stage, kind, check="bounds.local", reason=None):
    return {"check": check, "stage": stage, "outcome": kind, "reason": reason}


def kernel(outcomes=(), error=None, notes=()):
    return {"kernel": "k", "outcomes": list(outcomes), "error": error, "notes": list(notes)}


def row_of(*kernels):
    row = corpus.Row("a.cu")
    corpus.read_report(row, {"kernels": list(kernels)})
    return row


class Reading(unittest.TestCase):
    def test_a_kernel_without_launch_is_parsed_and_not_launched(self):
        row = row_of(kernel(error={"kind": "usage", "message": "'a.cu' has no contract"}))
        self.assertTrue(row.parsed)
        self.assertFalse(row.launched)

    def test_runs_of_host_code_are_counted_by_files(self):
        rows = [row_of(kernel(notes=["3 runs of 'run' on the CPU launched what following it says, 45 numbers compared"])),
                row_of(kernel(notes=["in 'f': following it and running it on the CPU differ: …", "'f' was run …; its launches were caught, not followed"])),
                row_of(kernel(notes=["'g' was followed, and not confirmed by a run: …"]))]
        text = "\n".join(corpus.table(rows, {}))
        for said in ("as followed", "another than followed", "launches caught", "not confirmed"):
            self.assertIn(f"| {said} | 1 |", text)

    def test_what_does_not_compile_is_not_parsed(self):
        row = row_of(kernel(error={"kind": "compile", "message": "a.cu:1:2: note\na.cu:1:2: error: bad\n"}))
        self.assertFalse(row.parsed)
        self.assertEqual(row.error, "a.cu:1:2: error: bad")

    def test_an_empty_report_is_no_success(self):
        self.assertFalse(row_of().parsed)
        self.assertFalse(row_of().launched)

    def test_outcomes_are_counted(self):
        row = row_of(kernel([outcome("fuzz", "tested"), outcome("formal", "unknown", reason="timeout"),
                             outcome("fuzz", "refuted", "race.shared-write-write")], notes=["host function 'f' was left out, …"]))
        self.assertTrue(row.executed)
        self.assertTrue(row.launched)
        self.assertEqual(row.outcomes, {"fuzz tested": 1, "formal unknown": 1, "fuzz refuted": 1})
        self.assertEqual(row.unknown, ["formal: timeout"])
        self.assertEqual(row.refuted, ["race.shared-write-write"])
        self.assertEqual(len(row.left_out), 1)

    def test_the_static_stage_alone_finds_no_launch(self):
        self.assertFalse(row_of(kernel([outcome("static", "unknown")])).launched)

    def test_a_missing_host_fact_is_no_launch(self):
        self.assertFalse(row_of(kernel([outcome("fuzz", "unknown", reason="host fact")])).launched)
        some = row_of(kernel([outcome("fuzz", "unknown", reason="host fact"), outcome("fuzz", "tested")]))
        self.assertTrue(some.launched)
        self.assertTrue(some.executed)

    def test_every_piece_of_a_file_needs_its_launch(self):
        self.assertFalse(row_of(kernel([outcome("fuzz", "tested")]), kernel([outcome("fuzz", "unknown", reason="host fact")])).launched)

    def test_unknown_runs_did_not_execute(self):
        self.assertFalse(row_of(kernel([outcome("fuzz", "unknown", reason="unsupported")])).executed)


class Table(unittest.TestCase):
    def test_faults_of_the_files_are_told_apart(self):
        rows = [corpus.Row("a.cu", parsed=True, seconds=1), corpus.Row("b.cu", error="no"), corpus.Row("c.cu", error="no")]
        text = "\n".join(corpus.table(rows, {"b.cu": "calls host code in a kernel"}))
        self.assertIn("| parsed | 1 (33.3 %) |", text)
        self.assertIn("no fault of their own | 1 (50.0 %) |", text)
        self.assertIn("| b.cu | no | the file: calls host code in a kernel |", text)
        self.assertIn("| c.cu | no | ours |", text)

    def test_shares_are_also_given_of_those_that_can_have_them(self):
        rows = [corpus.Row("a.cu", parsed=True, writes_launch=True, launched=True, executed=True, seconds=1),
                corpus.Row("b.cu", parsed=True, writes_launch=True, seconds=1), corpus.Row("c.cu", parsed=True, seconds=1),
                corpus.Row("d.py", error="error: this is not Python: invalid syntax", writes_launch=True, seconds=1)]
        text = "\n".join(corpus.table(rows, {}))
        self.assertIn("a launch is written in them | 2 |", text)
        self.assertIn("of those, every launch found | 1 (50.0 %) |", text)
        self.assertIn("the file: not Python", text)


class Running(unittest.TestCase):
    def test_every_file_goes_through_kverify(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder, "corpus")
            root.mkdir()
            (root / "a.cu").write_text(KERNEL)
            (root / "b.py").write_text(f's = "{KERNEL}"\n')
            (root / "none.py").write_text("print(1)\n")
            (root / "test.cu").write_text("//pass\n//--blockDim=8 --gridDim=2 -DN=8\n" + KERNEL)
            report = json.dumps({"kernels": [kernel()]})
            fake = pathlib.Path(folder, "kverify")
            fake.write_text(f"#!/bin/sh\ncase \"$*\" in *b.py*) echo broken >&2; exit 2;; esac\necho '{report}'\n")
            fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
            self.assertEqual(sorted(one.name for one in corpus.collect(root)), ["a.cu", "b.py", "test.cu"])
            output = io.StringIO()
            with contextlib.redirect_stdout(output):
                code = corpus.main([str(root), "--kverify", str(fake)])
            self.assertEqual(code, 1)
            self.assertIn("| parsed | 2 (66.7 %) |", output.getvalue())
            self.assertIn("| b.py | broken | ours |", output.getvalue())

    def test_a_journal_is_gone_on_from(self):
        with tempfile.TemporaryDirectory() as folder:
            root, calls, journal = (pathlib.Path(folder, name) for name in ("corpus", "calls", "rows.jsonl"))
            root.mkdir()
            for i in range(4):
                (root / f"{i}.cu").write_text(KERNEL + f"// {i}")
            fake = pathlib.Path(folder, "kverify")
            fake.write_text(f"#!/bin/sh\necho \"$2\" >> {calls}\necho '{json.dumps({'kernels': [kernel()]})}'\n")
            fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
            command = [str(root), "--kverify", str(fake), "--jobs", "1", "--journal", str(journal)]

            def table_of(*more):
                output = io.StringIO()
                with contextlib.redirect_stdout(output), contextlib.redirect_stderr(io.StringIO()):
                    self.assertIn(corpus.main([*command, *more]), (0, 2))
                return output.getvalue()
            self.assertEqual(table_of("--budget", "0"), "")
            table_of()
            rows = journal.read_text().strip().splitlines()
            names = [json.loads(row)["name"] for row in rows]
            self.assertEqual(names, [one.name for one in corpus.collect(root)])
            journal.write_text("\n".join([*rows[:2], rows[2][:20]]))
            self.assertIn("| judged, in the order of their hashes | 2 (50.0 %) |", table_of("--budget", "0"))
            calls.unlink()
            self.assertNotIn("| judged", table_of())
            self.assertEqual(len(calls.read_text().splitlines()), 2)
            (root / names[0]).write_text(KERNEL + "// changed")
            table_of()
            self.assertEqual(len(calls.read_text().splitlines()), 3)

    def test_no_answer_in_time_is_asked_whether_it_parses(self):
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder, "a.cu")
            source.write_text(KERNEL)
            fake = pathlib.Path(folder, "kverify")
            fake.write_text("#!/bin/sh\ncase \"$*\" in *fuzz*) exec sleep 20;; esac\n"
                            f"echo '{json.dumps({'kernels': [kernel()]})}'\n")
            fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
            output = io.StringIO()
            with contextlib.redirect_stdout(output):
                self.assertEqual(corpus.main([str(source), "--kverify", str(fake), "--stages", "static,fuzz", "--timeout", "1"]), 0)
            self.assertIn("| parsed | 1 (100.0 %) |", output.getvalue())
            self.assertIn("| executed | 0 (0.0 %) |", output.getvalue())

    def test_nothing_to_read_is_wrong_usage(self):
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stderr(io.StringIO()):
            self.assertEqual(corpus.main([folder]), 2)


if __name__ == "__main__":
    unittest.main()
