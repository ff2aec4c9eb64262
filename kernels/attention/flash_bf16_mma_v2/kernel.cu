// Flash attention on tensor cores, bf16 in and out, fp32 accumulators (needs sm_80), full or causal: flash_bf16_mma made
// fast. A warp has 16 * kRowTiles query rows, so that what it reads of keys and values from shared memory serves several
// products; keys and values have two buffers each, and the next tile arrives while this one is worked on, with one
// barrier a tile; only the tiles at an edge are masked; the scale is part of the exponent's fused multiply-add.
// With n_q != n_k the causal mask is aligned at the bottom right: query i sees the keys j <= i + (n_k - n_q); a row that
// sees none gives 0. Values behind the mask are weighted with 0, not skipped: they must be finite. `scale` is positive.
//
// Layouts, row-major, contiguous and 16-byte aligned: q, o [heads, n_q, D]; k, v [heads, n_k, D]; heads = gridDim.y.
// Block 32 * kWarps, grid (ceil(n_q / (16 * kRowTiles * kWarps)), heads), dynamic shared memory for the query rows and two
// tiles each of keys and values: (16 * kRowTiles * kWarps + 4 * kKeys) * D * 2 bytes.
#include <cuda_bf16.h>

#include <cstdint>

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
// Waits until every copy that this thread started has arrived.
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

// 2^x without the steps that save subnormal results: a weight below 2^-126 is 0.
__device__ __forceinline__ float exp2Fast(float x) {
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

// Two floats as the two halves of a register, the first in the low half.
__device__ __forceinline__ unsigned packBf162(float low, float high) {
  unsigned packed;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(packed) : "f"(high), "f"(low));
  return packed;
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

// Copies kTileRows rows of D elements, from row `first` of `from` on; rows from `end` on become zeros.
template <int kTileRows, int D, int kThreads>
__device__ __forceinline__ void copyTile(__nv_bfloat16 (*to)[D], const __nv_bfloat16* from, int first, int end) {
  constexpr int kChunks = D / 8; // of 16 bytes
  static_assert(kTileRows * kChunks % kThreads == 0, "every thread copies as much");
#pragma unroll
  for (int step = 0; step < kTileRows * kChunks / kThreads; ++step) {
    const int i = step * kThreads + static_cast<int>(threadIdx.x);
    const int row = i / kChunks;
    const int col = i % kChunks * 8;
    const bool valid = first + row < end;
    const __nv_bfloat16* source = from + static_cast<std::int64_t>(valid ? first + row : 0) * D + col;
    copyAsync16(&to[row][swizzle(row, col)], source, valid);
  }
}

// Of a lane's two rows in one tile of 16: the largest score so far, and the lane's part of the sum.
struct RowState {
  float max_low, max_high;
  float sum_low, sum_high;
};

// s becomes the weights 2^(scale_log2 * (s - max)); the state and the output so far are rescaled to the new maximum.
template <int kColumns, int kOut>
__device__ __forceinline__ void softmaxStep(Acc (&s)[kColumns], Acc (&out)[kOut], RowState& row, float scale_log2) {
  float new_low = row.max_low, new_high = row.max_high;
#pragma unroll
  for (int j = 0; j < kColumns; ++j) {
    new_low = fmaxf(new_low, fmaxf(s[j].x, s[j].y));
    new_high = fmaxf(new_high, fmaxf(s[j].z, s[j].w));
  }
  new_low = rowMax(new_low);
  new_high = rowMax(new_high);
  // Every key masked so far: the maximum is -inf, and 2^(-inf - 0) = 0.
  const float shift_low = new_low == -INFINITY ? 0.0f : new_low * scale_log2;
  const float shift_high = new_high == -INFINITY ? 0.0f : new_high * scale_log2;
  const float rescale_low = exp2Fast(row.max_low * scale_log2 - shift_low);
  const float rescale_high = exp2Fast(row.max_high * scale_log2 - shift_high);
  row.max_low = new_low;
  row.max_high = new_high;
  row.sum_low *= rescale_low;
  row.sum_high *= rescale_high;
#pragma unroll
  for (int i = 0; i < kOut; ++i) {
    out[i].x *= rescale_low;
    out[i].y *= rescale_low;
    out[i].z *= rescale_high;
    out[i].w *= rescale_high;
  }
#pragma unroll
  for (int j = 0; j < kColumns; ++j) {
    s[j].x = exp2Fast(fmaf(s[j].x, scale_log2, -shift_low));
    s[j].y = exp2Fast(fmaf(s[j].y, scale_log2, -shift_low));
    s[j].z = exp2Fast(fmaf(s[j].z, scale_log2, -shift_high));
    s[j].w = exp2Fast(fmaf(s[j].w, scale_log2, -shift_high));
    row.sum_low += s[j].x + s[j].y;
    row.sum_high += s[j].z + s[j].w;
  }
}

// Keys from `see` on are not seen by a row.
template <int kColumns>
__device__ __forceinline__ void maskScores(Acc (&s)[kColumns], int first_key, int see_low, int see_high) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
#pragma unroll
  for (int j = 0; j < kColumns; ++j) {
    const int key = first_key + j * 8 + lane % 4 * 2;
    s[j].x = key < see_low ? s[j].x : -INFINITY;
    s[j].y = key + 1 < see_low ? s[j].y : -INFINITY;
    s[j].z = key < see_high ? s[j].z : -INFINITY;
    s[j].w = key + 1 < see_high ? s[j].w : -INFINITY;
  }
}

