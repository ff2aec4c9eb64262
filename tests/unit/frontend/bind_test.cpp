// --spec NAME: which tensor plays which role, which dimension is which axis; and what is not certain is not bound.
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "frontend/arithmetic_used.h"
#include "frontend/host/bind.h"
#include "frontend/host/bind_words.h"
#include "frontend/host/term.h"
#include "kverify/contract.h"

namespace kverify::frontend::host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class BindTest : public testing::Test {
protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              (std::string("kverify_bind_") + testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  HostPath pathOf(const std::string& text) {
    std::string path = (folder_ / "k.cu").string();
    std::ofstream(path) << "#include <torch/extension.h>\n" << text;
    auto facts = hostFactsOf(path, {.headers = CudaHeaders::Builtin});
    EXPECT_TRUE(facts) << facts.error().message;
    if (!facts || facts->paths.empty()) {
      ADD_FAILURE() << "no launch was followed" << (facts && !facts->missing.empty() ? ": " + facts->missing[0].what : "");
      return {};
    }
    return facts->paths[0];
  }
  Expected<std::vector<Reading>> bound(const std::string& text, const std::string& spec, const GivenOptions& given = {}) {
    auto loaded = loadSpec(spec);
    EXPECT_TRUE(loaded) << loaded.error().message;
    auto readings = bindSpec(pathOf(text), **loaded, given);
    if (readings)
      for (const Reading& one : *readings) {
        std::string contract = contractText(one.path, "k.cu");
        auto parsed = parseContract("contract.json", contract);
        EXPECT_TRUE(parsed) << parsed.error().place << ": " << parsed.error().message << "\n" << contract;
      }
    return readings;
  }
  /// The only reading.
  HostPath readAs(const std::string& text, const std::string& spec, const GivenOptions& given = {}) {
    auto readings = bound(text, spec, given);
    EXPECT_TRUE(readings) << readings.error().message;
    EXPECT_EQ(readings ? readings->size() : 0, 1u);
    return readings && !readings->empty() ? readings->front().path : HostPath{};
  }
  std::string whyNot(const std::string& text, const std::string& spec, const GivenOptions& given = {}) {
    auto readings = bound(text, spec, given);
    EXPECT_FALSE(readings) << readings->size() << " readings";
    return readings ? "" : readings.error().message + " | " + readings.error().hint;
  }

private:
  std::filesystem::path folder_;
};

const HostTensor& roleOf(const HostPath& path, const std::string& role) {
  static const HostTensor none;
  for (const HostTensor& tensor : path.tensors)
    if (tensor.role == role || tensor.output_role == role)
      return tensor;
  ADD_FAILURE() << "no tensor is " << role;
  return none;
}

std::string shapeOf(const HostTensor& tensor) {
  std::string text;
  for (const Term& size : tensor.shape)
    text += (text.empty() ? "" : ", ") + textOf(size);
  return text;
}

/// Attention; `sizes` are declarations of B, H, N and D from Q.
std::string attention(const std::string& sizes, const std::string& name = "attention_kernel") {
  return "__global__ void " + name + R"((const float* q, const float* k, const float* v, float* o, int n, int d, float scale) {}
torch::Tensor forward(torch::Tensor Q, torch::Tensor K, torch::Tensor V) {
  )" + sizes + R"(
  const float softmax_scale = 1.0 / sqrt(D);
  auto O = torch::empty_like(Q);
  )" + name + R"(<<<dim3(B, H), 32>>>(Q.data_ptr<float>(), K.data_ptr<float>(), V.data_ptr<float>(), O.data_ptr<float>(), N, D, softmax_scale);
  return O;
})";
}

TEST_F(BindTest, ARowwiseOperationIsBoundByItsOnlyInputAndOutput) {
  HostPath path = readAs(R"(__global__ void softmax_kernel(const float* p, float* r, int rows, int n) {}
torch::Tensor run(torch::Tensor scores) {
  int rows = scores.size(0), n = scores.size(1);
  auto probabilities = torch::empty_like(scores);
  softmax_kernel<<<rows, 128>>>(scores.data_ptr<float>(), probabilities.data_ptr<float>(), rows, n);
  return probabilities;
})", "softmax");
  EXPECT_EQ(roleOf(path, "x").name, "scores");
  EXPECT_EQ(roleOf(path, "y").name, "probabilities");
  EXPECT_THAT(roleOf(path, "x").axes, ElementsAre("rows", "n"));
}

