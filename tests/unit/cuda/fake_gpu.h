#pragma once
// A GPU for tests: the real worker over the fake driver (tests/support/fake_cuda).
#include <cstring>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cuda/gpu.h"

namespace kverify::cuda {

class FakeGpu : public testing::Test {
protected:
  void SetUp() override {
    setenv("KVERIFY_LIBCUDA", FAKE_CUDA, 1);
    setenv("KVERIFY_LIBNVML", FAKE_CUDA, 1);
    unsetenv("KVERIFY_FAKE_CUDA");
    unsetenv("KVERIFY_FAKE_THROTTLE");
  }
  void TearDown() override { SetUp(); }

  static std::vector<std::uint8_t> bytesOf(const std::vector<float>& values) {
    std::vector<std::uint8_t> bytes(values.size() * sizeof(float));
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
  }
  static std::vector<float> floatsOf(const std::vector<std::uint8_t>& bytes) {
    std::vector<float> values(bytes.size() / sizeof(float));
    std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
    return values;
  }
  template <class T>
  static JobParam value(T v) {
    JobParam param;
    param.bytes.resize(sizeof v);
    std::memcpy(param.bytes.data(), &v, sizeof v);
    return param;
  }
  static JobParam pointer(std::uint32_t buffer) {
    JobParam param;
    param.bytes.resize(8);
    param.pointers = {{0, buffer, 0}};
    return param;
  }

  /// y = 2x over n floats, by a function that behaves as told: "run twice us=20".
  static Job twice(const std::string& behaviour, std::size_t n = 5) {
    std::string module = "kverify-fake\nfunction f " + behaviour + "\n";
    std::vector<float> x(n);
    for (std::size_t i = 0; i < n; ++i)
      x[i] = static_cast<float>(i) + 1;
    Job job;
    job.module.assign(module.begin(), module.end());
    job.module.push_back(0);
    job.buffers = {{.name = "x", .bytes = n * 4, .read_only = true, .fill = Fill::Contents, .contents = bytesOf(x)},
                   {.name = "y", .bytes = n * 4}};
    JobLaunch launch{.function = "f"};
    launch.params = {pointer(0), pointer(1), value(static_cast<int>(n))};
    job.launches = {launch};
    job.launch_ms = 200;
    return job;
  }

  Gpu gpu{{.worker = GPU_WORKER, .grace_ms = 20000}};
};

} // namespace kverify::cuda
