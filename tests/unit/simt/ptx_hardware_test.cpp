// Every exact instruction against what an H200 computed, over 8192 operands each.
#include <gtest/gtest.h>

#include "hardware_operands.h"
#include "ptx_jit.h"

namespace kverify::simt {
namespace {

struct Instruction {
  std::uint64_t hash;
  char result;
  const char* text;
  const char* operands;
};

const Instruction kInstructions[] = {
#define INSTRUCTION(hash, result, text, operands) {hash, result, text, operands},
#include "hardware_instructions.inc"
};

class PtxHardware : public ::testing::TestWithParam<int> {};

// In four parts, so that they can run beside each other.
TEST_P(PtxHardware, ComputesWhatTheGpuComputed) {
  int number = 0;
  for (const Instruction& instruction : kInstructions) {
    if (number++ % 4 != GetParam())
      continue;
    const auto run =
        ptx::testing::compileAsm(instruction.text, std::string(1, instruction.result), instruction.operands);
    ASSERT_TRUE(run.unsupported().empty()) << instruction.text;
    const std::string classes = instruction.operands;
    std::vector<std::vector<std::uint64_t>> in;
    for (std::size_t k = 0; k < 3; ++k)
      in.push_back(testing::operands(classes[k < classes.size() ? k : 0], static_cast<int>(k)));
    std::uint64_t hash = testing::kFnvStart;
    for (std::size_t i = 0; i < in[0].size(); ++i) {
      hash = testing::fnv(hash, testing::comparable(instruction.result, run(in[0][i], in[1][i], in[2][i])));
    }
    EXPECT_EQ(hash, instruction.hash) << instruction.text << ": a result differs from the GPU's";
  }
}

INSTANTIATE_TEST_SUITE_P(Quarter, PtxHardware, ::testing::Range(0, 4));

} // namespace
} // namespace kverify::simt
