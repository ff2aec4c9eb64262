// Gradients of attention on tensor cores, bf16 in and out, fp32 accumulators (needs sm_80), full or causal. From the
// forward pass's o and lse: with P = exp(scale q.k - lse), dP = do.v and delta_i = do_i.o_i,
//   dS = P (dP - delta),   dq = scale dS k,   dk = scale dS^T q,   dv = P^T do;
// P and dS are rounded to bf16 before they are multiplied on.
// Three launches: delta, a warp a query; dq, a block of queries over tiles of keys; dk and dv, a block of keys over tiles
// of queries, with all products transposed, so that P^T and dS^T come out as the operands that the next product takes.
// Every sum has one fixed order, and none needs an atomic. Tiles arrive by cp.async into two stages: while one is worked
// on, the next is on its way. With n_q != n_k the causal mask is aligned at the bottom right: query i sees the keys
// j <= i + n_k - n_q; a row that sees none has lse = -inf and gives nothing.
// Layouts, row-major, contiguous and 16-byte aligned: q, o, d_o, dq [heads, n_q, D]; k, v, dk, dv [heads, n_k, D];
// lse, delta [heads, n_q]. Block kThreads, grid (ceil(n_q / kWarps), heads) for delta, else (ceil(rows / kRows), heads).
#include <cuda_bf16.h>

#include <cstdint>

constexpr int kWarps = 4;
constexpr int kThreads = 32 * kWarps;
constexpr int kRows = 16 * kWarps; // of a block: queries for dq, keys for dk and dv
constexpr int kTile = 32;          // of the other side, at a time
constexpr int kPad = 8;            // 16 bytes more than a row: ldmatrix meets every bank once
constexpr unsigned kAll = 0xffffffffu;
constexpr float kLog2E = 1.44269504088896341f;

// One accumulator tile of mma.m16n8k16: lane 4*g+t holds columns 2t, 2t+1 of row g in x, y and of row g+8 in z, w.
using Acc = float4;

__device__ __forceinline__ unsigned sharedAddress(const void* p) {
  return static_cast<unsigned>(__cvta_generic_to_shared(p));
}

