// Headers that only the project's own build leads to.
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "frontend/compile.h"
#include "frontend/header_search.h"
#include "frontend/left_out.h"

namespace kverify::frontend {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class HeaderSearch : public testing::Test {
protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / (std::string("kverify_headers_") + testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::create_directories(folder_ / ".git");
    write("csrc/cuda/k.cu", "#include \"helper.cuh\"\n__global__ void k(float* x) { x[0] = twice(1.f); }\n");
  }
  void TearDown() override { fs::remove_all(folder_); }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }
  std::string at(const std::string& name) const { return (folder_ / name).string(); }

  fs::path folder_;
};

constexpr const char* kHelper = "#pragma once\n#include <detail/two.h>\n__device__ float twice(float x) { return kTwo * x; }\n";

TEST_F(HeaderSearch, AFileCompilesWithHeadersOfItsOwnProjectAndSaysSo) {
  write("csrc/common/helper.cuh", kHelper);
  write("third_party/lib/detail/two.h", "#pragma once\n#define kTwo 2\n");
  auto module = compileFile(at("csrc/cuda/k.cu"), {.headers = CudaHeaders::Builtin});
  ASSERT_TRUE(module) << module.error().message;
  auto found = foundHeaders(*module);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0], "'helper.cuh' was found in " + at("csrc/common") + ", which no -I names");
  EXPECT_EQ(found[1], "'detail/two.h' was found in " + at("third_party/lib") + ", which no -I names");
}

TEST_F(HeaderSearch, TheNearestCounts) {
  write("csrc/common/helper.cuh", kHelper);
  write("other/helper.cuh", "different");
  auto found = searchHeader("helper.cuh", at("csrc/cuda/k.cu"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->folder, at("csrc/common"));
}

TEST_F(HeaderSearch, AmongDifferentOnesNobodyChooses) {
  write("csrc/a/helper.cuh", kHelper);
  write("csrc/b/helper.cuh", "#pragma once\n__device__ float twice(float x) { return 3 * x; }\n");
  EXPECT_FALSE(searchHeader("helper.cuh", at("csrc/cuda/k.cu")));
  auto module = compileFile(at("csrc/cuda/k.cu"), {.headers = CudaHeaders::Builtin});
  ASSERT_FALSE(module);
  EXPECT_THAT(module.error().message, HasSubstr("'helper.cuh' file not found"));
  write("csrc/b/helper.cuh", kHelper);
  EXPECT_TRUE(searchHeader("helper.cuh", at("csrc/cuda/k.cu"))) << "copies are one";
}

TEST_F(HeaderSearch, WhatLiesOutsideTheCheckoutIsNotLookedAt) {
  write("inner/.git/config", "");
  write("inner/k.cu", "#include \"helper.cuh\"\n");
  write("helper.cuh", kHelper);
  EXPECT_FALSE(searchHeader("helper.cuh", at("inner/k.cu")));
  EXPECT_FALSE(searchHeader("../helper.cuh", at("inner/k.cu")));
  EXPECT_FALSE(searchHeader("/etc/passwd", at("inner/k.cu")));
}

TEST_F(HeaderSearch, ANameOfAStandardHeaderDoesNotHideIt) {
  write("csrc/common/helper.cuh", "#pragma once\n#include <cmath>\n#include <math.h>\n__device__ float twice(float x) { return 2 * x; }\n");
  write("csrc/common/math.h", "#error not this one\n");
  auto module = compileFile(at("csrc/cuda/k.cu"), {.headers = CudaHeaders::Builtin});
  EXPECT_TRUE(module) << module.error().message;
}

} // namespace
} // namespace kverify::frontend
