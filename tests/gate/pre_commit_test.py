#!/usr/bin/env python3
""".pre-commit-hooks.yaml: the hook as pre-commit starts a hook of `language: script`, by itself where pre-commit is here.

usage: pre_commit_test.py KVERIFY
"""
import os
import re
import resource
import shlex
import sys

try:
    import yaml
except ImportError:
    print("skipped: there is no python3-yaml")
    sys.exit(77)

from repository import PROJECT, GateTest, main

HOOK = next(hook for hook in yaml.safe_load((PROJECT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
            if hook["id"] == "kverify")


class PreCommit(GateTest):
    def commit_hook(self):
        """Runs the hook on what is staged: entry, then the staged files that its pattern takes."""
        staged = self.repository.git("diff", "--cached", "--name-only", "--diff-filter=ACMR").splitlines()
        files = [name for name in staged if re.search(HOOK["files"], name)]
        if not files:
            return None
        words = shlex.split(HOOK["entry"])
        self.assertEqual(words[0], "scripts/kverify")
        self.assertTrue(os.access(PROJECT / words[0], os.X_OK), "language: script starts a file of the hook's repository")
        return self.repository.run([self.kverify, *words[1:], *files])

    def test_takes_the_files_that_a_kernel_hangs_on_and_no_others(self):
        for name in ("k.cu", "a/b.cuh", "c.h", "kernels/contract.json", "k.contract.json", "kverify.json", "t.inl"):
            self.assertRegex(name, HOOK["files"])
        for name in ("README.md", "a.py", "mycontract.jsonl", "package.json"):
            self.assertNotRegex(name, HOOK["files"])
        self.assertEqual(HOOK["language"], "script")

    def test_stops_a_commit_that_breaks_a_kernel_through_a_header(self):
        self.repository.write("common/settle.cuh", self.no_barrier())
        self.repository.git("add", "--all")
        done = self.commit_hook()
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"kernels/reversed/kernel\.cu:\d+:\d+: error: .*race\.shared-read-write")

    def test_lets_a_good_commit_through_in_ten_seconds(self):
        self.repository.write("kernels/twice/kernel.cu", (self.repository.path / "kernels/twice/kernel.cu").read_text() + "// fine\n")
        self.repository.git("add", "--all")
        start = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = self.commit_hook()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.assertLess(used.ru_utime + used.ru_stime - start.ru_utime - start.ru_stime, 10, "seconds of processor time")

    def test_has_nothing_to_say_of_a_commit_without_kernels(self):
        self.repository.write("docs/a.md", "text\n")
        self.repository.git("add", "--all")
        self.assertIsNone(self.commit_hook())

    def no_barrier(self):
        from repository import NO_BARRIER
        return NO_BARRIER


if __name__ == "__main__":
    main()