template <int D, bool kCausal, int kKeys, int kWarps, int kRowTiles, bool kKeepQueries>
__global__ void __launch_bounds__(32 * kWarps)
    flash_bf16_mma_v2(const __nv_bfloat16* __restrict__ q, const __nv_bfloat16* __restrict__ k,
                      const __nv_bfloat16* __restrict__ v, __nv_bfloat16* __restrict__ o, int n_q, int n_k,
                      float scale) {
  static_assert(D % 64 == 0 && kKeys % 16 == 0, "a row has at least 8 chunks to swizzle");
  constexpr int kThreads = 32 * kWarps;
  constexpr int kRows = 16 * kRowTiles * kWarps; // query rows of a block
  extern __shared__ __align__(16) unsigned char shared[];
  auto q_tile = reinterpret_cast<__nv_bfloat16(*)[D]>(shared);
  auto k_tiles = q_tile + kRows; // two buffers, then those of the values
  auto v_tiles = k_tiles + 2 * kKeys;

  const int lane = static_cast<int>(threadIdx.x) % 32;
  const int warp = static_cast<int>(threadIdx.x) / 32;
  const std::int64_t head = blockIdx.y;
  // The last rows have the most keys when causal: they start first.
  const int first_row = static_cast<int>(kCausal ? gridDim.x - 1 - blockIdx.x : blockIdx.x) * kRows;
  const __nv_bfloat16* k_head = k + head * n_k * D;
  const __nv_bfloat16* v_head = v + head * n_k * D;

  // Causal: no row of the block sees a key from key_end on, and all of them see those before `all_see`.
  const int offset = n_k - n_q;
  const int last_row = min(first_row + kRows, n_q) - 1;
  const int key_end = kCausal ? max(0, min(n_k, last_row + offset + 1)) : n_k;
  const int all_see = kCausal ? max(0, min(n_k, first_row + offset + 1)) : n_k;
  const int tiles = (key_end + kKeys - 1) / kKeys;
  const int first_masked = all_see / kKeys;

  copyTile<kRows, D, kThreads>(q_tile, q + head * n_q * D, first_row, n_q);
  if (tiles > 0) {
    copyTile<kKeys, D, kThreads>(k_tiles, k_head, 0, n_k);
    copyTile<kKeys, D, kThreads>(v_tiles, v_head, 0, n_k);
  }
  commitCopies();

  const int q_row = warp * 16 * kRowTiles + lane % 16;
  unsigned q_frag[kRowTiles][kKeepQueries ? D / 16 : 1][4];
  Acc out[kRowTiles][D / 8];
  RowState rows[kRowTiles];
#pragma unroll
  for (int r = 0; r < kRowTiles; ++r) {
    rows[r] = {-INFINITY, -INFINITY, 0.0f, 0.0f};
#pragma unroll
    for (int i = 0; i < D / 8; ++i)
      out[r][i] = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
  }
  const float scale_log2 = scale * 1.44269504088896341f;

  for (int tile = 0; tile < tiles; ++tile) {
    waitCopies();
    __syncthreads(); // this tile is there for everyone, and everyone is done with the last one: its buffers are free
    const int buffer = tile % 2 * kKeys;
    if (tile + 1 < tiles) {
      copyTile<kKeys, D, kThreads>(k_tiles + (kKeys - buffer), k_head, (tile + 1) * kKeys, n_k);
      copyTile<kKeys, D, kThreads>(v_tiles + (kKeys - buffer), v_head, (tile + 1) * kKeys, n_k);
      commitCopies();
    }
    if (kKeepQueries && tile == 0) {
#pragma unroll
      for (int r = 0; r < kRowTiles; ++r)
#pragma unroll
        for (int c = 0; c < D / 16; ++c)
          loadMatrix4(q_frag[r][kKeepQueries ? c : 0],
                      &q_tile[q_row + 16 * r][swizzle(q_row + 16 * r, c * 16 + lane / 16 * 8)]);
    }
    // s = q * k^T. A 16x16 block of k, as stored, is two column-major b operands.
    Acc s[kRowTiles][kKeys / 8];
#pragma unroll
    for (int r = 0; r < kRowTiles; ++r)
#pragma unroll
      for (int j = 0; j < kKeys / 8; ++j)
        s[r][j] = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
#pragma unroll
    for (int c = 0; c < D / 16; ++c) {
      const int part = kKeepQueries ? c : 0;
      if (!kKeepQueries) {
#pragma unroll
        for (int r = 0; r < kRowTiles; ++r)
          loadMatrix4(q_frag[r][part], &q_tile[q_row + 16 * r][swizzle(q_row + 16 * r, c * 16 + lane / 16 * 8)]);
      }
#pragma unroll
      for (int j = 0; j < kKeys / 16; ++j) {
        unsigned b[4];
        const int row = buffer + j * 16 + lane / 16 * 8 + lane % 8;
        loadMatrix4(b, &k_tiles[row][swizzle(row, c * 16 + lane / 8 % 2 * 8)]);
#pragma unroll
        for (int r = 0; r < kRowTiles; ++r) {
          mma16816(s[r][2 * j], q_frag[r][part], b[0], b[1]);
          mma16816(s[r][2 * j + 1], q_frag[r][part], b[2], b[3]);
        }
      }
    }
    if (tile >= first_masked) {
#pragma unroll
      for (int r = 0; r < kRowTiles; ++r) {
        const int row_low = first_row + (warp * kRowTiles + r) * 16 + lane / 4;
        maskScores(s[r], tile * kKeys, kCausal ? min(n_k, row_low + offset + 1) : n_k,
                   kCausal ? min(n_k, row_low + 8 + offset + 1) : n_k);
      }
    }
#pragma unroll
    for (int r = 0; r < kRowTiles; ++r)
      softmaxStep(s[r], out[r], rows[r], scale_log2);
    // out += p * v. Two accumulator tiles of s, rounded to bf16, have the layout of one 16x16 a operand; v needs
    // transposing on the way from shared memory. Rows of v past the last key are zeros, as are their weights.
#pragma unroll
    for (int j = 0; j < kKeys / 16; ++j) {
      unsigned p[kRowTiles][4];
#pragma unroll
      for (int r = 0; r < kRowTiles; ++r) {
        p[r][0] = packBf162(s[r][2 * j].x, s[r][2 * j].y);
        p[r][1] = packBf162(s[r][2 * j].z, s[r][2 * j].w);
        p[r][2] = packBf162(s[r][2 * j + 1].x, s[r][2 * j + 1].y);
        p[r][3] = packBf162(s[r][2 * j + 1].z, s[r][2 * j + 1].w);
      }
#pragma unroll
      for (int c = 0; c < D / 16; ++c) {
        unsigned b[4];
        const int row = buffer + j * 16 + lane % 16;
        loadMatrix4Transposed(b, &v_tiles[row][swizzle(row, c * 16 + lane / 16 * 8)]);
#pragma unroll
        for (int r = 0; r < kRowTiles; ++r) {
          mma16816(out[r][2 * c], p[r], b[0], b[1]);
          mma16816(out[r][2 * c + 1], p[r], b[2], b[3]);
        }
      }
    }
  }
  waitCopies(); // where there was no tile, q is still under way: a thread must not end before its copies have

  __nv_bfloat16* o_head = o + head * n_q * D + lane % 4 * 2;
#pragma unroll
  for (int r = 0; r < kRowTiles; ++r) {
    const float sum_low = rowSum(rows[r].sum_low);
    const float sum_high = rowSum(rows[r].sum_high);
    const float inverse_low = sum_low == 0.0f ? 0.0f : 1.0f / sum_low; // a row with every key masked gives 0
    const float inverse_high = sum_high == 0.0f ? 0.0f : 1.0f / sum_high;
    const int row_low = first_row + (warp * kRowTiles + r) * 16 + lane / 4;
    const int row_high = row_low + 8;
#pragma unroll
    for (int i = 0; i < D / 8; ++i) {
      if (row_low < n_q)
        *reinterpret_cast<__nv_bfloat162*>(o_head + static_cast<std::int64_t>(row_low) * D + i * 8) =
            __floats2bfloat162_rn(out[r][i].x * inverse_low, out[r][i].y * inverse_low);
      if (row_high < n_q)
        *reinterpret_cast<__nv_bfloat162*>(o_head + static_cast<std::int64_t>(row_high) * D + i * 8) =
            __floats2bfloat162_rn(out[r][i].z * inverse_high, out[r][i].w * inverse_high);
    }
  }
}
