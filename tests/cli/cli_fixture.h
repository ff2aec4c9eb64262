#pragma once
// What the tests of the command line share: a scratch folder and the program run in it.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/run_program.h"

namespace kverify::tests {

/// y = 2x, one thread an element; the contract lets n be 1..100.
inline constexpr const char* kTwice = R"(__global__ void twice(const float* x, float* y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = 2.0f * x[i];
}
)";

inline constexpr const char* kTwiceContract = R"json({
  "contract": 1,
  "sizes": { "n": { "range": [1, 100] } },
  "tensors": {
    "x": { "dtype": "f32", "shape": ["n"], "access": "read" },
    "y": { "dtype": "f32", "shape": ["n"], "access": "write" }
  },
  "launches": [ { "kernel": "twice", "args": ["x", "y", "n"], "grid": ["ceildiv(n, 32)"], "block": [32] } ]
}
)json";

/// Every thread of a block writes the same word of shared memory.
inline constexpr const char* kRace = R"(__global__ void race(float* y) {
  __shared__ float total;
  total = threadIdx.x;
  __syncthreads();
  y[threadIdx.x] = total;
}
)";

class Cli : public testing::Test {
protected:
  /// Runs kverify in the scratch folder, without colour and without a bar.
  ProgramRun kverify(std::vector<std::string> arguments, RunSettings settings = {}) const {
    arguments.insert(arguments.begin(), KVERIFY_PROGRAM);
    settings.folder = folder.path();
    settings.environment.try_emplace("XDG_CACHE_HOME", folder.path() + "/cache");
    return runProgram(arguments, settings);
  }

  /// The JSON report; a failure of the test where stdout is none.
  nlohmann::json reportOf(const ProgramRun& run) const {
    auto json = nlohmann::json::parse(run.out, nullptr, false);
    EXPECT_FALSE(json.is_discarded()) << "stdout is no JSON: " << run.out << run.err;
    return json;
  }

  ScratchFolder folder;
};

} // namespace kverify::tests
