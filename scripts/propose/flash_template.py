#!/usr/bin/env python3
"""A proposer for `kverify loop` that needs no model: one flash attention kernel in fp32, written for chosen sizes.

It begins with the plainest choice and climbs: each proposal differs from the best so far in one choice that was not tried
yet. Where nothing is timed it walks through the neighbours of what it began with. It says that it is done when all neighbours
of the best were tried.

    kverify loop --propose scripts/propose/flash_template.py --spec attention.forward --rounds 16

Reads kverify.propose/1 on standard input, writes kverify.proposal/1.
"""
import json
import sys

HEAD = 64  # columns of a head; the contract has D = 64
SMALLEST_TILE = 32  # keys; the error bound in the contract is of this one, and larger tiles rescale less often

# What may be chosen, in the order in which it is tried. The largest needs 41 KiB of the 48 of static shared memory.
CHOICES = {
    "rows": [1, 2, 4],  # query rows of a warp: each key that is read from shared memory is used so often
    "warps": [1, 2, 4, 8],  # of a block: each tile that is loaded is used by so many
    "tile": [32, 64],  # keys of a tile: so many between two barriers
    "vector": [1, 2, 4],  # floats of one load from global memory
    "unroll": [1, 4, 8, 16],  # of the loop over the columns of q k^T
}
START = {"rows": 1, "warps": 1, "tile": 32, "vector": 1, "unroll": 1}

KERNEL = """// Flash attention in fp32, by scripts/propose/flash_template.py: @NOTE@.
// Layouts, row-major: q, o [heads, n_q, 64]; k, v [heads, n_k, 64]; heads = gridDim.y.
// A warp owns kRows query rows; of each tile a lane owns the keys lane, lane + 32, ... and of the output two columns.
#include <cstdint>

constexpr int kHead = 64, kRows = @ROWS@, kWarps = @WARPS@, kTile = @TILE@;
constexpr int kThreads = 32 * kWarps, kKeys = kTile / 32, kColumns = kHead / 32;
constexpr unsigned kAll = 0xffffffffu;

__device__ __forceinline__ float warpMax(float x) {
#pragma unroll
  for (int offset = 16; offset > 0; offset /= 2)
    x = fmaxf(x, __shfl_xor_sync(kAll, x, offset));
  return x;
}

__device__ __forceinline__ float warpSum(float x) {
#pragma unroll
  for (int offset = 16; offset > 0; offset /= 2)
    x += __shfl_xor_sync(kAll, x, offset);
  return x;
}

__global__ void __launch_bounds__(kThreads)
    flash(const float* __restrict__ q, const float* __restrict__ k, const float* __restrict__ v, float* __restrict__ o, int n_q,
          int n_k, float scale) {
  __shared__ float q_rows[kWarps * kRows][kHead];
  __shared__ float k_tile[kTile][kHead + 1];  // lanes read down a column: the odd stride spreads them over the banks
  __shared__ float v_tile[kTile][kHead];

  const int lane = static_cast<int>(threadIdx.x) % 32;
  const int warp = static_cast<int>(threadIdx.x) / 32;
  const std::int64_t head = blockIdx.y;
  const int first_row = (static_cast<int>(blockIdx.x) * kWarps + warp) * kRows;

#pragma unroll
  for (int r = 0; r < kRows; ++r) {
    const int row = first_row + r;
    for (int c = lane; c < kHead; c += 32)
      q_rows[warp * kRows + r][c] = row < n_q ? q[(head * n_q + row) * kHead + c] * scale : 0.0f;
  }

  float acc[kRows][kColumns] = {};
  float row_max[kRows], row_sum[kRows];
#pragma unroll
  for (int r = 0; r < kRows; ++r) {
    row_max[r] = -INFINITY;
    row_sum[r] = 0.0f;
  }

  for (int first = 0; first < n_k; first += kTile) {
    const int keys = min(kTile, n_k - first);
    const std::int64_t kv_base = (head * n_k + first) * kHead;
@LOAD@
    __syncthreads();  // the tile is complete, and so are the query rows

    float s[kRows][kKeys];
#pragma unroll
    for (int r = 0; r < kRows; ++r)
#pragma unroll
      for (int t = 0; t < kKeys; ++t)
        s[r][t] = lane + 32 * t < keys ? 0.0f : -INFINITY;  // no key: takes part in the maximum, and weighs 0
#pragma unroll
    for (int t = 0; t < kKeys; ++t)
      if (lane + 32 * t < keys) {
#pragma unroll @UNROLL@
        for (int c = 0; c < kHead; ++c) {
          const float key = k_tile[lane + 32 * t][c];
#pragma unroll
          for (int r = 0; r < kRows; ++r)
            s[r][t] += q_rows[warp * kRows + r][c] * key;
        }
      }

#pragma unroll
    for (int r = 0; r < kRows; ++r) {
      float new_max = row_max[r];
#pragma unroll
      for (int t = 0; t < kKeys; ++t)
        new_max = fmaxf(new_max, s[r][t]);
      new_max = warpMax(new_max);
      const float shift = new_max == -INFINITY ? 0.0f : new_max;  // every key masked so far: exp(-inf - 0) = 0
      const float rescale = __expf(row_max[r] - shift);
      row_sum[r] *= rescale;
#pragma unroll
      for (int t = 0; t < kKeys; ++t) {
        s[r][t] = __expf(s[r][t] - shift);
        row_sum[r] += s[r][t];
      }
      row_max[r] = new_max;
#pragma unroll
      for (int i = 0; i < kColumns; ++i)
        acc[r][i] *= rescale;
    }

#pragma unroll
    for (int t = 0; t < kKeys; ++t) {
      const int here = min(32, keys - 32 * t);
      for (int j = 0; j < here; ++j) {
#pragma unroll
        for (int r = 0; r < kRows; ++r) {
          const float p = __shfl_sync(kAll, s[r][t], j);
#pragma unroll
          for (int i = 0; i < kColumns; ++i)
            acc[r][i] += p * v_tile[32 * t + j][lane + 32 * i];
        }
      }
    }
    __syncthreads();  // everyone has read the tile: the next one may overwrite it
  }

#pragma unroll
  for (int r = 0; r < kRows; ++r) {
    const int row = first_row + r;
    const float sum = warpSum(row_sum[r]);
    const float inverse = sum == 0.0f ? 0.0f : 1.0f / sum;  // a row with every key masked gives 0
    if (row < n_q) {
#pragma unroll
      for (int i = 0; i < kColumns; ++i)
        o[(head * n_q + row) * kHead + lane + 32 * i] = acc[r][i] * inverse;
    }
  }
}
"""

