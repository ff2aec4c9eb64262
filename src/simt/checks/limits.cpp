// Launches that the device refuses. A refused launch leaves garbage in the output, which benchmarks have read as
// success. Sound and complete: CUDA C++ Programming Guide, table of technical specifications per compute capability.
#include <fmt/format.h>

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

/// Bytes of shared memory a block may have, with the opt-in attribute set.
std::uint64_t sharedLimit(const std::string& target) {
  if (target.starts_with("sm_90"))
    return 227 << 10;
  if (target == "sm_86" || target == "sm_89")
    return 99 << 10;
  return 163 << 10;
}

} // namespace

const CheckInfo& launchLimitCheck() {
  return kInfo;
}

std::string launchLimitProblem(const KernelLaunch& launch, std::uint64_t static_shared_bytes,
                               const std::string& target) {
  const Dim3& block = launch.block;
  const Dim3& grid = launch.grid;
  if (block.count() == 0)
    return "the block has no threads";
  if (grid.count() == 0)
    return "the grid has no blocks";
  if (block.count() > 1024)
    return fmt::format("{} threads a block; the device takes 1024", block.count());
  if (block.x > 1024 || block.y > 1024 || block.z > 64)
    return fmt::format("block ({},{},{}); the device takes (1024,1024,64)", block.x, block.y, block.z);
  if (grid.x > 0x7fffffffu || grid.y > 65535 || grid.z > 65535)
    return fmt::format("grid ({},{},{}); the device takes (2147483647,65535,65535)", grid.x, grid.y, grid.z);
  std::uint64_t shared = static_shared_bytes + launch.dynamic_shared_bytes;
  if (static_shared_bytes > 48 << 10)
    return fmt::format("{} bytes of static shared memory; the device takes 49152", static_shared_bytes);
  if (shared > sharedLimit(target))
    return fmt::format("{} bytes of shared memory a block; {} takes {}", shared, target, sharedLimit(target));
  return {};
}

} // namespace kverify::simt
