#!/usr/bin/env python3
"""FlashAttention-2's own kernels under kverify, from checkouts that whoever runs this has fetched.

    tests/peers/flash_attention.py FLASH_ATTENTION CUTLASS [--kverify PATH] [--only NAME] [--stages LIST] [--cases N]

For each contract in flash_attention/ it audits the .cu file of the checkout that launches the kernel: only the instantiation that
the contract names is compiled. Prints seconds, largest memory and the verdict. Nothing of either project is part of this one.
Exit 0 when each ended in a verdict, 1 when one ended in an error, 2 for wrong usage.
"""
import argparse
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
SOURCES = {"forward_hd64": "flash_fwd_hdim64_fp16_sm80.cu", "forward_hd64_causal": "flash_fwd_hdim64_fp16_causal_sm80.cu"}


def command(options, name, out):
    source = options.flash_attention / "csrc" / "flash_attn"
    return [options.kverify, "audit", str(source / "src" / SOURCES[name]),
            "--contract", str(HERE / "flash_attention" / f"{name}.contract.json"),
            "--stages", options.stages, "--cases", str(options.cases), "--format", "json", "--quiet", "--output", out,
            "--", "-I", str(source), "-I", str(source / "src"), "-I", str(options.cutlass / "include")]


def run(options, name):
    """(line of the table, whether it ended in a verdict)"""
    with tempfile.TemporaryDirectory() as out:
        begin = time.monotonic()
        done = subprocess.run(command(options, name, out), capture_output=True, text=True)
        seconds = time.monotonic() - begin
    mebibytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    try:
        kernel = json.loads(done.stdout)["kernels"][0]
    except (json.JSONDecodeError, IndexError, KeyError):
        return f"| {name} | {seconds:.0f} | {mebibytes:.0f} | error: {(done.stderr.strip() or 'no report').splitlines()[0]} |", False
    if kernel["error"]:
        return f"| {name} | {seconds:.0f} | {mebibytes:.0f} | error: {kernel['error']['message'].splitlines()[0]} |", False
    counts = {}
    for one in kernel["outcomes"]:
        what = f"{one['outcome']}" + (f" ({one['reason']})" if one["outcome"] == "unknown" else "")
        counts[what] = counts.get(what, 0) + 1
    shown = ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))
    return f"| {name} | {seconds:.0f} | {mebibytes:.0f} | {kernel['verdict']}: {shown} |", True


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("flash_attention", type=pathlib.Path)
    parser.add_argument("cutlass", type=pathlib.Path)
    parser.add_argument("--kverify", default=os.environ.get("KVERIFY", "kverify"))
    parser.add_argument("--only", choices=sorted(SOURCES))
    parser.add_argument("--stages", default="fuzz,formal")
    parser.add_argument("--cases", type=int, default=12)
    options = parser.parse_args(arguments)
    if not (options.flash_attention / "csrc" / "flash_attn").is_dir():
        print(f"there is no csrc/flash_attn below {options.flash_attention}", file=sys.stderr)
        return 2
    print("| kernel | seconds | MiB | verdict |\n| --- | --- | --- | --- |")
    good = True
    for name in [options.only] if options.only else sorted(SOURCES):
        line, ended = run(options, name)
        print(line, flush=True)
        good &= ended
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
