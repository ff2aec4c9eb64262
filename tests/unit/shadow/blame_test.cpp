// Double-double and interval runs on kernels made for them: the line that is to blame is the line that is blamed.
#include <cmath>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "fuzz/shadow/listing.h"
#include "fuzz/shadow/shadow_json.h"
#include "simt/shadow/real.h"
#include "tests/support/json_schema.h"
#include "tests/unit/simt/kernel_runner.h"

namespace kverify::shadow {
namespace {

using simt::ProgramOptions;
using simt::ShadowDomain;
using simt::test::floats;
using simt::test::Kernel;
using simt::test::output;
using testing::IsEmpty;

/// The line that holds this comment.
unsigned lineOf(const std::string& source, const std::string& mark) {
  std::size_t at = source.find(mark);
  EXPECT_NE(at, std::string::npos) << "no line is marked " << mark;
  return 1 + static_cast<unsigned>(std::count(source.begin(), source.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

LaunchPlan planOf(std::vector<Buffer> buffers, Dim3 block) {
  LaunchPlan plan;
  KernelLaunch launch;
  launch.block = block;
  for (std::uint32_t i = 0; i < buffers.size(); ++i)
    launch.args.push_back(BufferArg{i, 0});
  plan.buffers = std::move(buffers);
  plan.launches.push_back(std::move(launch));
  return plan;
}

ShadowReport blame(const std::string& source, std::vector<Buffer> buffers, Dim3 block = {1},
                   ShadowDomain domain = ShadowDomain::DoubleDouble) {
  Kernel kernel(source, {.checks = false, .shadow = domain});
  LaunchPlan plan = planOf(std::move(buffers), block);
  simt::RunResult run = kernel.run(plan);
  EXPECT_TRUE(run.shadow) << "the run did not end: " << run.reason;
  return blameLines(domain, plan, run);
}

const ShadowSubject kSubject{"test.cu", "third", "", {}, "normal", 1};

std::vector<std::string> violationsOf(const char* form, const nlohmann::json& document) {
  std::ifstream in(SCHEMA_DIR "/shadow.schema.json");
  nlohmann::json schema = nlohmann::json::parse(in);
  schema.erase("oneOf"); // names the alternative in its messages
  schema["$ref"] = std::string("#/$defs/") + form;
  return tests::violations(schema, document);
}

std::vector<float> series(int count, float (*f)(int)) {
  std::vector<float> values;
  for (int i = 0; i < count; ++i)
    values.push_back(f(i));
  return values;
}

unsigned blamed(const ShadowReport& report) {
  return report.largestShare() ? report.largestShare()->location.line : 0;
}
unsigned cancelling(const ShadowReport& report) {
  return report.worstCancellation() ? report.worstCancellation()->location.line : 0;
}

// A long sum in f32 of numbers that do not fit it, then harmless operations.
TEST(Blame, ALongSumIsBlamedForItsRoundings) {
  const std::string source = R"(
__global__ void sum(const float* x, float* y) {
  float total = 0.0f;
  for (int i = 0; i < 1000; ++i)
    total += x[i]; // sum
  float half = total * 0.5f;
  y[0] = half + 1.0f;
}
)";
  ShadowReport report =
      blame(source, {floats("x", series(1000, [](int i) { return 1.0f / (1 + i); })), output("y", 1)});
  EXPECT_EQ(blamed(report), lineOf(source, "// sum"));
  double exact = 0;
  for (int i = 0; i < 1000; ++i)
    exact += static_cast<double>(1.0f / (1 + i));
  EXPECT_NEAR(report.worst.exact, exact / 2 + 1, 1e-12);
  EXPECT_EQ(report.worst.error, report.worst.value - report.worst.exact);
}

// E[x^2] - E[x]^2: the mean of the squares is rounded, the difference blows that up.
TEST(Blame, TheVarianceOfOnePassCancels) {
  const std::string source = R"(
__global__ void variance(const float* x, float* y) {
  float sum = 0.0f, squares = 0.0f;
  for (int i = 0; i < 256; ++i) {
    sum += x[i];
    squares += x[i] * x[i]; // squares
  }
  float mean = sum / 256;
  y[0] = squares / 256 - mean * mean; // cancels
}
)";
  ShadowReport report =
      blame(source, {floats("x", series(256, [](int i) { return 1000.0f + 0.25f * (i % 7); })), output("y", 1)});
  EXPECT_EQ(cancelling(report), lineOf(source, "// cancels"));
  EXPECT_GT(report.worstCancellation()->cancelled_bits, 15);
  EXPECT_EQ(blamed(report), lineOf(source, "// squares"));
  EXPECT_GT(std::fabs(report.worst.error), 1e-3);
}

// Everything in f32 but one store through f16.
TEST(Blame, APassThroughHalfIsBlamed) {
  const std::string source = R"(
#include <cuda_fp16.h>
__global__ void scaled(const float* x, float* y) {
  __shared__ __half staged[64];
  int i = threadIdx.x;
  float v = x[i] * 3.0f;
  staged[i] = __float2half(v); // half
  __syncthreads();
  y[i] = __half2float(staged[63 - i]) * 1.7f;
}
)";
  ShadowReport report =
      blame(source, {floats("x", series(64, [](int i) { return 0.123f + 0.0171f * i; })), output("y", 64)}, {64});
  EXPECT_EQ(blamed(report), lineOf(source, "// half"));
  EXPECT_GT(report.largestShare()->share, 0.9);
  EXPECT_NEAR(report.largestShare()->worst_rounding, 0x1p-11, 0x1p-12);
}

// The small root of x^2 - b x + c, by the formula that cancels.
TEST(Blame, TheQuadraticFormulaCancelsWhereItSubtracts) {
  const std::string source = R"(
__global__ void root(const float* b, float* y) {
  int i = threadIdx.x;
  float square = b[i] * b[i];
  float r = sqrtf(square - 4.0f); // root
  y[i] = (b[i] - r) * 0.5f; // cancels
}
)";
  ShadowReport report =
      blame(source, {floats("b", series(32, [](int i) { return 1000.0f + 3.1f * i; })), output("y", 32)}, {32});
  EXPECT_EQ(cancelling(report), lineOf(source, "// cancels"));
  EXPECT_EQ(blamed(report), lineOf(source, "// root"));
}

// Everything in f32 but a byte in between; both formats, in both domains of real numbers.
TEST(Blame, APassThroughEightBitsIsBlamedAndEnclosed) {
  for (const char* format : {"e4m3", "e5m2"}) {
    const std::string source = std::string(R"(
#include <cuda_fp8.h>
__global__ void scaled(const float* x, float* y) {
  __shared__ unsigned char staged[64];
  int i = threadIdx.x;
  staged[i] = __nv_fp8_)") + format + R"((x[i] * 3.0f).__x; // byte
  __syncthreads();
  __nv_fp8_)" + format + R"( back;
  back.__x = staged[63 - i];
  y[i] = static_cast<float>(back) * 1.7f;
}
)";
    auto buffers = [] {
      return std::vector<Buffer>{floats("x", series(64, [](int i) { return 0.123f + 0.0171f * i; })), output("y", 64)};
    };
    ShadowReport report = blame(source, buffers(), {64});
    EXPECT_EQ(report.lost, 0u) << format;
    EXPECT_EQ(blamed(report), lineOf(source, "// byte")) << format;
    const double unit = std::string(format) == "e4m3" ? 0x1p-4 : 0x1p-3;
    EXPECT_LE(report.largestShare()->worst_rounding, unit);
    EXPECT_GT(report.largestShare()->worst_rounding, unit / 2);
    // The enclosure is of exact arithmetic: the byte's rounding is outside of it, the value it stands for inside.
    ShadowReport enclosed = blame(source, buffers(), {64}, ShadowDomain::Interval);
    EXPECT_EQ(enclosed.lost, 0u) << format;
    EXPECT_LT(enclosed.worst_width, 1e-12);
  }
}

// Attention's rescale is exact enough; P rounded to bfloat is not.
TEST(Blame, ProbabilitiesInBfloatAreBlamed) {
  const std::string source = R"(
#include <cuda_bf16.h>
__global__ void weighted(const float* s, const float* v, float* o) {
  float top = -INFINITY, sum = 0.0f, acc = 0.0f;
  for (int j = 0; j < 64; ++j) {
    float m = fmaxf(top, s[j]);
    float rescale = expf(top - m), p = expf(s[j] - m);
    sum = sum * rescale + p;
    float coarse = __bfloat162float(__float2bfloat16(p)); // coarse
    acc = acc * rescale + coarse * v[j];
    top = m;
  }
  o[0] = acc / sum;
}
)";
  ShadowReport report =
      blame(source, {floats("s", series(64, [](int i) { return std::sin(1.7f * i); })),
                     floats("v", series(64, [](int i) { return 1.0f + 0.1f * (i % 5); })), output("o", 1)});
  EXPECT_EQ(blamed(report), lineOf(source, "// coarse")) << annotatedListing(report, "test.cu", source);
}

