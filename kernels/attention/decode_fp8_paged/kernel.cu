// One decoding step over a paged cache of 8-bit keys and values (e4m3): the key is k_scale[head] times what is stored,
// the value v_scale[head] times, one pair of scales a key-value head. Key j of batch entry b is row j % page of the page
// table[b, j / page]; entry b has lengths[b] keys. Query heads share a key-value head in groups.
// A block a query head: its warps take turns at the keys, each with an online softmax of its own, and are merged at the
// end. A lane owns kOwn neighbouring channels: four bytes of every key and value. The scales are constant over a head,
// so they are applied once: to the score, and to the output. An entry without keys gives 0.
// Layouts, row-major and contiguous: q, o [B, heads, D]; k, v [pages, page, kv_heads, D]; k_scale, v_scale [kv_heads];
// table [B, blocks]; lengths [B]. Block kThreads, grid (heads, B).
#include <cuda_bf16.h>
#include <cuda_fp8.h>

#include <cstdint>

constexpr int kLanes = 32;
constexpr int kWarps = 4;
constexpr int kThreads = kLanes * kWarps;
constexpr int kOwn = 4; // channels of a lane
constexpr unsigned kAll = 0xffffffffu;

// What a warp knows after some of the keys.
struct State {
  float max = -INFINITY, sum = 0.0f;
  float4 acc = make_float4(0.0f, 0.0f, 0.0f, 0.0f); // of this lane's channels
};

__device__ __forceinline__ float warpSum(float x) {
#pragma unroll
  for (int step = kLanes / 2; step > 0; step /= 2)
    x += __shfl_xor_sync(kAll, x, step);
  return x;
}

// acc * factor + weight * value
__device__ __forceinline__ float4 scaleAndAdd(float4 acc, float factor, float weight, float4 value) {
  return make_float4(acc.x * factor + weight * value.x, acc.y * factor + weight * value.y,
                     acc.z * factor + weight * value.z, acc.w * factor + weight * value.w);
}

__device__ __forceinline__ void addKey(State& state, float score, float4 value) {
  const float new_max = fmaxf(state.max, score);
  const float rescale = expf(state.max - new_max), p = expf(score - new_max);
  state.sum = state.sum * rescale + p;
  state.acc = scaleAndAdd(state.acc, rescale, p, value);
  state.max = new_max;
}

template <int D>
__global__ void __launch_bounds__(kThreads)
    decode_fp8_paged(const __nv_bfloat16* __restrict__ q, const __nv_fp8_e4m3* __restrict__ k,
                     const __nv_fp8_e4m3* __restrict__ v, const float* __restrict__ k_scale,
                     const float* __restrict__ v_scale, const int* __restrict__ table, const int* __restrict__ lengths,
                     __nv_bfloat16* __restrict__ o, int heads, int kv_heads, int page, int blocks, float scale) {
  static_assert(D == kOwn * kLanes, "a warp owns a row");
  __shared__ float part_max[kWarps], part_sum[kWarps];
  __shared__ float4 part_acc[kWarps][kLanes];

  const int lane = static_cast<int>(threadIdx.x) % kLanes, warp = static_cast<int>(threadIdx.x) / kLanes;
  const int head = static_cast<int>(blockIdx.x), kv_head = head / (heads / kv_heads);
  const int batch = static_cast<int>(blockIdx.y);
  const std::int64_t row = static_cast<std::int64_t>(batch) * heads + head;
  const __nv_fp8x4_e4m3* k4 = reinterpret_cast<const __nv_fp8x4_e4m3*>(k);
  const __nv_fp8x4_e4m3* v4 = reinterpret_cast<const __nv_fp8x4_e4m3*>(v);

  const __nv_bfloat162* query2 = reinterpret_cast<const __nv_bfloat162*>(q) + row * (D / 2) + lane * (kOwn / 2);
  const float2 query_low = __bfloat1622float2(query2[0]), query_high = __bfloat1622float2(query2[1]);
  const float score_scale = scale * k_scale[kv_head];
  const int length = lengths[batch];

  State state;
  for (int j = warp; j < length; j += kWarps) { // the same for the whole warp
    const std::int64_t where = table[static_cast<std::int64_t>(batch) * blocks + j / page];
    const std::int64_t at = ((where * page + j % page) * kv_heads + kv_head) * kLanes + lane;
    const float4 key = static_cast<float4>(k4[at]);
    const float dot = query_low.x * key.x + query_low.y * key.y + query_high.x * key.z + query_high.y * key.w;
    addKey(state, warpSum(dot) * score_scale, static_cast<float4>(v4[at]));
  }

  part_acc[warp][lane] = state.acc;
  if (lane == 0) {
    part_max[warp] = state.max;
    part_sum[warp] = state.sum;
  }
  __syncthreads();
  if (warp > 0)
    return;
  float row_max = part_max[0];
#pragma unroll
  for (int w = 1; w < kWarps; ++w)
    row_max = fmaxf(row_max, part_max[w]);
  const float shift = row_max == -INFINITY ? 0.0f : row_max; // no keys at all: every part weighs exp(-inf) = 0
  State all;
#pragma unroll
  for (int w = 0; w < kWarps; ++w) {
    const float weight = expf(part_max[w] - shift);
    all.sum += part_sum[w] * weight;
    all.acc = scaleAndAdd(all.acc, 1.0f, weight, part_acc[w][lane]);
  }
  const float factor = all.sum == 0.0f ? 0.0f : v_scale[kv_head] / all.sum;
  __nv_bfloat162* out2 = reinterpret_cast<__nv_bfloat162*>(o) + row * (D / 2) + lane * (kOwn / 2);
  out2[0] = __floats2bfloat162_rn(all.acc.x * factor, all.acc.y * factor);
  out2[1] = __floats2bfloat162_rn(all.acc.z * factor, all.acc.w * factor);
}
