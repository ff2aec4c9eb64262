// Times every tuning of kernels/attention/flash_bf16_mma_v2, beside flash_bf16_mma, in one run, and checks sampled rows of
// each against fp64. What wins becomes the contract's template arguments. Not part of the build:
//   nvcc -std=c++20 -O3 -gencode arch=compute_80,code=sm_80 -gencode arch=compute_90,code=sm_90 -o tune bench/attention/tune.cu
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include <cuda_bf16.h>
#include <cuda_runtime.h>

namespace v1 {
#include "../../kernels/attention/flash_bf16_mma/kernel.cu"
}
namespace v2 {
#include "../../kernels/attention/flash_bf16_mma_v2/kernel.cu"
}

namespace {

void must(cudaError_t error, const char* what) {
  if (error == cudaSuccess)
    return;
  std::printf("%s: %s\n", what, cudaGetErrorString(error));
  std::exit(1);
}

struct Problem {
  int heads, n, d;
  bool causal;
  double flops() const { return 4.0 * heads * n * n * d * (causal ? 0.5 : 1.0); }
};

struct Buffers {
  std::vector<__nv_bfloat16> host[3];
  __nv_bfloat16 *q, *k, *v, *o;
  void* flush;
};
int repetitions = 18; // the first three are warm-up, where there are more
constexpr std::size_t kFlushBytes = std::size_t{256} << 20;

float toFloat(__nv_bfloat16 x) { return __bfloat162float(x); }

Buffers makeBuffers(const Problem& p) {
  Buffers b;
  std::mt19937 random(7);
  std::normal_distribution<float> normal;
  const std::size_t count = std::size_t(p.heads) * p.n * p.d;
  std::vector<__nv_bfloat16> few(1 << 20);
  __nv_bfloat16** device[] = {&b.q, &b.k, &b.v};
  for (int i = 0; i < 3; ++i) {
    for (auto& x : few)
      x = __float2bfloat16(normal(random));
    b.host[i].resize(count);
    for (std::size_t j = 0; j < count; ++j) // a long period is random enough
      b.host[i][j] = few[(j * 2654435761u + j / few.size()) % few.size()];
    must(cudaMalloc(device[i], count * 2), "malloc");
    must(cudaMemcpy(*device[i], b.host[i].data(), count * 2, cudaMemcpyHostToDevice), "copy");
  }
  must(cudaMalloc(&b.o, count * 2), "malloc");
  must(cudaMalloc(&b.flush, kFlushBytes), "malloc");
  return b;
}

void freeBuffers(Buffers& b) {
  for (void* p : {static_cast<void*>(b.q), static_cast<void*>(b.k), static_cast<void*>(b.v), static_cast<void*>(b.o), b.flush})
    cudaFree(p);
}

// Largest |got - want| of a few rows, where NaN counts as infinite.
double worstError(const Problem& p, const Buffers& b, const std::vector<__nv_bfloat16>& got) {
  double worst = 0;
  std::vector<double> weight(p.n);
  for (int sample = 0; sample < 12; ++sample) {
    const std::size_t head = std::size_t(sample) * 5 % p.heads;
    const int row = sample == 0 ? 0 : sample == 1 ? p.n - 1 : (sample * 7919) % p.n;
    const std::size_t base = head * p.n * p.d;
    const int keys = p.causal ? row + 1 : p.n;
    double top = -INFINITY, sum = 0;
    for (int j = 0; j < keys; ++j) {
      double s = 0;
      for (int c = 0; c < p.d; ++c)
        s += double(toFloat(b.host[0][base + std::size_t(row) * p.d + c])) * toFloat(b.host[1][base + std::size_t(j) * p.d + c]);
      weight[j] = s / std::sqrt(double(p.d));
      top = std::max(top, weight[j]);
    }
    for (int j = 0; j < keys; ++j)
      sum += weight[j] = std::exp(weight[j] - top);
    for (int c = 0; c < p.d; ++c) {
      double want = 0;
      for (int j = 0; j < keys; ++j)
        want += weight[j] * toFloat(b.host[2][base + std::size_t(j) * p.d + c]);
      const double error = std::fabs(toFloat(got[base + std::size_t(row) * p.d + c]) - want / sum);
      worst = std::max(worst, std::isnan(error) ? double(INFINITY) : error);
    }
  }
  return worst;
}

using Launch = std::function<void(const Buffers&)>;

void run(const char* name, const Problem& p, Buffers& b, const Launch& launch) {
  const std::size_t count = std::size_t(p.heads) * p.n * p.d;
  must(cudaMemset(b.o, 0xff, count * 2), "poison");
  launch(b);
  if (cudaError_t error = cudaGetLastError(); error != cudaSuccess) {
    std::printf("%-44s launch failed: %s\n", name, cudaGetErrorString(error));
    return;
  }
  must(cudaDeviceSynchronize(), name);
  std::vector<__nv_bfloat16> got(count);
  must(cudaMemcpy(got.data(), b.o, count * 2, cudaMemcpyDeviceToHost), "copy back");
  cudaEvent_t start, end;
  cudaEventCreate(&start);
  cudaEventCreate(&end);
  std::vector<float> times;
  const int warm_up = repetitions > 3 ? 3 : 0;
  for (int i = 0; i < repetitions; ++i) {
    cudaMemsetAsync(b.flush, i, kFlushBytes);
    cudaEventRecord(start);
    launch(b);
    cudaEventRecord(end);
    must(cudaEventSynchronize(end), name);
    float ms = 0;
    cudaEventElapsedTime(&ms, start, end);
    if (i >= warm_up)
      times.push_back(ms);
  }
  std::sort(times.begin(), times.end());
  const double ms = times[times.size() / 2];
  std::printf("%-44s heads=%d N=%d D=%d %-6s %8.4f ms %7.1f TFLOP/s  worst error %.2g\n", name, p.heads, p.n, p.d,
              p.causal ? "causal" : "full", ms, p.flops() / ms / 1e9, worstError(p, b, got));
  std::fflush(stdout);
  cudaEventDestroy(start);
  cudaEventDestroy(end);
}

template <int D, bool kCausal, int kKeys, int kWarps, int kRowTiles, bool kKeep>
void runV2(const Problem& p, Buffers& b) {
  auto kernel = v2::flash_bf16_mma_v2<D, kCausal, kKeys, kWarps, kRowTiles, kKeep>;
  constexpr int kRows = 16 * kRowTiles * kWarps;
  constexpr int kBytes = (kRows + 4 * kKeys) * D * 2;
  must(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, kBytes), "shared memory");
  int blocks = 0;
  cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, kernel, 32 * kWarps, kBytes);
  char name[96];
  std::snprintf(name, sizeof name, "v2 keys=%d warps=%d rowtiles=%d keepq=%d blocks/SM=%d", kKeys, kWarps, kRowTiles, kKeep, blocks);
  run(name, p, b, [&](const Buffers& x) {
    kernel<<<dim3((p.n + kRows - 1) / kRows, p.heads), 32 * kWarps, kBytes>>>(x.q, x.k, x.v, x.o, p.n, p.n,
                                                                              1.0f / std::sqrt(float(p.d)));
  });
}

