// The field: its arithmetic on the host, and that what a kernel computes is the same.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "simt/shadow/field_arithmetic.h"
#include "tests/unit/simt/kernel_runner.h"

namespace kverify::simt::shadow {
namespace {

using test::floats;
using test::Kernel;
using test::output;

constexpr std::uint64_t kSeed = 7;

testing::AssertionResult same(const FieldArithmetic& field, const FieldValue& got, const FieldValue& want) {
  int lanes = 0;
  if (!field.equal(got, want, lanes))
    return testing::AssertionFailure() << "they differ in the lanes " << field.differing(got, want);
  if (lanes == 0)
    return testing::AssertionFailure() << "they have no lane in common";
  return testing::AssertionSuccess();
}

class Arithmetic : public testing::TestWithParam<FieldMode> {};

INSTANTIATE_TEST_SUITE_P(Field, Arithmetic, testing::Values(FieldMode::Pairs, FieldMode::Tower));

TEST_P(Arithmetic, KeepsTheLawsOfAField) {
  const FieldArithmetic f(kSeed, GetParam());
  for (std::uint64_t i = 0; i < 100; ++i) {
    const FieldValue a = f.input(0, i), b = f.input(1, i), c = f.input(2, i);
    EXPECT_TRUE(same(f, f.multiply(a, f.add(b, c)), f.add(f.multiply(a, b), f.multiply(a, c))));
    EXPECT_TRUE(same(f, f.multiply(a, f.inverse(a)), f.exactly(1)));
    EXPECT_TRUE(same(f, f.subtract(f.add(a, b), b), a));
    FieldValue sum = c;
    f.accumulate(sum, a, b);
    EXPECT_TRUE(same(f, sum, f.add(f.multiply(a, b), c)));
  }
  EXPECT_TRUE(same(f, f.add(f.exactly(0.375), f.exactly(-2.5)), f.exactly(-2.125)));
  EXPECT_TRUE(same(f, f.multiply(f.exactly(3), f.ratio(-5, 3)), f.exactly(-5)));
}

TEST_P(Arithmetic, ExponentialsAndLogarithmsAreHomomorphisms) {
  const FieldArithmetic f(kSeed, GetParam());
  for (std::uint64_t i = 0; i < 50; ++i) {
    const FieldValue a = f.input(0, i), b = f.input(1, i);
    const FieldValue sum = f.exponential(f.add(a, b));
    EXPECT_TRUE(same(f, sum, f.multiply(f.exponential(a), f.exponential(b))));
    EXPECT_TRUE(same(f, f.exponential(f.add(f.logarithm(a), b)), f.multiply(a, f.exponential(b))));
    EXPECT_TRUE(same(f, f.exponential(f.negate(f.logarithm(a))), f.inverse(a)));
    EXPECT_TRUE(same(f, f.multiply(f.logarithm(a, kLogarithm2), f.ln2()), f.logarithm(a)));
    // log(a^2) = 2 log a, up to the sign that a factor costs.
    const FieldValue twice = f.exponential(f.multiply(f.logarithm(a), f.exactly(2)));
    EXPECT_TRUE(same(f, twice, f.multiply(a, a)) || same(f, twice, f.negate(f.multiply(a, a))));
  }
}

TEST_P(Arithmetic, RootsAreMultiplicativeAndSquareToTheirArgument) {
  const FieldArithmetic f(kSeed, GetParam());
  int roots = 0;
  for (std::uint64_t i = 0; i < 64; ++i) {
    const FieldValue a = f.input(0, i), b = f.input(1, i), root = f.root(a);
    EXPECT_TRUE(same(f, f.root(f.multiply(a, b)), f.multiply(root, f.root(b))));
    const Word wrong = f.differing(f.multiply(root, root), a);
    EXPECT_EQ((root.tag & kNoRoots) >> 16, wrong) << "the tag says in which lanes there is no root";
    EXPECT_EQ(f.differing(f.multiply(root, root), f.negate(a)) & wrong, 0u) << "there it is one of -a";
    roots += wrong == 0;
  }
  EXPECT_GT(roots, 0);
  EXPECT_TRUE(same(f, f.power(f.root(f.exactly(2)), 2), f.exactly(2))) << "2 has a root in every lane";
}

TEST_P(Arithmetic, NamesWhatFloatsStandFor) {
  const FieldArithmetic f(kSeed, GetParam());
  auto named = [&](double value) { return f.named(value).value_or(f.random(1, 1)); };
  EXPECT_TRUE(same(f, named(0.1f), f.ratio(1, 10)));
  EXPECT_TRUE(same(f, named(-5001), f.exactly(-5001)));
  EXPECT_TRUE(same(f, named(1.44269504f * 3), f.multiply(f.log2e(), f.exactly(3))));
  EXPECT_TRUE(same(f, named(0.69314718f), f.ln2()));
  const FieldValue scale = named(0.10206207f); // 1 / sqrt(96)
  EXPECT_TRUE(same(f, f.multiply(f.multiply(scale, scale), f.exactly(96)), f.exactly(1)));
  EXPECT_TRUE(same(f, f.multiply(scale, f.exactly(96)), named(9.7979590f))) << "sqrt(96) = 96 / sqrt(96)";
  EXPECT_TRUE(same(f, named(0.10206207f * 1.44269504f), f.multiply(scale, f.log2e())));
  EXPECT_TRUE(same(f, named(-0.70710678f), f.negate(f.inverse(f.root(f.exactly(2))))));
  EXPECT_FALSE(f.named(0.7978845608f));
  EXPECT_FALSE(f.named(1.00037f));
}

TEST(Tower, AnExponentialOfAnExponentialIsExact) {
  const FieldArithmetic f(kSeed, FieldMode::Tower);
  const FieldValue a = f.input(0, 1), b = f.input(0, 2);
  const FieldValue once = f.exponential(f.add(f.tanh(a), f.tanh(b)));
  EXPECT_TRUE(same(f, once, f.multiply(f.exponential(f.tanh(a)), f.exponential(f.tanh(b)))));
  // tanh(a + b) by its addition theorem.
  const FieldValue s = f.tanh(a), t = f.tanh(b);
  const FieldValue theorem = f.divide(f.add(s, t), f.add(f.exactly(1), f.multiply(s, t)));
  EXPECT_TRUE(same(f, f.exponential(f.tanh(f.add(a, b))), f.exponential(theorem)));
  EXPECT_FALSE(once.tag & kStranger);
}

TEST(Pairs, AnExponentialOfAnExponentialIsAStranger) {
  const FieldArithmetic f(kSeed, FieldMode::Pairs);
  const FieldValue twice = f.exponential(f.exponential(f.input(0, 1)));
  EXPECT_TRUE(twice.tag & kStranger);
  EXPECT_TRUE(same(f, twice, f.exponential(f.exponential(f.input(0, 1))))) << "the same argument, the same result";
}

TEST(Unknowns, ErfIsOddAndHidesNothing) {
  const FieldArithmetic f(kSeed, FieldMode::Pairs);
  const FieldValue a = f.input(0, 1);
  EXPECT_TRUE(same(f, f.erf(f.negate(a)), f.negate(f.erf(a))));
  EXPECT_TRUE(f.isZero(f.erf(f.exactly(0))));
  EXPECT_FALSE(same(f, f.erf(a), f.erf(f.input(0, 2))));
  EXPECT_FALSE(f.erf(a).tag & kHidden);
}

TEST(Unknowns, AZeroDivisorCostsItsLaneOnly) {
  const FieldArithmetic f(kSeed, FieldMode::Pairs);
  FieldValue a = f.input(0, 1);
  a.lane[0] = 0;
  const FieldValue inverse = f.inverse(a);
  EXPECT_FALSE(inverse.has(0));
  EXPECT_TRUE(same(f, f.multiply(inverse, a), f.exactly(1)));
  EXPECT_TRUE(f.inverse(f.exactly(0)).is(kUnknown));
}

// --- in a kernel ----------------------------------------------------------------------------------------------------

/// y[i] of a kernel of one thread over x (buffer 0), as the field has it.
std::vector<FieldValue> run(const std::string& body, std::vector<float> x, std::int64_t outputs, Inputs inputs = {}) {
  Kernel kernel("#include <cuda_fp16.h>\n#include <cuda_fp8.h>\n__global__ void test(const float* x, float* y) {\n" + body + "\n}\n",
                {.checks = false, .shadow = ShadowDomain::Field});
  RunLimits limits;
  inputs.seed = kSeed;
  limits.shadow = inputs;
  RunResult result = kernel.run({floats("x", std::move(x)), output("y", outputs)}, {1}, {1}, {}, 0, limits);
  std::vector<FieldValue> values;
  EXPECT_TRUE(result.shadow) << "the run did not end: " << result.reason;
  if (result.shadow)
    for (const Element& element : result.shadow->buffers[1]) {
      EXPECT_TRUE(element.valid);
      values.push_back(valueOf(element.words));
    }
  return values;
}

TEST(Kernel, ComputesWhatTheFieldDoes) {
  const FieldArithmetic f(kSeed, FieldMode::Pairs);
  const FieldValue a = f.input(0, 0), b = f.input(0, 1), c = f.input(0, 2);
  const auto y = run(R"(
  float a = x[0], b = x[1], c = x[2];
  y[0] = a + b; y[1] = a - b; y[2] = a * b; y[3] = a / b; y[4] = 1.0f / b; y[5] = fmaf(a, b, c);
  y[6] = -a; y[7] = fabsf(c); y[8] = expf(a); y[9] = exp2f(a * 1.44269504f); y[10] = sqrtf(a); y[11] = rsqrtf(a);
  y[12] = tanhf(a); y[13] = erff(a); y[14] = erfcf(a); y[15] = a / 33; y[16] = fmaxf(a, b); y[17] = c * 0.5f + 3.0f;
  y[18] = __fdividef(a, b); y[19] = __expf(c); y[20] = powf(a, 2.0f); y[21] = expm1f(a);)",
                     {0.5f, 0.75f, -0.25f}, 22);
  ASSERT_EQ(y.size(), 22u);
  const FieldValue one = f.exactly(1);
  const std::vector<FieldValue> want = {f.add(a, b),
                                        f.subtract(a, b),
                                        f.multiply(a, b),
                                        f.divide(a, b),
                                        f.inverse(b),
                                        f.add(f.multiply(a, b), c),
                                        f.negate(a),
                                        f.negate(c),
                                        f.exponential(a),
                                        f.exponential(a),
                                        f.root(a),
                                        f.inverse(f.root(a)),
                                        f.tanh(a),
                                        f.erf(a),
                                        f.subtract(one, f.erf(a)),
                                        f.multiply(a, f.ratio(1, 33)),
                                        b,
                                        f.add(f.multiply(c, f.exactly(0.5)), f.exactly(3)),
                                        f.divide(a, b),
                                        f.exponential(c),
                                        f.multiply(a, a),
                                        f.subtract(f.exponential(a), one)};
  for (std::size_t i = 0; i < want.size(); ++i)
    EXPECT_TRUE(same(f, y[i], want[i])) << "y[" << i << "]";
}

// A loop keeps its values in registers, a local array in memory, a half in 16 bits of an integer.
TEST(Kernel, CarriesValuesThroughLoopsArraysAndHalves) {
  const FieldArithmetic f(kSeed, FieldMode::Pairs);
  const auto y = run(R"(
  float sum = 0.0f, kept[8];
  for (int i = 0; i < 8; ++i) { sum += x[i] * x[i]; kept[i] = __half2float(__float2half(x[7 - i])); }
  y[0] = sum;
  float mean = 0.0f;
  for (int i = 0; i < 8; ++i) mean += kept[i] * x[i];
  y[1] = mean / 8;)",
                     {1, 2, 3, 4, 5, 6, 7, 8}, 2);
  ASSERT_EQ(y.size(), 2u);
  FieldValue squares, mirrored;
  for (std::uint64_t i = 0; i < 8; ++i) {
    f.accumulate(squares, f.input(0, i), f.input(0, i));
    f.accumulate(mirrored, f.input(0, i), f.input(0, 7 - i));
  }
  EXPECT_TRUE(same(f, y[0], squares));
  EXPECT_TRUE(same(f, y[1], f.multiply(mirrored, f.ratio(1, 8))));
}

