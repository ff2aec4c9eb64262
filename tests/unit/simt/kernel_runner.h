#pragma once
// Compiles a kernel from a string and runs it in the executor: what most executor tests need.
#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "frontend/compile.h"
#include "simt/executor.h"

namespace kverify::simt::test {

inline Buffer floats(std::string name, std::vector<float> values, Access access = Access::Read) {
  Buffer buffer;
  buffer.name = std::move(name);
  buffer.dtype = DType::F32;
  buffer.elements = static_cast<std::int64_t>(values.size());
  buffer.shape = {buffer.elements};
  buffer.strides = {1};
  buffer.access = access;
  buffer.bytes.resize(values.size() * 4);
  std::memcpy(buffer.bytes.data(), values.data(), buffer.bytes.size());
  return buffer;
}

/// An uninitialised buffer.
inline Buffer output(std::string name, std::int64_t elements, DType dtype = DType::F32) {
  Buffer buffer;
  buffer.name = std::move(name);
  buffer.dtype = dtype;
  buffer.elements = elements;
  buffer.shape = {elements};
  buffer.strides = {1};
  buffer.access = Access::Write;
  return buffer;
}

template <class T>
ScalarArg scalar(T value) {
  ScalarArg arg;
  arg.bytes.resize(sizeof(T));
  std::memcpy(arg.bytes.data(), &value, sizeof(T));
  return arg;
}

template <class T>
std::vector<T> contents(const RunResult& result, std::size_t buffer) {
  std::vector<T> values(result.buffers.at(buffer).size() / sizeof(T));
  std::memcpy(values.data(), result.buffers[buffer].data(), values.size() * sizeof(T));
  return values;
}

/// A kernel that has been compiled once and can be launched many times.
class Kernel {
public:
  explicit Kernel(const std::string& source, ProgramOptions options = {}, std::string target = "sm_80") {
    frontend::CompileOptions compile;
    compile.target = std::move(target);
    compile.headers = frontend::CudaHeaders::Builtin;
    auto module = frontend::compileSource("test.cu", source, compile);
    if (!module) {
      ADD_FAILURE() << "the test kernel does not compile: " << module.error().message;
      return;
    }
    name_ = module->kernels.at(0).name;
    auto program = Program::create(*module, options);
    if (program)
      program_ = std::move(*program);
    else
      ADD_FAILURE() << program.error().message;
  }

  RunResult run(LaunchPlan plan, const RunLimits& limits = {}) {
    for (KernelLaunch& launch : plan.launches)
      if (launch.kernel.empty())
        launch.kernel = name_;
    auto result = program_ ? program_->run(plan, limits) : fail(ErrorKind::Internal, "no program");
    if (result)
      return std::move(*result);
    ADD_FAILURE() << "the executor failed: " << result.error().message;
    return {};
  }

  /// One launch whose arguments are the buffers in order, then the scalars.
  RunResult run(std::vector<Buffer> buffers, Dim3 grid, Dim3 block, std::vector<ScalarArg> scalars = {},
                std::uint32_t shared = 0, const RunLimits& limits = {}) {
    LaunchPlan plan;
    KernelLaunch launch;
    launch.grid = grid;
    launch.block = block;
    launch.dynamic_shared_bytes = shared;
    for (std::uint32_t i = 0; i < buffers.size(); ++i)
      launch.args.push_back(BufferArg{i, 0});
    for (ScalarArg& arg : scalars)
      launch.args.push_back(std::move(arg));
    plan.buffers = std::move(buffers);
    plan.launches.push_back(std::move(launch));
    return run(std::move(plan), limits);
  }

  Program& program() { return *program_; }

private:
  std::string name_;
  std::unique_ptr<Program> program_;
};

inline std::vector<std::string> checksOf(const RunResult& result) {
  std::vector<std::string> ids;
  for (const Finding& finding : result.findings)
    ids.push_back(finding.check);
  return ids;
}

} // namespace kverify::simt::test
