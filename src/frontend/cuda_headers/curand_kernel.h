// cuRAND's device generators XORWOW, Philox4x32-10 and MRG32k3a, with the bits of the toolkit's, and their uniform,
// normal and log-normal numbers. Sobol's and MTGP32's states are declared; what draws from them is named when called.
#pragma once
#pragma GCC system_header
#define CURAND_KERNEL_H_
#include "cuda_runtime.h"
#include "kverify/xorwow_powers.h"

#define CURAND_2POW32_INV (2.3283064e-10f)
#define CURAND_2POW32_INV_DOUBLE (2.3283064365386963e-10)
#define CURAND_2POW53_INV_DOUBLE (1.1102230246251565e-16)
#define CURAND_2POW32_INV_2PI (2.3283064e-10f * 6.2831855f)
#define CURAND_2PI (6.2831855f)
#define CURAND_PI_DOUBLE (3.1415926535897932)
#define EXTRA_FLAG_NORMAL 0x00000001
#define EXTRA_FLAG_LOG_NORMAL 0x00000002
#define QUALIFIERS static __forceinline__ __device__

// The normal generators keep the second of the two numbers that Box and Muller's transform makes.
#define KV_KEPT_NORMAL \
  int boxmuller_flag;  \
  int boxmuller_flag_double; \
  float boxmuller_extra;     \
  double boxmuller_extra_double;
struct curandStateXORWOW {
  unsigned int d, v[5];
  KV_KEPT_NORMAL
};
struct curandStatePhilox4_32_10 {
  uint4 ctr, output;
  uint2 key;
  unsigned int STATE;
  KV_KEPT_NORMAL
};
struct curandStateMRG32k3a {
  unsigned int s1[3], s2[3];
  KV_KEPT_NORMAL
};
#undef KV_KEPT_NORMAL
typedef struct curandStateXORWOW curandStateXORWOW_t;
typedef struct curandStateXORWOW curandState_t;
typedef struct curandStateXORWOW curandState;
typedef struct curandStatePhilox4_32_10 curandStatePhilox4_32_10_t;
typedef struct curandStateMRG32k3a curandStateMRG32k3a_t;

// --- XORWOW

KV_DEVICE unsigned curand(curandStateXORWOW* s) {
  unsigned t = s->v[0] ^ (s->v[0] >> 2);
  s->v[0] = s->v[1], s->v[1] = s->v[2], s->v[2] = s->v[3], s->v[3] = s->v[4];
  s->v[4] = (s->v[4] ^ (s->v[4] << 4)) ^ (t ^ (t << 1));
  s->d += 362437u;
  return s->v[4] + s->d;
}
// For each bit of n that is set, the polynomial of that many steps, applied to the state.
KV_DEVICE void kverify_xorwow_skip(unsigned long long n, curandStateXORWOW* s, const unsigned (*powers)[5]) {
  const unsigned d = s->d;
  for (int row = 0; n != 0; ++row, n >>= 1) {
    if ((n & 1) == 0) continue;
    unsigned sum[5] = {0, 0, 0, 0, 0};
    for (int i = 0; i < 160; ++i) {
      if (powers[row][i >> 5] >> (i & 31) & 1)
        for (int w = 0; w < 5; ++w) sum[w] ^= s->v[w];
      curand(s);
    }
    for (int w = 0; w < 5; ++w) s->v[w] = sum[w];
  }
  s->d = d;
}
KV_DEVICE void skipahead(unsigned long long n, curandStateXORWOW* s) {
  kverify_xorwow_skip(n, s, kverify_xorwow_steps);
  s->d += 362437u * (unsigned)n;
}
KV_DEVICE void skipahead_sequence(unsigned long long n, curandStateXORWOW* s) {
  kverify_xorwow_skip(n, s, kverify_xorwow_sequences);
}
template <class S> KV_DEVICE void kverify_no_normals(S* s) {
  s->boxmuller_flag = s->boxmuller_flag_double = 0;
  s->boxmuller_extra = 0.0f, s->boxmuller_extra_double = 0.0;
}
KV_DEVICE void curand_init(unsigned long long seed, unsigned long long subsequence, unsigned long long offset,
                           curandStateXORWOW* s) {
  unsigned t0 = 1099087573u * ((unsigned)seed ^ 0xaad26b49u);
  unsigned t1 = 2591861531u * ((unsigned)(seed >> 32) ^ 0xf7dcefddu);
  s->d = 6615241u + t1 + t0;
  s->v[0] = 123456789u + t0, s->v[1] = 362436069u ^ t0, s->v[2] = 521288629u + t1;
  s->v[3] = 88675123u ^ t1, s->v[4] = 5783321u + t0;
  skipahead_sequence(subsequence, s);
  skipahead(offset, s);
  kverify_no_normals(s);
}

