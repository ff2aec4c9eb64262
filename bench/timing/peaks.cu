// What this card can do, measured in the session whose timings are set against it: bytes per second of large copies, reads and
// writes, and operations per second of each unit that can multiply, on data that is not zero. One launch of each is long enough
// for its start to be nothing.
#include <cuda_bf16.h>
#include <cuda_fp16.h>

extern "C" __global__ void peak_copy(const uint4* __restrict__ from, uint4* __restrict__ to, unsigned long long count) {
  const unsigned long long step = 1ull * gridDim.x * blockDim.x;
  for (unsigned long long i = 1ull * blockIdx.x * blockDim.x + threadIdx.x; i < count; i += step)
    to[i] = from[i];
}

extern "C" __global__ void peak_read(const uint4* __restrict__ from, uint4* __restrict__ to, unsigned long long count) {
  const unsigned long long step = 1ull * gridDim.x * blockDim.x;
  uint4 all = {0, 0, 0, 0};
#pragma unroll 4
  for (unsigned long long i = 1ull * blockIdx.x * blockDim.x + threadIdx.x; i < count; i += step) {
    const uint4 x = __ldg(from + i);
    all.x ^= x.x, all.y ^= x.y, all.z ^= x.z, all.w ^= x.w;
  }
  if ((all.x ^ all.y ^ all.z ^ all.w) == 0x12345678u) // never: the reads must not be thrown away
    to[0] = all;
}

extern "C" __global__ void peak_write(const uint4* __restrict__ from, uint4* __restrict__ to, unsigned long long count) {
  const unsigned long long step = 1ull * gridDim.x * blockDim.x;
  const uint4 x = from[threadIdx.x % 32];
  for (unsigned long long i = 1ull * blockIdx.x * blockDim.x + threadIdx.x; i < count; i += step)
    to[i] = x;
}

// 16 chains of fused multiply-adds a thread; 32 flops a step and thread.
extern "C" __global__ void peak_f32(const float* __restrict__ from, float* __restrict__ to, int steps) {
  float a[16];
  const float m = from[threadIdx.x % 32] * 1e-3f + 1.0f, b = from[0] * 1e-3f;
#pragma unroll
  for (int i = 0; i < 16; ++i)
    a[i] = from[i];
  for (int step = 0; step < steps; ++step)
#pragma unroll
    for (int i = 0; i < 16; ++i)
      a[i] = fmaf(a[i], m, b);
  float sum = 0;
#pragma unroll
  for (int i = 0; i < 16; ++i)
    sum += a[i];
  if (sum == 12345.678f)
    to[0] = sum;
}

// 8 independent products m16n8k16 (k8 for tf32) a warp and step: 8 * 4096 flops (2048).
#define PEAK_MMA(name, shape, type, a_count, b_count)                                                                     \
  extern "C" __global__ void name(const unsigned* __restrict__ from, float* __restrict__ to, int steps) {                 \
    unsigned a[4], b[2];                                                                                                  \
    float c[8][4] = {};                                                                                                   \
    for (int i = 0; i < 4; ++i)                                                                                           \
      a[i] = from[(threadIdx.x * 4 + i) % 1024];                                                                          \
    for (int i = 0; i < 2; ++i)                                                                                           \
      b[i] = from[(threadIdx.x * 2 + i + 512) % 1024];                                                                    \
    for (int step = 0; step < steps; ++step) {                                                                            \
      _Pragma("unroll") for (int i = 0; i < 8; ++i) asm volatile(                                                         \
          "mma.sync.aligned." shape ".row.col.f32." type "." type ".f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "   \
          "{%0, %1, %2, %3};"                                                                                             \
          : "+f"(c[i][0]), "+f"(c[i][1]), "+f"(c[i][2]), "+f"(c[i][3])                                                    \
          : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));                                            \
    }                                                                                                                     \
    float sum = 0;                                                                                                        \
    for (int i = 0; i < 8; ++i)                                                                                           \
      sum += c[i][0] + c[i][1] + c[i][2] + c[i][3];                                                                       \
    if (sum == 12345.678f)                                                                                                \
      to[0] = sum;                                                                                                        \
  }
PEAK_MMA(peak_mma_bf16, "m16n8k16", "bf16", 4, 2)
PEAK_MMA(peak_mma_f16, "m16n8k16", "f16", 4, 2)
PEAK_MMA(peak_mma_tf32, "m16n8k8", "tf32", 4, 2)

