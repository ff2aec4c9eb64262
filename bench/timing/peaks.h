#pragma once
// The roof: what this card reaches, measured just before what is set against it.
#include <map>
#include <string>

#include "cuda/gpu.h"
#include "kverify/error.h"

namespace kverify::bench {

struct Peaks {
  double bytes_per_s = 0; ///< the best of copy (counted both ways), read and write
  double copy_bytes_per_s = 0, read_bytes_per_s = 0, write_bytes_per_s = 0;
  /// By type of the operands: the best of the units that take it. f32 includes tf32, which a kernel may use for it.
  std::map<std::string, double> flops_per_s;
  double f32_fma_flops_per_s = 0, mma_bf16_flops_per_s = 0;
  double empty_launch_us = 0; ///< of a batch of launches that do nothing, each
  std::string where;          ///< of the cubin: compiler and architecture
};

/// Compiles and times the microbenchmarks of peaks.cu. Errors: Environment (no nvcc, no device), Internal.
Expected<Peaks> measurePeaks(cuda::Gpu& gpu);

/// Milliseconds below which no kernel can do this much, by these peaks. `bytes`: those that must go to or come from memory.
double floorMs(double flops, double bytes, const std::string& unit, const Peaks& peaks);

} // namespace kverify::bench