SCALAR_LOAD = """    for (int i = static_cast<int>(threadIdx.x); i < keys * kHead; i += kThreads) {
      k_tile[i / kHead][i % kHead] = k[kv_base + i];
      v_tile[i / kHead][i % kHead] = v[kv_base + i];
    }"""

# A row of k_tile has an odd length, so that its parts are stored one by one.
VECTOR_LOAD = """    for (int i = @V@ * static_cast<int>(threadIdx.x); i < keys * kHead; i += @V@ * kThreads) {
      const float@V@ from_k = *reinterpret_cast<const float@V@*>(k + kv_base + i);
      const float@V@ from_v = *reinterpret_cast<const float@V@*>(v + kv_base + i);
@STORES@
    }"""


def load(vector):
    if vector == 1:
        return SCALAR_LOAD
    stores = [
        f"      {name}_tile[i / kHead][i % kHead + {n}] = from_{name}.{'xyzw'[n]};" for name in "kv" for n in range(vector)
    ]
    return VECTOR_LOAD.replace("@V@", str(vector)).replace("@STORES@", "\n".join(stores))


def note_of(chosen):
    return ", ".join(f"{name} {value}" for name, value in chosen.items())


def kernel_of(chosen):
    text = KERNEL.replace("@LOAD@", load(chosen["vector"])).replace("@NOTE@", note_of(chosen))
    for name in ("rows", "warps", "tile", "unroll"):
        text = text.replace(f"@{name.upper()}@", str(chosen[name]))
    return text


def contract_of(chosen):
    rows = chosen["rows"] * chosen["warps"]
    tensor = lambda role, length, access: {"dtype": "f32", "shape": ["B", "H", length, "D"], "access": access, "role": role}
    return {
        "contract": 1,
        "spec": "attention.forward",
        "sizes": {
            "B": {"range": [1, 8]},
            "H": {"range": [1, 16], "try": [3]},
            "Nq": {"range": [1, 65536], "try": [3, 4, 5, 33]},
            "Nk": {"range": [1, 65536], "try": [31, 32, 33, 63, 64, 65]},
            "D": {"equals": str(HEAD)},
        },
        "tensors": {
            "q": tensor("Q", "Nq", "read"),
            "k": tensor("K", "Nk", "read"),
            "v": tensor("V", "Nk", "read"),
            "o": tensor("O", "Nq", "write"),
        },
        "options": {"causal": False, "scale": "1/sqrt(D)", "masked_scores": "rows"},
        "launches": [
            {
                "kernel": "flash",
                "args": ["q", "k", "v", "o", "Nq", "Nk", {"value": "1/sqrt(D)", "type": "f32"}],
                "grid": [f"ceildiv(Nq, {rows})", "B*H"],
                "block": [32 * chosen["warps"]],
            }
        ],
        "precision": {"qk": "f32", "p": "f32", "pv": "f32", "exp": "fast", "out": "f32", "tile": SMALLEST_TILE},
    }


def neighbours(chosen):
    """One choice changed by one step, the larger value first."""
    for name, values in CHOICES.items():
        at = values.index(chosen[name])
        for other in (at + 1, at - 1):
            if 0 <= other < len(values):
                yield {**chosen, name: values[other]}


def is_ours(state):
    return isinstance(state, dict) and set(state) == set(CHOICES) and all(state[name] in CHOICES[name] for name in CHOICES)


def propose(request):
    tried = [entry["state"] for entry in request["history"] if is_ours(entry.get("state"))]
    best = request.get("best") or {}
    centre = best["state"] if is_ours(best.get("state")) else START
    for chosen in [START, *neighbours(centre)]:
        if chosen not in tried:
            proposal = {"kernel": kernel_of(chosen), "note": note_of(chosen), "state": chosen}
            own = contract_of(chosen)
            given = request.get("contract")
            # A contract that was given stays as it is but for the launch, which is the kernel's.
            proposal["contract"] = {**given, "launches": own["launches"]} if given else own
            return proposal
    return {"done": True, "note": "every neighbour of the best was tried"}


def main():
    request = json.load(sys.stdin)
    if request.get("format") != "kverify.propose/1":
        sys.exit("flash_template.py: standard input is no kverify.propose/1")
    if request["spec"]["name"] != "attention.forward":
        sys.exit(f"flash_template.py: it writes kernels for attention.forward, not for {request['spec']['name']}")
    json.dump({"format": "kverify.proposal/1", **propose(request)}, sys.stdout)


if __name__ == "__main__":
    main()
