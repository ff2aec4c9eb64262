// Flash attention on tensor cores, bf16 in and out, fp32 accumulators (needs sm_80), full or causal. One buffer each
// for keys and values: the next keys arrive while the values are worked on, the next values while the keys are. Rows
// are swizzled in place of padding. With n_q != n_k the causal mask is aligned at the bottom right: query i sees the
// keys j <= i + (n_k - n_q); a row that sees none gives 0. Values behind the mask are weighted with 0, not skipped:
// they must be finite.
//
// Layouts, row-major, contiguous and 16-byte aligned: q, o [heads, n_q, D]; k, v [heads, n_k, D]; heads = gridDim.y.
// Block kThreads, grid (ceil(n_q / kRows), heads).
#include <cuda_bf16.h>

#include <cstdint>

constexpr int kWarps = 4;
constexpr int kThreads = 32 * kWarps;
constexpr int kRows = 16 * kWarps; // query rows of a block
constexpr int kKeys = 64;          // keys of a tile
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
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
               "{%0, %1, %2, %3};"
               : "+f"(c.x), "+f"(c.y), "+f"(c.z), "+f"(c.w)
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

// Two floats as the two halves of a register, the first in the low half.
__device__ __forceinline__ unsigned packBf162(float low, float high) {
  return __bfloat16_as_ushort(__float2bfloat16_rn(low)) |
         static_cast<unsigned>(__bfloat16_as_ushort(__float2bfloat16_rn(high))) << 16;
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

// Where column `col`, a multiple of 8, of row `row` lies within its row: chunks of 16 bytes change places by the row,
// so that the eight rows that ldmatrix reads at once lie in different banks.
__device__ __forceinline__ int swizzle(int row, int col) {
  return (col / 8 ^ row % 8) * 8;
}

// Copies kRows (= kKeys) rows of D elements, from row `first` of `from` on; rows from `end` on become zeros.
template <int D>
__device__ __forceinline__ void copyTile(__nv_bfloat16 (*to)[D], const __nv_bfloat16* from, int first, int end) {
  constexpr int kChunks = D / 8; // of 16 bytes
  static_assert(kRows == kKeys, "queries and keys are copied alike");
  for (int i = static_cast<int>(threadIdx.x); i < kRows * kChunks; i += kThreads) {
    const int row = i / kChunks;
    const int col = i % kChunks * 8;
    const bool valid = first + row < end;
    const __nv_bfloat16* source = from + static_cast<std::int64_t>(valid ? first + row : 0) * D + col;
    copyAsync16(&to[row][swizzle(row, col)], source, valid);
  }
}

template <int D, bool kCausal>
__global__ void __launch_bounds__(kThreads)
    flash_bf16_mma(const __nv_bfloat16* __restrict__ q, const __nv_bfloat16* __restrict__ k,
                   const __nv_bfloat16* __restrict__ v, __nv_bfloat16* __restrict__ o, int n_q, int n_k, float scale) {
  static_assert(D == 64 || D == 128, "a row has at least 8 chunks to swizzle; 128 columns fill the 48 KiB");
  alignas(16) __shared__ __nv_bfloat16 q_tile[kRows][D];
  alignas(16) __shared__ __nv_bfloat16 k_tile[kKeys][D];
  alignas(16) __shared__ __nv_bfloat16 v_tile[kKeys][D];

  const int lane = static_cast<int>(threadIdx.x) % 32;
  const int warp = static_cast<int>(threadIdx.x) / 32;
  const std::int64_t head = blockIdx.y;
  const int first_row = static_cast<int>(blockIdx.x) * kRows;
  const int row_low = first_row + warp * 16 + lane / 4;
  const int row_high = row_low + 8;
  const __nv_bfloat16* k_head = k + head * n_k * D;
  const __nv_bfloat16* v_head = v + head * n_k * D;

  // Causal: no row of the block sees a key from key_end on.
  const int offset = n_k - n_q;
  const int last_row = min(first_row + kRows, n_q) - 1;
  const int key_end = kCausal ? max(0, min(n_k, last_row + offset + 1)) : n_k;
  const int see_low = kCausal ? min(n_k, row_low + offset + 1) : n_k;
  const int see_high = kCausal ? min(n_k, row_high + offset + 1) : n_k;
  const int tiles = (key_end + kKeys - 1) / kKeys;

  copyTile<D>(q_tile, q + head * n_q * D, first_row, n_q);
  if (tiles > 0)
    copyTile<D>(k_tile, k_head, 0, n_k);
  commitCopies();

  unsigned q_frag[D / 16][4];
  Acc out[D / 8];
#pragma unroll
  for (int i = 0; i < D / 8; ++i)
    out[i] = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
  float max_low = -INFINITY, max_high = -INFINITY; // of the scaled scores of rows g and g + 8, in base 2
  float sum_low = 0.0f, sum_high = 0.0f;           // this lane's part of them
  const float scale_log2 = scale * 1.44269504088896341f;

  for (int tile = 0; tile < tiles; ++tile) {
    copyTile<D>(v_tile, v_head, tile * kKeys, n_k);
    commitCopies();
    waitCopies<1>(); // all but the values just asked for: these keys, and q
    __syncthreads();

    if (tile == 0) {
      const int row = warp * 16 + lane % 16;
#pragma unroll
      for (int c = 0; c < D / 16; ++c)
        loadMatrix4(q_frag[c], &q_tile[row][swizzle(row, c * 16 + lane / 16 * 8)]);
    }
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
        const int row = j * 16 + lane / 16 * 8 + lane % 8;
        loadMatrix4(b, &k_tile[row][swizzle(row, c * 16 + lane / 8 % 2 * 8)]);
        mma16816(s[2 * j], q_frag[c], b[0], b[1]);
        mma16816(s[2 * j + 1], q_frag[c], b[2], b[3]);
      }
    }
    __syncthreads(); // everyone has read these keys
    if (tile + 1 < tiles)
      copyTile<D>(k_tile, k_head, (tile + 1) * kKeys, n_k);
    commitCopies();

    float new_low = max_low, new_high = max_high;
#pragma unroll
    for (int j = 0; j < kKeys / 8; ++j) {
      const int key = tile * kKeys + j * 8 + lane % 4 * 2;
      s[j].x = key < see_low ? s[j].x * scale_log2 : -INFINITY;
      s[j].y = key + 1 < see_low ? s[j].y * scale_log2 : -INFINITY;
      s[j].z = key < see_high ? s[j].z * scale_log2 : -INFINITY;
      s[j].w = key + 1 < see_high ? s[j].w * scale_log2 : -INFINITY;
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

    waitCopies<1>(); // all but the keys just asked for: these values
    __syncthreads();
    // out += p * v. Two accumulator tiles of s, rounded to bf16, have the layout of one 16x16 a operand; v needs
    // transposing on the way from shared memory. Rows of v past the last key are zeros, as are their weights.
#pragma unroll
    for (int j = 0; j < kKeys / 16; ++j) {
      const unsigned p[4] = {packBf162(s[2 * j].x, s[2 * j].y), packBf162(s[2 * j].z, s[2 * j].w),
                             packBf162(s[2 * j + 1].x, s[2 * j + 1].y), packBf162(s[2 * j + 1].z, s[2 * j + 1].w)};
#pragma unroll
      for (int c = 0; c < D / 16; ++c) {
        unsigned b[4];
        const int row = j * 16 + lane % 16;
        loadMatrix4Transposed(b, &v_tile[row][swizzle(row, c * 16 + lane / 16 * 8)]);
        mma16816(out[2 * c], p, b[0], b[1]);
        mma16816(out[2 * c + 1], p, b[2], b[3]);
      }
    }
    __syncthreads(); // everyone has read these values: the next may come
  }
  waitCopies<0>(); // where there was no tile, q is still under way: a thread must not end before its copies have

  sum_low = rowSum(sum_low);
  sum_high = rowSum(sum_high);
  const float inverse_low = sum_low == 0.0f ? 0.0f : 1.0f / sum_low; // a row with every key masked gives 0
  const float inverse_high = sum_high == 0.0f ? 0.0f : 1.0f / sum_high;
  __nv_bfloat16* o_head = o + head * n_q * D + lane % 4 * 2;
#pragma unroll
  for (int i = 0; i < D / 8; ++i) {
    if (row_low < n_q)
      *reinterpret_cast<__nv_bfloat162*>(o_head + static_cast<std::int64_t>(row_low) * D + i * 8) =
          __floats2bfloat162_rn(out[i].x * inverse_low, out[i].y * inverse_low);
    if (row_high < n_q)
      *reinterpret_cast<__nv_bfloat162*>(o_head + static_cast<std::int64_t>(row_high) * D + i * 8) =
          __floats2bfloat162_rn(out[i].z * inverse_high, out[i].w * inverse_high);
  }
}
