#include "bench/timing/peaks.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "bench/stats/summary.h"
#include "bench/timing/peaks_source.h"
#include "cuda/nvcc.h"

namespace kverify::bench {
namespace {

/// Several times any L2, and little of the memory.
std::uint64_t bufferBytes(const cuda::DeviceInfo& device) {
  return std::min<std::uint64_t>(std::uint64_t{1} << 30, device.memory_bytes / 16) / 4096 * 4096;
}

template <class T>
cuda::JobParam valueParam(T value) {
  cuda::JobParam param;
  param.bytes.resize(sizeof value);
  std::memcpy(param.bytes.data(), &value, sizeof value);
  return param;
}

cuda::JobParam pointerParam(std::uint32_t buffer) {
  return {.bytes = std::vector<std::uint8_t>(8), .pointers = {{0, buffer, 0}}};
}

Expected<std::string> sourceOnDisk() {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path folder = cuda::defaultCubinCache();
  fs::create_directories(folder, error);
  const fs::path path = folder / "kverify_peaks.cu";
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << kPeaksSource;
  if (!out.flush())
    return fail(ErrorKind::Environment, fmt::format("'{}' can't be written", path.string()));
  return path.string();
}

class Bench {
public:
  Bench(cuda::Gpu& gpu, const cuda::Cubin& cubin, const cuda::DeviceInfo& device) : gpu_(gpu), cubin_(cubin), device_(device) {}

  /// Milliseconds of one launch: the best of a few, since a peak is what can be reached.
  Expected<double> ms(const std::string& function, std::uint32_t grid, std::uint32_t block, std::vector<cuda::JobParam> params,
                      std::uint64_t bytes, std::uint32_t batch = 1) {
    cuda::TimingJob timing{.job = {.module = cubin_.bytes, .buffers = {}, .launches = {}, .guard_bytes = 0}, .copies = 1,
                           .flush_bytes = 0};
    for (std::uint32_t i = 0; i < 2; ++i)
      timing.job.buffers.push_back({.name = i ? "to" : "from",
                                    .bytes = std::max<std::uint64_t>(bytes, 4096),
                                    .fill = i ? cuda::Fill::Nothing : cuda::Fill::Pattern,
                                    .contents = {},
                                    .element = cuda::PatternType::BF16,
                                    .pattern_seed = 5});
    cuda::JobLaunch launch{.function = function};
    launch.grid[0] = grid;
    launch.block[0] = block;
    launch.params = std::move(params);
    timing.job.launches = {launch};
    timing.job.all_buffers = false;
    cuda::JobResult ready = gpu_.prepare(timing);
    if (ready.status != cuda::JobStatus::Completed)
      return fail(ErrorKind::Environment, fmt::format("the microbenchmark {} does not start: {}", function, ready.detail));
    cuda::Samples samples = gpu_.sample({.samples = 8, .batch = batch, .cold = false});
    if (samples.status != cuda::JobStatus::Completed || samples.ms.size() < 3)
      return fail(ErrorKind::Environment, fmt::format("the microbenchmark {} gave no times: {}", function, samples.detail));
    return *std::min_element(samples.ms.begin() + 2, samples.ms.end());
  }

  Expected<double> bandwidth(const std::string& function, double times) {
    auto best = ms(function, static_cast<std::uint32_t>(device_.multiprocessors) * 8, 512,
                   {pointerParam(0), pointerParam(1), valueParam<unsigned long long>(bufferBytes(device_) / 16)},
                   bufferBytes(device_));
    if (!best)
      return best;
    return times * static_cast<double>(bufferBytes(device_)) / (*best * 1e-3);
  }

