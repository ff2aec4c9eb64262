#!/usr/bin/env python3
"""FlashAttention-2's own kernels under kverify, from checkouts that whoever runs this has fetched.

    tests/peers/flash_attention.py FLASH_ATTENTION CUTLASS [--kverify PATH] [--only NAME] [--tokens N]... [--stages LIST] [--cases N]
                                   [--mend]

For each contract in flash_attention/ it audits the .cu file of the checkout that launches the kernel: only the instantiation that
the contract names is compiled. Prints seconds, largest memory and the verdict; with --tokens one line for each number of tokens
(one batch, one head), with the worst error as a share of the bound. Nothing of either project is part of this one.
--mend judges a copy in which what an audit refutes is changed, so that the rest can be judged: convert_type() gives its result storage
of its own (it returns a pointer to a local variable), the copies of Q and K clear rows beyond their ends, and the kernel that combines
splits writes no LSE beyond the last row.
Exit 0 when each ended in a verdict, 1 when one ended in an error, 2 for wrong usage.
"""
import argparse
import json
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
SOURCES = {
    "forward_hd64": "flash_fwd_hdim64_fp16_sm80.cu",
    "forward_hd64_causal": "flash_fwd_hdim64_fp16_causal_sm80.cu",
    "split_hd64": "flash_fwd_split_hdim64_fp16_sm80.cu",
    "split_hd64_causal": "flash_fwd_split_hdim64_fp16_causal_sm80.cu",
    "backward_hd64": "flash_bwd_hdim64_fp16_sm80.cu",
    "backward_hd64_causal": "flash_bwd_hdim64_fp16_causal_sm80.cu",
}


# File, what is found in it, what it becomes.
MENDS = (
    ("utils.h", r"auto frag = convert_op\(.*?\);\s*return make_tensor\(make_rmem_ptr<To_type>\(&frag\), tensor\.layout\(\)\);",
     "auto own = make_tensor<To_type>(tensor.layout()); for (int i = 0; i < numel; ++i) { own(i) = To_type(tensor(i)); } return own;"),
    ("utils.h", r"(auto convert_type_relu\(.*?)return out;",
     r"\1auto own = make_tensor<To_type>(tensor.layout()); for (int i = 0; i < numel; ++i) { own(i) = out(i); } return own;"),
    ("flash_fwd_kernel.h", r"copy<Is_even_MN, Is_even_K>\(gmem_tiled_copy_QKV, tQgQ, tQsQ,",
     "copy<Is_even_MN, Is_even_K, /*Clear_OOB_MN=*/true>(gmem_tiled_copy_QKV, tQgQ, tQsQ,"),
    ("flash_fwd_kernel.h", r"copy<Is_even_MN, Is_even_K>\(gmem_tiled_copy_QKV, tKgK\(",
     "copy<Is_even_MN, Is_even_K, /*Clear_OOB_MN=*/true>(gmem_tiled_copy_QKV, tKgK("),
    ("flash_fwd_kernel.h", r"copy<Is_even_MN, Is_even_K>\(gmem_tiled_copy_QKV, tKgK,",
     "copy<Is_even_MN, Is_even_K, /*Clear_OOB_MN=*/true>(gmem_tiled_copy_QKV, tKgK,"),
    ("flash_fwd_kernel.h", r"gLSE\(tidx / kRowsPerLoadTranspose\) = lse_logsum;",
     "if (row_offset_lse + tidx / kRowsPerLoadTranspose < lse_size) { gLSE(tidx / kRowsPerLoadTranspose) = lse_logsum; }"),
)


def mended(sources, out):
    """A copy of csrc/flash_attn below `out`, with the mends."""
    copy = pathlib.Path(out, "flash_attn")
    shutil.copytree(sources, copy)
    for name, found, instead in MENDS:
        path = copy / "src" / name
        text, count = re.subn(found, instead, path.read_text(), flags=re.DOTALL)
        if count == 0:
            sys.exit(f"{path.name} is not what --mend knows: a newer flash-attention?")
        path.write_text(text)
    return copy