// Start copying from global to shared memory; write zeros, and read nothing, if `valid` is false.
__device__ __forceinline__ void copyAsync16(void* to, const void* from, bool valid) {
  const int bytes = valid ? 16 : 0;
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(sharedAddress(to)), "l"(from), "r"(bytes)
               : "memory");
}
__device__ __forceinline__ void copyAsync4(void* to, const void* from, bool valid) {
  const int bytes = valid ? 4 : 0;
  asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(sharedAddress(to)), "l"(from), "r"(bytes)
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

// Two floats as the two halves of a register, the first in the low half.
__device__ __forceinline__ unsigned packBf162(float low, float high) {
  return __bfloat16_as_ushort(__float2bfloat16_rn(low)) |
         static_cast<unsigned>(__bfloat16_as_ushort(__float2bfloat16_rn(high))) << 16;
}

template <int D>
using Row = __nv_bfloat16[D + kPad];

// Copies `kCount` rows of D elements, from row `first` of `from` on, into shared memory; rows from `end` on become zeros.
template <int D, int kCount>
__device__ __forceinline__ void copyRows(Row<D>* to, const __nv_bfloat16* from, int first, int end) {
  constexpr int kChunks = D / 8; // of 16 bytes
  for (int i = static_cast<int>(threadIdx.x); i < kCount * kChunks; i += kThreads) {
    const int row = i / kChunks;
    const int col = i % kChunks * 8;
    const bool valid = first + row < end;
    const __nv_bfloat16* source = from + static_cast<std::int64_t>(valid ? first + row : 0) * D + col;
    copyAsync16(&to[row][col], source, valid);
  }
}

// The same of one number a row; a thread copies one at most.
__device__ __forceinline__ void copyNumbers(float* to, const float* from, int first, int end, int thread) {
  if (thread < 0 || thread >= kTile)
    return;
  const bool valid = first + thread < end;
  copyAsync4(&to[thread], from + (valid ? first + thread : 0), valid);
}

// The warp's 16 rows as a operands.
template <int D>
__device__ __forceinline__ void loadRows(unsigned (&frag)[D / 16][4], const Row<D>* rows, int warp, int lane) {
#pragma unroll
  for (int c = 0; c < D / 16; ++c)
    loadMatrix4(frag[c], &rows[warp * 16 + lane % 16][c * 16 + lane / 16 * 8]);
}

// s = a * tile^T, 16 x kTile: a 16x16 block of the tile, as stored, is two column-major b operands.
template <int D>
__device__ __forceinline__ void multiplyTransposed(Acc (&s)[kTile / 8], const unsigned (&a)[D / 16][4],
                                                   const Row<D>* tile, int lane) {
#pragma unroll
  for (int j = 0; j < kTile / 8; ++j)
    s[j] = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
#pragma unroll
  for (int c = 0; c < D / 16; ++c) {
#pragma unroll
    for (int j = 0; j < kTile / 16; ++j) {
      unsigned b[4];
      loadMatrix4(b, &tile[j * 16 + lane / 16 * 8 + lane % 8][c * 16 + lane / 8 % 2 * 8]);
      mma16816(s[2 * j], a[c], b[0], b[1]);
      mma16816(s[2 * j + 1], a[c], b[2], b[3]);
    }
  }
}

// sum += p * tile, 16 x D. Two accumulator tiles of p, rounded to bf16, have the layout of one 16x16 a operand; the tile
// is transposed on the way from shared memory.
template <int D>
__device__ __forceinline__ void multiplyAdd(Acc (&sum)[D / 8], const Acc (&p)[kTile / 8], const Row<D>* tile,
                                            int lane) {
#pragma unroll
  for (int j = 0; j < kTile / 16; ++j) {
    const unsigned a[4] = {packBf162(p[2 * j].x, p[2 * j].y), packBf162(p[2 * j].z, p[2 * j].w),
                           packBf162(p[2 * j + 1].x, p[2 * j + 1].y), packBf162(p[2 * j + 1].z, p[2 * j + 1].w)};
#pragma unroll
    for (int c = 0; c < D / 16; ++c) {
      unsigned b[4];
      loadMatrix4Transposed(b, &tile[j * 16 + lane % 16][c * 16 + lane / 16 * 8]);
      mma16816(sum[2 * c], a, b[0], b[1]);
      mma16816(sum[2 * c + 1], a, b[2], b[3]);
    }
  }
}

// The warp's 16 rows of a result, times `factor`; rows from `end` on are not there.
template <int D>
__device__ __forceinline__ void storeRows(__nv_bfloat16* to, const Acc (&sum)[D / 8], float factor, int row_low, int end,
                                          int lane) {
  const int row_high = row_low + 8;
#pragma unroll
  for (int i = 0; i < D / 8; ++i) {
    const int col = i * 8 + lane % 4 * 2;
    if (row_low < end)
      *reinterpret_cast<__nv_bfloat162*>(to + static_cast<std::int64_t>(row_low) * D + col) =
          __floats2bfloat162_rn(sum[i].x * factor, sum[i].y * factor);
    if (row_high < end)
      *reinterpret_cast<__nv_bfloat162*>(to + static_cast<std::int64_t>(row_high) * D + col) =
          __floats2bfloat162_rn(sum[i].z * factor, sum[i].w * factor);
  }
}

template <int D>
__device__ __forceinline__ void clear(Acc (&sum)[D / 8]) {
#pragma unroll
  for (int i = 0; i < D / 8; ++i)
    sum[i] = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
}

// exp(scale s - lse) of a pair of numbers that base 2 makes cheap; 0 where the query does not see the key.
__device__ __forceinline__ float weight(float s, float scale_log2, float lse_log2, bool is_seen) {
  return is_seen ? exp2f(s * scale_log2 - lse_log2) : 0.0f;
}

template <int D>
__global__ void __launch_bounds__(kThreads)
    backward_delta(const __nv_bfloat16* __restrict__ o, const __nv_bfloat16* __restrict__ d_o,
                   float* __restrict__ delta, int n_q) {
  static_assert(D == 64, "a lane owns a pair");
  const int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;
  const int row = static_cast<int>(blockIdx.x) * kWarps + warp;
  if (row >= n_q) // the whole warp
    return;
  const std::int64_t at = static_cast<std::int64_t>(blockIdx.y) * n_q + row;
  const float2 out = __bfloat1622float2(reinterpret_cast<const __nv_bfloat162*>(o + at * D)[lane]);
  const float2 gradient = __bfloat1622float2(reinterpret_cast<const __nv_bfloat162*>(d_o + at * D)[lane]);
  float sum = out.x * gradient.x + out.y * gradient.y;
#pragma unroll
  for (int step = 16; step > 0; step /= 2)
    sum += __shfl_xor_sync(kAll, sum, step);
  if (lane == 0)
    delta[at] = sum;
}

template <int D, bool kCausal>
__global__ void __launch_bounds__(kThreads)
    backward_dq(const __nv_bfloat16* __restrict__ q, const __nv_bfloat16* __restrict__ k,
                const __nv_bfloat16* __restrict__ v, const float* __restrict__ lse, const float* __restrict__ delta,
                const __nv_bfloat16* __restrict__ d_o, __nv_bfloat16* __restrict__ dq, int n_q, int n_k, float scale) {
  alignas(16) __shared__ Row<D> q_rows[kRows];
  alignas(16) __shared__ Row<D> do_rows[kRows];
  alignas(16) __shared__ Row<D> k_tile[2][kTile];
  alignas(16) __shared__ Row<D> v_tile[2][kTile];

  const int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;
  const std::int64_t head = blockIdx.y;
  const int first_row = static_cast<int>(blockIdx.x) * kRows;
  const int row_low = first_row + warp * 16 + lane / 4, row_high = row_low + 8;
  const __nv_bfloat16* k_head = k + head * n_k * D;
  const __nv_bfloat16* v_head = v + head * n_k * D;

  // Causal: no row of the block sees a key from key_end on.
  const int offset = n_k - n_q, last_row = min(first_row + kRows, n_q) - 1;
  const int key_end = kCausal ? max(0, min(n_k, last_row + offset + 1)) : n_k;
  const int see_low = kCausal ? min(n_k, row_low + offset + 1) : n_k;
  const int see_high = kCausal ? min(n_k, row_high + offset + 1) : n_k;
  const int tiles = (key_end + kTile - 1) / kTile;

  copyRows<D, kRows>(q_rows, q + head * n_q * D, first_row, n_q);
  copyRows<D, kRows>(do_rows, d_o + head * n_q * D, first_row, n_q);
  copyRows<D, kTile>(k_tile[0], k_head, 0, n_k);
  copyRows<D, kTile>(v_tile[0], v_head, 0, n_k);
  commitCopies();
  const float lse_low = row_low < n_q ? lse[head * n_q + row_low] * kLog2E : 0.0f;
  const float lse_high = row_high < n_q ? lse[head * n_q + row_high] * kLog2E : 0.0f;
  const float delta_low = row_low < n_q ? delta[head * n_q + row_low] : 0.0f;
  const float delta_high = row_high < n_q ? delta[head * n_q + row_high] : 0.0f;
  waitCopies();
  __syncthreads();

  unsigned q_frag[D / 16][4], do_frag[D / 16][4];
  loadRows<D>(q_frag, q_rows, warp, lane);
  loadRows<D>(do_frag, do_rows, warp, lane);
  Acc sum[D / 8];
  clear<D>(sum);
  const float scale_log2 = scale * kLog2E;

  for (int tile = 0; tile < tiles; ++tile) {
    const int stage = tile % 2;
    waitCopies();
    // This tile has arrived for every thread, and every thread has finished with the one before it, whose stage may be
    // overwritten.
    __syncthreads();
    if (tile + 1 < tiles) {
      copyRows<D, kTile>(k_tile[1 - stage], k_head, (tile + 1) * kTile, n_k);
      copyRows<D, kTile>(v_tile[1 - stage], v_head, (tile + 1) * kTile, n_k);
    }
    commitCopies();

    Acc s[kTile / 8], dp[kTile / 8];
    multiplyTransposed<D>(s, q_frag, k_tile[stage], lane);
    multiplyTransposed<D>(dp, do_frag, v_tile[stage], lane);
#pragma unroll
    for (int j = 0; j < kTile / 8; ++j) { // s becomes dS
      const int key = tile * kTile + j * 8 + lane % 4 * 2;
      s[j].x = weight(s[j].x, scale_log2, lse_low, key < see_low) * (dp[j].x - delta_low);
      s[j].y = weight(s[j].y, scale_log2, lse_low, key + 1 < see_low) * (dp[j].y - delta_low);
      s[j].z = weight(s[j].z, scale_log2, lse_high, key < see_high) * (dp[j].z - delta_high);
      s[j].w = weight(s[j].w, scale_log2, lse_high, key + 1 < see_high) * (dp[j].w - delta_high);
    }
    multiplyAdd<D>(sum, s, k_tile[stage], lane);
  }
  storeRows<D>(dq + head * n_q * D, sum, scale, row_low, n_q, lane);
}

template <int D, bool kCausal>
__global__ void __launch_bounds__(kThreads)
    backward_dkdv(const __nv_bfloat16* __restrict__ q, const __nv_bfloat16* __restrict__ k,
                  const __nv_bfloat16* __restrict__ v, const float* __restrict__ lse, const float* __restrict__ delta,
                  const __nv_bfloat16* __restrict__ d_o, __nv_bfloat16* __restrict__ dk,
                  __nv_bfloat16* __restrict__ dv, int n_q, int n_k, float scale) {
  alignas(16) __shared__ Row<D> k_rows[kRows];
  alignas(16) __shared__ Row<D> v_rows[kRows];
  alignas(16) __shared__ Row<D> q_tile[2][kTile];
  alignas(16) __shared__ Row<D> do_tile[2][kTile];
  __shared__ float lse_tile[2][kTile];
  __shared__ float delta_tile[2][kTile];

  const int thread = static_cast<int>(threadIdx.x), lane = thread % 32, warp = thread / 32;
  const std::int64_t head = blockIdx.y;
  const int first_key = static_cast<int>(blockIdx.x) * kRows;
  const int key_low = first_key + warp * 16 + lane / 4, key_high = key_low + 8;
  const __nv_bfloat16* q_head = q + head * n_q * D;
  const __nv_bfloat16* do_head = d_o + head * n_q * D;
  const float* lse_head = lse + head * n_q;
  const float* delta_head = delta + head * n_q;

  // Causal: no query before first_row sees a key of the block; the first that sees key j is query j - offset.
  const int offset = n_k - n_q;
  const int first_row = kCausal ? max(0, first_key - offset) : 0;
  const int seen_low = kCausal ? key_low - offset : 0, seen_high = kCausal ? key_high - offset : 0;
  const int tiles = (n_q - first_row + kTile - 1) / kTile; // may be <= 0

  copyRows<D, kRows>(k_rows, k + head * n_k * D, first_key, n_k);
  copyRows<D, kRows>(v_rows, v + head * n_k * D, first_key, n_k);
  copyRows<D, kTile>(q_tile[0], q_head, first_row, n_q);
  copyRows<D, kTile>(do_tile[0], do_head, first_row, n_q);
  copyNumbers(lse_tile[0], lse_head, first_row, n_q, thread);
  copyNumbers(delta_tile[0], delta_head, first_row, n_q, thread - kTile);
  commitCopies();
  waitCopies();
  __syncthreads();

  unsigned k_frag[D / 16][4], v_frag[D / 16][4];
  loadRows<D>(k_frag, k_rows, warp, lane);
  loadRows<D>(v_frag, v_rows, warp, lane);
  Acc sum_k[D / 8], sum_v[D / 8];
  clear<D>(sum_k);
  clear<D>(sum_v);
  const float scale_log2 = scale * kLog2E;

  for (int tile = 0; tile < tiles; ++tile) {
    const int stage = tile % 2;
    waitCopies();
    __syncthreads(); // as in backward_dq
    if (tile + 1 < tiles) {
      const int next = first_row + (tile + 1) * kTile;
      copyRows<D, kTile>(q_tile[1 - stage], q_head, next, n_q);
      copyRows<D, kTile>(do_tile[1 - stage], do_head, next, n_q);
      copyNumbers(lse_tile[1 - stage], lse_head, next, n_q, thread);
      copyNumbers(delta_tile[1 - stage], delta_head, next, n_q, thread - kTile);
    }
    commitCopies();

    // Transposed: rows are keys, columns queries.
    Acc p[kTile / 8], ds[kTile / 8];
    multiplyTransposed<D>(p, k_frag, q_tile[stage], lane);
    multiplyTransposed<D>(ds, v_frag, do_tile[stage], lane);
#pragma unroll
    for (int j = 0; j < kTile / 8; ++j) {
      const int column = j * 8 + lane % 4 * 2, row = first_row + tile * kTile + column;
      const float lse_0 = lse_tile[stage][column] * kLog2E, lse_1 = lse_tile[stage][column + 1] * kLog2E;
      const float delta_0 = delta_tile[stage][column], delta_1 = delta_tile[stage][column + 1];
      const bool in_0 = row < n_q, in_1 = row + 1 < n_q;
      p[j].x = weight(p[j].x, scale_log2, lse_0, in_0 && row >= seen_low);
      p[j].y = weight(p[j].y, scale_log2, lse_1, in_1 && row + 1 >= seen_low);
      p[j].z = weight(p[j].z, scale_log2, lse_0, in_0 && row >= seen_high);
      p[j].w = weight(p[j].w, scale_log2, lse_1, in_1 && row + 1 >= seen_high);
      ds[j].x = p[j].x * (ds[j].x - delta_0);
      ds[j].y = p[j].y * (ds[j].y - delta_1);
      ds[j].z = p[j].z * (ds[j].z - delta_0);
      ds[j].w = p[j].w * (ds[j].w - delta_1);
    }
    multiplyAdd<D>(sum_v, p, do_tile[stage], lane);
    multiplyAdd<D>(sum_k, ds, q_tile[stage], lane);
  }
  storeRows<D>(dk + head * n_k * D, sum_k, scale, key_low, n_k, lane);
  storeRows<D>(dv + head * n_k * D, sum_v, 1.0f, key_low, n_k, lane);
}
