// D = silu(A B + bias) on tensor cores (needs sm_80): A [m, k], B [k, n] and D [m, n] in bf16, row-major, bias [n] and the
// accumulators in f32; silu(x) = x / (1 + exp(-x)). A block makes kRows x kCols of D, a warp 32 x 32 of them. Slices of
// kDepth columns of A and rows of B come by cp.async into two stages: while one is multiplied, the next is on its way.
// n and k are multiples of 8 and the tensors 16-byte aligned: 8 elements are copied at a time.
//
// Block kThreads, grid (ceil(n / kCols), ceil(m / kRows)).
#include <cuda_bf16.h>

#include <cstdint>

constexpr int kThreads = 128;
constexpr int kRows = 64;  // of D, a block: two warps of 32 ...
constexpr int kCols = 64;  // ... by two warps of 32
constexpr int kDepth = 32; // of a slice
constexpr int kChunk = 8;  // elements of a 16-byte copy
constexpr int kPad = 8;    // 16 bytes more than a row: the eight rows that ldmatrix reads lie in different banks

// One accumulator tile of mma.m16n8k16: lane 4*g+t holds columns 2t, 2t+1 of row g in x, y and of row g+8 in z, w.
using Acc = float4;

using ATile = __nv_bfloat16[kRows][kDepth + kPad];
using BTile = __nv_bfloat16[kDepth][kCols + kPad];

__device__ __forceinline__ unsigned sharedAddress(const void* p) {
  return static_cast<unsigned>(__cvta_generic_to_shared(p));
}

// Starts copying 16 bytes from global to shared memory; writes zeros, and reads nothing, if `valid` is false.
__device__ __forceinline__ void copyAsync16(void* to, const void* from, bool valid) {
  const int bytes = valid ? 16 : 0;
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(sharedAddress(to)), "l"(from), "r"(bytes)
               : "memory");
}
__device__ __forceinline__ void commitCopies() {
  asm volatile("cp.async.commit_group;" ::: "memory");
}
// Waits for all copies that this thread has committed.
__device__ __forceinline__ void waitCopies() {
  asm volatile("cp.async.wait_group 0;" ::: "memory");
}

// Four 8x8 matrices of 16-bit elements; lane l gives the address of row l % 8 of matrix l / 8.
__device__ __forceinline__ void loadMatrix4(unsigned (&r)[4], const void* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(sharedAddress(row))
               : "memory");
}
__device__ __forceinline__ void loadMatrix4Transposed(unsigned (&r)[4], const void* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(sharedAddress(row))
               : "memory");
}