def contract_of(name, tokens, out):
    """Path of the contract; of one with a single shape where the number of tokens is given."""
    path = HERE / "flash_attention" / f"{name}.contract.json"
    if tokens is None:
        return path
    contract = json.loads(path.read_text())
    contract["sizes"] |= {"B": {"list": [1]}, "H": {"list": [1]}, "Nq": {"list": [tokens]}}
    if "S" in contract["sizes"]:  # split: few queries, many keys
        contract["sizes"] |= {"Nq": {"list": [min(tokens, 17)]}, "Nk": {"list": [tokens]}, "S": {"list": [3]}}
    one = pathlib.Path(out, f"{name}_{tokens}.contract.json")
    one.write_text(json.dumps(contract))
    return one


def command(options, name, tokens, out):
    source = options.flash_attention / "csrc" / "flash_attn"
    if options.mend:
        source = mended(source, out)
    return [options.kverify, "audit", str(source / "src" / SOURCES[name]),
            "--contract", str(contract_of(name, tokens, out)),
            "--stages", options.stages, "--cases", str(options.cases), "--format", "json", "--quiet", "--output", out,
            *options.audit, "--", "-I", str(source), "-I", str(source / "src"), "-I", str(options.cutlass / "include")]


def largest_error(outcomes):
    """Of numerics.bound, as a share of the bound."""
    for one in outcomes:
        if one["check"] == "numerics.bound" and one["worst_ratio"] is not None:
            return f"{one['worst_ratio']:.3g}"
    return "-"


def run(options, name, tokens=None):
    """(line of the table, whether it ended in a verdict)"""
    label = name if tokens is None else f"{name}, N = {tokens}"
    with tempfile.TemporaryDirectory() as out:
        begin = time.monotonic()
        done = subprocess.run(command(options, name, tokens, out), capture_output=True, text=True)
        seconds = time.monotonic() - begin
    mebibytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    try:
        kernel = json.loads(done.stdout)["kernels"][0]
    except (json.JSONDecodeError, IndexError, KeyError):
        return f"| {label} | {seconds:.0f} | {mebibytes:.0f} | - | error: {(done.stderr.strip() or 'no report').splitlines()[0]} |", False
    if kernel["error"]:
        return f"| {label} | {seconds:.0f} | {mebibytes:.0f} | - | error: {kernel['error']['message'].splitlines()[0]} |", False
    counts = {}
    for one in kernel["outcomes"]:
        what = f"{one['outcome']}" + (f" ({one['reason']})" if one["outcome"] == "unknown" else "")
        counts[what] = counts.get(what, 0) + 1
    shown = ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))
    if options.unknown:
        for one in kernel["outcomes"]:
            if one["outcome"] in ("unknown", "refuted"):
                print(f"{label}: {one['check']}: {one['outcome']}: {one['reason']}: {one.get('detail', '')}", file=sys.stderr, flush=True)
    return f"| {label} | {seconds:.0f} | {mebibytes:.0f} | {largest_error(kernel['outcomes'])} | {kernel['verdict']}: {shown} |", True


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("flash_attention", type=pathlib.Path)
    parser.add_argument("cutlass", type=pathlib.Path)
    parser.add_argument("--kverify", default=os.environ.get("KVERIFY", "kverify"))
    parser.add_argument("--only", choices=sorted(SOURCES))
    parser.add_argument("--stages", default="fuzz,formal")
    parser.add_argument("--tokens", type=int, action="append", help="only this many (may be repeated), one batch and one head")
    parser.add_argument("--mend", action="store_true", help="judges a copy in which two known defects are mended")
    parser.add_argument("--unknown", action="store_true", help="names on stderr what is not passed, each with its reason")
    parser.add_argument("--audit", action="append", default=[], help="one more flag of the audit: --audit=--quick")
    parser.add_argument("--cases", type=int, default=12)
    options = parser.parse_args(arguments)
    if not (options.flash_attention / "csrc" / "flash_attn").is_dir():
        print(f"there is no csrc/flash_attn below {options.flash_attention}", file=sys.stderr)
        return 2
    print("| kernel | seconds | MiB | worst error of the bound | verdict |\n| --- | --- | --- | --- | --- |")
    good = True
    for name in [options.only] if options.only else sorted(SOURCES):
        for tokens in options.tokens or [None]:
            line, ended = run(options, name, tokens)
            print(line, flush=True)
            good &= ended
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
