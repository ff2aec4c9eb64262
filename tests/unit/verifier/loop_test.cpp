// What is known of a loop's variables: inside it, after it, and one iteration ago.
#include "tests/unit/verifier/prover.h"

namespace kverify::verifier::test {
namespace {

const std::string kContract =
    R"json({ "contract": 1, "sizes": { "N": {"range": [1, 100000]}, "R": {"range": [1, 100]} },
  "tensors": { "x": {"dtype": "f32", "shape": ["R", "N"], "access": "read"},
               "y": {"dtype": "f32", "shape": ["R", 64, 2], "access": "write"} },
  "launches": [ {"kernel": "loop", "args": ["x", "y", "N"], "grid": ["R"], "block": [64]} ] })json";

const std::string kFours = R"(
__global__ void loop(const float* x, float* y, int n) {
  const float* row = x + blockIdx.x * n;
  float sum = 0;
  int j = 0;
  for (; j + 4 <= n; j += 4)
    for (int i = 0; i < 4; ++i)
      sum += row[j + i];
  for (; j < n; ++j)
    sum += row[j];
  y[128 * blockIdx.x + threadIdx.x] = sum;
})";

const std::string kSorted = R"(
__global__ void loop(const float* x, float* y, int n) {
  float best[2] = {0, 0};
  const float* row = x + blockIdx.x * n;
  for (int j = 0; j < n; ++j) {
    int at = 2;
    while (at > 0 && row[j] > best[at - 1])
      --at;
    for (int i = 1; i > at; --i)
      best[i] = best[i - 1];
    if (at < 2)
      best[at] = row[j];
  }
  y[128 * blockIdx.x + threadIdx.x] = best[0];
})";

// A window that was filled one iteration ago.
const std::string kPrevious = R"(
__global__ void loop(const float* x, float* y, int n) {
  __shared__ float tile[2][64];
  int t = threadIdx.x, now = 0, last = 1;
  float sum = 0;
  for (int j = 0; j + 64 <= n; j += 64) {
    tile[now][t] = x[blockIdx.x * n + j + t];
    __syncthreads();
    sum += tile[now][63 - t];
    last = now;
    now = now == 1 ? 0 : now + 1;
  }
  y[128 * blockIdx.x + t] = sum + last;
})";

// A scan by doubling distances, and a stride that every thread computes alike.
const std::string kScan = R"(
__global__ void loop(const float* x, float* y, int n) {
  __shared__ float s[64];
  int t = threadIdx.x;
  s[t] = x[blockIdx.x * n];
  __syncthreads();
  for (int d = 1; d < 64; d *= 2) {
    float other = t >= d ? s[t - d] : 0;
    __syncthreads(); // read
    s[t] += other;
    __syncthreads(); // written
  }
  y[128 * blockIdx.x + t] = s[t];
})";
const std::string kStride = R"(
__global__ void loop(const float* x, float* y, int n) {
  __shared__ float s[64];
  int t = threadIdx.x, left = n;
  while (left > 1) {
    s[t] = x[blockIdx.x * n];
    __syncthreads(); // filled
    y[128 * blockIdx.x + t] = s[63 - t];
    __syncthreads(); // read
    left = left > 64 ? left - left / 3 : left / 2;
  }
})";

// The block goes on together as long as any thread has something left.
const std::string kTogether = R"(
__global__ void loop(const float* x, float* y, int n) {
  __shared__ float s[64];
  int t = threadIdx.x;
  float v = x[blockIdx.x * n];
  for (int i = 0; i < n; ++i) {
    int more = __syncthreads_or(v > i + t); // all agree
    if (!more)
      break;
    s[t] = v;
    __syncthreads(); // filled
    v -= s[63 - t];
  }
  if (__syncthreads_count(v > 0) > 3)
    __syncthreads();
  y[128 * blockIdx.x + t] = v;
})";

TEST(Loop, GuardsOfTheIterationBefore) {
  for (const std::string* source : {&kFours, &kSorted, &kPrevious, &kScan, &kStride, &kTogether})
    EXPECT_THAT(openOnes(prove(*source, kContract), {"output.unwritten", "init.shared-read"}), testing::IsEmpty())
        << *source;
}

struct Broken {
  const char* name;
  const std::string* source;
  const char *from, *to, *check;
};

const Broken kBroken[] = {
    {"FoursOneTooMany", &kFours, "j + 4 <= n", "j + 3 <= n", "bounds.global-read"},
    {"FoursRestTooFar", &kFours, "for (; j < n; ++j)", "for (; j <= n; ++j)", "bounds.global-read"},
    {"FoursOfTheNext", &kFours, "row[j + i]", "row[j + i + 1]", "bounds.global-read"},
    {"SortedDownToNothing", &kSorted, "at > 0 &&", "at >= 0 &&", "bounds.local"},
    {"SortedUnguarded", &kSorted, "if (at < 2)\n", "", "bounds.local"},
    {"SortedOneMore", &kSorted, "int i = 1; i > at", "int i = 1; i >= at", "bounds.local"},
    {"PreviousOneBuffer", &kPrevious, "now == 1 ? 0 : now + 1", "now == 0 ? 0 : now + 1", "race.shared-read-write"},
    {"PreviousRead", &kPrevious, "sum += tile[now][63 - t]", "sum += tile[last][63 - t]", "race.shared-read-write"},
    {"ScanUnguarded", &kScan, "t >= d ?", "t + 1 >= d ?", "bounds.shared-read"},
    {"ScanNotRead", &kScan, "__syncthreads(); // read", "", "race.shared-read-write"},
    {"ScanNotWritten", &kScan, "__syncthreads(); // written", "", "race.shared-read-write"},
    {"ScanFromTheThread", &kScan, "int d = 1;", "int d = 1 + t / 32;", "barrier.divergent"},
    {"ScanByTheThread", &kScan, "d *= 2", "d *= 2 + t / 32", "barrier.divergent"},
    {"StrideByTheThread", &kStride, "left / 3", "left / (3 + t)", "barrier.divergent"},
    {"StrideFromTheThread", &kStride, "left = n", "left = n + t", "barrier.divergent"},
    {"StrideNotRead", &kStride, "__syncthreads(); // read", "", "race.shared-read-write"},
    {"TogetherByTheWarp", &kTogether, "__syncthreads_or(v > i + t)", "__any_sync(~0u, v > i + t)", "barrier.divergent"},
    {"TogetherByTheThread", &kTogether, "if (!more)", "if (more < t)", "barrier.divergent"},
    {"TogetherNotFilled", &kTogether, "__syncthreads(); // filled", "", "race.shared-read-write"},
    {"TogetherLastOne", &kTogether, "__syncthreads_count(v > 0) > 3", "(v > 0)", "barrier.divergent"},
    {"PreviousNoBarrier", &kPrevious, "__syncthreads();", "", "race.shared-read-write"},
};

class BrokenLoop : public testing::TestWithParam<Broken> {};

TEST_P(BrokenLoop, IsNotProved) {
  const Broken& broken = GetParam();
  Results results = prove(mutate(*broken.source, broken.from, broken.to), kContract);
  EXPECT_THAT(results[broken.check], testing::StartsWith("unknown")) << "this kernel is broken and was proved: unsound";
}

INSTANTIATE_TEST_SUITE_P(All, BrokenLoop, testing::ValuesIn(kBroken),
                         [](const testing::TestParamInfo<Broken>& one) { return std::string(one.param.name); });

} // namespace
} // namespace kverify::verifier::test