  /// `flops`: of one step of one block.
  Expected<double> rate(const std::string& function, std::uint32_t block, double flops, int steps) {
    const std::uint32_t grid = static_cast<std::uint32_t>(device_.multiprocessors) * (2048 / block > 16 ? 16 : 2048 / block);
    auto best = ms(function, grid, block, {pointerParam(0), pointerParam(1), valueParam<int>(steps)}, 1 << 16);
    if (!best)
      return best;
    return flops * grid * steps / (*best * 1e-3);
  }

private:
  cuda::Gpu& gpu_;
  const cuda::Cubin& cubin_;
  const cuda::DeviceInfo& device_;
};

struct Unit {
  const char* function;
  const char* type;
  std::uint32_t block;
  double flops; ///< of a block and step
  int steps;
};

} // namespace

Expected<Peaks> measurePeaks(cuda::Gpu& gpu) {
  auto device = gpu.device();
  if (!device)
    return tl::unexpected(device.error());
  auto source = sourceOnDisk();
  if (!source)
    return tl::unexpected(source.error());
  std::vector<cuda::WantedKernel> wanted;
  for (const char* name : {"peak_copy", "peak_read", "peak_write", "peak_f32", "peak_mma_bf16", "peak_mma_f16", "peak_mma_tf32",
                           "peak_wgmma_bf16", "peak_wgmma_f16", "peak_wgmma_tf32"})
    wanted.push_back({name, name});
  auto cubin = cuda::compileCubin(*source, wanted,
                                  {.major = device->major, .minor = device->minor, .flags = {}, .headers = {},
                                   .cache = cuda::defaultCubinCache()});
  if (!cubin)
    return tl::unexpected(cubin.error());
  Bench bench(gpu, *cubin, *device);
  Peaks peaks{.where = cubin->compiler + ", " + cubin->arch};
  const std::tuple<const char*, double, double*> memory[] = {{"peak_copy", 2, &peaks.copy_bytes_per_s},
                                                             {"peak_read", 1, &peaks.read_bytes_per_s},
                                                             {"peak_write", 1, &peaks.write_bytes_per_s}};
  for (const auto& [function, times, to] : memory) {
    auto rate = bench.bandwidth(function, times);
    if (!rate)
      return tl::unexpected(rate.error());
    *to = *rate;
    peaks.bytes_per_s = std::max(peaks.bytes_per_s, *rate);
  }
  // 16 fused multiply-adds a thread; 8 products of 16x8x16 a warp; 4 of 64x256x16 a warpgroup.
  std::vector<Unit> units = {{"peak_f32", "f32", 256, 256 * 32.0, 16384},
                             {"peak_mma_bf16", "bf16", 128, 4 * 8 * 4096.0, 8192},
                             {"peak_mma_f16", "f16", 128, 4 * 8 * 4096.0, 8192},
                             {"peak_mma_tf32", "f32", 128, 4 * 8 * 2048.0, 8192}};
  if (device->major == 9) {
    units.push_back({"peak_wgmma_bf16", "bf16", 128, 4 * 524288.0, 512});
    units.push_back({"peak_wgmma_f16", "f16", 128, 4 * 524288.0, 512});
    units.push_back({"peak_wgmma_tf32", "f32", 128, 4 * 262144.0, 512});
  }
  for (const Unit& unit : units) {
    auto rate = bench.rate(unit.function, unit.block, unit.flops, unit.steps);
    if (!rate)
      return tl::unexpected(rate.error());
    peaks.flops_per_s[unit.type] = std::max(peaks.flops_per_s[unit.type], *rate);
    if (unit.function == std::string_view("peak_f32"))
      peaks.f32_fma_flops_per_s = *rate;
    if (unit.function == std::string_view("peak_mma_bf16"))
      peaks.mma_bf16_flops_per_s = *rate;
  }
  auto empty = bench.ms("kverify_empty", 1, 32, {}, 4096, 100);
  if (!empty)
    return tl::unexpected(empty.error());
  peaks.empty_launch_us = *empty * 1e3;
  return peaks;
}

double floorMs(double flops, double bytes, const std::string& unit, const Peaks& peaks) {
  auto rate = peaks.flops_per_s.find(unit);
  const double by_flops = rate != peaks.flops_per_s.end() && rate->second > 0 ? flops / rate->second : 0;
  const double by_bytes = peaks.bytes_per_s > 0 ? bytes / peaks.bytes_per_s : 0;
  return 1e3 * std::max(by_flops, by_bytes);
}

} // namespace kverify::bench
