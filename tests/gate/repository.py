"""A small repository with two kernels, and changes to it as pull requests are: a good one and a bad one.

kernels/twice reads and writes one element a thread. kernels/reversed turns each block's elements round through shared
memory; its barrier is in common/settle.cuh.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

PROJECT = pathlib.Path(__file__).resolve().parents[2]

TWICE = """__global__ void twice(const float* x, float* y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = 2.0f * x[i];
}
"""

REVERSED = """#include "../../common/settle.cuh"

__global__ void reversed(const float* x, float* y, int n) {
  __shared__ float tile[32];
  int t = threadIdx.x;
  int i = blockIdx.x * 32 + t;
  tile[t] = i < n ? x[i] : 0.0f;
  settle();
  if (i < n) y[i] = tile[31 - t];
}
"""

SETTLE = """#pragma once
// Everything written to shared memory can be read by all.
__device__ inline void settle() { __syncthreads(); }
"""

NO_BARRIER = SETTLE.replace("__syncthreads();", "/* faster */")


def contract(kernel):
    return json.dumps({
        "contract": 1,
        "sizes": {"n": {"range": [1, 100]}},
        "tensors": {
            "x": {"dtype": "f32", "shape": ["n"], "access": "read"},
            "y": {"dtype": "f32", "shape": ["n"], "access": "write"},
        },
        "launches": [{"kernel": kernel, "args": ["x", "y", "n"], "grid": ["ceildiv(n, 32)"], "block": [32]}],
    }, indent=2) + "\n"


class Repository:
    """A git repository in a folder of its own, with a home of its own: nobody's configuration is read or written."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="kverify-gate-"))
        self.path = self.folder / "repository"
        self.path.mkdir()
        (self.folder / "home").mkdir()
        self.environment = {name: value for name, value in os.environ.items()
                            if not name.startswith(("KVERIFY_", "GIT_", "GITHUB_", "CI_"))}
        self.environment.update(HOME=str(self.folder / "home"), XDG_CACHE_HOME=str(self.folder / "home" / ".cache"),
                                GIT_CONFIG_NOSYSTEM="1", GIT_AUTHOR_DATE="2026-01-01T00:00:00Z",
                                GIT_COMMITTER_DATE="2026-01-01T00:00:00Z", NO_COLOR="1")
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("config", "user.name", "A Tester")
        self.git("config", "user.email", "tester@example.com")
        for kernel, source in (("twice", TWICE), ("reversed", REVERSED)):
            self.write(f"kernels/{kernel}/kernel.cu", source)
            self.write(f"kernels/{kernel}/contract.json", contract(kernel))
        self.write("common/settle.cuh", SETTLE)
        self.write("kverify.json", json.dumps({"kverify": 1, "preset": "standard",
                                               "checks": {"race.*": {"require": "proof"}}}, indent=2) + "\n")
        self.write(".gitignore", "/out/\n/kverify-report/\n/.kverify-cache/\n")
        self.commit("Two kernels")

    def close(self):
        shutil.rmtree(self.folder)

    def write(self, name, text):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def git(self, *words):
        done = subprocess.run(["git", *words], cwd=self.path, env=self.environment, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"git {' '.join(words)}: {done.stderr}")
        return done.stdout.strip()

    def commit(self, message):
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")

    def good_pull_request(self):
        """Renames, moves lines, and adds a file that has nothing to do with kernels."""
        self.git("checkout", "--quiet", "-b", "good", "main")
        self.write("common/settle.cuh", SETTLE.replace("// Everything", "//\n// Everything"))
        self.write("docs/notes.md", "Nothing to judge.\n")
        return self.commit("Say more of settle")

    def bad_pull_request(self):
        """Takes the barrier out of a header: a race in a kernel whose own file did not change."""
        self.git("checkout", "--quiet", "-b", "bad", "main")
        self.write("common/settle.cuh", NO_BARRIER)
        return self.commit("A faster settle")

    def run(self, command, environment=None, folder=None):
        return subprocess.run(command, cwd=folder or self.path, env={**self.environment, **(environment or {})},
                              capture_output=True, text=True, timeout=500)


class GateTest(unittest.TestCase):
    kverify = None

    def setUp(self):
        self.repository = Repository()
        self.addCleanup(self.repository.close)


def main():
    """Runs the tests of the module that was started; its first argument is the program."""
    if len(sys.argv) < 2 or not os.access(sys.argv[1], os.X_OK):
        print("usage: TEST.py KVERIFY")
        sys.exit(2)
    GateTest.kverify = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
