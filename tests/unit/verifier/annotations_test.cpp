// <kverify/annotations.h>: what is required is assumed, what is asserted is proved, and an invariant is a fact only where
// it is inductive.
#include "tests/unit/verifier/prover.h"

namespace kverify::verifier::test {
namespace {

const std::string kContract =
    R"json({ "contract": 1, "sizes": { "N": {"range": [1, 4096]} },
  "tensors": { "x": {"dtype": "f32", "shape": [64, "N"], "access": "read"},
               "y": {"dtype": "f32", "shape": [64, "N"], "access": "read_write"} },
  "launches": [ {"kernel": "k", "args": ["x", "y", "N"], "grid": [1], "block": [64]} ] })json";

std::string kernel(const std::string& body) {
  return "#include <kverify/annotations.h>\n#include <cassert>\n"
         "__global__ void k(const float* x, float* y, int n) {\n  int t = threadIdx.x, kept = 0;\n" +
         body + "\n}\n";
}

std::string keeping(const std::string& invariant) {
  return kernel("  for (int j = 0; " + invariant +
                " j < n; ++j)\n    if (x[t * n + j] > 0) { y[t * n + kept] = x[t * n + j]; ++kept; }\n"
                "  kv_assert(kept <= n);");
}

TEST(Annotations, WhatIsRequiredIsAssumedBehindIt) {
  std::string body = "  kv_requires(n % 64 == 0);\n  if (t == 0) y[n / 64 * 64 - 1] = 1;\n"
                     "  kv_assert(n / 64 * 64 == n);";
  EXPECT_THAT(openOnes(prove(kernel(body), kContract)), testing::IsEmpty());
  std::string without = mutate(kernel(body), "kv_requires(n % 64 == 0);", "");
  EXPECT_THAT(prove(without, kContract)["assert.failed"], testing::HasSubstr("unknown"))
      << "nothing says that n is a multiple of 64";
}

TEST(Annotations, WhatIsRequiredIsNotAssumedBeforeIt) {
  std::string body = "  y[t * 64] = 1;\n  kv_requires(n >= 64);";
  EXPECT_THAT(prove(kernel(body), kContract)["bounds.global-write"], testing::HasSubstr("unknown"))
      << "the write comes first";
}

TEST(Annotations, WhatNoLaunchGivesProvesNothing) {
  for (const char* required : {"n > 5000", "t == 3", "n > 10 && n < 10"})
    for (const auto& [check, what] : prove(kernel(std::string("  kv_requires(") + required + ");"), kContract))
      EXPECT_THAT(what, testing::HasSubstr("vacuous")) << required << ": " << check;
}

TEST(Annotations, WhoNeverGetsThereRequiresNothing) {
  std::string body = "  if (n > 5000) kv_requires(n > 9000);\n  if (t == 3) kv_requires(t == 3);\n  y[t] = 1;";
  EXPECT_THAT(openOnes(prove(kernel(mutate(body, "y[t]", "y[t * n]")), kContract)), testing::IsEmpty());
}

TEST(Annotations, AssertsAreObligationsAndHoldBehind) {
  Results results = prove(kernel("  assert(n <= 64);\n  kv_assert(n < 65);\n  y[t * n + 63] = 0;"), kContract);
  EXPECT_THAT(results["assert.failed"], testing::HasSubstr("assert(n <= 64) may fail at line 5"));
  EXPECT_THAT(results["assert.failed"], testing::Not(testing::HasSubstr("more"))) << "the second follows from the first";
}

TEST(Annotations, AKvAssertIsNoAssumption) {
  Results results = prove(kernel("  kv_assert(n >= 64);\n  y[t * n + 63] = 0;"), kContract);
  EXPECT_THAT(results["assert.failed"], testing::HasSubstr("unknown"));
  EXPECT_THAT(results["bounds.global-write"], testing::HasSubstr("unknown")) << "for nvcc it is not there";
}

TEST(Annotations, AnInductiveInvariantIsAFactInsideAndBehindItsLoop) {
  EXPECT_THAT(openOnes(prove(keeping("kv_invariant(kept >= 0 && kept <= j),"), kContract)), testing::IsEmpty());
  EXPECT_THAT(prove(keeping(""), kContract)["bounds.global-write"], testing::HasSubstr("unknown"))
      << "nothing is known of what was kept without the invariant";
}

TEST(Annotations, AnInvariantThatDoesNotFollowIsNotUsed) {
  Results base = prove(keeping("kv_invariant(kept >= 0 && kept < j),"), kContract);
  EXPECT_THAT(base["invariant.broken"], testing::HasSubstr("(its base)"));
  EXPECT_THAT(base["bounds.global-write"], testing::HasSubstr("unknown"));
  Results step = prove(keeping("kv_invariant(kept == 0),"), kContract);
  EXPECT_THAT(step["invariant.broken"], testing::HasSubstr("(its step)"));
  EXPECT_THAT(step["bounds.global-write"], testing::HasSubstr("unknown")) << "it is false from the first kept element on";
}

TEST(Annotations, InvariantsHoldTogetherOrNotAtAll) {
  Results both = prove(keeping("kv_invariant(kept <= j), kv_invariant(kept >= 0),"), kContract);
  EXPECT_EQ(both["invariant.broken"], "proved");
  // Each would follow from the other, and neither is true.
  Results circle = prove(kernel("  int other = 0;\n  for (int j = 0; kv_invariant(kept == 0), kv_invariant(other == 0), j < n; ++j) {\n"
                                "    if (x[j] > 0) kept = other > 0 ? 2 : 1;\n    if (x[j] < 0) other = kept > 0 ? 2 : 1;\n  }\n"
                                "  kv_assert(kept == 0);"),
                         kContract);
  EXPECT_EQ(circle["index.overflow"], "proved");
  EXPECT_NE(circle["invariant.broken"], "proved");
  EXPECT_NE(circle["assert.failed"], "proved");
}

TEST(Annotations, InvariantsOfNestedLoops) {
  std::string body = "  for (int i = 0; kv_invariant(kept >= 0 && kept <= 2 * i), i < n; ++i)\n"
                     "    for (int j = 0; kv_invariant(kept >= 0 && kept <= 2 * i + j), j < 2; ++j)\n"
                     "      if (x[t * n + i] > j) ++kept;\n  kv_assert(kept <= 2 * n);";
  Results results = prove(kernel(body), kContract);
  EXPECT_EQ(results["invariant.broken"], "proved");
  EXPECT_EQ(results["assert.failed"], "proved");
  // The outer one is wrong where the inner loop adds one more.
  results = prove(kernel(mutate(body, "j < 2;", "j < 3;")), kContract);
  EXPECT_THAT(results["invariant.broken"], testing::HasSubstr("(its step)"));
  EXPECT_NE(results["invariant.broken"], "proved");
  EXPECT_NE(results["assert.failed"], "proved");
}

TEST(Annotations, AnInvariantAboutLaterIterationsOfAnotherLoopIsNoFactOfThisOne) {
  // True of the second loop alone.
  std::string body = "  for (int j = 0; j < n; ++j) if (x[j] > 0) kept = 3;\n  int first = kept;\n  kept = 0;\n"
                     "  for (int j = 0; kv_invariant(kept >= 0 && kept <= j), j < n; ++j) if (x[j] > 0) ++kept;\n"
                     "  kv_assert(first <= n);";
  Results results = prove(kernel(body), kContract);
  EXPECT_EQ(results["invariant.broken"], "proved");
  EXPECT_NE(results["assert.failed"], "proved");
}

} // namespace
} // namespace kverify::verifier::test