#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
// Hopper's own products, m64n256k16 (k8 for tf32) of a warpgroup, both operands in shared memory with no swizzle; 524288 flops each
// (262144). What lies in the operands' rows does not matter to the speed, only that it is not zero.
__device__ unsigned long long tileDescriptor(const void* tile) {
  const unsigned long long address = __cvta_generic_to_shared(tile);
  // Matrices of 8x16 bytes; 128 bytes to the next along k, 256 along m and n.
  return (address & 0x3ffff) >> 4 | 8ull << 16 | 16ull << 32;
}
#define PEAK_ACC(i) "+f"(c[i]), "+f"(c[i + 1]), "+f"(c[i + 2]), "+f"(c[i + 3]), "+f"(c[i + 4]), "+f"(c[i + 5]), "+f"(c[i + 6]), "+f"(c[i + 7])
#define PEAK_WGMMA(name, shape, type, tail)                                                                               \
  extern "C" __global__ void __launch_bounds__(128) name(const unsigned* __restrict__ from, float* __restrict__ to, int steps) { \
    __shared__ alignas(1024) unsigned a_tile[512], b_tile[2048];                                                          \
    for (int i = threadIdx.x; i < 2048; i += 128)                                                                         \
      b_tile[i] = from[i % 1024], a_tile[i % 512] = from[(i + 100) % 1024];                                               \
    __syncthreads();                                                                                                      \
    asm volatile("fence.proxy.async.shared::cta;" ::: "memory");                                                          \
    const unsigned long long da = tileDescriptor(a_tile), db = tileDescriptor(b_tile);                                    \
    float c[128] = {};                                                                                                    \
    for (int step = 0; step < steps; ++step) {                                                                            \
      asm volatile("wgmma.fence.sync.aligned;" ::: "memory");                                                             \
      _Pragma("unroll") for (int i = 0; i < 4; ++i) asm volatile(                                                         \
          "{.reg .pred p; setp.ne.b32 p, 1, 0;\n"                                                                         \
          "wgmma.mma_async.sync.aligned." shape ".f32." type "." type " {"                                                \
          "%0,%1,%2,%3,%4,%5,%6,%7,%8,%9,%10,%11,%12,%13,%14,%15,%16,%17,%18,%19,%20,%21,%22,%23,%24,%25,%26,%27,%28,%29,%30,%31," \
          "%32,%33,%34,%35,%36,%37,%38,%39,%40,%41,%42,%43,%44,%45,%46,%47,%48,%49,%50,%51,%52,%53,%54,%55,%56,%57,%58,%59,%60,%61,%62,%63," \
          "%64,%65,%66,%67,%68,%69,%70,%71,%72,%73,%74,%75,%76,%77,%78,%79,%80,%81,%82,%83,%84,%85,%86,%87,%88,%89,%90,%91,%92,%93,%94,%95," \
          "%96,%97,%98,%99,%100,%101,%102,%103,%104,%105,%106,%107,%108,%109,%110,%111,%112,%113,%114,%115,%116,%117,%118,%119,%120,%121,%122,%123,%124,%125,%126,%127" \
          "}, %128, %129, p, 1, 1" tail ";}"                                                                              \
          : PEAK_ACC(0), PEAK_ACC(8), PEAK_ACC(16), PEAK_ACC(24), PEAK_ACC(32), PEAK_ACC(40), PEAK_ACC(48), PEAK_ACC(56), \
            PEAK_ACC(64), PEAK_ACC(72), PEAK_ACC(80), PEAK_ACC(88), PEAK_ACC(96), PEAK_ACC(104), PEAK_ACC(112), PEAK_ACC(120) \
          : "l"(da), "l"(db));                                                                                            \
      asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");                                                      \
      asm volatile("wgmma.wait_group.sync.aligned 0;" ::: "memory");                                                      \
    }                                                                                                                     \
    float sum = 0;                                                                                                        \
    for (int i = 0; i < 128; ++i)                                                                                         \
      sum += c[i];                                                                                                        \
    if (sum == 12345.678f)                                                                                                \
      to[0] = sum;                                                                                                        \
  }
PEAK_WGMMA(peak_wgmma_bf16, "m64n256k16", "bf16", ", 0, 0")
PEAK_WGMMA(peak_wgmma_f16, "m64n256k16", "f16", ", 0, 0")
PEAK_WGMMA(peak_wgmma_tf32, "m64n256k8", "tf32", "")
#else
extern "C" __global__ void peak_wgmma_bf16(const unsigned*, float*, int) {}
extern "C" __global__ void peak_wgmma_f16(const unsigned*, float*, int) {}
extern "C" __global__ void peak_wgmma_tf32(const unsigned*, float*, int) {}
#endif
