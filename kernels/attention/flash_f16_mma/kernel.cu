// Flash attention on tensor cores, fp16 in and out, fp32 accumulators (needs sm_80). A block takes kRows query rows of
// one head, a warp 16 of them. Tiles of keys and values arrive by cp.async into two stages: while one is computed on,
// the next is on its way.
//
// Layouts, row-major, contiguous and 16-byte aligned: q, o [heads, n_q, D]; k, v [heads, n_k, D]; heads = gridDim.y.
// Block kThreads, grid (ceil(n_q / kRows), heads).
#include <cuda_fp16.h>

#include <cstdint>

constexpr int kWarps = 4;
constexpr int kThreads = 32 * kWarps;
constexpr int kRows = 16 * kWarps; // query rows of a block
constexpr unsigned kAll = 0xffffffffu;

// One accumulator tile of mma.m16n8k16: lane 4*g+t holds columns 2t, 2t+1 of row g in x, y and of row g+8 in z, w.
using Acc = float4;

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
// Waits until at most `Pending` of the groups that this thread committed last are still on their way.
template <int Pending>
__device__ __forceinline__ void waitCopies() {
  asm volatile("cp.async.wait_group %0;" ::"n"(Pending) : "memory");
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
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
               "{%0, %1, %2, %3};"
               : "+f"(c.x), "+f"(c.y), "+f"(c.z), "+f"(c.w)
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

// Two floats as the two halves of a register, the first in the low half.
__device__ __forceinline__ unsigned packHalf2(float low, float high) {
  return __half_as_ushort(__float2half_rn(low)) | static_cast<unsigned>(__half_as_ushort(__float2half_rn(high))) << 16;
}

// Over the four lanes that hold a row.
__device__ __forceinline__ float rowMax(float x) {
  x = fmaxf(x, __shfl_xor_sync(kAll, x, 1));
  return fmaxf(x, __shfl_xor_sync(kAll, x, 2));
}
__device__ __forceinline__ float rowSum(float x) {
  x += __shfl_xor_sync(kAll, x, 1);
  return x + __shfl_xor_sync(kAll, x, 2);
}

template <int D>
struct Tiles {
  static constexpr int kKeys = 4096 / D; // 64 keys of 64 columns or 32 of 128: the same bytes, under 48 KiB in all
  static constexpr int kStride = D + 8;  // 16 bytes more than a row: ldmatrix meets every bank once
  static_assert(D == 64 || D == 128, "the staging of q below relies on 2 * kKeys >= kRows");
};

// Copies `kCount` rows of D halves, from row `first` of `from` on, into shared memory; rows from `end` on become zeros.
template <int D, int kCount>
__device__ __forceinline__ void copyRows(__half (*to)[D + 8], const __half* from, int first, int end) {
  constexpr int kChunks = D / 8; // of 16 bytes
  for (int i = static_cast<int>(threadIdx.x); i < kCount * kChunks; i += kThreads) {
    const int row = i / kChunks;
    const int col = i % kChunks * 8;
    const bool valid = first + row < end;
    const __half* source = from + static_cast<std::int64_t>(valid ? first + row : 0) * D + col;
    copyAsync16(&to[row][col], source, valid);
  }
}

template <int D>
__global__ void __launch_bounds__(kThreads)
    flash_f16_mma(const __half* __restrict__ q, const __half* __restrict__ k, const __half* __restrict__ v,
                  __half* __restrict__ o, int n_q, int n_k, float scale) {
  constexpr int kKeys = Tiles<D>::kKeys;
  alignas(16) __shared__ __half k_tile[2][kKeys][Tiles<D>::kStride];
  alignas(16) __shared__ __half v_tile[2][kKeys][Tiles<D>::kStride];

  const int lane = static_cast<int>(threadIdx.x) % 32;
  const int warp = static_cast<int>(threadIdx.x) / 32;
  const std::int64_t head = blockIdx.y;
  const int first_row = static_cast<int>(blockIdx.x) * kRows;
  const __half* k_head = k + head * n_k * D;
  const __half* v_head = v + head * n_k * D;

  // The first keys are under way while q goes through the (still unused) second stage of both arrays to registers.
  copyRows<D, kKeys>(k_tile[0], k_head, 0, n_k);
  copyRows<D, kKeys>(v_tile[0], v_head, 0, n_k);
  commitCopies();
  const __half* q_head = q + head * n_q * D;
  copyRows<D, kRows / 2>(k_tile[1], q_head, first_row, n_q);
  copyRows<D, kRows / 2>(v_tile[1], q_head, first_row + kRows / 2, n_q);
  commitCopies();
  waitCopies<0>();
  __syncthreads();

  unsigned q_frag[D / 16][4];
  {
    const int row = warp % 2 * 16 + lane % 16;
    const __half(*q_rows)[Tiles<D>::kStride] = warp < 2 ? k_tile[1] : v_tile[1];
#pragma unroll
    for (int c = 0; c < D / 16; ++c)
      loadMatrix4(q_frag[c], &q_rows[row][c * 16 + lane / 16 * 8]);
  }

  Acc out[D / 8];
#pragma unroll
  for (int i = 0; i < D / 8; ++i)
    out[i] = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
  float max_low = -INFINITY, max_high = -INFINITY; // of the scaled scores of rows g and g + 8, in base 2
  float sum_low = 0.0f, sum_high = 0.0f;           // this lane's part of them
  const float scale_log2 = scale * 1.44269504088896341f;

  const int tiles = (n_k + kKeys - 1) / kKeys;
  for (int tile = 0; tile < tiles; ++tile) {
    const int stage = tile % 2;
    waitCopies<0>();
    // This tile has arrived for every thread, and every thread has finished with the other stage (with q, or with the
    // tile before): it may be overwritten.
    __syncthreads();
    if (tile + 1 < tiles) {
      copyRows<D, kKeys>(k_tile[1 - stage], k_head, (tile + 1) * kKeys, n_k);
      copyRows<D, kKeys>(v_tile[1 - stage], v_head, (tile + 1) * kKeys, n_k);
    }
    commitCopies();

    // s = q * k^T. A 16x16 block of k, as stored, is two column-major b operands.
    Acc s[kKeys / 8];
#pragma unroll
    for (int j = 0; j < kKeys / 8; ++j)
      s[j] = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
#pragma unroll
    for (int c = 0; c < D / 16; ++c) {
#pragma unroll
      for (int j = 0; j < kKeys / 16; ++j) {
        unsigned b[4];
        loadMatrix4(b, &k_tile[stage][j * 16 + lane / 16 * 8 + lane % 8][c * 16 + lane / 8 % 2 * 8]);
        mma16816(s[2 * j], q_frag[c], b[0], b[1]);
        mma16816(s[2 * j + 1], q_frag[c], b[2], b[3]);
      }
    }

    float new_low = max_low, new_high = max_high;
#pragma unroll
    for (int j = 0; j < kKeys / 8; ++j) {
      const int key = tile * kKeys + j * 8 + lane % 4 * 2;
      const bool in0 = key < n_k, in1 = key + 1 < n_k;
      s[j].x = in0 ? s[j].x * scale_log2 : -INFINITY;
      s[j].y = in1 ? s[j].y * scale_log2 : -INFINITY;
      s[j].z = in0 ? s[j].z * scale_log2 : -INFINITY;
      s[j].w = in1 ? s[j].w * scale_log2 : -INFINITY;
      new_low = fmaxf(new_low, fmaxf(s[j].x, s[j].y));
      new_high = fmaxf(new_high, fmaxf(s[j].z, s[j].w));
    }
    new_low = rowMax(new_low);
    new_high = rowMax(new_high);
    const float shift_low = new_low == -INFINITY ? 0.0f : new_low; // every key masked so far: 2^(-inf - 0) = 0
    const float shift_high = new_high == -INFINITY ? 0.0f : new_high;
    const float rescale_low = exp2f(max_low - shift_low);
    const float rescale_high = exp2f(max_high - shift_high);
    max_low = new_low;
    max_high = new_high;
    sum_low *= rescale_low;
    sum_high *= rescale_high;
#pragma unroll
    for (int i = 0; i < D / 8; ++i) {
      out[i].x *= rescale_low;
      out[i].y *= rescale_low;
      out[i].z *= rescale_high;
      out[i].w *= rescale_high;
    }
#pragma unroll
    for (int j = 0; j < kKeys / 8; ++j) {
      s[j].x = exp2f(s[j].x - shift_low);
      s[j].y = exp2f(s[j].y - shift_low);
      s[j].z = exp2f(s[j].z - shift_high);
      s[j].w = exp2f(s[j].w - shift_high);
      sum_low += s[j].x + s[j].y;
      sum_high += s[j].z + s[j].w;
    }

    // out += p * v. Two accumulator tiles of s, rounded to fp16, have the layout of one 16x16 a operand; v needs
    // transposing on the way from shared memory. Rows of v past the last key are zeros, as are their weights.
#pragma unroll
    for (int j = 0; j < kKeys / 16; ++j) {
      const unsigned p[4] = {packHalf2(s[2 * j].x, s[2 * j].y), packHalf2(s[2 * j].z, s[2 * j].w),
                             packHalf2(s[2 * j + 1].x, s[2 * j + 1].y), packHalf2(s[2 * j + 1].z, s[2 * j + 1].w)};
#pragma unroll
      for (int c = 0; c < D / 16; ++c) {
        unsigned b[4];
        loadMatrix4Transposed(b, &v_tile[stage][j * 16 + lane % 16][c * 16 + lane / 16 * 8]);
        mma16816(out[2 * c], p, b[0], b[1]);
        mma16816(out[2 * c + 1], p, b[2], b[3]);
      }
    }
  }

  sum_low = rowSum(sum_low);
  sum_high = rowSum(sum_high);
  const float inverse_low = sum_low == 0.0f ? 0.0f : 1.0f / sum_low; // a row with every key masked gives 0
  const float inverse_high = sum_high == 0.0f ? 0.0f : 1.0f / sum_high;
  const int row_low = first_row + warp * 16 + lane / 4;
  const int row_high = row_low + 8;
  __half* o_head = o + head * n_q * D + lane % 4 * 2;
#pragma unroll
  for (int i = 0; i < D / 8; ++i) {
    if (row_low < n_q)
      *reinterpret_cast<__half2*>(o_head + static_cast<std::int64_t>(row_low) * D + i * 8) =
          __floats2half2_rn(out[i].x * inverse_low, out[i].y * inverse_low);
    if (row_high < n_q)
      *reinterpret_cast<__half2*>(o_head + static_cast<std::int64_t>(row_high) * D + i * 8) =
          __floats2half2_rn(out[i].z * inverse_high, out[i].w * inverse_high);
  }
}