TEST_F(BindTest, AWeightOfUnknownExtentGetsTheOneOfItsRoleAndIsNoGuessAnyMore) {
  HostPath path = readAs(R"(__global__ void norm(const float* x, const float* w, const float* b, float* y, int n, float eps) {}
torch::Tensor layer_norm(torch::Tensor x, torch::Tensor weight, torch::Tensor bias, double eps) {
  int b = x.size(0), t = x.size(1), n = x.size(2);
  auto out = torch::empty_like(x);
  norm<<<b * t, 128>>>(x.data_ptr<float>(), weight.data_ptr<float>(), bias.data_ptr<float>(), out.data_ptr<float>(), n, eps);
  return out;
})", "layer_norm");
  EXPECT_EQ(shapeOf(roleOf(path, "x")), "x_0 * x_1, x_2");
  EXPECT_EQ(roleOf(path, "gamma").name, "weight");
  EXPECT_EQ(shapeOf(roleOf(path, "gamma")), "x_2");
  EXPECT_EQ(roleOf(path, "beta").name, "bias");
  EXPECT_EQ(path.options["eps"], "1.0") << "what is passed is what counts";
  for (const Guess& guess : path.guesses)
    EXPECT_NE(guess.about, Guess::About::Extents) << guess.text;
}

TEST_F(BindTest, NamesOfSizesTellTheLayoutOfAttention) {
  auto readings = bound(attention("int B = Q.size(0), N = Q.size(1), H = Q.size(2), D = Q.size(3);"), "attention.forward");
  ASSERT_TRUE(readings) << readings.error().message;
  ASSERT_EQ(readings->size(), 3u) << "causal, three ways";
  const HostPath& path = readings->front().path;
  EXPECT_EQ(path.options.at("causal"), "none");
  EXPECT_EQ(path.options.at("scale"), "1.0 / sqrt(Q_3)");
  EXPECT_THAT(roleOf(path, "Q").axes, ElementsAre("b", "nq", "h", "d"));
  EXPECT_EQ(shapeOf(roleOf(path, "K")), "Q_0, Q_1, Q_2, Q_3");
  EXPECT_THAT(roleOf(path, "K").axes, ElementsAre("b", "nk", "hk", "d"));
}

TEST_F(BindTest, WithoutNamesBothLayoutsAreReadings) {
  auto readings = bound(attention("int B = Q.size(0), H = Q.size(1); int first = Q.size(2), last = Q.size(3); int N = first, D = last;"), "attention.forward");
  ASSERT_TRUE(readings) << readings.error().message;
  EXPECT_EQ(readings->size(), 3u);
  std::string plain = attention("int one = Q.size(0), two = Q.size(1), three = Q.size(2), four = Q.size(3);");
  for (const auto& [from, to] : {std::pair{"dim3(B, H)", "dim3(one, two)"}, std::pair{"sqrt(D)", "sqrt(four)"}, std::pair{"N, D, softmax", "three, four, softmax"}})
    plain.replace(plain.find(from), std::string(from).size(), to);
  readings = bound(plain, "attention.forward", {{"causal", "false"}});
  ASSERT_TRUE(readings) << readings.error().message;
  ASSERT_EQ(readings->size(), 2u);
  EXPECT_THAT(roleOf((*readings)[0].path, "Q").axes, ElementsAre("b", "h", "nq", "d"));
  EXPECT_THAT(roleOf((*readings)[1].path, "Q").axes, ElementsAre("b", "nq", "h", "d"));
  EXPECT_FALSE((*readings)[1].open.empty());
}

TEST_F(BindTest, ACausalNameComesFirst) {
  auto readings = bound(attention("int B = Q.size(0), H = Q.size(1), N = Q.size(2), D = Q.size(3);", "causal_attention"), "attention.forward");
  ASSERT_TRUE(readings) << readings.error().message;
  EXPECT_NE(readings->front().path.options.at("causal"), "none");
  EXPECT_EQ(readings->back().path.options.at("causal"), "none") << "it may still be plain";
}

TEST_F(BindTest, AProductIsLaidOutAsItsResultSays) {
  std::string text = R"(__global__ void gemm(const float* a, const float* b, float* c, int m, int n, int k) {}
torch::Tensor linear(torch::Tensor x, torch::Tensor weight) {
  int m = x.size(0), k = x.size(1), n = weight.size(0);
  TORCH_CHECK(weight.size(1) == k);
  auto out = torch::empty({m, n}, x.options());
  gemm<<<m, n>>>(x.data_ptr<float>(), weight.data_ptr<float>(), out.data_ptr<float>(), m, n, k);
  return out;
})";
  HostPath path = readAs(text, "matmul");
  EXPECT_THAT(roleOf(path, "B").axes, ElementsAre("n", "k"));
  EXPECT_THAT(roleOf(path, "A").axes, ElementsAre("m", "k"));
}