// --- Philox4x32-10 (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", 2011)

KV_DEVICE uint4 curand_Philox4x32_10(uint4 c, uint2 k) {
#pragma unroll
  for (int round = 0; round < 10; ++round) {
    unsigned long long a = 0xD2511F53ull * c.x, b = 0xCD9E8D57ull * c.z;
    c = uint4{(unsigned)(b >> 32) ^ c.y ^ k.x, (unsigned)b, (unsigned)(a >> 32) ^ c.w ^ k.y, (unsigned)a};
    k.x += 0x9E3779B9u, k.y += 0xBB67AE85u;
  }
  return c;
}
// The counter's low half; a carry out of it goes on as the toolkit's does.
KV_DEVICE void Philox_State_Incr(curandStatePhilox4_32_10* s, unsigned long long n) {
  unsigned low = (unsigned)n, high = (unsigned)(n >> 32);
  s->ctr.x += low;
  if (s->ctr.x < low) ++high;
  s->ctr.y += high;
  if (high <= s->ctr.y) return;
  if (++s->ctr.z) return;
  ++s->ctr.w;
}
KV_DEVICE void Philox_State_Incr(curandStatePhilox4_32_10* s) {
  if (++s->ctr.x) return;
  if (++s->ctr.y) return;
  if (++s->ctr.z) return;
  ++s->ctr.w;
}
KV_DEVICE void Philox_State_Incr_hi(curandStatePhilox4_32_10* s, unsigned long long n) {
  unsigned low = (unsigned)n, high = (unsigned)(n >> 32);
  s->ctr.z += low;
  if (s->ctr.z < low) ++high;
  s->ctr.w += high;
}
KV_DEVICE void kverify_philox_refill(curandStatePhilox4_32_10* s) { s->output = curand_Philox4x32_10(s->ctr, s->key); }
KV_DEVICE unsigned curand(curandStatePhilox4_32_10* s) {
  unsigned which = s->STATE++;
  unsigned result = which == 1 ? s->output.y : which == 2 ? s->output.z : which == 3 ? s->output.w : s->output.x;
  if (s->STATE == 4) {
    Philox_State_Incr(s);
    kverify_philox_refill(s);
    s->STATE = 0;
  }
  return result;
}
KV_DEVICE uint4 curand4(curandStatePhilox4_32_10* s) {
  uint4 before = s->output;
  Philox_State_Incr(s);
  kverify_philox_refill(s);
  uint4 after = s->output;
  switch (s->STATE) {
    case 1: return uint4{before.y, before.z, before.w, after.x};
    case 2: return uint4{before.z, before.w, after.x, after.y};
    case 3: return uint4{before.w, after.x, after.y, after.z};
    default: return before;
  }
}
KV_DEVICE void skipahead(unsigned long long n, curandStatePhilox4_32_10* s) {
  s->STATE += (unsigned)(n & 3);
  n /= 4;
  if (s->STATE > 3) {
    ++n;
    s->STATE -= 4;
  }
  Philox_State_Incr(s, n);
  kverify_philox_refill(s);
}
KV_DEVICE void skipahead_sequence(unsigned long long n, curandStatePhilox4_32_10* s) {
  Philox_State_Incr_hi(s, n);
  kverify_philox_refill(s);
}
KV_DEVICE void curand_init(unsigned long long seed, unsigned long long subsequence, unsigned long long offset,
                           curandStatePhilox4_32_10* s) {
  s->ctr = uint4{0, 0, 0, 0};
  s->key = uint2{(unsigned)seed, (unsigned)(seed >> 32)};
  s->STATE = 0;
  kverify_no_normals(s);
  skipahead_sequence(subsequence, s);
  skipahead(offset, s);
}