// c += a * b with a 16x16, b 16x8.
__device__ __forceinline__ void mma16816(Acc& c, const unsigned (&a)[4], unsigned b0, unsigned b1) {
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
               "{%0, %1, %2, %3};"
               : "+f"(c.x), "+f"(c.y), "+f"(c.z), "+f"(c.w)
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

// The slice of A that begins at column `depth`: rows `first` .. first + kRows - 1. Past the edges of A come zeros.
__device__ __forceinline__ void copyA(ATile& to, const __nv_bfloat16* a, int first, int depth, int m, int k) {
  constexpr int kChunks = kDepth / kChunk;
  for (int i = static_cast<int>(threadIdx.x); i < kRows * kChunks; i += kThreads) {
    const int row = i / kChunks, col = i % kChunks * kChunk;
    const bool valid = first + row < m && depth + col < k;
    const std::int64_t source = valid ? static_cast<std::int64_t>(first + row) * k + depth + col : 0;
    copyAsync16(&to[row][col], a + source, valid);
  }
}

// The slice of B that begins at row `depth`: columns `first` .. first + kCols - 1.
__device__ __forceinline__ void copyB(BTile& to, const __nv_bfloat16* b, int first, int depth, int n, int k) {
  constexpr int kChunks = kCols / kChunk;
  for (int i = static_cast<int>(threadIdx.x); i < kDepth * kChunks; i += kThreads) {
    const int row = i / kChunks, col = i % kChunks * kChunk;
    const bool valid = depth + row < k && first + col < n;
    const std::int64_t source = valid ? static_cast<std::int64_t>(depth + row) * n + first + col : 0;
    copyAsync16(&to[row][col], b + source, valid);
  }
}

__device__ __forceinline__ float silu(float x) {
  return x / (1.0f + expf(-x));
}

// Two neighbours of a row of D.
__device__ __forceinline__ void storePair(__nv_bfloat16* d, const float* bias, float x, float y, int row, int col, int m,
                                          int n) {
  if (row >= m || col >= n) // n is even: col + 1 is there, too
    return;
  *reinterpret_cast<__nv_bfloat162*>(d + static_cast<std::int64_t>(row) * n + col) =
      __floats2bfloat162_rn(silu(x + bias[col]), silu(y + bias[col + 1]));
}

__global__ void __launch_bounds__(kThreads)
    matmul_mma(const __nv_bfloat16* __restrict__ a, const __nv_bfloat16* __restrict__ b, const float* __restrict__ bias,
               __nv_bfloat16* __restrict__ d, int m, int n, int k) {
  alignas(16) __shared__ ATile a_tile[2];
  alignas(16) __shared__ BTile b_tile[2];

  const int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;
  const int first_row = static_cast<int>(blockIdx.y) * kRows, first_col = static_cast<int>(blockIdx.x) * kCols;
  const int warp_row = warp / 2 * 32, warp_col = warp % 2 * 32; // of the block's part of D

  copyA(a_tile[0], a, first_row, 0, m, k);
  copyB(b_tile[0], b, first_col, 0, n, k);
  commitCopies();

  Acc sum[2][4]; // 16 x 8 each
#pragma unroll
  for (int i = 0; i < 2; ++i)
#pragma unroll
    for (int j = 0; j < 4; ++j)
      sum[i][j] = make_float4(0.0f, 0.0f, 0.0f, 0.0f);

  const int slices = (k + kDepth - 1) / kDepth;
  for (int slice = 0; slice < slices; ++slice) {
    const int stage = slice % 2;
    waitCopies();
    // This slice has arrived for every thread, and every thread has finished with the one before it, whose stage may
    // be overwritten.
    __syncthreads();
    if (slice + 1 < slices) {
      copyA(a_tile[1 - stage], a, first_row, (slice + 1) * kDepth, m, k);
      copyB(b_tile[1 - stage], b, first_col, (slice + 1) * kDepth, n, k);
    }
    commitCopies();

#pragma unroll
    for (int c = 0; c < kDepth; c += 16) {
      unsigned a_frag[2][4];
#pragma unroll
      for (int i = 0; i < 2; ++i)
        loadMatrix4(a_frag[i], &a_tile[stage][warp_row + i * 16 + lane % 16][c + lane / 16 * 8]);
#pragma unroll
      for (int j = 0; j < 2; ++j) { // a 16x16 block of B, transposed on the way, is two column-major b operands
        unsigned b_frag[4];
        loadMatrix4Transposed(b_frag, &b_tile[stage][c + lane % 16][warp_col + j * 16 + lane / 16 * 8]);
#pragma unroll
        for (int i = 0; i < 2; ++i) {
          mma16816(sum[i][2 * j], a_frag[i], b_frag[0], b_frag[1]);
          mma16816(sum[i][2 * j + 1], a_frag[i], b_frag[2], b_frag[3]);
        }
      }
    }
  }

#pragma unroll
  for (int i = 0; i < 2; ++i)
#pragma unroll
    for (int j = 0; j < 4; ++j) {
      const int row = first_row + warp_row + i * 16 + lane / 4, col = first_col + warp_col + j * 8 + lane % 4 * 2;
      storePair(d, bias, sum[i][j].x, sum[i][j].y, row, col, m, n);
      storePair(d, bias, sum[i][j].z, sum[i][j].w, row + 8, col, m, n);
    }
}