// One byte in a register, in shared memory, two packed in a 16-bit word.
TEST(Kernel, CarriesValuesThroughEightBits) {
  const FieldArithmetic f(kSeed, FieldMode::Pairs);
  for (const char* format : {"e4m3", "e5m2"}) {
    const std::string name = format;
    const auto y = run("typedef __nv_fp8_" + name + " fp8; typedef __nv_fp8x2_" + name + R"( fp8x2;
  __shared__ unsigned char bytes[4];
  __shared__ fp8x2 pairs[1];
  for (int i = 0; i < 4; ++i) bytes[i] = fp8(x[i]).__x;
  pairs[0] = fp8x2(make_float2(x[2], x[3]));
  fp8 back; back.__x = bytes[1];
  y[0] = static_cast<float>(back);
  const float2 both = static_cast<float2>(pairs[0]);
  y[1] = both.x * both.y;
  back.__x = bytes[0];
  y[2] = __half2float(static_cast<__half>(back)) * 2.0f;)",
                       {0.5f, 0.75f, -0.25f, 3.0f}, 3);
    ASSERT_EQ(y.size(), 3u);
    EXPECT_TRUE(same(f, y[0], f.input(0, 1))) << format;
    EXPECT_TRUE(same(f, y[1], f.multiply(f.input(0, 2), f.input(0, 3)))) << format;
    EXPECT_TRUE(same(f, y[2], f.multiply(f.input(0, 0), f.exactly(2)))) << format;
  }
}

