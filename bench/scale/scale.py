#!/usr/bin/env python3
"""Kernels per hour against shards, and what a lost shard costs.

usage: bench/scale/scale.py KVERIFY [--corpus DIR] [--shards 1,2,4] [--rounds N] [-- FLAGS of kverify audit]

KVERIFY is the built program. All shards run at the same time on this machine, each with one job at a time (--jobs 1), from a
cold cache. With more shards than free cores they can't grow: the processor seconds of all shards together, which a scheme
without waste keeps the same, say what cutting itself costs.
Rounds are interleaved; medians. Then one shard of the largest number is killed half way (SIGKILL) and run again alone, with
its journal and without; all shards but it are as they were. Every merge must give the verdicts of the unsharded audit.
"""
import argparse
import json
import os
import pathlib
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time


class Run:
    """Audits of one corpus with the same flags."""

    def __init__(self, kverify, corpus, flags, scratch):
        self.kverify, self.corpus, self.flags = os.path.abspath(kverify), corpus, flags
        self.scratch = pathlib.Path(scratch)
        self.number = 0

    def start(self, shard, home, journal):
        environment = dict(os.environ, XDG_CACHE_HOME=str(home / "cache"), XDG_STATE_HOME=str(home / "state"))
        command = [self.kverify, "audit", self.corpus, "--jobs", "1", "--format", "json", "--quiet", "--shard", shard,
                   "--output", str(home / "found"), "--no-saved-cases", "--journal", str(journal), *self.flags]
        report = open(home / f"{shard.replace('/', '-of-')}.json", "w", encoding="utf-8")
        return subprocess.Popen(command, stdout=report, stderr=subprocess.DEVNULL, env=environment), report.name

    def home(self):
        self.number += 1
        home = self.scratch / str(self.number)
        home.mkdir()
        return home

    def all_shards(self, count, home):
        """(seconds, processor seconds, reports): all at once, from cold."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        begin = time.monotonic()
        running = [self.start(f"{i}/{count}", home, home / f"{i}.journal") for i in range(1, count + 1)]
        for process, _ in running:
            if process.wait() not in (0, 1, 2, 3):
                sys.exit("a shard crashed")
        seconds = time.monotonic() - begin
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return seconds, spent, [name for _, name in running]

    def merge(self, reports):
        run = subprocess.run([self.kverify, "merge", "--format", "json", *reports], capture_output=True, text=True, check=False)
        if not run.stdout:
            sys.exit(f"the reports can't be merged: {run.stderr}")
        return json.loads(run.stdout)


def verdicts(report):
    return {kernel["file"]: kernel["verdict"] for kernel in report["kernels"]}


def expect(report, reference, what):
    if verdicts(report) != verdicts(reference):
        sys.exit(f"{what}: other verdicts than the unsharded audit")


def entries(journal):
    return max(0, journal.read_bytes().count(b"\n") - 1) if journal.exists() else 0


def lose(run, count, shard, home, reports, reference):
    """Kills a shard half way and runs it again; (kernels of it, judged before, seconds with journal, without)."""
    part = json.loads(pathlib.Path(reports[shard - 1]).read_text(encoding="utf-8"))
    kernels = len(part["kernels"])
    lost = run.home()
    journal = lost / "lost.journal"
    process, name = run.start(f"{shard}/{count}", lost, journal)
    while entries(journal) < kernels // 2 and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = entries(journal)
    seconds = []
    for kept in (journal, lost / "afresh.journal"):
        begin = time.monotonic()
        process, name = run.start(f"{shard}/{count}", lost if kept == journal else run.home(), kept)
        process.wait()
        seconds.append(time.monotonic() - begin)
        others = [report for i, report in enumerate(reports, 1) if i != shard]
        expect(run.merge(others + [name]), reference, "after a lost shard")
    return kernels, before, *seconds


def main():
    arguments = sys.argv[1:]
    flags = ["--stages", "static,fuzz,formal", "--quick"]
    if "--" in arguments:
        flags = arguments[arguments.index("--") + 1:]
        arguments = arguments[:arguments.index("--")]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kverify")
    parser.add_argument("--corpus", default="kernels")
    parser.add_argument("--shards", default="1,2,4")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    counts = [int(text) for text in options.shards.split(",")]
    with tempfile.TemporaryDirectory() as scratch:
        run = Run(options.kverify, options.corpus, flags, scratch)
        seconds = {count: [] for count in counts}
        spent = {count: [] for count in counts}
        reference, last = None, None
        for _ in range(options.rounds):
            for count in counts:
                home = run.home()
                took, processor, reports = run.all_shards(count, home)
                seconds[count].append(took)
                spent[count].append(processor)
                merged = run.merge(reports)
                reference = reference or merged
                expect(merged, reference, f"{count} shards")
                last = (count, home, reports, merged)
        kernels = len(reference["kernels"])
        base = statistics.median(seconds[counts[0]])
        print("| shards at once | seconds | kernels per hour | against the first row | processor seconds of all |\n"
              "| --- | --- | --- | --- | --- |")
        for count in counts:
            median = statistics.median(seconds[count])
            print(f"| {count} | {median:.1f} | {kernels / median * 3600:.0f} | {base / median:.2f}x | "
                  f"{statistics.median(spent[count]):.0f} |")
        count, home, reports, merged = last
        largest = max(range(1, count + 1),
                      key=lambda i: len(json.loads(pathlib.Path(reports[i - 1]).read_text(encoding="utf-8"))["kernels"]))
        size, before, resumed, afresh = lose(run, count, largest, home, reports, reference)
        print(f"\nShard {largest} of {count} ({size} of {kernels} kernels) killed after {before}: again alone {resumed:.1f} s with its "
              f"journal, {afresh:.1f} s without; the other {count - 1} shards were not touched, and the merge is the same.")


if __name__ == "__main__":
    main()
