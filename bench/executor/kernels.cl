// kernels.cu in OpenCL, for Oclgrind and PoCL: the same loops, the same accesses, the same barriers.
__kernel void softmax_naive(__global const float* x, __global float* y, int n) {
  int r = get_global_id(0);
  float m = -INFINITY;
  for (int j = 0; j < n; j++) m = fmax(m, x[r * n + j]);
  float s = 0.f;
  for (int j = 0; j < n; j++) {
    float e = exp(x[r * n + j] - m);
    y[r * n + j] = e;
    s += e;
  }
  for (int j = 0; j < n; j++) y[r * n + j] = y[r * n + j] / s;
}

__kernel void softmax_wg(__global const float* x, __global float* y, int n) {
  __local float red[128];
  int r = get_group_id(0), t = get_local_id(0);
  float m = -INFINITY;
  for (int j = t; j < n; j += 128) m = fmax(m, x[r * n + j]);
  red[t] = m;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int k = 64; k > 0; k >>= 1) {
    if (t < k) red[t] = fmax(red[t], red[t + k]);
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  m = red[0];
  barrier(CLK_LOCAL_MEM_FENCE);
  float s = 0.f;
  for (int j = t; j < n; j += 128) s += exp(x[r * n + j] - m);
  red[t] = s;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int k = 64; k > 0; k >>= 1) {
    if (t < k) red[t] += red[t + k];
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  s = red[0];
  for (int j = t; j < n; j += 128) y[r * n + j] = exp(x[r * n + j] - m) / s;
}

__kernel void matmul_tiled(__global const float* a, __global const float* b, __global float* c, int n) {
  __local float as[16][16], bs[16][16];
  int tx = get_local_id(0), ty = get_local_id(1);
  int col = get_global_id(0), row = get_global_id(1);
  float acc = 0.f;
  for (int k0 = 0; k0 < n; k0 += 16) {
    as[ty][tx] = a[row * n + k0 + tx];
    bs[ty][tx] = b[(k0 + ty) * n + col];
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int k = 0; k < 16; k++) acc += as[ty][k] * bs[k][tx];
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  c[row * n + col] = acc;
}

__kernel void attn_naive(__global const float* q, __global const float* k, __global const float* v, __global float* o,
                         int n, int d) {
  __local float scores[1024];
  __local float red[128];
  int r = get_group_id(0), t = get_local_id(0);
  float sc = 1.f / sqrt((float)d), m = -INFINITY;
  for (int j = t; j < n; j += 128) {
    float a = 0.f;
    for (int c = 0; c < d; c++) a += q[r * d + c] * k[j * d + c];
    a *= sc;
    scores[j] = a;
    m = fmax(m, a);
  }
  red[t] = m;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int h = 64; h > 0; h >>= 1) {
    if (t < h) red[t] = fmax(red[t], red[t + h]);
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  m = red[0];
  barrier(CLK_LOCAL_MEM_FENCE);
  float s = 0.f;
  for (int j = t; j < n; j += 128) {
    float e = exp(scores[j] - m);
    scores[j] = e;
    s += e;
  }
  red[t] = s;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int h = 64; h > 0; h >>= 1) {
    if (t < h) red[t] += red[t + h];
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  s = red[0];
  for (int c = t; c < d; c += 128) {
    float a = 0.f;
    for (int j = 0; j < n; j++) a += scores[j] * v[j * d + c];
    o[r * d + c] = a / s;
  }
}

#define BC 32
#define D 64
__kernel void attn_flash(__global const float* q, __global const float* k, __global const float* v, __global float* o,
                         int n, int d) {
  __local float ks[BC][D], vs[BC][D];
  int t = get_local_id(0), r = get_global_id(0);
  float acc[D];
  float m = -INFINITY, l = 0.f;
  float sc = 1.f / sqrt((float)D);
  for (int c = 0; c < D; c++) acc[c] = 0.f;
  for (int j0 = 0; j0 < n; j0 += BC) {
    for (int i = t; i < BC * D; i += 64) {
      ks[i / D][i % D] = k[j0 * D + i];
      vs[i / D][i % D] = v[j0 * D + i];
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int j = 0; j < BC; j++) {
      float a = 0.f;
      for (int c = 0; c < D; c++) a += q[r * D + c] * ks[j][c];
      a *= sc;
      float mn = fmax(m, a), al = exp(m - mn), p = exp(a - mn);
      l = l * al + p;
      m = mn;
      for (int c = 0; c < D; c++) acc[c] = acc[c] * al + p * vs[j][c];
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  for (int c = 0; c < D; c++) o[r * D + c] = acc[c] / l;
}