TEST(Kernel, KnowsLogarithmsByTheirExponentials) {
  const FieldArithmetic f(kSeed, FieldMode::Pairs);
  const auto y =
      run("y[0] = x[1] + logf(x[0]); y[1] = expf(y[0]); y[2] = log2f(x[0]) * 0.69314718f;", {0.5f, 0.75f}, 3);
  ASSERT_EQ(y.size(), 3u);
  const FieldValue product = f.multiply(f.input(0, 0), f.exponential(f.input(0, 1)));
  EXPECT_TRUE(y[0].is(kLogarithm));
  EXPECT_TRUE(same(f, f.exponential(y[0]), product));
  EXPECT_TRUE(same(f, y[1], product));
  EXPECT_TRUE(same(f, f.exponential(y[2]), f.input(0, 0)));
}

TEST(Kernel, TakesGivenInputsAndKnownConstants) {
  const FieldArithmetic f(kSeed, FieldMode::Pairs);
  const FieldValue given = f.input(9, 9), scale = f.random(77, 0);
  Inputs inputs;
  inputs.known = {{0.7978845608, wordsOf(scale)}}; // sqrt(2 / pi)
  inputs.given[0] = {Element{wordsOf(given), true}, Element{}};
  const auto y = run("y[0] = x[0] * 0.79788456f; y[1] = x[1] * 1.5957691f;", {0.5f, 0.75f}, 2, inputs);
  ASSERT_EQ(y.size(), 2u);
  EXPECT_TRUE(same(f, y[0], f.multiply(given, scale)));
  EXPECT_TRUE(same(f, y[1], f.multiply(f.multiply(f.input(0, 1), scale), f.exactly(2))));
}

TEST(Kernel, AFunctionThatTheFieldLacksIsAnUnknownOfItsOwn) {
  const FieldArithmetic f(kSeed, FieldMode::Pairs);
  const auto y = run("y[0] = sinf(x[0]) - sinf(x[0]) + x[1]; y[1] = sinf(x[0]);", {0.5f, 0.75f}, 2);
  ASSERT_EQ(y.size(), 2u);
  EXPECT_TRUE(same(f, y[0], f.input(0, 1))) << "what cancels leaves nothing behind";
  EXPECT_TRUE(y[1].tag & kStranger);
}

} // namespace
} // namespace kverify::simt::shadow
