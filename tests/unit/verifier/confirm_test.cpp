// A solver's model becomes a refutation only when the executor has run it.
#include "contract/instantiate.h"
#include "tests/unit/verifier/prover.h"
#include "tests/unit/verifier/shapes.h"
#include "verifier/replay/confirm.h"

namespace kverify::verifier::test {
namespace {

struct Confirmed {
  std::map<std::string, Outcome> outcomes;
  std::size_t findings = 0;
};

void confirm(const std::string& source, const std::string& contract_text, Confirmed& confirmed) {
  auto contract = parseContract("contract.json", contract_text);
  ASSERT_TRUE(contract) << contract.error().message;
  frontend::CompileOptions compile;
  compile.headers = frontend::CudaHeaders::Builtin;
  auto module = frontend::compileSource("test.cu", source, compile);
  ASSERT_TRUE(module) << module.error().message;
  auto program = simt::Program::create(*module);
  ASSERT_TRUE(program) << program.error().message;
  ProveOptions options;
  options.obligation_ms = 5000;
  ProveResult result = judgeKernel(*module, *contract, options);
  PlanMaker plan = [&](const Trial& trial) {
    auto made = contract::instantiate(*contract, module->kernels, trial.sizes);
    if (made)
      for (Buffer& buffer : made->buffers)
        buffer.bytes.assign(static_cast<std::size_t>(buffer.elements) * sizeOf(buffer.dtype), 0);
    return made;
  };
  Confirmation confirmation = confirmCandidates(result, *contract, **program, plan);
  for (const CheckOutcome& one : confirmation.outcomes)
    confirmed.outcomes[one.check] = one.outcome;
  confirmed.findings = confirmation.findings.size();
}

TEST(Confirm, AMissingGuardIsRefutedByARun) {
  Confirmed confirmed;
  confirm(mutate(kAxpy, "i < n", "i <= n"), kAxpyContract, confirmed);
  EXPECT_TRUE(std::holds_alternative<Refuted>(confirmed.outcomes["bounds.global-read"]));
  EXPECT_GE(confirmed.findings, 1u);
}

TEST(Confirm, AMissingBarrierIsRefutedByARun) {
  Confirmed confirmed;
  confirm(mutate(kDoubleBuffer, "__syncthreads(); // next tile", ""), kDoubleBufferContract, confirmed);
  EXPECT_TRUE(std::holds_alternative<Refuted>(confirmed.outcomes["race.shared-read-write"]));
}

TEST(Confirm, WhatNoRunShowsStaysUnconfirmed) {
  // The loaded index is what the proof cannot know: it is zero in every run here.
  std::string source = R"(__global__ void gather(const int* index, int* y) { y[index[threadIdx.x]] = 1; })";
  std::string contract = R"json({ "contract": 1, "sizes": {"N": {"range": [1, 32]}},
    "tensors": {"index": {"dtype": "i32", "shape": ["N"], "access": "read"},
                "y": {"dtype": "i32", "shape": ["N"], "access": "write"}},
    "launches": [{"kernel": "gather", "args": ["index", "y"], "grid": [1], "block": ["N"]}] })json";
  Confirmed confirmed;
  confirm(source, contract, confirmed);
  const auto* unknown = std::get_if<Unknown>(&confirmed.outcomes["bounds.global-write"]);
  ASSERT_NE(unknown, nullptr);
  EXPECT_EQ(unknown->code, unknown_reason::unconfirmed);
  EXPECT_THAT(unknown->detail, testing::HasSubstr("candidate"));
  EXPECT_THAT(unknown->detail, testing::HasSubstr("a value loaded from 'index' is")) << "the value that is to blame";
}

} // namespace
} // namespace kverify::verifier::test
