// Votes, shuffles, barriers, fences, atomics, cache hints, addresses, printf and assert.
#include <cassert>
#include <cstdio>

template <class T> __device__ T allShuffles(T v) {
  v = __shfl_sync(0xffffffffu, v, 3);
  v = __shfl_up_sync(0xffffffffu, v, 1);
  v = __shfl_down_sync(0xffffffffu, v, 1, 16);
  return __shfl_xor_sync(0xffffffffu, v, 8, 32);
}

__global__ void shuffles(int* i, unsigned* u, long* l, unsigned long* ul, long long* ll, unsigned long long* ull,
                         float* f, double* d) {
  int t = threadIdx.x;
  i[t] = allShuffles(i[t]);
  u[t] = allShuffles(u[t]);
  l[t] = allShuffles(l[t]);
  ul[t] = allShuffles(ul[t]);
  ll[t] = allShuffles(ll[t]);
  ull[t] = allShuffles(ull[t]);
  f[t] = allShuffles(f[t]);
  d[t] = allShuffles(d[t]);
}

__global__ void votes(int* i, unsigned* u, float* f, unsigned long long* v, double* d) {
  int all = 0;
  unsigned mask = __activemask();
  i += 8 * threadIdx.x, u += 8 * threadIdx.x;
  i[0] = __all_sync(mask, i[1]) + __any_sync(mask, i[1]) + (int)__ballot_sync(mask, i[1]) + (int)__fns(mask, 0, 1);
  u[0] = __match_any_sync(mask, i[2]) + __match_any_sync(mask, u[2]) + __match_any_sync(mask, f[2]) +
         __match_any_sync(mask, v[2]) + __match_any_sync(mask, d[2]);
  u[1] = __match_all_sync(mask, i[2], &all) + __match_all_sync(mask, u[2], &all) + __match_all_sync(mask, v[2], &all);
  u[2] = __reduce_add_sync(mask, u[3]) + __reduce_min_sync(mask, u[3]) + __reduce_max_sync(mask, u[3]) +
         __reduce_and_sync(mask, u[3]) + __reduce_or_sync(mask, u[3]) + __reduce_xor_sync(mask, u[3]);
  i[2] = __reduce_min_sync(mask, i[3]) + __reduce_max_sync(mask, i[3]) + all;
  __syncwarp();
  __syncwarp(mask);
}

__global__ void barriers(int* i) {
  __shared__ int s[64];
  s[threadIdx.x] = i[threadIdx.x];
  __syncthreads();
  i[0] = __syncthreads_count(s[3]) + __syncthreads_and(s[4]) + __syncthreads_or(s[5]);
  asm volatile("bar.sync %0, %1;" ::"r"(1), "r"(64) : "memory");
  asm volatile("barrier.sync 2;");
  __threadfence_block();
  __threadfence();
  __threadfence_system();
  __nanosleep(20);
  unsigned at = (unsigned)__cvta_generic_to_shared(s);
  i[1] = (int)at + warpSize;
  *(int*)__cvta_shared_to_generic(at) = 3;
  printf("%d %f %s\n", i[0], 2.0, "text");
  assert(i[0] > 0);
  if (i[0] == 77) __trap();
}

__global__ void atomics(int* i, unsigned* u, unsigned long long* v, long long* l, float* f, double* d) {
#define SCOPED(s)                                                                                                \
  atomicAdd##s(i, 1), atomicAdd##s(u, 1u), atomicAdd##s(v, 1ull), atomicAdd##s(f, 1.0f), atomicAdd##s(d, 1.0);   \
  atomicSub##s(i, 1), atomicSub##s(u, 1u), atomicExch##s(i, 2), atomicExch##s(u, 2u), atomicExch##s(v, 2ull);    \
  atomicExch##s(f, 2.0f), atomicMin##s(i, 3), atomicMin##s(u, 3u), atomicMin##s(v, 3ull), atomicMin##s(l, 3ll);  \
  atomicMax##s(i, 3), atomicMax##s(u, 3u), atomicMax##s(v, 3ull), atomicMax##s(l, 3ll), atomicInc##s(u, 4u);     \
  atomicDec##s(u, 4u), atomicCAS##s(i, 1, 2), atomicCAS##s(u, 1u, 2u), atomicCAS##s(v, 1ull, 2ull);              \
  atomicAnd##s(i, 1), atomicAnd##s(u, 1u), atomicAnd##s(v, 1ull), atomicOr##s(i, 1), atomicOr##s(u, 1u);         \
  atomicOr##s(v, 1ull), atomicXor##s(i, 1), atomicXor##s(u, 1u), atomicXor##s(v, 1ull);
  SCOPED() SCOPED(_block) SCOPED(_system)
  unsigned short* h = (unsigned short*)u;
  atomicCAS(h, (unsigned short)1, (unsigned short)2);
}

__global__ void hints(float* f, const float4* q, int2* p, const unsigned char* b) {
  float4 a = __ldg(q), c = __ldcg(q + 1), d = __ldcs(q + 2), e = __ldca(q + 3);
  f[0] = __ldg(f + 5) + a.x + c.y + d.z + e.w + __ldcv(f + 1) + __ldlu(f + 2) + (float)__ldg(b) + (float)__ldg(p).x;
  __stcs(f + 1, 2.0f);
  __stcg(f + 2, 3.0f);
  __stwb(f + 3, 4.0f);
  __stwt(f + 4, 5.0f);
  __stcs((float4*)f + 4, a);
  p[1] = __ldcs(p + 2);
}