// A shuffle and an atomic carry the error of a bad division made elsewhere.
TEST(Blame, TheErrorOfAnotherLaneIsFollowedThroughAShuffle) {
  const std::string source = R"(
__global__ void reduce(const float* x, float* y) {
  float v = __fdiv_rz(x[threadIdx.x], 3.0f); // chopped
  for (int offset = 16; offset > 0; offset /= 2)
    v = fmaxf(v, __shfl_xor_sync(0xffffffffu, v, offset));
  if (threadIdx.x == 0) atomicAdd(y, v);
}
)";
  ShadowReport report = blame(
      source, {floats("x", series(32, [](int i) { return 1.0f + 0.01f * i; })), floats("y", {0.0f}, Access::ReadWrite)},
      {32});
  EXPECT_EQ(blamed(report), lineOf(source, "// chopped"));
  EXPECT_GT(report.worst_error, 0);
}

TEST(Blame, ExactArithmeticIsBlamedForNothing) {
  ShadowReport report = blame(R"(
__global__ void twice(const float* x, float* y) { y[threadIdx.x] = x[threadIdx.x] * 2.0f + 4.0f; }
)",
                              {floats("x", series(8, [](int i) { return 1.0f * i; })), output("y", 8)}, {8});
  EXPECT_EQ(report.largestShare(), nullptr);
  EXPECT_EQ(report.worst_error, 0);
  EXPECT_EQ(report.outputs, 8u);
}

