// Reads of shared memory: kernels that fill what they read are proved, and one change away from them nothing is.
#include "tests/unit/verifier/prover.h"

namespace kverify::verifier::test {
namespace {

const char* const kContract = R"json({ "contract": 1, "sizes": { "N": {"range": [1, 4096]} },
  "tensors": { "x": {"dtype": "f32", "shape": ["N", 128], "access": "read"},
               "y": {"dtype": "f32", "shape": ["N", 128], "access": "write"} },
  "launches": [ {"kernel": "fill", "args": ["x", "y", "N"], "grid": [1], "block": [128]} ] })json";

struct Case {
  const char* name;
  const char* body;       ///< of fill(const float* x, float* y, int n), with t
  const char* from = "";  ///< what a change replaces,
  const char* to = "";    ///< and by what
};

std::string sourceOf(const std::string& body) {
  return "__global__ void fill(const float* x, float* y, int n) {\n  int t = threadIdx.x;\n" + body + "\n}\n";
}

class Initialised : public testing::TestWithParam<Case> {};

TEST_P(Initialised, ProvedAndNotOnceItIsChanged) {
  std::string source = sourceOf(GetParam().body);
  EXPECT_EQ(prove(source, kContract)["init.shared-read"], "proved") << source;
  std::string changed = mutate(source, GetParam().from, GetParam().to);
  std::string outcome = prove(changed, kContract)["init.shared-read"];
  EXPECT_THAT(outcome, testing::StartsWith("unknown: ")) << "a wrong proof of\n" << changed;
}

const Case kCases[] = {
    {"BodyAndTail", R"(
  __shared__ float s[128];
  if (t < n) s[t] = x[t]; else s[t] = 0;
  __syncthreads();
  y[t] = s[127 - t];)",
     "else s[t] = 0;", ""},
    {"GuardOnData", R"(
  __shared__ float s[128];
  bool large = x[t] > 1;
  if (large) s[t] = x[t];
  y[t] = 0;
  if (!large) s[t] = 1;
  __syncthreads();
  y[t] = s[127 - t];)",
     "if (!large)", "if (x[t + 128 * (n - 1)] <= 1)"},
    {"TileInRounds", R"(
  __shared__ float s[16][33];
  for (int i = t; i < 16 * 32; i += 128) s[i / 32][i % 32] = x[i % 128];
  __syncthreads();
  float sum = 0;
  for (int j = 0; j < 32; ++j) sum += s[t % 16][j];
  y[t] = sum;)",
     "j < 32", "j < 33"},
    {"TileByOneThread", R"(
  __shared__ float s[64];
  if (t == 5)
    for (int i = 0; i < 64; ++i) s[i] = x[i];
  __syncthreads();
  y[t] = s[t / 2];)",
     "i < 64", "i < 63"},
    {"LoopThatEndsInTheMiddle", R"(
  __shared__ float s[512];
  for (int i = t; ; i += 128) { if (i >= 512) break; s[i] = x[t]; }
  __syncthreads();
  y[t] = s[4 * t];)",
     "if (i >= 512)", "if (i >= 512 || x[t] > i)"},
    {"FirstOfEachRound", R"(
  __shared__ float s[128];
  float sum = 0;
  for (int i = 0; i < n; ++i) {
    if (i == 0) s[t] = x[t];
    __syncthreads();
    sum += s[127 - t];
  }
  y[t] = sum;)",
     "i == 0", "i == n - 1"},
    {"RoundBefore", R"(
  __shared__ float s[2][128];
  float sum = 0;
  s[0][t] = 0;
  for (int i = 0; i < n; ++i) {
    __syncthreads();
    sum += s[i % 2][127 - t];
    s[1 - i % 2][t] = x[i * 128 + t];
  }
  y[t] = sum;)",
     "s[0][t] = 0;", ""},
    {"RoundBeforeAndItsGuard", R"(
  __shared__ float s[3][128];
  float sum = 0;
  s[0][t] = 0;
  s[1][t] = 1;
  for (int i = 0; i < n; ++i) {
    __syncthreads();
    sum += s[i % 3][127 - t];
    if (i + 2 < n) s[(i + 2) % 3][t] = x[i * 128 + t];
  }
  y[t] = sum;)",
     "i + 2 < n", "i + 3 < n"},
    {"LoopThatRuns", R"(
  __shared__ float s[128];
  for (int i = 0; i < n; ++i) {
    s[t] = x[i * 128 + t];
    __syncthreads();
  }
  y[t] = s[127 - t];)",
     "int i = 0", "int i = 1"},
    {"CounterSetBeforeItCounts", R"(
  __shared__ unsigned count;
  if (t == 0) count = 0;
  __syncthreads();
  if (x[t] > 0) atomicAdd(&count, 1u);
  __syncthreads();
  y[t] = count;)",
     "if (t == 0) count = 0;", "if (t == 0) atomicExch(&count, 0u);"},
    {"Halves", R"(
  __shared__ int s[128];
  short* half = (short*)s;
  half[2 * t] = 1;
  half[2 * t + 1] = 2;
  __syncthreads();
  y[t] = s[127 - t];)",
     "half[2 * t + 1] = 2;", ""},
    {"WarpsOfTheirOwn", R"(
  __shared__ float s[128];
  for (int i = 0; i < n; ++i) {
    s[t] = x[i * 128 + t];
    __syncwarp();
    y[i * 128 + t] = s[t ^ 1];
    __syncwarp();
  }
)",
     "s[t] = x[i * 128 + t];", "if (i % 2) s[t] = x[i * 128 + t];"},
};

INSTANTIATE_TEST_SUITE_P(All, Initialised, testing::ValuesIn(kCases),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(InitialisedLater, AStoreBehindTheReadIsNone) {
  const std::string body = R"(
  __shared__ float s[128];
  for (int i = 0; i < n; ++i) {
    y[i * 128 + t] = s[t ^ 1];
    __syncwarp();
    s[t] = x[i * 128 + t];
    __syncwarp();
  })";
  EXPECT_THAT(prove(sourceOf(body), kContract)["init.shared-read"], testing::StartsWith("unknown: "));
}

TEST(InitialisedLater, WhatRacesIsNotWrittenBefore) {
  const std::string body = R"(
  __shared__ float s[128];
  s[t] = x[t];
  y[t] = s[127 - t];)";
  EXPECT_THAT(prove(sourceOf(body), kContract)["init.shared-read"], testing::HasSubstr("race.shared-read-write"));
}

} // namespace
} // namespace kverify::verifier::test
