#pragma once
// Short forms for tests that compile a string.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "frontend/compile.h"

namespace kverify::frontend {

inline Expected<DeviceModule> compileText(const std::string& text, std::vector<std::string> kernels = {},
                                          CudaHeaders headers = CudaHeaders::Builtin) {
  CompileOptions options;
  options.headers = headers;
  options.kernels = std::move(kernels);
  return compileSource("test.cu", text, options);
}

inline std::string explain(const Expected<DeviceModule>& result) {
  return result ? "compiled" : result.error().place + ": " + result.error().message + " " + result.error().hint;
}

inline std::vector<std::string> namesOf(const DeviceModule& module) {
  std::vector<std::string> names;
  for (const KernelInfo& kernel : module.kernels)
    names.push_back(kernel.name);
  return names;
}

} // namespace kverify::frontend