TEST(Blame, TheListingAndTheJsonNameTheLine) {
  const std::string source = "__global__ void third(const float* x, float* y) {\n  y[0] = x[0] / 3.0f;\n}\n";
  ShadowReport report = blame(source, {floats("x", {1.0f}), output("y", 1)});
  const std::string listing = annotatedListing(report, "test.cu", source);
  EXPECT_NE(listing.find("line 2 brings 100 % of the error"), std::string::npos) << listing;
  EXPECT_NE(listing.find("> 100.0%"), std::string::npos) << "the line to blame is marked: " << listing;
  auto json = nlohmann::json::parse(toJson(kSubject, report));
  EXPECT_EQ(json["domain"], "double-double");
  EXPECT_EQ(json["lines"][0]["line"], 2);
  EXPECT_EQ(json["lines"][0]["share_of_error"], 1.0);
  EXPECT_THAT(violationsOf("rounding", json), IsEmpty());
}

TEST(Blame, TheListingLeavesOutWhatIsFarFromEveryNumber) {
  std::string source = "__global__ void third(const float* x, float* y) {\n";
  for (int i = 0; i < 20; ++i)
    source += "  // nothing " + std::to_string(i) + "\n";
  source += "  y[0] = x[0] / 3.0f;\n}\n";
  ShadowReport report = blame(source, {floats("x", {1.0f}), output("y", 1)});
  EXPECT_EQ(annotatedListing(report, "test.cu", source).find("nothing 9"), std::string::npos);
  EXPECT_NE(annotatedListing(report, "test.cu", source).find("nothing 19"), std::string::npos);
  EXPECT_NE(annotatedListing(report, "test.cu", source, {.all_lines = true}).find("nothing 9"), std::string::npos);
}

// A half that overflows: the exact value is still known.
TEST(Blame, AnOverflowKeepsTheExactValue) {
  const std::string source = R"(
#include <cuda_fp16.h>
__global__ void product(const float* x, float* y) {
  __half h = __hmul(__float2half(x[0]), __float2half(x[1]));
  y[0] = __half2float(h) / 4.0f;
}
)";
  ShadowReport report = blame(source, {floats("x", {300.0f, 300.0f}), output("y", 1)});
  EXPECT_TRUE(std::isinf(report.worst.value));
  EXPECT_EQ(report.worst.exact, 22500.0);
  auto json = nlohmann::json::parse(toJson(kSubject, report));
  EXPECT_EQ(json["worst"]["value"], "inf");
  EXPECT_THAT(violationsOf("rounding", json), IsEmpty());
}

// Beyond the first operations of a place, some are looked at closely: what is counted and the worst error are exact.
TEST(Blame, LongLoopsAreCountedExactly) {
  const std::string source = R"(
__global__ void sum(const float* x, float* y) {
  float total = 0.0f;
  for (int i = 0; i < 10000; ++i)
    total += x[i % 100]; // sum
  y[0] = total;
}
)";
  ShadowReport report = blame(source, {floats("x", series(100, [](int i) { return 1.0f / (1 + i); })), output("y", 1)});
  std::uint64_t operations = 0;
  for (const LineReport& line : report.lines)
    operations += line.location.line == lineOf(source, "// sum") ? line.operations : 0;
  EXPECT_EQ(operations, 10000u);
  double exact = 0;
  for (int i = 0; i < 10000; ++i)
    exact += static_cast<double>(1.0f / (1 + i % 100));
  EXPECT_NEAR(report.worst.exact, exact, 1e-11);
}

