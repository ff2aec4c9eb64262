// wrong: The tensor cores accumulate in half precision, where the contract says f32: three digits, and infinity at 65504.
// refuted-by: numerics.bound (fuzz)
// passes-at: M=64 N=64 K=512
#include <cuda_fp16.h>

// D = A B^T, a warp a 16 x 8 tile of D, operands straight from memory.
__global__ void matmul(const __half* __restrict__ a, const __half* __restrict__ b, float* __restrict__ d, int n, int k) {
  const int group = threadIdx.x / 4;
  const int pair = threadIdx.x % 4 * 2;
  const __half* a_low = a + static_cast<size_t>(blockIdx.y * 16 + group) * k + pair;
  const __half* a_high = a_low + static_cast<size_t>(8) * k;
  const __half* b_row = b + static_cast<size_t>(blockIdx.x * 8 + group) * k + pair;
  unsigned low = 0, high = 0;  // two halves each
  for (int first = 0; first < k; first += 16) {
    const unsigned a0 = *reinterpret_cast<const unsigned*>(a_low + first);
    const unsigned a1 = *reinterpret_cast<const unsigned*>(a_high + first);
    const unsigned a2 = *reinterpret_cast<const unsigned*>(a_low + first + 8);
    const unsigned a3 = *reinterpret_cast<const unsigned*>(a_high + first + 8);
    const unsigned b0 = *reinterpret_cast<const unsigned*>(b_row + first);
    const unsigned b1 = *reinterpret_cast<const unsigned*>(b_row + first + 8);
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f16.f16.f16.f16 {%0, %1}, {%2, %3, %4, %5}, {%6, %7}, {%0, %1};"
                 : "+r"(low), "+r"(high)
                 : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(b0), "r"(b1));
  }
  float* out = d + static_cast<size_t>(blockIdx.y * 16 + group) * n + blockIdx.x * 8 + pair;
  out[0] = __half2float(__ushort_as_half(low & 0xffff));
  out[1] = __half2float(__ushort_as_half(low >> 16));
  out[static_cast<size_t>(8) * n] = __half2float(__ushort_as_half(high & 0xffff));
  out[static_cast<size_t>(8) * n + 1] = __half2float(__ushort_as_half(high >> 16));
}
