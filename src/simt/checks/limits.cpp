// Launches that the device refuses. A refused launch leaves garbage in the output, which benchmarks have read as
// success. Sound and complete: CUDA C++ Programming Guide, table of technical specifications per compute capability.
#include <fmt/format.h>

#include "kverify/device_limits.h"
#include "simt/checks/checks.h"

namespace kverify::simt {
namespace {

const CheckInfo kInfo{"limits.launch",
                      "KV1505",
                      "fuzz",
                      "block, grid or shared memory over the device's limits",
                      "the launch fails and the output is whatever was there before",
                      "launch fewer threads a block or use less shared memory",
                      "sound and complete for the launches that were formed"};
const RegisterCheck registration(kInfo);

LimitProblem over(const std::string& text, const char* what, std::uint64_t actual, std::uint64_t allowed, const char* unit) {
  return {fmt::format(fmt::runtime(text), actual, allowed),
          Violation{what, static_cast<double>(actual), static_cast<double>(allowed), unit}};
}

} // namespace

const CheckInfo& launchLimitCheck() {
  return kInfo;
}

std::optional<LimitProblem> launchLimitProblem(const KernelLaunch& launch, std::uint64_t static_shared_bytes,
                                               const std::string& target) {
  const Dim3& block = launch.block;
  const Dim3& grid = launch.grid;
  if (block.count() == 0)
    return LimitProblem{"the block has no threads", std::nullopt};
  if (grid.count() == 0)
    return LimitProblem{"the grid has no blocks", std::nullopt};
  namespace limits = device_limits;
  constexpr const auto& most = limits::block;
  constexpr const auto& widest = limits::grid;
  if (block.count() > limits::threads_per_block)
    return over("{} threads a block; the device takes {}", "threads of a block", block.count(), limits::threads_per_block, "thread");
  if (block.x > most[0] || block.y > most[1] || block.z > most[2])
    return LimitProblem{fmt::format("block ({},{},{}); the device takes ({})", block.x, block.y, block.z, fmt::join(most, ",")),
                        std::nullopt};
  if (grid.x > widest[0] || grid.y > widest[1] || grid.z > widest[2])
    return LimitProblem{fmt::format("grid ({},{},{}); the device takes ({})", grid.x, grid.y, grid.z, fmt::join(widest, ",")),
                        std::nullopt};
  if (static_shared_bytes > limits::static_shared_bytes)
    return over("{} bytes of static shared memory; the device takes {}", "bytes of static shared memory", static_shared_bytes,
                limits::static_shared_bytes, "byte");
  std::uint64_t shared = static_shared_bytes + launch.dynamic_shared_bytes;
  auto takes = static_cast<std::uint64_t>(limits::sharedBytes(target));
  if (shared > takes)
    return over("{} bytes of shared memory a block; " + target + " takes {}", "bytes of shared memory", shared, takes, "byte");
  return std::nullopt;
}

} // namespace kverify::simt
