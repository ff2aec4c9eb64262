// Gradients of attention, from the forward pass's o and lse: with P = exp(scale q.k - lse), dP = do.v and
// delta_i = do_i.o_i,   dS = P (dP - delta),   dq = scale dS k,   dk = scale dS^T q,   dv = P^T do.
// Three launches: delta, a thread a query; dq, a thread a query; dk and dv, a thread a key: every sum has one fixed
// order, and none needs an atomic. Causal, aligned at the bottom right: query i sees the keys j <= i + n_k - n_q; a row
// that sees none has lse = -inf and gives nothing.
// Layouts, row-major and contiguous: q, o, d_o, dq [B*H, n_q, D]; k, v, dk, dv [B*H, n_k, D]; lse, delta [B*H, n_q].
// Block kThreads, grid (ceil(rows / kThreads), B*H), rows: n_q, n_q, n_k.
#include <cstdint>

constexpr int kThreads = 64;

template <int D>
__device__ __forceinline__ float dot(const float (&a)[D], const float* b) {
  float sum = 0.0f;
#pragma unroll
  for (int e = 0; e < D; ++e)
    sum += a[e] * b[e];
  return sum;
}

template <int D>
__global__ void __launch_bounds__(kThreads)
    backward_delta(const float* __restrict__ o, const float* __restrict__ d_o, float* __restrict__ delta, int n_q) {
  const int row = static_cast<int>(blockIdx.x) * kThreads + static_cast<int>(threadIdx.x);
  if (row >= n_q)
    return;
  const std::int64_t at = static_cast<std::int64_t>(blockIdx.y) * n_q + row;
  float sum = 0.0f;
#pragma unroll
  for (int e = 0; e < D; ++e)
    sum += d_o[at * D + e] * o[at * D + e];
  delta[at] = sum;
}

template <int D>
__global__ void __launch_bounds__(kThreads)
    backward_dq(const float* __restrict__ q, const float* __restrict__ k, const float* __restrict__ v,
                const float* __restrict__ lse, const float* __restrict__ delta, const float* __restrict__ d_o,
                float* __restrict__ dq, int n_q, int n_k, float scale) {
  const int row = static_cast<int>(blockIdx.x) * kThreads + static_cast<int>(threadIdx.x);
  if (row >= n_q)
    return;
  const std::int64_t head = blockIdx.y, at = head * n_q + row;
  float query[D], gradient[D], sum[D];
#pragma unroll
  for (int e = 0; e < D; ++e) {
    query[e] = q[at * D + e];
    gradient[e] = d_o[at * D + e];
    sum[e] = 0.0f;
  }
  const float row_lse = lse[at], row_delta = delta[at];
  const int visible = min(n_k, row + n_k - n_q + 1); // may be <= 0
  for (int j = 0; j < visible; ++j) {
    const std::int64_t key = (head * n_k + j) * D;
    const float p = expf(scale * dot<D>(query, k + key) - row_lse);
    const float ds = p * (dot<D>(gradient, v + key) - row_delta) * scale;
#pragma unroll
    for (int e = 0; e < D; ++e)
      sum[e] += ds * k[key + e];
  }
#pragma unroll
  for (int e = 0; e < D; ++e)
    dq[at * D + e] = sum[e];
}

template <int D>
__global__ void __launch_bounds__(kThreads)
    backward_dkdv(const float* __restrict__ q, const float* __restrict__ k, const float* __restrict__ v,
                  const float* __restrict__ lse, const float* __restrict__ delta, const float* __restrict__ d_o,
                  float* __restrict__ dk, float* __restrict__ dv, int n_q, int n_k, float scale) {
  const int key = static_cast<int>(blockIdx.x) * kThreads + static_cast<int>(threadIdx.x);
  if (key >= n_k)
    return;
  const std::int64_t head = blockIdx.y, at = head * n_k + key;
  float own_k[D], own_v[D], sum_k[D], sum_v[D];
#pragma unroll
  for (int e = 0; e < D; ++e) {
    own_k[e] = k[at * D + e];
    own_v[e] = v[at * D + e];
    sum_k[e] = 0.0f;
    sum_v[e] = 0.0f;
  }
  for (int row = max(0, key - (n_k - n_q)); row < n_q; ++row) { // the first query that sees this key
    const std::int64_t query = head * n_q + row;
    const float p = expf(scale * dot<D>(own_k, q + query * D) - lse[query]);
    const float ds = p * (dot<D>(own_v, d_o + query * D) - delta[query]) * scale;
#pragma unroll
    for (int e = 0; e < D; ++e) {
      sum_k[e] += ds * q[query * D + e];
      sum_v[e] += p * d_o[query * D + e];
    }
  }
#pragma unroll
  for (int e = 0; e < D; ++e) {
    dk[at * D + e] = sum_k[e];
    dv[at * D + e] = sum_v[e];
  }
}