template <int D, bool kCausal>
void runAll(int heads, int n) {
  const Problem p{heads, n, D, kCausal};
  Buffers b = makeBuffers(p);
  run("v1", p, b, [&](const Buffers& x) {
    v1::flash_bf16_mma<D, kCausal><<<dim3((p.n + 63) / 64, p.heads), 128>>>(x.q, x.k, x.v, x.o, p.n, p.n,
                                                                          1.0f / std::sqrt(float(p.d)));
  });
  runV2<D, kCausal, 64, 4, 2, true>(p, b);
  runV2<D, kCausal, 64, 4, 2, false>(p, b);
  runV2<D, kCausal, 32, 4, 2, true>(p, b);
  runV2<D, kCausal, 32, 4, 2, false>(p, b);
  runV2<D, kCausal, 64, 4, 1, true>(p, b);
  runV2<D, kCausal, 64, 8, 1, true>(p, b);
  runV2<D, kCausal, 64, 8, 2, false>(p, b);
  runV2<D, kCausal, 32, 8, 1, true>(p, b);
  if constexpr (D == 64) {
    runV2<D, kCausal, 128, 4, 2, false>(p, b);
    runV2<D, kCausal, 128, 4, 1, true>(p, b);
    runV2<D, kCausal, 128, 8, 1, true>(p, b);
    runV2<D, kCausal, 96, 4, 2, false>(p, b);
  }
  freeBuffers(b);
}

} // namespace

int main(int argc, char** argv) {
  const int n = argc > 1 ? std::atoi(argv[1]) : 4096;
  repetitions = argc > 2 ? std::max(1, std::atoi(argv[2])) : repetitions;
  cudaDeviceProp device;
  must(cudaGetDeviceProperties(&device, 0), "no device");
  std::printf("%s, %d multiprocessors\n", device.name, device.multiProcessorCount);
  runAll<64, false>(64, n);
  runAll<64, true>(64, n);
  runAll<128, false>(64, n);
  runAll<128, true>(64, n);
  return 0;
}
