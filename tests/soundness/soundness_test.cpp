// Who verifies the verifier: a Proved that the executor breaks is a failure of the build. Long runs: bench/soundness.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/soundness/campaign.h"
#include "tests/soundness/thought_up.h"

namespace kverify::soundness {
namespace {

TEST(Soundness, NoRandomKernelIsProvedThatTheExecutorBreaks) {
  constexpr std::size_t kKernels = 48;
  JudgeOptions options;
  options.kernel_seconds = 4; // of the few that need it, on a busy machine
  Campaign campaign = run(1, options, [](const Campaign& so_far) { return so_far.counts.kernels < kKernels; });
  std::printf("%s\n", inWords(campaign.counts).c_str());
  for (const Hit& hit : campaign.hits)
    ADD_FAILURE() << "UNSOUND (seed " << hit.seed << "): " << hit.what << "\n" << hit.source;
  EXPECT_EQ(campaign.counts.failed, 0u) << campaign.counts.why_failed;
  // A prover that proves nothing, and kernels that are never wrong, would find nothing either.
  EXPECT_GE(campaign.counts.checks_proved, kKernels) << "too little is proved for this test to mean anything";
  EXPECT_GE(campaign.counts.outputs_proved, 1u) << "no output is proved to be written";
  EXPECT_GE(campaign.counts.outputs_refuted, 3u) << "no output is left unwritten";
  EXPECT_GE(campaign.counts.refuted, kKernels / 8) << "too few kernels are broken for this test to mean anything";
  EXPECT_LT(campaign.counts.unfinished * 4, campaign.counts.runs) << "too few launches ran to their end";
}

/// One of so many parts of the kernels that somebody thought up.
class ThoughtUpKernels : public testing::TestWithParam<std::size_t> {};
constexpr std::size_t kParts = 6;

TEST_P(ThoughtUpKernels, NoneIsProvedThatTheExecutorBreaks) {
  auto kernels = readThoughtUp("tests/soundness/thought_up.kernels");
  ASSERT_TRUE(kernels) << kernels.error().message;
  ASSERT_GE(kernels->size(), 100u);
  JudgeOptions options;
  options.contents = 1;
  std::size_t checks_proved = 0;
  for (std::size_t i = GetParam(); i < kernels->size(); i += kParts) {
    const ThoughtUp& one = (*kernels)[i];
    auto judgement = judge(one.source, one.profile->contract, one.profile->boxes, options);
    ASSERT_TRUE(judgement) << one.name << ": " << judgement.error().message;
    EXPECT_THAT(judgement->unsound(), testing::IsEmpty()) << "UNSOUND: " << one.name << "\n" << one.source;
    for (const auto& [check, what] : judgement->formal)
      checks_proved += what == "proved";
  }
  EXPECT_GE(checks_proved, 10u) << "too little is proved for this test to mean anything";
}

INSTANTIATE_TEST_SUITE_P(All, ThoughtUpKernels, testing::Range(std::size_t{0}, kParts));

const char* const kRacy = R"(__global__ void random(int* g, const int* h, int n, unsigned u, long long m) {
  __shared__ int s[16];
  s[threadIdx.x] = n;
  g[threadIdx.x] = s[0];
})";

TEST(Soundness, AWrongProofIsNoticed) {
  const Profile& profile = profiles()[0];
  auto honest = judge(kRacy, profile.contract, profile.boxes);
  ASSERT_TRUE(honest) << honest.error().message;
  EXPECT_THAT(honest->unsound(), testing::IsEmpty());
  auto forged = judge(kRacy, profile.contract, profile.boxes, {}, {"race.shared-read-write"});
  ASSERT_TRUE(forged) << forged.error().message;
  EXPECT_THAT(forged->unsound(), testing::ElementsAre(testing::HasSubstr("race.shared-read-write")));
}

TEST(Soundness, TheSameSeedGivesTheSameKernel) {
  EXPECT_EQ(generate(7).source(), generate(7).source());
  EXPECT_NE(generate(7).source(), generate(8).source());
}

TEST(Soundness, ShrinkingKeepsWhatFailsAndLittleElse) {
  auto size = [](const RandomKernel& kernel) { return kernel.source().size(); };
  auto fails = [](const RandomKernel& kernel) { return kernel.source().find("__syncthreads();") != std::string::npos; };
  RandomKernel kernel = generate(3);
  ASSERT_TRUE(fails(kernel));
  RandomKernel small = shrink(kernel, fails);
  EXPECT_TRUE(fails(small));
  EXPECT_EQ(small.body.size(), 1u);
  EXPECT_LT(size(small), size(kernel));
}

} // namespace
} // namespace kverify::soundness
