// Every kernel of the corpus is proved for all sizes of its contract.
#include "tests/unit/verifier/prover.h"

namespace kverify::verifier::test {
namespace {

class Corpus : public testing::TestWithParam<const char*> {};

TEST_P(Corpus, IsProvedForAllSizes) {
  std::string folder = std::string("kernels/") + GetParam();
  auto contract = loadContract(folder + "/contract.json");
  ASSERT_TRUE(contract) << contract.error().message;
  frontend::CompileOptions compile;
  compile.headers = frontend::CudaHeaders::Builtin;
  for (const LaunchDecl& launch : contract->launches)
    compile.kernels.push_back(launch.kernel);
  auto module = frontend::compileFile(folder + "/kernel.cu", compile);
  ASSERT_TRUE(module) << module.error().message;
  // Proved at all, not in what time: the machine may be busy with the other tests.
  ProveOptions unhurried;
  unhurried.kernel_seconds = 600;
  Results results = resultsOf(judgeKernel(*module, *contract, unhurried));
  EXPECT_THAT(openOnes(results), testing::IsEmpty());
  EXPECT_EQ(results["bounds.global-read"], "proved");
  EXPECT_EQ(results["index.overflow"], "proved");
}

const char* const kKernels[] = {
    "attention/decode_splitkv_f32", "attention/flash_causal_gqa_f32", "attention/flash_v1_f32",
    "attention/flash_v2_f32",       "attention/naive_f32",            "attention/tiled_f32",
    "attention/flash_f16_mma",      "attention/flash_bf16_mma",
    "layer_norm/two_pass_f32",      "layer_norm/welford_warp_f32",    "softmax/online_warp_f32",
    "softmax/row_block_f32",        "attention/softcap_alibi_f32",    "cross_entropy/row_block_f32",
    "matmul/tiled_f32",             "rms_norm/row_block_f32",         "rms_norm/backward_f32",
    "rope/half_table_f32",          "attention/paged_decode_f32",     "attention/decode_mqa_f16",
    "attention/backward_f32",       "attention/sliding_window_f32",   "attention/varlen_f32",
    "attention/decode_fp8_paged"};

std::string caseName(const testing::TestParamInfo<const char*>& one) {
  std::string name = one.param;
  std::replace(name.begin(), name.end(), '/', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, Corpus, testing::ValuesIn(kKernels), caseName);

} // namespace
} // namespace kverify::verifier::test
