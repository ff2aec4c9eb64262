// cuRAND's device generators.
#include <curand_kernel.h>

template <class State> __device__ void draw(State& s, unsigned* u, float* f, double* d) {
  u[0] = curand(&s);
  f[0] = curand_uniform(&s);
  d[0] = curand_uniform_double(&s);
  f[1] = curand_normal(&s);
  f[2] = curand_normal(&s);
  d[1] = curand_normal_double(&s);
  d[2] = curand_normal_double(&s);
  float2 two = curand_normal2(&s);
  f[3] = two.x, f[4] = two.y;
  double2 more = curand_normal2_double(&s);
  d[3] = more.x, d[4] = more.y;
  f[5] = curand_log_normal(&s, 0.5f, 0.25f);
  f[6] = curand_log_normal(&s, 0.5f, 0.25f);
  d[5] = curand_log_normal_double(&s, 0.5, 0.25);
  skipahead(1000003ull, &s);
  u[1] = curand(&s);
  skipahead_sequence(0x123456789abcdefull >> 8, &s);
  u[2] = curand(&s);
  u[3] = (unsigned)sizeof(State);
}

__global__ void xorwow(unsigned* u, float* f, double* d) {
  curandState s;
  curand_init(42ull + threadIdx.x % 3, threadIdx.x * 65537ull, threadIdx.x * 5ull, &s);
  draw(s, u + 8 * threadIdx.x, f + 8 * threadIdx.x, d + 8 * threadIdx.x);
  curand_init(0ull, 0ull, ~0ull >> threadIdx.x, &s);
  u[8 * threadIdx.x + 4] = curand(&s);
  u[8 * threadIdx.x + 5] = s.d ^ s.v[0] ^ s.v[4];
}

__global__ void philox(unsigned* u, float* f, double* d) {
  u += 16 * threadIdx.x, f += 16 * threadIdx.x, d += 16 * threadIdx.x;
  curandStatePhilox4_32_10_t s;
  curand_init(0x123456789abcdefull, threadIdx.x, threadIdx.x, &s);
  uint4 four = curand4(&s);
  u[4] = four.x, u[5] = four.y, u[6] = four.z, u[7] = four.w;
  float4 uniform = curand_uniform4(&s), normal = curand_normal4(&s);
  f[8] = uniform.x + uniform.w, f[9] = normal.x, f[10] = normal.y, f[11] = normal.z, f[12] = normal.w;
  double2 two = curand_uniform2_double(&s);
  d[8] = two.x, d[9] = two.y;
  draw(s, u, f, d);
  curand_init(1ull, ~0ull, ~0ull - threadIdx.x, &s);
  u[8] = curand(&s), u[9] = curand(&s);
}

__global__ void mrg(unsigned* u, float* f, double* d) {
  curandStateMRG32k3a s;
  curand_init(threadIdx.x * 7ull, threadIdx.x * 3ull, threadIdx.x * 1000ull, &s);
  draw(s, u + 8 * threadIdx.x, f + 8 * threadIdx.x, d + 8 * threadIdx.x);
  skipahead_subsequence(threadIdx.x, &s);
  u[8 * threadIdx.x + 4] = curand(&s);
}
