// A LaunchPlan to a job of the GPU worker, and the worker's answer to findings.
#include <algorithm>

#include <fmt/format.h>

#include "cli/pipeline/backend.h"
#include "frontend/embedded_headers.h"

namespace kverify::pipeline {
namespace {

constexpr std::uint64_t kGuardBytes = 4096;

cuda::JobParam paramOf(const BufferArg& arg) {
  return {.bytes = std::vector<std::uint8_t>(8), .pointers = {{0, arg.buffer, arg.byte_offset}}};
}
cuda::JobParam paramOf(const ScalarArg& arg) {
  return {.bytes = arg.bytes, .pointers = {}};
}
cuda::JobParam paramOf(const StructArg& arg) {
  cuda::JobParam param{.bytes = arg.bytes, .pointers = {}};
  for (const StructArg::Pointer& pointer : arg.pointers)
    param.pointers.push_back({pointer.offset, pointer.to.buffer, pointer.to.byte_offset});
  return param;
}

/// A value parameter must have the bytes that the kernel's signature says: the driver reads that many.
Expected<void> checkSizes(const frontend::KernelInfo& kernel, const cuda::JobLaunch& launch) {
  if (kernel.params.size() != launch.params.size())
    return fail(ErrorKind::Input, fmt::format("'{}' takes {} arguments, not {}", kernel.name, kernel.params.size(),
                                              launch.params.size()));
  for (std::size_t i = 0; i < launch.params.size(); ++i)
    if (kernel.params[i].size != launch.params[i].bytes.size())
      return fail(ErrorKind::Input, fmt::format("argument {} of '{}' has {} bytes, not {}", i, kernel.name,
                                                kernel.params[i].size, launch.params[i].bytes.size()));
  return {};
}

std::string placeText(const cuda::Damage& damage, const Buffer& buffer) {
  const std::uint64_t size = static_cast<std::uint64_t>(buffer.elements) * sizeOf(buffer.dtype);
  if (damage.where == 0)
    return fmt::format("{} bytes before '{}'", -damage.first, buffer.name);
  return fmt::format("{} bytes behind the end of '{}', which has {}", damage.first - static_cast<std::int64_t>(size),
                     buffer.name, size);
}

Finding findingOf(const Subject& subject, const LaunchPlan& plan, std::size_t launch, const char* check, std::string message) {
  Finding finding{.check = check, .message = std::move(message)};
  const std::string& name = plan.launches[std::min(launch, plan.launches.size() - 1)].kernel;
  if (const auto* kernel = subject.kernelInfo(name))
    finding.locations = {{{kernel->location}, "on the GPU"}};
  std::string sizes;
  for (const auto& [size, value] : plan.sizes)
    sizes += fmt::format("{}{}={}", sizes.empty() ? "" : " ", size, value);
  finding.launch = sizes;
  return finding;
}

} // namespace

Expected<cuda::Cubin> compileForGpu(const Subject& subject, const cuda::DeviceInfo& device) {
  cuda::NvccOptions options{.major = device.major,
                            .minor = device.minor,
                            .flags = subject.compile.extra_flags,
                            .headers = {},
                            .cache = cuda::defaultCubinCache()};
  for (const frontend::EmbeddedHeader& header : frontend::embeddedHeaders())
    if (std::string_view(header.name) == "kverify/annotations.h")
      options.headers.emplace_back(header.name, header.bytes);
  std::vector<cuda::WantedKernel> wanted;
  for (const std::string& name : subject.kernels)
    if (const auto* kernel = subject.kernelInfo(name))
      wanted.push_back({kernel->name, kernel->mangled});
  return cuda::compileCubin(subject.module.source.path, wanted, options);
}

Expected<cuda::Job> jobOf(const Subject& subject, const LaunchPlan& plan, const cuda::Cubin& cubin,
                          std::uint32_t launch_ms) {
  if (plan.only_block)
    return fail(ErrorKind::Limit, "a block alone is not run on a GPU");
  cuda::Job job{.module = cubin.bytes, .buffers = {}, .launches = {}, .launch_ms = launch_ms, .guard_bytes = kGuardBytes};
  for (const Buffer& buffer : plan.buffers) {
    cuda::JobBuffer& to = job.buffers.emplace_back();
    to.name = buffer.name;
    to.bytes = static_cast<std::uint64_t>(buffer.elements) * sizeOf(buffer.dtype);
    to.read_only = buffer.access == Access::Read;
    to.fill = buffer.bytes.empty() ? cuda::Fill::Poison : cuda::Fill::Contents;
    to.contents = buffer.bytes;
  }
  for (const KernelLaunch& launch : plan.launches) {
    const frontend::KernelInfo* kernel = subject.kernelInfo(launch.kernel);
    std::size_t at = 0;
    for (std::size_t i = 0; i < subject.kernels.size(); ++i)
      if (kernel && subject.kernelInfo(subject.kernels[i]) == kernel)
        at = i + 1;
    if (!kernel || at == 0 || at > cubin.kernels.size())
      return fail(ErrorKind::Input, fmt::format("there is no kernel '{}'", launch.kernel));
    cuda::JobLaunch& to = job.launches.emplace_back();
    to.function = cubin.kernels[at - 1].symbol;
    const std::uint32_t grid[] = {launch.grid.x, launch.grid.y, launch.grid.z},
                        block[] = {launch.block.x, launch.block.y, launch.block.z};
    std::copy(std::begin(grid), std::end(grid), to.grid);
    std::copy(std::begin(block), std::end(block), to.block);
    to.shared_bytes = launch.dynamic_shared_bytes;
    for (const KernelArg& arg : launch.args)
      to.params.push_back(std::visit([](const auto& one) { return paramOf(one); }, arg));
    if (auto fits = checkSizes(*kernel, to); !fits)
      return tl::unexpected(fits.error());
  }
  return job;
}

simt::RunResult resultOf(const Subject& subject, const LaunchPlan& plan, cuda::JobResult result) {
  simt::RunResult run;
  run.buffers = std::move(result.buffers);
  run.printed = std::move(result.printed);
  run.stats.seconds = result.wall_ms / 1000;
  auto accuse = [&](const char* check, std::string message) {
    run.findings.push_back(findingOf(subject, plan, result.launch, check, std::move(message)));
  };
  switch (result.status) {
  case cuda::JobStatus::Completed:
    for (const cuda::Damage& damage : result.damage) {
      const Buffer& buffer = plan.buffers[damage.buffer];
      if (damage.where == 2)
        accuse("access.readonly-write", fmt::format("{} bytes of the input '{}' are not what they were before the launch, the "
                                                    "first at offset {}", damage.bytes, buffer.name, damage.first));
      else
        accuse("bounds.global-write", fmt::format("{} bytes were written outside every buffer, the first {}", damage.bytes,
                                                  placeText(damage, buffer)));
    }
    return run;
  case cuda::JobStatus::LaunchRefused:
    run.status = simt::RunStatus::Faulted;
    accuse("limits.launch", fmt::format("the device refuses the launch: {}", result.detail));
    return run;
  case cuda::JobStatus::Faulted:
    run.status = simt::RunStatus::Faulted;
    accuse(kGpuFault, fmt::format("the launch ends with {}: {}", result.error_name, result.detail));
    return run;
  case cuda::JobStatus::Hung:
    run.status = simt::RunStatus::Hung;
    run.reason = fmt::format("on the GPU {}; its process was ended", result.detail);
    return run;
  case cuda::JobStatus::OutOfMemory:
    run.status = simt::RunStatus::Unsupported;
    run.reason = "the GPU has not enough memory: " + result.detail;
    return run;
  default:
    run.status = simt::RunStatus::Unsupported;
    run.reason = fmt::format("the GPU gave no result ({}): {}", cuda::nameOf(result.status), result.detail);
    return run;
  }
}

} // namespace kverify::pipeline
