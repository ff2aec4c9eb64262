// The built-in headers hold what a kernel's author uses, under the toolkit's names and signatures.
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include "compile_helpers.h"
#include "core/hash.h"
#include "frontend/included_files.h"
#include "frontend/toolkit.h"

namespace kverify::frontend {
namespace {

using testing::HasSubstr;

class Sweep : public testing::TestWithParam<const char*> {
protected:
  static Expected<DeviceModule> compile(CudaHeaders headers, const char* target) {
    CompileOptions options;
    options.headers = headers;
    options.target = target;
    return compileFile(std::string("tests/unit/frontend/sources/sweep_") + GetParam() + ".cu", options);
  }
};

TEST_P(Sweep, CompilesWithBuiltinHeaders) {
  for (const char* target : {"sm_80", "sm_90"}) {
    auto result = compile(CudaHeaders::Builtin, target);
    ASSERT_TRUE(result) << explain(result);
    EXPECT_EQ(result->headers, "builtin");
    EXPECT_FALSE(result->kernels.empty());
  }
}

TEST_P(Sweep, AgreesWithTheToolkit) {
  if (!findToolkit())
    GTEST_SKIP() << "no CUDA toolkit on this machine; install one to compare with its headers";
  auto ours = compile(CudaHeaders::Builtin, "sm_90");
  auto theirs = compile(CudaHeaders::Toolkit, "sm_90");
  ASSERT_TRUE(ours) << explain(ours);
  ASSERT_TRUE(theirs) << explain(theirs);
  EXPECT_EQ(theirs->headers, "toolkit");
  ASSERT_EQ(namesOf(*ours), namesOf(*theirs));
  for (std::size_t k = 0; k < ours->kernels.size(); ++k) {
    const KernelInfo &a = ours->kernels[k], &b = theirs->kernels[k];
    EXPECT_EQ(a.mangled, b.mangled);
    if (std::string(GetParam()) != "cub") { // whose storage is laid out as suits each implementation
      EXPECT_EQ(a.static_shared_bytes, b.static_shared_bytes);
    }
    ASSERT_EQ(a.params.size(), b.params.size());
    for (std::size_t p = 0; p < a.params.size(); ++p) {
      EXPECT_EQ(a.params[p].size, b.params[p].size) << a.name << " " << a.params[p].name;
      EXPECT_EQ(a.params[p].alignment, b.params[p].alignment) << a.name << " " << a.params[p].name;
      EXPECT_EQ(a.params[p].pointee, b.params[p].pointee) << a.name << " " << a.params[p].name;
      EXPECT_EQ(a.params[p].pointee_size, b.params[p].pointee_size) << a.name << " " << a.params[p].name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Builtin, Sweep, testing::Values("math", "warp", "half", "fp8", "groups", "wmma", "host", "random", "cub", "std"),
                         [](const auto& sweep) { return std::string(sweep.param); });

TEST(FrontendHeaders, WhatWasReadIsKnownByItsBytes) {
  namespace fs = std::filesystem;
  fs::path folder = fs::path(testing::TempDir()) / "kverify-included";
  fs::create_directories(folder / "lib");
  auto write = [&](const char* name, const char* text) { std::ofstream(folder / name) << text; };
  write("tile.h", "#include \"lib/deep.h\"\n");
  write("lib/deep.h", "#pragma once\n#define SCALE 2.0f\n");
  write("k.cu", "#include \"tile.h\"\n#include \"lib/deep.h\"\n__global__ void k(float* x) { x[0] *= SCALE; }\n");
  std::vector<IncludedFile> included;
  auto result = compileFileNoting((folder / "k.cu").string(), {.headers = CudaHeaders::Builtin}, included);
  ASSERT_TRUE(result) << explain(result);
  std::vector<std::string> users;
  std::size_t system = 0;
  for (const IncludedFile& file : included) {
    EXPECT_EQ(file.sha256.size(), 64u) << file.path;
    if (file.system)
      ++system;
    else
      users.push_back(fs::relative(file.path, folder).string() + " " + file.sha256);
  }
  EXPECT_THAT(users, testing::ElementsAre("lib/deep.h " + sha256Hex("#pragma once\n#define SCALE 2.0f\n"),
                                          "tile.h " + sha256Hex("#include \"lib/deep.h\"\n")));
  EXPECT_GT(system, 0u) << "the built-in CUDA headers are the system's";
  fs::remove_all(folder);
}

TEST(FrontendHeaders, NothingNeedsToBeIncluded) {
  auto result = compileText(R"(
__global__ void k(float* x, float4* v) {
  __shared__ float s[32];
  s[threadIdx.x] = expf(x[threadIdx.x]) * rsqrtf(2.0f) + max(1, 2) + INFINITY;
  __syncthreads();
  v[0] = make_float4(s[0], s[1], __shfl_down_sync(~0u, s[2], 1), fmaxf(s[3], 0.f));
  printf("%f", v[0].x);
}
int main() {
  float* d;
  cudaMalloc(&d, 4 * sizeof(float));
  k<<<1, 32>>>(d, (float4*)d);
  printf("%d\n", (int)cudaDeviceSynchronize());
  free(malloc(3));
}
)");
  ASSERT_TRUE(result) << explain(result);
  EXPECT_EQ(result->diagnostics, "");
}

TEST(FrontendHeaders, StandardLibraryOfTheHost) {
  for (const char* standard : {"-std=c++17", "-std=c++20"}) {
    CompileOptions options;
    options.headers = CudaHeaders::Builtin;
    options.extra_flags = {standard};
    auto result = compileSource("test.cu", R"(
#include <algorithm>
#include <array>
#include <cfloat>
#include <climits>
#include <cmath>
#include <cstdint>
#include <functional>
#include <iostream>
#include <limits>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>
template <class T> __global__ void k(T* x, uint32_t n) {
  static_assert(std::is_same<T, float>::value || std::is_integral_v<T>, "");
  T big = std::numeric_limits<T>::max();
  x[0] = std::max(big, x[1]) + (T)std::sqrt(x[2]) + (T)FLT_MAX + std::min<T>(x[3], 2);
  x[1] = std::exp(x[1]) + std::pow(x[1], 2) + std::fabs(x[3]) + std::isnan(x[2]) + std::sqrt(n);
}
int main() {
  std::vector<float> v(10);
  std::mt19937 engine(1);
  std::normal_distribution<float> normal(0, 1);
  std::generate(v.begin(), v.end(), [&] { return normal(engine); });
  std::sort(v.begin(), v.end());
  std::cout << std::accumulate(v.begin(), v.end(), 0.0) << std::exp(1.0) << std::abs(-1.5f) << std::endl;
  k<<<1, 1>>>(v.data(), 3u);
}
)",
                                options);
    ASSERT_TRUE(result) << standard << "\n" << explain(result);
    EXPECT_EQ(namesOf(*result), std::vector<std::string>{"k<float>"});
  }
}

TEST(FrontendHeaders, NamesThatNvccBringsWithoutAnInclude) {
  auto result = compileText(R"(
__global__ void k(uint32_t* x) { x[0] = std::max(x[0], UINT32_MAX) + INT_MAX; }
void host() { std::sort((int*)0, (int*)0); assert(true); time_t now = time(nullptr); (void)now; }
)");
  ASSERT_TRUE(result) << explain(result);
}

TEST(FrontendHeaders, AutoSaysWhichItTook) {
  auto builtin = compileText("__global__ void k(float* x) { x[0] = 1; }\n", {}, CudaHeaders::Auto);
  ASSERT_TRUE(builtin) << explain(builtin);
  EXPECT_EQ(builtin->headers, "builtin");
  if (!findToolkit())
    GTEST_SKIP() << "no CUDA toolkit on this machine";
  auto toolkit = compileText("#include <cub/block/block_histogram.cuh>\n"
                             "__global__ void k(unsigned char* x, unsigned* counts) {\n"
                             "  typedef cub::BlockHistogram<unsigned char, 128, 1, 256> Histogram;\n"
                             "  __shared__ typename Histogram::TempStorage storage;\n"
                             "  unsigned char mine[1] = {x[threadIdx.x]};\n"
                             "  Histogram(storage).Composite(mine, counts);\n"
                             "}\n",
                             {}, CudaHeaders::Auto);
  ASSERT_TRUE(toolkit) << explain(toolkit);
  EXPECT_EQ(toolkit->headers, "toolkit");
}

TEST(FrontendHeaders, SharedAlignasAsNvccTakesIt) {
  std::string source = "__global__ void k(float* x) {\n"
                       "  extern __shared__ alignas(128) unsigned char raw[]; __shared__  alignas(16) float s[4];\n"
                       "  s[0] = x[0]; x[1] = s[1] + raw[0];\n}\n";
  auto result = compileText(source);
  ASSERT_TRUE(result) << explain(result);
  EXPECT_EQ(result->source.bytes, source);
}

TEST(FrontendHeaders, DeviceCodeMayDeclareVariadicFunctions) {
  auto result = compileText("__host__ __device__ int any(...) { return 1; }\n__host__ __device__ char any(int) { return 1; }\n"
                            "__global__ void k(int* x) { x[0] = sizeof(any(1)); }\n");
  EXPECT_TRUE(result) << explain(result);
}

TEST(FrontendHeaders, ArchitectureMacros) {
  for (auto [target, value] : {std::pair{"sm_80", "800"}, {"sm_86", "860"}, {"sm_89", "890"}, {"sm_90", "900"}}) {
    CompileOptions options;
    options.headers = CudaHeaders::Builtin;
    options.target = target;
    auto result = compileSource("test.cu",
                                std::string("#if !defined(__CUDACC__) || __CUDA_ARCH__ != ") + value +
                                    "\n#error wrong macros\n#endif\n__global__ void k(int* x) { *x = 1; }\n",
                                options);
    EXPECT_TRUE(result) << explain(result);
    if (result) {
      EXPECT_EQ(result->target, target);
    }
  }
}

} // namespace
} // namespace kverify::frontend
