#include "cuda/worker/program.h"

#include <chrono>
#include <cstring>

#include <unistd.h>

namespace kverify::cuda {

JobStatus statusOf(CuResult error, bool at_launch) {
  switch (error) {
  case result::success: return JobStatus::Completed;
  case result::out_of_memory: return JobStatus::OutOfMemory;
  case result::not_found:
  case result::invalid_image:
  case result::no_binary_for_gpu:
  case result::invalid_ptx: return JobStatus::NoFunction;
  case result::launch_out_of_resources: return JobStatus::LaunchRefused;
  case result::invalid_value: return at_launch ? JobStatus::LaunchRefused : JobStatus::Faulted;
  default: return JobStatus::Faulted;
  }
}

LoadedProgram::~LoadedProgram() {
  if (module_)
    driver_.moduleUnload(module_);
}

std::optional<Trouble> LoadedProgram::load(const Job& job) {
  if (CuResult error = driver_.moduleLoadData(&module_, job.module.data()))
    return Trouble{statusOf(error, false), error, "the device does not take the compiled module"};
  if (driver_.moduleGetFunction(&fill_, module_, "kverify_fill") != result::success)
    fill_ = nullptr;
  for (std::uint32_t i = 0; i < job.launches.size(); ++i) {
    const JobLaunch& launch = job.launches[i];
    CuFunction function = nullptr;
    if (CuResult error = driver_.moduleGetFunction(&function, module_, launch.function.c_str()))
      return Trouble{JobStatus::NoFunction, error, "the compiled module has no function " + launch.function, i};
    constexpr std::uint32_t kWithoutOptIn = 48 << 10;
    if (launch.shared_bytes > kWithoutOptIn)
      if (CuResult error = driver_.funcSetAttribute(function, attribute::function_dynamic_shared, static_cast<int>(launch.shared_bytes)))
        return Trouble{JobStatus::LaunchRefused, error,
                       "the device has no " + std::to_string(launch.shared_bytes) + " bytes of dynamic shared memory for a block", i};
    functions_.push_back(function);
  }
  return std::nullopt;
}

std::vector<FunctionInfo> LoadedProgram::functions(const Job& job) const {
  std::vector<FunctionInfo> infos;
  for (std::size_t i = 0; i < functions_.size(); ++i) {
    const JobLaunch& launch = job.launches[i];
    FunctionInfo info{.name = launch.function};
    driver_.funcGetAttribute(&info.registers, attribute::function_registers, functions_[i]);
    driver_.funcGetAttribute(&info.local_bytes, attribute::function_local, functions_[i]);
    driver_.funcGetAttribute(&info.static_shared, attribute::function_shared, functions_[i]);
    driver_.funcGetAttribute(&info.max_threads, attribute::function_max_threads, functions_[i]);
    const std::uint64_t threads = std::uint64_t{launch.block[0]} * launch.block[1] * launch.block[2];
    driver_.occupancy(&info.blocks_per_multiprocessor, functions_[i], static_cast<int>(threads), launch.shared_bytes);
    infos.push_back(info);
  }
  return infos;
}

std::optional<Trouble> LoadedProgram::bind(const Job& job, const Buffers& buffers, Params& params) {
  params.clear();
  for (std::uint32_t i = 0; i < job.launches.size(); ++i) {
    auto& of_launch = params.emplace_back();
    for (const JobParam& param : job.launches[i].params) {
      of_launch.push_back(param.bytes);
      for (const JobPointer& pointer : param.pointers) {
        if (pointer.buffer >= buffers.count() || pointer.offset + sizeof(CuPointer) > param.bytes.size())
          return Trouble{JobStatus::Faulted, result::invalid_value, "a parameter points to a buffer that is not there", i};
        CuPointer address = buffers.address(pointer.buffer) + static_cast<CuPointer>(pointer.byte_offset);
        std::memcpy(of_launch.back().data() + pointer.offset, &address, sizeof address);
      }
    }
  }
  return std::nullopt;
}

CuResult LoadedProgram::start(const JobLaunch& launch, std::size_t index, std::vector<std::vector<std::uint8_t>>& params) const {
  std::vector<void*> addresses;
  for (auto& bytes : params)
    addresses.push_back(bytes.data());
  return driver_.launchKernel(functions_[index], launch.grid[0], launch.grid[1], launch.grid[2], launch.block[0], launch.block[1],
                              launch.block[2], launch.shared_bytes, nullptr, addresses.data(), nullptr);
}

std::optional<Trouble> LoadedProgram::wait(CuEvent event, std::uint32_t ms, std::uint32_t launch) const {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  constexpr auto kSpin = std::chrono::milliseconds(2);
  for (;;) {
    CuResult error = driver_.eventQuery(event);
    if (error == result::success)
      return std::nullopt;
    if (error != result::not_ready)
      return Trouble{statusOf(error, false), error, driver_.textOf(error), launch};
    const auto waited = Clock::now() - start;
    if (waited > std::chrono::milliseconds(ms))
      return Trouble{JobStatus::Hung, result::not_ready,
                     "a launch did not end within " + std::to_string(ms) + " ms", launch};
    if (waited > kSpin)
      usleep(200);
  }
}

} // namespace kverify::cuda
