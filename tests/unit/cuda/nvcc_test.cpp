// nvcc and ptxas: what they print, and that what they made is kept for as long as nothing has changed.
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cuda/nvcc.h"
#include "tests/support/run_program.h"

namespace kverify::cuda {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr const char* kLog = R"(ptxas info    : 0 bytes gmem
ptxas info    : Compiling entry function '_Z9tiled_sumPKfS0_Pfi' for 'sm_90'
ptxas info    : Function properties for _Z9tiled_sumPKfS0_Pfi
    0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
ptxas info    : Used 28 registers, used 1 barriers, 256 bytes smem
ptxas info    : Compile time = 64.498 ms
ptxas info    : Compiling entry function '_Z5flashILi128EEvPf' for 'sm_90a'
ptxas info    : Function properties for _Z5flashILi128EEvPf
    216 bytes stack frame, 212 bytes spill stores, 216 bytes spill loads
ptxas info    : Function properties for _Z6helperv
    8 bytes stack frame, 4 bytes spill stores, 4 bytes spill loads
ptxas info    : Used 255 registers, used 1 barriers, 216 bytes cumulative stack size
)";

TEST(Ptxas, ResourcesOfEveryEntry) {
  auto functions = parsePtxas(kLog);
  ASSERT_THAT(functions, SizeIs(2));
  EXPECT_EQ(functions[0].name, "_Z9tiled_sumPKfS0_Pfi");
  EXPECT_EQ(functions[0].registers, 28u);
  EXPECT_EQ(functions[0].static_shared_bytes, 256u);
  EXPECT_EQ(functions[1].registers, 255u);
  EXPECT_EQ(functions[1].spill_store_bytes, 212u) << "the helper's figures are not the entry's";
  EXPECT_EQ(functions[1].spill_load_bytes, 216u);
}

TEST(Ptxas, NothingIsMadeUp) {
  EXPECT_THAT(parsePtxas(""), SizeIs(0));
  EXPECT_THAT(parsePtxas("ptxas info    : Compiling entry function '_Z1fv' for 'sm_90'\n"), SizeIs(0));
  EXPECT_THAT(parsePtxas("ptxas info    : Used 28 registers\n"), SizeIs(0));
}

TEST(Nvcc, Version) {
  EXPECT_EQ(parseNvccVersion("Cuda compilation tools, release 13.0, V13.0.88\n"), "13.0.88");
  EXPECT_EQ(parseNvccVersion("gcc 12"), "");
}

TEST(Nvcc, SymbolsOfBothCompilers) {
  const std::vector<PtxasFunction> functions = {{.name = "_Z2stPf"},
                                                {.name = "_ZN36_GLOBAL__N__9b0d109f_4_w_cu_d540c6e74anonEPf"},
                                                {.name = "_ZN2ns1fILi64EEEvPf"}};
  EXPECT_EQ(findSymbol("_ZN2ns1fILi64EEEvPf", functions), "_ZN2ns1fILi64EEEvPf");
  EXPECT_EQ(findSymbol("_ZL2stPf", functions), "_Z2stPf");
  EXPECT_EQ(findSymbol("_ZN12_GLOBAL__N_14anonEPf", functions), "_ZN36_GLOBAL__N__9b0d109f_4_w_cu_d540c6e74anonEPf");
  EXPECT_EQ(findSymbol("_Z5otherv", functions), "");
}

TEST(Nvcc, FlagsOfClangThatItKnows) {
  EXPECT_THAT(flagsForNvcc({"-I", "include", "-DHEAD=64", "-Wall", "-std=c++17", "-fno-strict-aliasing", "-Uold"}),
              ElementsAre("-I", "include", "-DHEAD=64", "-std=c++17", "-Uold"));
}

class NvccCache : public testing::Test {
protected:
  Expected<Cubin> compile(const std::string& source) {
    return compileCubin(source, {{"twice", "_Z5twicePKfPfi"}},
                        {.nvcc = FAKE_NVCC, .headers = {}, .cache = folder.path() + "/cache"});
  }
  std::string source(const std::string& more = "") {
    folder.write("k.cu", "// fake: function _Z5twicePKfPfi run twice\n" + more);
    return folder.path() + "/k.cu";
  }
  tests::ScratchFolder folder;
};

TEST_F(NvccCache, TheSecondTimeIsFree) {
  auto first = compile(source());
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_FALSE(first->cached);
  EXPECT_EQ(first->arch, "sm_90a");
  ASSERT_THAT(first->kernels, SizeIs(1));
  EXPECT_EQ(first->kernels[0].resources.registers, 32u);
  auto second = compile(source());
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->cached);
  EXPECT_EQ(second->bytes, first->bytes);
}

TEST_F(NvccCache, AnotherSourceIsCompiledAnew) {
  ASSERT_TRUE(compile(source()));
  auto changed = compile(source("// changed\n"));
  ASSERT_TRUE(changed);
  EXPECT_FALSE(changed->cached);
}

TEST_F(NvccCache, WhatTheCompilerSaysReachesTheUser) {
  auto failed = compile(source("// fake: error\n"));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::Compile);
  EXPECT_THAT(failed.error().message, HasSubstr("told to fail"));
}

TEST_F(NvccCache, AKernelThatIsMissingIsNoSuccess) {
  auto missing = compileCubin(source(), {{"other", "_Z5otherv"}}, {.nvcc = FAKE_NVCC, .cache = folder.path() + "/cache"});
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, HasSubstr("_Z5otherv"));
}

} // namespace
} // namespace kverify::cuda
