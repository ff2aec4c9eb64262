#pragma once
// Runs one launch on the fast filter and on the precise engine alone, and requires that they agree.
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "kernel_runner.h"

namespace kverify::simt::test {

/// A buffer of `elements` zeros that may be read and written.
inline Buffer zeros(std::string name, std::int64_t elements, DType dtype = DType::I32,
                    Access access = Access::ReadWrite) {
  Buffer buffer = output(std::move(name), elements, dtype);
  buffer.access = access;
  buffer.bytes.assign(static_cast<std::size_t>(elements) * sizeOf(dtype), 0);
  return buffer;
}

inline Buffer temporary(std::string name, std::int64_t elements, DType dtype = DType::I32) {
  Buffer buffer = output(std::move(name), elements, dtype);
  buffer.access = Access::Temporary;
  return buffer;
}

struct Verdict {
  RunStatus status = RunStatus::Completed;
  std::string reason;
  std::set<std::string> checks;
  RunResult result; ///< of the precise engine
};

inline std::string statusName(RunStatus status) {
  constexpr const char* names[] = {"Completed", "Faulted", "Unsupported", "StepLimit", "Stopped"};
  return names[static_cast<int>(status)];
}

/// Both engines on one plan; a difference fails the test.
inline Verdict judge(frontend::DeviceModule& module, LaunchPlan plan, const RunLimits& limits = {}) {
  for (KernelLaunch& launch : plan.launches)
    if (launch.kernel.empty())
      launch.kernel = module.kernels.back().name;
  RunResult results[2];
  for (bool precise : {false, true}) {
    ProgramOptions options;
    options.always_precise = precise;
    auto program = Program::create(module, options);
    auto run = program ? (*program)->run(plan, limits) : tl::unexpected(program.error());
    if (!run) {
      ADD_FAILURE() << "the executor failed: " << run.error().message;
      return {};
    }
    results[precise] = std::move(*run);
  }
  Verdict verdict;
  auto found = checksOf(results[1]);
  verdict.checks.insert(found.begin(), found.end());
  auto fast = checksOf(results[0]);
  EXPECT_EQ(std::set<std::string>(fast.begin(), fast.end()), verdict.checks)
      << "the filter and the precise engine differ";
  EXPECT_EQ(statusName(results[0].status), statusName(results[1].status));
  if (verdict.checks.empty()) {
    EXPECT_EQ(results[0].buffers, results[1].buffers) << "the engines compute different results";
  }
  verdict.status = results[1].status;
  verdict.reason = results[1].reason;
  verdict.result = std::move(results[1]);
  return verdict;
}

/// One launch of the last kernel of `source`: buffers in order, then scalars.
struct Launch {
  Dim3 grid, block;
  std::vector<Buffer> buffers;
  std::vector<ScalarArg> scalars;
  std::uint32_t shared = 0;
  unsigned times = 1;
};

inline Verdict judge(const std::string& source, Launch launch, const RunLimits& limits = {}) {
  frontend::CompileOptions compile;
  compile.target = "sm_80";
  compile.headers = frontend::CudaHeaders::Builtin;
  auto module = frontend::compileSource("test.cu", source, compile);
  if (!module) {
    ADD_FAILURE() << "the test kernel does not compile: " << module.error().message;
    return {};
  }
  LaunchPlan plan;
  KernelLaunch one;
  one.grid = launch.grid;
  one.block = launch.block;
  one.dynamic_shared_bytes = launch.shared;
  for (std::uint32_t i = 0; i < launch.buffers.size(); ++i)
    one.args.push_back(BufferArg{i, 0});
  for (ScalarArg& scalar : launch.scalars)
    one.args.push_back(std::move(scalar));
  plan.buffers = std::move(launch.buffers);
  plan.launches.assign(launch.times, one);
  return judge(*module, std::move(plan), limits);
}

using Checks = std::set<std::string>;

} // namespace kverify::simt::test
