// The five kernels of the comparison with Oclgrind and PoCL, in CUDA; kernels.cl has the same in OpenCL, line for line.
#define INFINITY_F __int_as_float(0x7f800000)

// 1. one thread per row, no barrier
__global__ void softmax_naive(const float* __restrict__ x, float* __restrict__ y, int n) {
  int r = blockIdx.x * blockDim.x + threadIdx.x;
  float m = -INFINITY_F;
  for (int j = 0; j < n; j++) m = fmaxf(m, x[r * n + j]);
  float s = 0.f;
  for (int j = 0; j < n; j++) {
    float e = expf(x[r * n + j] - m);
    y[r * n + j] = e;
    s += e;
  }
  for (int j = 0; j < n; j++) y[r * n + j] = y[r * n + j] / s;
}

// 2. one block (128) per row, tree reduction in shared memory
__global__ void softmax_wg(const float* __restrict__ x, float* __restrict__ y, int n) {
  __shared__ float red[128];
  int r = blockIdx.x, t = threadIdx.x;
  float m = -INFINITY_F;
  for (int j = t; j < n; j += 128) m = fmaxf(m, x[r * n + j]);
  red[t] = m;
  __syncthreads();
  for (int k = 64; k > 0; k >>= 1) {
    if (t < k) red[t] = fmaxf(red[t], red[t + k]);
    __syncthreads();
  }
  m = red[0];
  __syncthreads();
  float s = 0.f;
  for (int j = t; j < n; j += 128) s += expf(x[r * n + j] - m);
  red[t] = s;
  __syncthreads();
  for (int k = 64; k > 0; k >>= 1) {
    if (t < k) red[t] += red[t + k];
    __syncthreads();
  }
  s = red[0];
  for (int j = t; j < n; j += 128) y[r * n + j] = expf(x[r * n + j] - m) / s;
}

// 3. tiled matmul, 16x16 tiles
__global__ void matmul_tiled(const float* __restrict__ a, const float* __restrict__ b, float* __restrict__ c, int n) {
  __shared__ float as[16][16], bs[16][16];
  int tx = threadIdx.x, ty = threadIdx.y;
  int col = blockIdx.x * 16 + tx, row = blockIdx.y * 16 + ty;
  float acc = 0.f;
  for (int k0 = 0; k0 < n; k0 += 16) {
    as[ty][tx] = a[row * n + k0 + tx];
    bs[ty][tx] = b[(k0 + ty) * n + col];
    __syncthreads();
    for (int k = 0; k < 16; k++) acc += as[ty][k] * bs[k][tx];
    __syncthreads();
  }
  c[row * n + col] = acc;
}

// 4. naive attention: a block of 128 per query row; scores in shared memory. d = 64
__global__ void attn_naive(const float* __restrict__ q, const float* __restrict__ k, const float* __restrict__ v,
                           float* __restrict__ o, int n, int d) {
  __shared__ float scores[1024];
  __shared__ float red[128];
  int r = blockIdx.x, t = threadIdx.x;
  float sc = 1.f / sqrtf((float)d), m = -INFINITY_F;
  for (int j = t; j < n; j += 128) {
    float a = 0.f;
    for (int c = 0; c < d; c++) a += q[r * d + c] * k[j * d + c];
    a *= sc;
    scores[j] = a;
    m = fmaxf(m, a);
  }
  red[t] = m;
  __syncthreads();
  for (int h = 64; h > 0; h >>= 1) {
    if (t < h) red[t] = fmaxf(red[t], red[t + h]);
    __syncthreads();
  }
  m = red[0];
  __syncthreads();
  float s = 0.f;
  for (int j = t; j < n; j += 128) {
    float e = expf(scores[j] - m);
    scores[j] = e;
    s += e;
  }
  red[t] = s;
  __syncthreads();
  for (int h = 64; h > 0; h >>= 1) {
    if (t < h) red[t] += red[t + h];
    __syncthreads();
  }
  s = red[0];
  for (int c = t; c < d; c += 128) {
    float a = 0.f;
    for (int j = 0; j < n; j++) a += scores[j] * v[j * d + c];
    o[r * d + c] = a / s;
  }
}

// 5. flash-style: a block of 64 = 64 query rows, KV tiles of 32 in shared memory, online softmax. d = 64 fixed
#define BC 32
#define D 64
__global__ void attn_flash(const float* __restrict__ q, const float* __restrict__ k, const float* __restrict__ v,
                           float* __restrict__ o, int n, int) {
  __shared__ float ks[BC][D], vs[BC][D];
  int t = threadIdx.x, r = blockIdx.x * blockDim.x + threadIdx.x;
  float acc[D];
  float m = -INFINITY_F, l = 0.f;
  float sc = 1.f / sqrtf((float)D);
  for (int c = 0; c < D; c++) acc[c] = 0.f;
  for (int j0 = 0; j0 < n; j0 += BC) {
    for (int i = t; i < BC * D; i += 64) {
      ks[i / D][i % D] = k[j0 * D + i];
      vs[i / D][i % D] = v[j0 * D + i];
    }
    __syncthreads();
    for (int j = 0; j < BC; j++) {
      float a = 0.f;
      for (int c = 0; c < D; c++) a += q[r * D + c] * ks[j][c];
      a *= sc;
      float mn = fmaxf(m, a), al = expf(m - mn), p = expf(a - mn);
      l = l * al + p;
      m = mn;
      for (int c = 0; c < D; c++) acc[c] = acc[c] * al + p * vs[j][c];
    }
    __syncthreads();
  }
  for (int c = 0; c < D; c++) o[r * D + c] = acc[c] / l;
}