// --- MRG32k3a (L'Ecuyer, "Good Parameters and Implementations for Combined Multiple Recursive Random Number
// Generators", 1999): two recurrences modulo primes, skipped ahead by powers of their 3x3 matrices.

namespace kverify_detail {
constexpr unsigned long long kMrgModulus[2] = {4294967087ull, 4294944443ull};
struct MrgMatrix {
  unsigned m[3][3];
};
KV_DEVICE MrgMatrix mrgProduct(const MrgMatrix& a, const MrgMatrix& b, unsigned long long modulus) {
  MrgMatrix result;
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j) {
      unsigned long long sum = 0;
      for (int k = 0; k < 3; ++k) sum = (sum + (unsigned long long)a.m[i][k] * b.m[k][j] % modulus) % modulus;
      result.m[i][j] = (unsigned)sum;
    }
  return result;
}
// state = matrix^n * state
KV_DEVICE void mrgSkip(MrgMatrix matrix, unsigned long long n, unsigned* state, unsigned long long modulus) {
  for (; n != 0; n >>= 1) {
    if (n & 1) {
      unsigned moved[3];
      for (int i = 0; i < 3; ++i) {
        unsigned long long sum = 0;
        for (int k = 0; k < 3; ++k) sum = (sum + (unsigned long long)matrix.m[i][k] * state[k] % modulus) % modulus;
        moved[i] = (unsigned)sum;
      }
      for (int i = 0; i < 3; ++i) state[i] = moved[i];
    }
    matrix = mrgProduct(matrix, matrix, modulus);
  }
}
}  // namespace kverify_detail

