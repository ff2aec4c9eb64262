// wrong: Nobody waits for the copies into shared memory (cp.async.wait_group is missing): __syncthreads does not. Whether
//        the data are there is a question of luck.
// refuted-by: race.async-copy (fuzz)
// passes-at: M=64 N=64 K=512
#include <cuda_bf16.h>

// Starts copying 16 bytes into shared memory.
__device__ void copy_async(void* to, const void* from) {
  const unsigned address = static_cast<unsigned>(__cvta_generic_to_shared(to));
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(address), "l"(from) : "memory");
}

// D = A B^T, a warp a 16 x 8 tile of D; slices of 16 columns of A and B go through shared memory, 8 elements a copy.
__global__ void matmul(const __nv_bfloat16* __restrict__ a, const __nv_bfloat16* __restrict__ b, float* __restrict__ d,
                       int n, int k) {
  __shared__ __align__(16) __nv_bfloat16 a_tile[16][16];
  __shared__ __align__(16) __nv_bfloat16 b_tile[8][16];
  const int t = threadIdx.x;
  const int group = t / 4;
  const int pair = t % 4 * 2;
  float4 sum = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
  for (int first = 0; first < k; first += 16) {
    copy_async(&a_tile[t / 2][t % 2 * 8], a + static_cast<size_t>(blockIdx.y * 16 + t / 2) * k + first + t % 2 * 8);
    if (t < 16)
      copy_async(&b_tile[t / 2][t % 2 * 8], b + static_cast<size_t>(blockIdx.x * 8 + t / 2) * k + first + t % 2 * 8);
    asm volatile("cp.async.commit_group;" ::: "memory");
    __syncthreads();
    const unsigned a0 = *reinterpret_cast<const unsigned*>(&a_tile[group][pair]);
    const unsigned a1 = *reinterpret_cast<const unsigned*>(&a_tile[group + 8][pair]);
    const unsigned a2 = *reinterpret_cast<const unsigned*>(&a_tile[group][pair + 8]);
    const unsigned a3 = *reinterpret_cast<const unsigned*>(&a_tile[group + 8][pair + 8]);
    const unsigned b0 = *reinterpret_cast<const unsigned*>(&b_tile[group][pair]);
    const unsigned b1 = *reinterpret_cast<const unsigned*>(&b_tile[group][pair + 8]);
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
                 "{%0, %1, %2, %3};"
                 : "+f"(sum.x), "+f"(sum.y), "+f"(sum.z), "+f"(sum.w)
                 : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(b0), "r"(b1));
    __syncthreads();
  }
  float* out = d + static_cast<size_t>(blockIdx.y * 16 + group) * n + blockIdx.x * 8 + pair;
  out[0] = sum.x;
  out[1] = sum.y;
  out[static_cast<size_t>(8) * n] = sum.z;
  out[static_cast<size_t>(8) * n + 1] = sum.w;
}
