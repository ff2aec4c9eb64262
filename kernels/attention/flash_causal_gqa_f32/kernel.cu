// Causal flash attention with grouped queries: query heads h share the key-value head h / (heads / kv_heads), and with
// n_q != n_k the mask is aligned at the bottom right: query i sees the keys j <= i + (n_k - n_q). Rows that see no key
// give 0, and -inf as their log-sum-exp.
// Four neighbouring lanes own a query row; each holds a quarter of its columns as float4, interleaved.
// Layouts, row-major and contiguous, 16-byte aligned: q, o [B, heads, n_q, D]; k, v [B, kv_heads, n_k, D];
// lse [B, heads, n_q] (natural logarithm). Block kThreads, grid (ceil(n_q / kRows), heads, B).
#include <cstdint>

constexpr int kThreads = 128;
constexpr int kSplit = 4;                // lanes of a row
constexpr int kRows = kThreads / kSplit; // query rows of a block
constexpr int kKeys = 32;                // keys of a tile
constexpr unsigned kAll = 0xffffffffu;

// The sum over the four lanes of a row, in each of them.
__device__ __forceinline__ float rowSum(float x) {
  x += __shfl_xor_sync(kAll, x, 1);
  return x + __shfl_xor_sync(kAll, x, 2);
}

__device__ __forceinline__ float dot4(float4 a, float4 b) {
  return a.x * b.x + a.y * b.y + a.z * b.z + a.w * b.w;
}

template <int D>
__global__ void __launch_bounds__(kThreads)
    flash_causal_gqa(const float* __restrict__ q, const float* __restrict__ k, const float* __restrict__ v,
                     float* __restrict__ o, float* __restrict__ lse, int heads, int kv_heads, int n_q, int n_k,
                     float scale) {
  constexpr int kVectors = D / 4;         // float4 of a row
  constexpr int kOwn = kVectors / kSplit; // of them, this lane's
  static_assert(D % (4 * kSplit) == 0, "each lane owns whole float4");
  __shared__ float4 k_tile[kKeys][kVectors];
  __shared__ float4 v_tile[kKeys][kVectors];

  const int part = static_cast<int>(threadIdx.x) % kSplit;
  const int first_row = static_cast<int>(blockIdx.x) * kRows;
  const int row = first_row + static_cast<int>(threadIdx.x) / kSplit;
  const bool active = row < n_q; // lanes past the last row still load, shuffle and meet every barrier
  const int head = static_cast<int>(blockIdx.y);
  const std::int64_t q_row = (static_cast<std::int64_t>(blockIdx.z) * heads + head) * n_q + (active ? row : 0);
  const std::int64_t kv_head = static_cast<std::int64_t>(blockIdx.z) * kv_heads + head / (heads / kv_heads);

  const int offset = n_k - n_q;
  const int visible = active ? row + offset + 1 : 0; // this row sees the keys below it; may be <= 0
  const int last_row = min(first_row + kRows, n_q) - 1;
  const int key_end = max(0, min(n_k, last_row + offset + 1)); // no row of the block sees more: uniform

  const float4* q4 = reinterpret_cast<const float4*>(q) + q_row * kVectors;
  float4 query[kOwn];
  float4 acc[kOwn];
#pragma unroll
  for (int i = 0; i < kOwn; ++i) {
    query[i] = active ? q4[part + kSplit * i] : make_float4(0.0f, 0.0f, 0.0f, 0.0f);
    acc[i] = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
  }
  float row_max = -INFINITY;
  float row_sum = 0.0f;

  for (int first = 0; first < key_end; first += kKeys) {
    const int keys = min(kKeys, key_end - first);
    const float4* k4 = reinterpret_cast<const float4*>(k) + (kv_head * n_k + first) * kVectors;
    const float4* v4 = reinterpret_cast<const float4*>(v) + (kv_head * n_k + first) * kVectors;
    for (int i = static_cast<int>(threadIdx.x); i < keys * kVectors; i += kThreads) {
      k_tile[i / kVectors][i % kVectors] = k4[i];
      v_tile[i / kVectors][i % kVectors] = v4[i];
    }
    __syncthreads(); // the tile is complete

    float s[kKeys];
    float new_max = row_max;
    for (int j = 0; j < keys; ++j) {
      float dot = 0.0f;
#pragma unroll
      for (int i = 0; i < kOwn; ++i)
        dot += dot4(query[i], k_tile[j][part + kSplit * i]);
      dot = rowSum(dot); // every lane of the warp is here: the masks below select, they do not branch
      s[j] = first + j < visible ? dot * scale : -INFINITY;
      new_max = fmaxf(new_max, s[j]);
    }
    const float shift = new_max == -INFINITY ? 0.0f : new_max; // every key masked so far: exp(-inf - 0) = 0
    const float rescale = expf(row_max - shift);
    row_sum *= rescale;
    row_max = new_max;
#pragma unroll
    for (int i = 0; i < kOwn; ++i) {
      acc[i].x *= rescale;
      acc[i].y *= rescale;
      acc[i].z *= rescale;
      acc[i].w *= rescale;
    }
    // Keys that this row does not see are skipped, not weighted with 0: 0 * NaN would leak what is behind the mask.
    const int seen = min(keys, visible - first);
    for (int j = 0; j < seen; ++j) {
      const float p = expf(s[j] - shift);
      row_sum += p;
#pragma unroll
      for (int i = 0; i < kOwn; ++i) {
        const float4 value = v_tile[j][part + kSplit * i];
        acc[i].x += p * value.x;
        acc[i].y += p * value.y;
        acc[i].z += p * value.z;
        acc[i].w += p * value.w;
      }
    }
    __syncthreads(); // everyone has read the tile: the next one may overwrite it
  }

  if (!active)
    return;
  const float inverse = row_sum == 0.0f ? 0.0f : 1.0f / row_sum;
  float4* o4 = reinterpret_cast<float4*>(o) + q_row * kVectors;
#pragma unroll
  for (int i = 0; i < kOwn; ++i)
    o4[part + kSplit * i] = make_float4(acc[i].x * inverse, acc[i].y * inverse, acc[i].z * inverse, acc[i].w * inverse);
  if (part == 0)
    lse[q_row] = row_sum == 0.0f ? -INFINITY : row_max + logf(row_sum);
}