KV_DEVICE double curand_MRG32k3a(curandStateMRG32k3a* s) {
  const unsigned long long m1 = kverify_detail::kMrgModulus[0], m2 = kverify_detail::kMrgModulus[1];
  unsigned long long p1 = (1403580ull * s->s1[1] + 810728ull * (m1 - s->s1[0])) % m1;
  s->s1[0] = s->s1[1], s->s1[1] = s->s1[2], s->s1[2] = (unsigned)p1;
  unsigned long long p2 = (527612ull * s->s2[2] + 1370589ull * (m2 - s->s2[0])) % m2;
  s->s2[0] = s->s2[1], s->s2[1] = s->s2[2], s->s2[2] = (unsigned)p2;
  return p1 <= p2 ? p1 - p2 + m1 : p1 - p2;
}
KV_DEVICE unsigned curand(curandStateMRG32k3a* s) { return (unsigned)(curand_MRG32k3a(s) * 1.000000048662); }
// The matrices of one step.
#define KV_MRG_STEP_1 {{{0, 1, 0}, {0, 0, 1}, {4294156359u, 1403580, 0}}}
#define KV_MRG_STEP_2 {{{0, 1, 0}, {0, 0, 1}, {4293573854u, 0, 527612}}}
KV_DEVICE void skipahead(unsigned long long n, curandStateMRG32k3a* s) {
  kverify_detail::mrgSkip(KV_MRG_STEP_1, n, s->s1, kverify_detail::kMrgModulus[0]);
  kverify_detail::mrgSkip(KV_MRG_STEP_2, n, s->s2, kverify_detail::kMrgModulus[1]);
}
// The same after 2^76 steps and after 2^127.
#define KV_MRG_SUB_1 {{{82758667u, 1871391091u, 4127413238u}, {3672831523u, 69195019u, 1871391091u}, {3672091415u, 3528743235u, 69195019u}}}
#define KV_MRG_SEQ_1 {{{2427906178u, 3580155704u, 949770784u}, {226153695u, 1230515664u, 3580155704u}, {1988835001u, 986791581u, 1230515664u}}}
#define KV_MRG_SUB_2 {{{1511326704u, 3759209742u, 1610795712u}, {4292754251u, 1511326704u, 3889917532u}, {3859662829u, 4292754251u, 3708466080u}}}
#define KV_MRG_SEQ_2 {{{1464411153u, 277697599u, 1610723613u}, {32183930u, 1464411153u, 1022607788u}, {2824425944u, 32183930u, 2093834863u}}}
KV_DEVICE void skipahead_subsequence(unsigned long long n, curandStateMRG32k3a* s) {
  kverify_detail::mrgSkip(KV_MRG_SUB_1, n, s->s1, kverify_detail::kMrgModulus[0]);
  kverify_detail::mrgSkip(KV_MRG_SUB_2, n, s->s2, kverify_detail::kMrgModulus[1]);
}
KV_DEVICE void skipahead_sequence(unsigned long long n, curandStateMRG32k3a* s) {
  kverify_detail::mrgSkip(KV_MRG_SEQ_1, n, s->s1, kverify_detail::kMrgModulus[0]);
  kverify_detail::mrgSkip(KV_MRG_SEQ_2, n, s->s2, kverify_detail::kMrgModulus[1]);
}
#undef KV_MRG_STEP_1
#undef KV_MRG_STEP_2
#undef KV_MRG_SUB_1
#undef KV_MRG_SUB_2
#undef KV_MRG_SEQ_1
#undef KV_MRG_SEQ_2
KV_DEVICE void curand_init(unsigned long long seed, unsigned long long subsequence, unsigned long long offset,
                           curandStateMRG32k3a* s) {
  const unsigned long long m1 = kverify_detail::kMrgModulus[0], m2 = kverify_detail::kMrgModulus[1];
  unsigned long long x1 = (unsigned)seed ^ 0x55555555u, x2 = (unsigned)(seed >> 32) ^ 0xAAAAAAAAu;
  if (seed == 0) x1 = x2 = 1;
  s->s1[0] = s->s1[2] = (unsigned)(x1 * 12345 % m1), s->s1[1] = (unsigned)(x2 * 12345 % m1);
  s->s2[0] = s->s2[2] = (unsigned)(x2 * 12345 % m2), s->s2[1] = (unsigned)(x1 * 12345 % m2);
  skipahead_subsequence(subsequence, s);
  skipahead(offset, s);
  kverify_no_normals(s);
}

// --- what is not modelled: a call names one of these

extern "C" __device__ unsigned kverify_unsupported_curand_sobol();
extern "C" __device__ unsigned kverify_unsupported_curand_mtgp32();
#define KV_UNSUPPORTED(S, function)                                                       \
  struct S {                                                                              \
    unsigned int kverify_words[256];                                                      \
  };                                                                                      \
  typedef struct S S##_t;                                                                 \
  KV_DEVICE unsigned curand(S*) { return function(); }                                    \
  KV_DEVICE float curand_uniform(S*) { return (float)function(); }                        \
  KV_DEVICE double curand_uniform_double(S*) { return (double)function(); }               \
  KV_DEVICE float curand_normal(S*) { return (float)function(); }                         \
  KV_DEVICE double curand_normal_double(S*) { return (double)function(); }                \
  template <class... A> KV_DEVICE void curand_init(A..., S*) { function(); }
KV_UNSUPPORTED(curandStateSobol32, kverify_unsupported_curand_sobol)
KV_UNSUPPORTED(curandStateScrambledSobol32, kverify_unsupported_curand_sobol)
KV_UNSUPPORTED(curandStateSobol64, kverify_unsupported_curand_sobol)
KV_UNSUPPORTED(curandStateScrambledSobol64, kverify_unsupported_curand_sobol)
KV_UNSUPPORTED(curandStateMtgp32, kverify_unsupported_curand_mtgp32)
#undef KV_UNSUPPORTED
typedef unsigned int curandDirectionVectors32_t[32];
typedef unsigned long long curandDirectionVectors64_t[64];
struct mtgp32_kernel_params;
typedef struct mtgp32_kernel_params mtgp32_kernel_params_t;

#include "kverify/curand_distributions.h"
