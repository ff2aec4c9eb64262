"""The CUDA texts of Python files, found with Python's own parser; no file is run.

Reads paths from standard input, one a line, and prints one line of JSON for each: the texts that are given to
load_inline, load, RawKernel, RawModule and SourceModule, and other strings with a kernel in them.
"""
import ast
import json
import os
import sys

from evaluate import Evaluator, Unknown, Value
from literals import Text

# What each function calls the argument that has the text, and where it stands without a name.
TEXT_ARGUMENTS = {"RawKernel": ("code", 0), "RawModule": ("code", 0), "SourceModule": ("source", 0)}

# A file with none of these has no CUDA, whatever else it is.
WORDS = ("__global__", "load_inline", "cpp_extension", *TEXT_ARGUMENTS)


class File:
    def __init__(self, path, source):
        self.path = path
        self.tree = ast.parse(source)
        self.evaluator = Evaluator(path, source, self.tree)
        self.pieces = []

    def read(self):
        calls = [node for node in ast.walk(self.tree) if isinstance(node, ast.Call)]
        for node in sorted(calls, key=lambda one: (one.lineno, one.col_offset)):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name == "load_inline":
                self.load_inline(node)
            elif name == "load" and self.argument(node, "sources", 1) is not None and "name" in self.names(node):
                self.load(node)
            elif name in TEXT_ARGUMENTS:
                self.raw(name, node)
        self.strings()
        return self.pieces

    # --- arguments of calls

    @staticmethod
    def names(node):
        return {keyword.arg for keyword in node.keywords} | ({"name"} if node.args else set())

    @staticmethod
    def argument(node, name, place=None):
        for keyword in node.keywords:
            if keyword.arg == name:
                return keyword.value
        return node.args[place] if place is not None and place < len(node.args) else None

    def texts(self, node, piece):
        """A list of Text; what is not known is said in the piece."""
        if node is None:
            return []
        try:
            value = self.evaluator.value(node)
        except (Unknown, ValueError, RecursionError) as why:
            piece["unknown"] = {"line": node.lineno, "why": str(why)}
            return []
        found = [one if isinstance(one, Text) else Text.at(one.path, node.lineno)
                 for one in (value if isinstance(value, list) else [value]) if isinstance(one, (Text, Value))]
        return found

    def words(self, node):
        """Texts of a list whose unknown parts are left out: flags, names."""
        parts = node.elts if isinstance(node, (ast.List, ast.Tuple)) else [] if node is None else [node]
        return [text.chars for part in parts for text in self.texts(part, {})]

    def new(self, kind, node, name=""):
        self.evaluator.holes, self.evaluator.defaults = [], []
        return {"kind": kind, "name": name, "line": node.lineno, "cuda": [], "cpp": [], "functions": [], "flags": [],
                "folders": [], "sources": [], "kernels": [], "unknown": None}

    def close(self, piece):
        piece["holes"], piece["defaults"] = self.evaluator.holes, self.evaluator.defaults
        if piece["cuda"]:
            piece["line"] = piece["cuda"][0][0][0]
        self.pieces.append(piece)

    def keep(self, piece, key, texts):
        piece[key] += [rows for rows in (text.rows() for text in texts) if rows]

    # --- the calls

    def load_inline(self, node):
        piece = self.new("load_inline", node, "".join(self.words(self.argument(node, "name", 0))[:1]))
        cuda = self.argument(node, "cuda_sources", 2) or self.argument(node, "cuda_source")
        self.keep(piece, "cuda", self.texts(cuda, piece))
        self.keep(piece, "cpp", self.texts(self.argument(node, "cpp_sources", 1) or self.argument(node, "cpp_source"), piece))
        self.keep_common(piece, node)
        functions = self.argument(node, "functions", 3)
        piece["functions"] = (self.words(functions) if not isinstance(functions, (ast.Dict, ast.Name)) else
                              [text.chars for text in self.texts(functions, {})])
        if piece["cuda"] or piece["unknown"] or "__global__" in str(piece["cpp"]):
            self.close(piece)

    def keep_common(self, piece, node):
        piece["flags"] = self.words(self.argument(node, "extra_cuda_cflags"))
        piece["folders"] = self.words(self.argument(node, "extra_include_paths"))

    def load(self, node):
        piece = self.new("load", node, "".join(self.words(self.argument(node, "name", 0))[:1]))
        self.keep_common(piece, node)
        here = os.path.dirname(self.path)
        for text in self.texts(self.argument(node, "sources", 1), piece):
            piece["sources"].append(os.path.normpath(os.path.join(here, text.chars)))
        if piece["sources"] or piece["unknown"]:
            self.close(piece)

    def raw(self, name, node):
        argument, place = TEXT_ARGUMENTS[name]
        code = self.argument(node, argument, place)
        if code is None:
            return
        piece = self.new({"RawKernel": "raw_kernel", "RawModule": "raw_module"}.get(name, "source_module"), node)
        self.keep(piece, "cuda", self.texts(code, piece))
        piece["flags"] = self.words(self.argument(node, "options", 2))
        piece["kernels"] = self.words(self.argument(node, "name", 1) if name == "RawKernel" else
                                      self.argument(node, "name_expressions"))
        if piece["cuda"] or piece["unknown"]:
            if not any(piece["cuda"] and one["cuda"] == piece["cuda"] for one in self.pieces):
                self.close(piece)
            else:
                next(one for one in self.pieces if one["cuda"] == piece["cuda"])["kernels"] += piece["kernels"]

    def strings(self):
        """Strings with a kernel that no call above took. What only documents is no source."""
        documentation = {id(node.body[0].value) for node in ast.walk(self.tree)
                         if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
                         and node.body and isinstance(node.body[0], ast.Expr)}
        for node in ast.walk(self.tree):
            if id(node) in self.evaluator.used or id(node) in documentation or not self.has_kernel(node):
                continue
            if isinstance(self.evaluator.parent.get(node), (ast.JoinedStr, ast.Compare)):
                continue  # part of an f-string, which is looked at itself; a search for the word
            statement = self.evaluator.parent.get(node)
            name = (statement.targets[0].id if isinstance(statement, ast.Assign) and len(statement.targets) == 1 and
                    isinstance(statement.targets[0], ast.Name) else "")
            piece = self.new("string", node, name)
            self.keep(piece, "cuda", self.texts(node, piece))
            if not any(one["cuda"] == piece["cuda"] for one in self.pieces):
                self.close(piece)

    @staticmethod
    def has_kernel(node):
        if isinstance(node, ast.Constant):
            text = node.value if isinstance(node.value, str) else ""
        elif isinstance(node, ast.JoinedStr):
            text = "".join(part.value for part in node.values if isinstance(part, ast.Constant))
        else:
            return False
        return "__global__" in text and "{" in text and "(" in text


def describe(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            source = file.read().replace("\r\n", "\n")
        if not any(word in source for word in WORDS):
            return {"path": path, "pieces": []}
        return {"path": path, "pieces": File(path, source).read()}
    except SyntaxError as error:
        return {"path": path, "error": f"this is not Python: {error.msg}", "line": error.lineno or 0}
    except OSError as error:
        return {"path": path, "error": f"the file can't be opened for reading: {error.strerror}", "line": 0}
    except (ValueError, RecursionError) as error:
        return {"path": path, "error": f"Python's parser gave up: {error}", "line": 0}


def main():
    sys.setrecursionlimit(5000)
    for path in sys.stdin.read().split("\n"):
        if path:
            print(json.dumps(describe(path)), flush=True)


if __name__ == "__main__":
    main()
