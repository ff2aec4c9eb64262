#!/usr/bin/env python3
"""The executor beside Oclgrind and PoCL, on the same five kernels, in one run; prints a Markdown table of ratios.

    bench/executor/compare.py build/release/bin/executor_bench

Debian packages for the peers: oclgrind pocl-opencl-icd ocl-icd-opencl-dev opencl-headers. A peer that is not installed is
left out. All times are processor times (user + system) of one launch, so other load on the machine counts little; rounds
are interleaved, and each figure is the median over the rounds.
"""
import argparse
import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
KERNELS = ["softmax_naive", "softmax_wg", "matmul_tiled", "attn_naive", "attn_flash"]


def lines(command, **kwargs):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False, **kwargs)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def build_host(folder):
    host = os.path.join(folder, "opencl_host")
    command = ["g++", "-O2", "-std=c++17", os.path.join(HERE, "opencl_host.cpp"), "-lOpenCL", "-o", host]
    return host if subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode == 0 else None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("executor_bench")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    ours, oclgrind, pocl = {k: [] for k in KERNELS}, {k: [] for k in KERNELS}, {k: [] for k in KERNELS}
    last = {}
    with tempfile.TemporaryDirectory() as folder:
        host = build_host(folder)
        source = os.path.join(HERE, "kernels.cl")
        for _ in range(options.rounds):
            for record in lines([options.executor_bench, os.path.join(HERE, "kernels.cu"), "11"]):
                ours[record["kernel"]].append(record["ms"])
                last[record["kernel"]] = record
            for kernel in KERNELS if host else []:
                if shutil.which("oclgrind"):
                    runs = lines(["oclgrind", "--data-races", host, source, kernel, "1"])
                    oclgrind[kernel] += [run["cpu_ms"] for run in runs]
                runs = lines([host, source, kernel, "12"])
                pocl[kernel] += [run["cpu_ms"] for run in runs[1:]]
    if not last:
        sys.exit("executor_bench printed nothing; is its path right?")

    def median(values):
        return statistics.median(values) if values else None

    print("| kernel | accesses | executor, all checks, ms | without checks | ns per checked access | oclgrind --data-races, ms "
          "| times faster | PoCL (no checks), ms | shadow bytes per 4 |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    ratios = []
    for kernel in KERNELS:
        mine, theirs, free = median(ours[kernel]), median(oclgrind[kernel]), median(pocl[kernel])
        ratio = theirs / mine if theirs else None
        ratios += [ratio] if ratio else []
        record = last[kernel]
        print("| {} | {:.2f} M | {:.2f} | {:.2f} | {:.2f} | {} | {} | {} | {:.1f} |".format(
            kernel, record["accesses"] / 1e6, mine, record["plain_ms"], mine * 1e6 / record["accesses"],
            f"{theirs:.0f}" if theirs else "not installed", f"{ratio:.0f}x" if ratio else "-",
            f"{free:.2f}" if free else "not installed", record["shadow_bytes_per_4"]))
    if ratios:
        print(f"\nGeometric mean against oclgrind --data-races: {math.exp(statistics.fmean(map(math.log, ratios))):.0f}x")


if __name__ == "__main__":
    main()
