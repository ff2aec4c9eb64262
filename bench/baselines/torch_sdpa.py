#!/usr/bin/env python3
"""PyTorch's scaled_dot_product_attention as a baseline of `kverify bench`: one backend, timed on request.

Speaks kverify.baseline/1 (bench/README.md): a JSON object a line on stdin, one a line on stdout.

    {"do": "hello"}
    {"do": "prepare", "operation": "attention.forward", "axes": {"b": 4, ...}, "options": {"causal": "none", "scale": 0.125},
     "tensors": {"Q": {"dtype": "bf16", "shape": [4, 16, 4096, 64], "file": "/…/Q.bin"}, …}, "seed": 1}
    {"do": "time", "samples": 5, "batch": 1, "cold": true}
    {"do": "output"}                      the result of the last launch, written to a file: its path and dtype
    {"do": "quit"}

`torch_sdpa.py flash --table` times the shapes of bench/README.md by itself and prints a table.
"""
import argparse
import json
import math
import statistics
import sys
import tempfile

import torch
import torch.nn.functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

BACKENDS = {
    "flash": SDPBackend.FLASH_ATTENTION,
    "cudnn": SDPBackend.CUDNN_ATTENTION,
    "efficient": SDPBackend.EFFICIENT_ATTENTION,
    "math": SDPBackend.MATH,
}
DTYPES = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}
FLUSH_BYTES = 256 << 20  # several times the largest L2
INPUT_SETS = 3  # rotated when cold


class Refused(Exception):
    """What is asked for is not something this baseline does; the message says what."""


def read_tensor(entry, seed, device):
    dtype = DTYPES.get(entry["dtype"])
    if dtype is None:
        raise Refused(f"SDPA takes no {entry['dtype']}")
    if entry.get("file"):
        with open(entry["file"], "rb") as f:
            data = bytearray(f.read())
        return torch.frombuffer(data, dtype=dtype).reshape(entry["shape"]).to(device)
    generator = torch.Generator(device=device).manual_seed(seed)
    return torch.randn(entry["shape"], generator=generator, device=device, dtype=torch.float32).to(dtype)


class Job:
    def __init__(self, backend, request):
        if request.get("operation") != "attention.forward":
            raise Refused(f"this baseline does attention.forward, not {request.get('operation')}")
        causal = request.get("options", {}).get("causal", "none")
        if causal not in ("none", "top-left", "bottom-right"):
            raise Refused(f"there is no mask '{causal}' here")
        tensors = request["tensors"]
        nq, nk = tensors["Q"]["shape"][2], tensors["K"]["shape"][2]
        if causal == "bottom-right" and nq != nk:
            raise Refused("SDPA's is_causal is aligned at the top left: Nq must be Nk")
        self.backend = BACKENDS[backend]
        self.causal = causal != "none"
        self.scale = request.get("options", {}).get("scale")
        self.grouped = tensors["Q"]["shape"][1] != tensors["K"]["shape"][1]
        seed = int(request.get("seed", 1))
        self.sets = [
            [read_tensor(tensors[role], seed + 7 * copy + i, "cuda") for i, role in enumerate("QKV")]
            for copy in range(1 if tensors["Q"].get("file") else INPUT_SETS)
        ]
        if len(self.sets) == 1:
            self.sets += [[t.clone() for t in self.sets[0]] for _ in range(INPUT_SETS - 1)]
        self.flush = torch.empty(FLUSH_BYTES // 4, dtype=torch.int32, device="cuda")
        self.turn = 0
        self.result = self.launch()  # fails here if the backend refuses the shape
        torch.cuda.synchronize()

    def launch(self):
        q, k, v = self.sets[self.turn % len(self.sets)]
        with sdpa_kernel(self.backend):
            return F.scaled_dot_product_attention(
                q, k, v, is_causal=self.causal, scale=self.scale, enable_gqa=self.grouped
            )

    def time(self, samples, batch, cold):
        times = []
        for _ in range(samples):
            if cold:
                self.flush.zero_()
                self.turn += 1
            start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
            torch.cuda.synchronize()
            # The card starts late enough for everything to be queued: the host's time is no part of the sample.
            torch.cuda._sleep(200_000)
            start.record()
            for _ in range(batch):
                self.result = self.launch()
            end.record()
            torch.cuda.synchronize()
            times.append(start.elapsed_time(end) / batch)
        return times


def about():
    return {
        "name": "torch SDPA",
        "versions": {"torch": torch.__version__, "cuda": torch.version.cuda, "cudnn": torch.backends.cudnn.version()},
        "device": torch.cuda.get_device_name(0),
    }


def answer(backend, job, request):
    """The reply to one request, and the job that is prepared after it."""
    do = request.get("do")
    if do == "hello":
        return {"format": "kverify.baseline/1", "backend": backend, **about()}, job
    if do == "prepare":
        job = Job(backend, request)
        return {"ready": True}, job
    if job is None:
        raise Refused(f"'{do}' before 'prepare'")
    if do == "time":
        return {"ms": job.time(int(request["samples"]), int(request.get("batch", 1)), bool(request.get("cold", True)))}, job
    if do == "output":
        job.turn = 0
        result = job.launch().contiguous().cpu()
        with tempfile.NamedTemporaryFile(suffix=".bin", delete=False) as f:
            f.write(result.view(torch.uint8).numpy().tobytes())
        names = {v: k for k, v in DTYPES.items()}
        return {"file": f.name, "dtype": names[result.dtype], "shape": list(result.shape)}, job
    raise Refused(f"there is no request '{do}'")


def serve(backend):
    job = None
    for line in sys.stdin:
        if not line.strip():
            continue
        try:
            request = json.loads(line)
            if request.get("do") == "quit":
                return
            reply, job = answer(backend, job, request)
        except Refused as refusal:
            reply = {"error": str(refusal)}
        except Exception as e:  # whatever torch throws is this request's answer
            reply = {"error": f"{type(e).__name__}: {e}".splitlines()[0]}
        print(json.dumps(reply), flush=True)


TABLE = [(4, 16, n, d, causal) for d in (64, 128) for causal in ("none", "bottom-right") for n in (1024, 4096)] + [
    (1, 16, 16384, 128, "none")
]


def table(backend):
    print(f"SDPA {backend}: {about()}")
    for b, h, n, d, causal in TABLE:
        shape = {"dtype": "bf16", "shape": [b, h, n, d]}
        flops = 4 * b * h * n * n * d * (0.5 if causal != "none" else 1)
        try:
            job = Job(backend, {"operation": "attention.forward", "options": {"causal": causal},
                                "tensors": {"Q": shape, "K": shape, "V": shape}})
            job.time(5, 1, True)
            ms = statistics.median(job.time(30, 1, True))
            print(f"sdpa {backend:9s} B={b} H={h} N={n} D={d} {causal:12s} {ms:9.4f} ms {flops / ms / 1e9:7.1f} TFLOP/s", flush=True)
        except Exception as e:
            print(f"sdpa {backend:9s} B={b} H={h} N={n} D={d} {causal:12s} refused: {str(e).splitlines()[0]}", flush=True)
        torch.cuda.empty_cache()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("backend", choices=sorted(BACKENDS))
    parser.add_argument("--table", action="store_true", help="time the usual shapes and print them")
    args = parser.parse_args()
    if not torch.cuda.is_available():
        print(json.dumps({"error": "PyTorch sees no GPU"}), flush=True)
        sys.exit(3)
    table(args.backend) if args.table else serve(args.backend)


if __name__ == "__main__":
    main()