TEST(Blame, FunctionsAreExactToMoreThanAFloat) {
  const std::string source = R"(
__global__ void functions(const float* x, float* y) {
  y[0] = expf(x[0]); y[1] = exp2f(x[1]); y[2] = sqrtf(x[2]); y[3] = 1.0f / x[3]; y[4] = rsqrtf(x[2]);
  y[5] = logf(x[3]); y[6] = tanhf(x[0]); y[7] = erff(x[0]); y[8] = expf(x[4]);
}
)";
  const std::vector<float> x = {0.7f, -3.3f, 2.0f, 7.0f, -90.0f};
  Kernel kernel(source, {.checks = false, .shadow = ShadowDomain::DoubleDouble});
  LaunchPlan plan = planOf({floats("x", x), output("y", 9)}, {1});
  simt::RunResult run = kernel.run(plan);
  ASSERT_TRUE(run.shadow) << run.reason;
  const auto got = simt::test::contents<float>(run, 1);
  auto wide = [&](int i) { return static_cast<long double>(x[static_cast<std::size_t>(i)]); };
  const std::vector<long double> want = {std::exp(wide(0)),      std::exp2(wide(1)), std::sqrt(wide(2)),
                                         1 / wide(3),            1 / std::sqrt(wide(2)), std::log(wide(3)),
                                         std::tanh(wide(0)),     std::erf(wide(0)),  std::exp(wide(4))};
  for (std::size_t i = 0; i < want.size(); ++i) {
    const long double exact =
        static_cast<long double>(got[i]) + simt::shadow::doubleOf(run.shadow->buffers[1][i].words.w[0]);
    EXPECT_LE(std::fabs(exact - want[i]), std::fabs(want[i]) * 0x1p-61L) << "y[" << i << "]";
  }
}

// --- interval -------------------------------------------------------------------------------------------------------

TEST(Intervals, EncloseTheExactResultOfASum) {
  const std::string source = R"(
__global__ void sum(const float* x, float* y) {
  float total = 0.0f;
  for (int i = 0; i < 1000; ++i)
    total = fmaf(x[i], x[i], total);
  y[0] = expf(-total) / 3.0f;
}
)";
  std::vector<float> x = series(1000, [](int i) { return 0.03f / (1 + i % 13); });
  ShadowReport report = blame(source, {floats("x", x), output("y", 1)}, {1}, ShadowDomain::Interval);
  long double total = 0;
  for (float each : x)
    total += static_cast<long double>(each) * each;
  const auto exact = static_cast<double>(std::exp(-total) / 3);
  EXPECT_LE(report.worst.low, exact);
  EXPECT_GE(report.worst.high, exact);
  EXPECT_LT(report.worst_width, 1e-10) << "an enclosure in double precision is narrow";
  EXPECT_THAT(violationsOf("enclosure", nlohmann::json::parse(toJson(kSubject, report))), IsEmpty());
  EXPECT_GT(report.worst_width, 0);
}

TEST(Intervals, CancellationWidensAndAnOpenComparisonIsCounted) {
  const std::string source = R"(
__global__ void edge(const float* x, float* y) {
  float a = x[0] * x[1], b = x[2] * x[3];
  float difference = a / 3.0f - b / 3.0f;
  y[0] = difference > 0.0f ? 1.0f : 2.0f; // open
}
)";
  ShadowReport report =
      blame(source, {floats("x", {2.0f, 3.0f, 6.0f, 1.0f}), output("y", 1)}, {1}, ShadowDomain::Interval);
  std::uint64_t undecided = 0;
  for (const LineReport& line : report.lines)
    if (line.location.line == lineOf(source, "// open"))
      undecided = line.undecided;
  EXPECT_EQ(undecided, 1u);
}

TEST(Intervals, AnOverflowedSumKeepsItsExactValueEnclosed) {
  ShadowReport report = blame(R"(
__global__ void big(const float* x, float* y) { y[0] = (x[0] + x[0]) * 0.25f; }
)",
                              {floats("x", {3e38f}), output("y", 1)}, {1}, ShadowDomain::Interval);
  const double exact = static_cast<double>(3e38f) / 2;
  EXPECT_LE(report.worst.low, exact);
  EXPECT_GE(report.worst.high, exact);
  EXPECT_TRUE(std::isinf(report.worst.value));
}

} // namespace
} // namespace kverify::shadow
