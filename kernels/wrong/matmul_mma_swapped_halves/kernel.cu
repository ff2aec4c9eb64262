// wrong: The registers of A are in the wrong order: rows g + 8 and columns k + 8 have changed places. On uniform inputs the
//        sums are so large that the sigmoid behind them is 1 for all.
// refuted-by: numerics.bound (fuzz)
// passes-at: M=64 N=64 K=512
#include <cuda_bf16.h>

__device__ float sigmoid(float x) {
  return 1.0f / (1.0f + expf(-x));
}

// D = sigmoid(A B^T), a warp a 16 x 8 tile of D, operands straight from memory.
__global__ void matmul(const __nv_bfloat16* __restrict__ a, const __nv_bfloat16* __restrict__ b, float* __restrict__ d,
                       int n, int k) {
  const int group = threadIdx.x / 4;
  const int pair = threadIdx.x % 4 * 2;
  const __nv_bfloat16* a_low = a + static_cast<size_t>(blockIdx.y * 16 + group) * k + pair;
  const __nv_bfloat16* a_high = a_low + static_cast<size_t>(8) * k;
  const __nv_bfloat16* b_row = b + static_cast<size_t>(blockIdx.x * 8 + group) * k + pair;
  float4 sum = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
  for (int first = 0; first < k; first += 16) {
    const unsigned a0 = *reinterpret_cast<const unsigned*>(a_low + first);
    const unsigned a1 = *reinterpret_cast<const unsigned*>(a_low + first + 8);
    const unsigned a2 = *reinterpret_cast<const unsigned*>(a_high + first);
    const unsigned a3 = *reinterpret_cast<const unsigned*>(a_high + first + 8);
    const unsigned b0 = *reinterpret_cast<const unsigned*>(b_row + first);
    const unsigned b1 = *reinterpret_cast<const unsigned*>(b_row + first + 8);
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
                 "{%0, %1, %2, %3};"
                 : "+f"(sum.x), "+f"(sum.y), "+f"(sum.z), "+f"(sum.w)
                 : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(b0), "r"(b1));
  }
  float* out = d + static_cast<size_t>(blockIdx.y * 16 + group) * n + blockIdx.x * 8 + pair;
  out[0] = sigmoid(sum.x);
  out[1] = sigmoid(sum.y);
  out[static_cast<size_t>(8) * n] = sigmoid(sum.z);
  out[static_cast<size_t>(8) * n + 1] = sigmoid(sum.w);
}