TEST_F(BindTest, WhatHasNoPartIsNotBound) {
  std::string text = attention("int B = Q.size(0), H = Q.size(1), N = Q.size(2), D = Q.size(3);");
  std::string more = text;
  more.replace(more.find("const float* q"), 14, "const float* extra, const float* q");
  more.replace(more.find("torch::Tensor Q"), 15, "torch::Tensor gate, torch::Tensor Q");
  more.replace(more.find("(Q.data_ptr"), 11, "(gate.data_ptr<float>(), Q.data_ptr");
  EXPECT_THAT(whyNot(more, "attention.forward"), HasSubstr("'gate' plays no part"));
  std::string dropped = text;
  dropped.replace(dropped.find("torch::Tensor V)"), 16, "torch::Tensor V, double keep)");
  EXPECT_THAT(whyNot(dropped, "attention.forward"), HasSubstr("the value 'keep'"));
  std::string other = text;
  for (std::size_t at; (at = other.find("K.data")) != std::string::npos || (at = other.find("K,")) != std::string::npos;)
    other.replace(at, 1, "M");
  for (std::size_t at; (at = other.find("V.data")) != std::string::npos || (at = other.find("V)")) != std::string::npos;)
    other.replace(at, 1, "W");
  EXPECT_THAT(whyNot(other, "attention.forward"), HasSubstr("which tensor is K of attention.forward is not certain: 'M' or 'W'"));
}

TEST_F(BindTest, AFunctionThatNoNameSaysHasToBeGiven) {
  std::string text = R"(__global__ void act(const float* x, float* y, int n) {}
torch::Tensor run(torch::Tensor x) {
  auto y = torch::empty_like(x);
  act<<<1, 64>>>(x.data_ptr<float>(), y.data_ptr<float>(), x.numel());
  return y;
})";
  EXPECT_THAT(whyNot(text, "elementwise"), HasSubstr("--spec-option function="));
  EXPECT_EQ(readAs(text, "elementwise", {{"function", "relu"}}).options.at("function"), "relu");
}

TEST(BindWords, AWordInsideALongerOneSaysNothing) {
  auto spec = *loadSpec("elementwise");
  EXPECT_THAT(valuesNamed("leaky_relu_kernel", *spec->findOption("function")), ElementsAre("leaky-relu"));
  EXPECT_THAT(valuesNamed("relu_kernel", *spec->findOption("function")), ElementsAre("relu"));
  auto reduce = *loadSpec("reduce");
  EXPECT_THAT(valuesNamed("argmax_kernel", *reduce->findOption("operation")), ElementsAre("argmax"));
}

TEST(BindOptions, AnUnknownOptionOrValueNamesTheNearest) {
  auto spec = *loadSpec("attention.forward");
  auto bad = checkOptions(*spec, {{"casual", "true"}});
  ASSERT_FALSE(bad);
  EXPECT_THAT(bad.error().hint, HasSubstr("causal"));
  bad = checkOptions(*spec, {{"causal", "botom-right"}});
  ASSERT_FALSE(bad);
  EXPECT_THAT(bad.error().hint, HasSubstr("bottom-right"));
  EXPECT_TRUE(checkOptions(*spec, {{"causal", "true"}, {"scale", "0.5"}}));
}

ArithmeticUsed usedIn(const std::string& body) {
  auto module = compileSource("k.cu", "#include <cuda_fp16.h>\n#include <cuda_bf16.h>\n__global__ void k(float* x, __half* h, __nv_bfloat16* b) {" + body + "}", {.headers = CudaHeaders::Builtin});
  EXPECT_TRUE(module) << module.error().message;
  auto used = module ? arithmeticUsed(*module) : Expected<ArithmeticUsed>{};
  EXPECT_TRUE(used) << used.error().message;
  return used ? *used : ArithmeticUsed{};
}

TEST(ArithmeticUsedTest, TheNarrowestTypeCounts) {
  EXPECT_EQ(usedIn("x[0] += expf(x[1]);").accumulates, Arithmetic::F32);
  EXPECT_FALSE(usedIn("x[0] += expf(x[1]);").fast_exp);
  EXPECT_TRUE(usedIn("x[0] += __expf(x[1]);").fast_exp);
  EXPECT_EQ(usedIn("h[0] = __hadd(h[1], h[2]);").accumulates, Arithmetic::F16);
  EXPECT_EQ(usedIn("h[0] = __float2half(x[0]);").accumulates, Arithmetic::F32);
  EXPECT_EQ(usedIn("h[0] = __float2half(x[0]);").rounds, Arithmetic::F16);
  EXPECT_EQ(usedIn("x[0] += __half2float(h[1]);").accumulates, Arithmetic::F32);
  EXPECT_EQ(usedIn("b[0] = __float2bfloat16(x[0]);").rounds, Arithmetic::BF16);
  EXPECT_THAT(usedIn("x[0] = __logf(x[1]);").approximations, testing::SizeIs(1));
}

} // namespace
} // namespace kverify::frontend::host
