#!/usr/bin/env python3
"""What static_corpus.py finds in files and how it counts, on texts of our own and a stand-in for kverify."""
import json
import pathlib
import stat
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import static_corpus as corpus  # noqa: E402

KERNEL = "__global__ void k(float* x) { x[0] = 1; }"


def pieces(source):
    return corpus.pieces_of_python(pathlib.Path("file.py"), source)


class Extract(unittest.TestCase):
    def test_what_load_inline_is_given(self):
        found = pieces(f'import os\ncode = """\n{KERNEL}\n"""\nm = load_inline(name="m", cuda_sources=code)\n')
        self.assertEqual([(piece.text, piece.first) for piece in found], [(f"\n{KERNEL}\n", 2)])

    def test_lists_sums_and_format_strings(self):
        found = pieces(f'W = 32\na = "// one\\n"\nb = a + """{KERNEL}"""\nload_inline(cuda_sources=[b, f"int w = {{W}};"])\n')
        self.assertEqual(len(found), 1)
        self.assertEqual(found[0].text, f"// one\n{KERNEL}\nint w = 32;")

    def test_strings_that_nobody_passes_on(self):
        self.assertEqual([piece.text for piece in pieces(f"x = '''{KERNEL}'''\ny = 'no kernel'\n")], [KERNEL])

    def test_one_text_is_taken_once(self):
        self.assertEqual(len(pieces(f's = "{KERNEL}"\nload_inline(cuda_sources=s)\nload_inline(cuda_sources=[s])\n')), 1)

    def test_what_is_not_known_before_it_runs_is_left_out(self):
        self.assertEqual(pieces('import sys\nload_inline(cuda_sources=open("a.cu").read())\n'), [])

    def test_files_of_a_folder(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "a.cu").write_text(KERNEL)
            (root / "b.py").write_text(f's = "{KERNEL}"\n')
            (root / "c.py").write_text("def (:\n")
            (root / "test.cu").write_text("//pass\n//--blockDim=8 --gridDim=2 -DN=8\n" + KERNEL)
            found, bad = corpus.collect(root)
            self.assertEqual([piece.origin.name for piece in found], ["a.cu", "b.py", "test.cu"])
            self.assertIn("-DN=8", found[2].flags)
            self.assertIn("c.py", " ".join(bad))


def finding(check, line, message="m", severity="warning"):
    return {"check": check, "severity": severity, "message": message, "locations": [{"line": line, "column": 1}]}


class Ignored(unittest.TestCase):
    def test_every_word_of_a_prover_is_read_past(self):
        header = (pathlib.Path(corpus.__file__).parent / "gpuverify_ignored.h").read_text()
        for name in corpus.gpuverify.ANNOTATIONS - corpus.gpuverify.MAPPED:
            self.assertIn(f"#define {name}(...) 1", header, "add it to gpuverify_ignored.h")


class Count(unittest.TestCase):
    def test_a_helper_of_two_kernels_counts_once(self):
        report = {"kernels": [{"findings": [finding("a.b", 3)]}, {"findings": [finding("a.b", 3), finding("a.b", 4)]}]}
        self.assertEqual([one["line"] for one in corpus.findings_of(report)], [3, 4])

    def test_precision_counts_findings_that_are_still_there(self):
        results = [corpus.Result("f.cu", 1, [{"check": "a.b", "severity": "warning", "line": line, "message": ""}
                                             for line in (3, 4, 5)])]
        rows = [("f.cu", 3, "a.b", "yes", ""), ("f.cu", 4, "a.b", "no", ""), ("f.cu", 9, "a.b", "yes", "")]
        self.assertIn("| `a.b` | 3 | 2 | 1 | 50 % |", corpus.precision(rows, results))

    def test_judgements_are_read_and_checked(self):
        with tempfile.TemporaryDirectory() as folder:
            table = pathlib.Path(folder, "judged.tsv")
            table.write_text("# file line check verdict why\nf.cu\t3\ta.b\tyes\tbecause\n")
            self.assertEqual(corpus.read_judged(table), [("f.cu", 3, "a.b", "yes", "because")])
            table.write_text("f.cu\t3\ta.b\tperhaps\n")
            self.assertRaises(ValueError, corpus.read_judged, table)

    def test_no_report_is_an_error_and_no_clean_file(self):
        with tempfile.TemporaryDirectory() as folder:
            program = pathlib.Path(folder, "kverify")
            program.write_text("#!/bin/sh\necho broken >&2\nexit 2\n")
            program.chmod(program.stat().st_mode | stat.S_IXUSR)
            source = pathlib.Path(folder, "a.cu")
            source.write_text(KERNEL)
            piece = corpus.Piece(source, KERNEL)
            self.assertEqual(corpus.run(piece, pathlib.Path(folder), str(program)).error, "broken")
            program.write_text("#!/bin/sh\necho '{\"kernels\": []}'\n")
            self.assertEqual(corpus.run(piece, pathlib.Path(folder), str(program)).error, "an empty report")

    def test_a_report_is_counted(self):
        with tempfile.TemporaryDirectory() as folder:
            report = {"kernels": [{"error": None, "findings": [finding("a.b", 1), finding("c.d", 1, severity="note")]}]}
            pathlib.Path(folder, "report").write_text(json.dumps(report))
            program = pathlib.Path(folder, "kverify")
            program.write_text(f"#!/bin/sh\ncat {folder}/report\n")
            program.chmod(program.stat().st_mode | stat.S_IXUSR)
            source = pathlib.Path(folder, "a.cu")
            source.write_text(KERNEL)
            result = corpus.run(corpus.Piece(source, KERNEL), pathlib.Path(folder), str(program))
            self.assertEqual((len(result.findings), result.error), (2, ""))
            lines = corpus.summary([result])
            self.assertIn("| `c.d` | note | 1 | 1 |", lines)


if __name__ == "__main__":
    unittest.main()
