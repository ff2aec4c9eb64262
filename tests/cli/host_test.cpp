// Files that launch their own kernels: the contract comes from the host code.
#include <fstream>

#include "cli_fixture.h"

namespace kverify::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kExtension = R"(#include <torch/extension.h>

__global__ void scale_kernel(const float* x, float* y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = 2 * x[i];
}

torch::Tensor scale(torch::Tensor x) {
  auto y = torch::empty_like(x);
  int n = x.numel();
  scale_kernel<<<(n + 255) / 256, 256>>>(x.data_ptr<float>(), y.data_ptr<float>(), n);
  return y;
}
PYBIND11_MODULE(TORCH_EXTENSION_NAME, m) { m.def("scale", &scale); }
)";

class HostCode : public Cli {
protected:
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder.path() + "/" + name, std::ios::binary) << text;
  }
  /// The extension with one place changed.
  std::string with(const std::string& from, const std::string& to) const {
    std::string text = kExtension;
    EXPECT_NE(text.find(from), std::string::npos) << from;
    return text.replace(text.find(from), from.size(), to);
  }
  nlohmann::json audited(const std::string& file, int exit_code) const {
    ProgramRun run = kverify({"audit", file, "--stages", "fuzz", "--cases", "8", "--format", "json"});
    EXPECT_EQ(run.exit_code, exit_code) << run.out << run.err;
    return reportOf(run)["kernels"][0];
  }
  nlohmann::json outcomeOf(const nlohmann::json& kernel, const std::string& check) const {
    for (const auto& one : kernel["outcomes"])
      if (one["check"] == check)
        return one;
    return {};
  }
};

TEST_F(HostCode, AnExtensionIsAuditedWithoutAnyFlag) {
  write("scale.cu", kExtension);
  auto kernel = audited("scale.cu", 0);
  EXPECT_EQ(kernel["kernel"], "scale_kernel");
  EXPECT_EQ(outcomeOf(kernel, "bounds.global-write")["outcome"], "tested");
  std::string assumptions = kernel["assumptions"].dump();
  EXPECT_THAT(assumptions, HasSubstr("launched by 'scale' (line 11)"));
  EXPECT_THAT(assumptions, HasSubstr("x_numel is x.numel()"));
}

TEST_F(HostCode, AMissingGuardIsRefutedWhereTheExtentsAreCertain) {
  write("scale.cu", with("if (i < n) ", ""));
  auto kernel = audited("scale.cu", 1);
  EXPECT_EQ(outcomeOf(kernel, "bounds.global-read")["outcome"], "refuted");
  ASSERT_FALSE(kernel["findings"].empty());
  ProgramRun again = kverify({"replay", kernel["findings"][0]["replay"].get<std::string>()});
  EXPECT_EQ(again.exit_code, 1) << again.out << again.err;
}

TEST_F(HostCode, WhatRestsOnAGuessAccusesNobody) {
  std::string text = with("const float* x, float* y, int n", "const float* x, const float* w, float* y, int n");
  text.replace(text.find("2 * x[i]"), 8, "w[i + 9000000] * x[i]");
  text.replace(text.find("torch::Tensor x)"), 16, "torch::Tensor x, torch::Tensor w)");
  text.replace(text.find("x.data_ptr<float>(), "), 21, "x.data_ptr<float>(), w.data_ptr<float>(), ");
  write("scale.cu", text);
  auto kernel = audited("scale.cu", 3);
  EXPECT_TRUE(kernel["findings"].empty()) << kernel["findings"].dump(1);
  auto outcome = outcomeOf(kernel, "bounds.global-read");
  EXPECT_EQ(outcome["outcome"], "unknown");
  EXPECT_THAT(outcome["detail"].dump(), HasSubstr("how large 'w' is"));
}

constexpr const char* kFourSizes = R"(#include <torch/extension.h>
__global__ void twice(const float* x, float* y, int b, int c, int h, int w) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < b * c * h * w) y[i] = 2 * x[i];
}
torch::Tensor run(torch::Tensor x) {
  auto y = torch::empty_like(x);
  twice<<<(x.numel() + 255) / 256, 256>>>(x.data_ptr<float>(), y.data_ptr<float>(), x.size(0), x.size(1), x.size(2), x.size(3));
  return y;
}
)";

// x may have five dimensions: then elements stay unwritten, and nobody says that anyone passes such a tensor.
TEST_F(HostCode, ADimensionThatNoSizeIsAskedOfAccusesNobody) {
  write("twice.cu", kFourSizes);
  auto kernel = audited("twice.cu", 3);
  EXPECT_TRUE(kernel["findings"].empty()) << kernel["findings"].dump(1);
  EXPECT_EQ(outcomeOf(kernel, "output.unwritten")["outcome"], "unknown");
  EXPECT_THAT(kernel["notes"].dump(), HasSubstr("'x' has one dimension more than those whose sizes are asked for"));
  EXPECT_EQ(outcomeOf(kernel, "bounds.global-write")["outcome"], "tested") << "holds whatever the fifth size is";
}

// The same wrapper with a fault of its own: it shows where that dimension counts one, too.
TEST_F(HostCode, AFaultOfEveryShapeIsRefutedWithTheUsualOne) {
  std::string text = kFourSizes;
  text.replace(text.find("y[i] = "), 7, "y[i + 1] = ");
  write("twice.cu", text);
  auto kernel = audited("twice.cu", 1);
  EXPECT_EQ(outcomeOf(kernel, "bounds.global-write")["outcome"], "refuted");
  ASSERT_FALSE(kernel["findings"].empty());
  EXPECT_THAT(kernel["findings"][0]["launch"].get<std::string>(), HasSubstr("x_4=1")) << kernel["findings"][0].dump(1);
}

TEST_F(HostCode, APassOfAnUnknownExtentIsNone) {
  std::string text = with("const float* x, float* y, int n", "const float* x, const float* w, float* y, int n");
  text.replace(text.find("2 * x[i]"), 8, "w[0] * x[i]");
  text.replace(text.find("torch::Tensor x)"), 16, "torch::Tensor x, torch::Tensor w)");
  text.replace(text.find("x.data_ptr<float>(), "), 21, "x.data_ptr<float>(), w.data_ptr<float>(), ");
  write("scale.cu", text);
  auto kernel = audited("scale.cu", 3);
  EXPECT_EQ(outcomeOf(kernel, "bounds.global-read")["outcome"], "unknown");
  EXPECT_EQ(outcomeOf(kernel, "race.global-write-write")["outcome"], "tested");
}

TEST_F(HostCode, AWayThatIsNotFollowedIsNotCertified) {
  write("scale.cu", with("scale_kernel<<<", "for (int k = 1; k < n; k *= 2) scale_kernel<<<"));
  auto kernel = audited("scale.cu", 3);
  EXPECT_THAT(outcomeOf(kernel, "bounds.global-write")["detail"].dump(), HasSubstr("loop"));
  EXPECT_THAT(kernel["assumptions"].dump(), HasSubstr("its launches were caught, not followed")) << "what comes after the first round is judged for a few sizes";
}

TEST_F(HostCode, NoLaunchIsInconclusiveAndSaysSo) {
  write("twice.cu", kTwice);
  ProgramRun run = kverify({"audit", "twice.cu", "--stages", "fuzz"});
  EXPECT_EQ(run.exit_code, 3) << run.out << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("no host code in this file launches a kernel"), HasSubstr("--block")));
}

TEST_F(HostCode, APythonFileIsAuditedWithItsLines) {
  write("model.py", std::string("import torch\nfrom torch.utils.cpp_extension import load_inline\nsource = '''\n") + with("if (i < n) ", "") +
                        "'''\nm = load_inline(name='m', cpp_sources='torch::Tensor scale(torch::Tensor x);', cuda_sources=source, functions=['scale'])\n");
  auto kernel = audited("model.py", 1);
  ASSERT_FALSE(kernel["findings"].empty());
  EXPECT_EQ(kernel["findings"][0]["locations"][0]["line"], 8) << "the kernel's fourth line, four lines down";
  EXPECT_THAT(kernel["assumptions"].dump(), HasSubstr("(line 14)"));
}

TEST_F(HostCode, InitWritesAContractThatTheAuditTakes) {
  write("scale.cu", kExtension);
  ProgramRun run = kverify({"init", "scale.cu", "-o", "scale.contract.json"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  std::ifstream file(folder.path() + "/scale.contract.json");
  std::string text{std::istreambuf_iterator<char>(file), {}};
  EXPECT_THAT(text, HasSubstr("// derived: scale_kernel is launched (line 11)"));
  EXPECT_THAT(text, HasSubstr("Operation: possibly elementwise"));
  EXPECT_THAT(text, Not(HasSubstr("\"spec\": \"elementwise\",")));
  auto kernel = audited("scale.cu", 0);
  EXPECT_EQ(kernel["contract"], "scale.contract.json");
  ProgramRun again = kverify({"init", "scale.cu", "-o", "scale.contract.json"});
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_THAT(again.err, HasSubstr("--force"));
}

TEST_F(HostCode, InitWithoutALaunchNamesWhatIsMissing) {
  write("twice.cu", kTwice);
  ProgramRun run = kverify({"init", "twice.cu"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("no launch was found"));
}

/// Causal attention, one thread a query; Q, K and V as [batch, heads, tokens, width].
constexpr const char* kCausal = R"(#include <torch/extension.h>

__global__ void attention_kernel(const float* q, const float* k, const float* v, float* o, int n, int d, float scale) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  q += blockIdx.y * n * d, k += blockIdx.y * n * d, v += blockIdx.y * n * d, o += blockIdx.y * n * d;
  float most = -INFINITY, sum = 0;
  for (int j = 0; j <= i; ++j) {
    float s = 0;
    for (int c = 0; c < d; ++c) s += q[i * d + c] * k[j * d + c];
    most = fmaxf(most, s * scale);
  }
  for (int c = 0; c < d; ++c) o[i * d + c] = 0;
  for (int j = 0; j <= i; ++j) {
    float s = 0;
    for (int c = 0; c < d; ++c) s += q[i * d + c] * k[j * d + c];
    float p = expf(s * scale - most);
    sum += p;
    for (int c = 0; c < d; ++c) o[i * d + c] += p * v[j * d + c];
  }
  for (int c = 0; c < d; ++c) o[i * d + c] /= sum;
}

torch::Tensor forward(torch::Tensor q, torch::Tensor k, torch::Tensor v) {
  int batch = q.size(0), heads = q.size(1), n = q.size(2), d = q.size(3);
  auto o = torch::zeros_like(q);
  attention_kernel<<<dim3((n + 31) / 32, batch * heads), 32>>>(q.data_ptr<float>(), k.data_ptr<float>(), v.data_ptr<float>(),
                                                               o.data_ptr<float>(), n, d, 1.0f / sqrtf(d));
  return o;
}
)";

TEST_F(HostCode, TheOperationIsJudgedByItsReference) {
  write("causal.cu", kCausal);
  ProgramRun run = kverify({"audit", "causal.cu", "--spec", "attention.forward", "--stages", "fuzz", "--cases", "8", "--format", "json"});
  auto kernel = reportOf(run)["kernels"][0];
  EXPECT_EQ(outcomeOf(kernel, "numerics.bound")["outcome"], "tested") << run.out << run.err;
  std::string assumptions = kernel["assumptions"].dump();
  EXPECT_THAT(assumptions, HasSubstr("the results agree with it"));
  EXPECT_THAT(assumptions, HasSubstr("causal of attention.forward is bottom-right"));
  EXPECT_THAT(assumptions, HasSubstr("'q' is Q of attention.forward"));
}

TEST_F(HostCode, AResultThatNoReadingExplainsIsRefutedWithAReplay) {
  std::string text = kCausal;
  text.replace(text.find("sum += p;"), 9, "sum += 2 * p;");
  write("causal.cu", text);
  ProgramRun run = kverify({"audit", "causal.cu", "--spec", "attention.forward", "--stages", "fuzz", "--cases", "8", "--format", "json"});
  EXPECT_EQ(run.exit_code, 1) << run.out << run.err;
  auto kernel = reportOf(run)["kernels"][0];
  EXPECT_EQ(outcomeOf(kernel, "numerics.bound")["outcome"], "refuted");
  EXPECT_THAT(kernel["assumptions"].dump(), HasSubstr("agree with none of them"));
  std::string replay;
  for (const auto& finding : kernel["findings"])
    if (finding["check"] == "numerics.bound")
      replay = finding["replay"].get<std::string>();
  ASSERT_FALSE(replay.empty());
  ProgramRun again = kverify({"replay", replay});
  EXPECT_EQ(again.exit_code, 1) << again.out << again.err;
}

TEST_F(HostCode, AnOptionThatIsGivenIsNoReading) {
  write("causal.cu", kCausal);
  ProgramRun run = kverify({"audit", "causal.cu", "--spec", "attention.forward", "--spec-option", "causal=none", "--stages", "fuzz", "--cases", "8", "--format", "json"});
  EXPECT_EQ(run.exit_code, 1) << "as plain attention it is wrong\n" << run.out << run.err;
}

TEST_F(HostCode, WhatIsNotBoundIsUnknownAndTheRestIsJudged) {
  write("scale.cu", kExtension);
  ProgramRun run = kverify({"audit", "scale.cu", "--spec", "attention.forward", "--stages", "fuzz", "--cases", "8", "--format", "json"});
  EXPECT_EQ(run.exit_code, 3) << run.out << run.err;
  auto kernel = reportOf(run)["kernels"][0];
  EXPECT_EQ(outcomeOf(kernel, "numerics.bound")["outcome"], "unknown");
  EXPECT_THAT(outcomeOf(kernel, "numerics.bound")["detail"].get<std::string>(), HasSubstr("attention.forward was not bound to 'scale'"));
  EXPECT_EQ(outcomeOf(kernel, "bounds.global-write")["outcome"], "tested");
}

TEST_F(HostCode, AnUnknownOperationNamesTheNearest) {
  write("scale.cu", kExtension);
  ProgramRun run = kverify({"audit", "scale.cu", "--spec", "elemenwise"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("did you mean 'elementwise'?"));
  run = kverify({"audit", "scale.cu", "--spec", "elementwise", "--spec-option", "funktion=relu"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("did you mean 'function'?"));
  run = kverify({"audit", "scale.cu", "--spec-option", "function=relu"});
  EXPECT_EQ(run.exit_code, 2);
  run = kverify({"audit", "scale.cu", "--spec", "elementwise", "--block", "32"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("not with --block"));
}

TEST_F(HostCode, AContractOfAnotherOperationIsNotOverruled) {
  write("scale.cu", kExtension);
  EXPECT_EQ(kverify({"init", "scale.cu", "-o", "scale.contract.json"}).exit_code, 0);
  ProgramRun run = kverify({"audit", "scale.cu", "--spec", "elementwise"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("is of no operation"));
}

TEST_F(HostCode, WhatIsFollowedIsConfirmedByRunsOnTheCpu) {
  write("scale.cu", kExtension);
  EXPECT_THAT(audited("scale.cu", 0)["assumptions"].dump(), HasSubstr("3 runs of 'scale' on the CPU launched what following it says"));
}

constexpr const char* kSteps = R"(#include <torch/extension.h>
#include <vector>
__global__ void add(const float* x, float* y, int n, int step) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = x[i] + (i >= step ? x[i - step] : 0.f);
}
torch::Tensor sums(torch::Tensor x) {
  TORCH_CHECK(x.dim() == 1);
  int n = x.size(0);
  auto y = torch::empty_like(x);
  std::vector<int> steps;
  for (int s = 1; s < n; s *= 2) steps.push_back(s);
  for (int s : steps) {
    add<<<(n + 63) / 64, 64>>>(x.data_ptr<float>(), y.data_ptr<float>(), n, s);
    std::swap(x, y);
  }
  return x;
}
)";

TEST_F(HostCode, LaunchesThatCantBeFollowedAreCaughtAndPassForNoOtherSizes) {
  write("sums.cu", kSteps);
  auto kernel = audited("sums.cu", 3);
  auto outcome = outcomeOf(kernel, "bounds.global-read");
  EXPECT_EQ(outcome["outcome"], "unknown") << "it holds for the sizes that were run, and for others nobody knows";
  EXPECT_THAT(outcome["detail"].get<std::string>(), HasSubstr("its launches were caught in 3 runs on the CPU"));
  EXPECT_TRUE(kernel["findings"].empty() || kernel["findings"].dump().find("error") == std::string::npos) << kernel["findings"].dump();
}

TEST_F(HostCode, ACaughtLaunchThatIsWrongIsRefutedWithAReplay) {
  std::string wrong = kSteps;
  wrong.replace(wrong.find("i < n"), 5, "i <= n");
  write("sums.cu", wrong);
  auto kernel = audited("sums.cu", 1);
  EXPECT_EQ(outcomeOf(kernel, "bounds.global-read")["outcome"], "refuted");
  ASSERT_FALSE(kernel["findings"].empty());
  ProgramRun again = kverify({"replay", kernel["findings"][0]["replay"].get<std::string>()});
  EXPECT_EQ(again.exit_code, 1) << again.out << again.err;
}

constexpr const char* kBatches = R"(#include <torch/extension.h>
__global__ void twice(const float* x, float* y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = 2 * x[i];
}
torch::Tensor run(torch::Tensor x) {
  TORCH_CHECK(x.dim() == 2);
  auto y = torch::empty_like(x);
  for (int b = 0; b < x.size(0); ++b)
    twice<<<(x.size(1) + 63) / 64, 64>>>(x[b].data_ptr<float>(), y[b].data_ptr<float>(), x.size(1));
  return y;
}
)";

// Of a loop over rows the first round is followed: what it leaves unwritten, the others write.
TEST_F(HostCode, WhatAnotherLaunchMayMendAccusesNobody) {
  write("run.cu", kBatches);
  auto kernel = audited("run.cu", 3);
  EXPECT_TRUE(kernel["findings"].empty()) << kernel["findings"].dump(1);
  EXPECT_EQ(outcomeOf(kernel, "output.unwritten")["outcome"], "unknown");
  EXPECT_THAT(outcomeOf(kernel, "output.unwritten")["detail"].dump(), HasSubstr("only the first round"));
  EXPECT_THAT(kernel["assumptions"].dump(), HasSubstr("launched what following it says")) << "x[b] begins where it does";
}

TEST_F(HostCode, WhereFollowingAndRunningDifferTheRunIsJudged) {
  std::string text = kBatches;
  text.replace(text.find("x[b].data"), 9, "x.narrow(0, b, 1).data");
  write("run.cu", text);
  auto kernel = audited("run.cu", 3);
  EXPECT_THAT(kernel["notes"].dump(), HasSubstr("following it and running it on the CPU differ")) << "a row is a view, not a tensor of its own";
  EXPECT_THAT(kernel["assumptions"].dump(), HasSubstr("its launches were caught, not followed"));
  EXPECT_TRUE(outcomeOf(kernel, "output.unwritten")["outcome"] == "unknown");
}

/// What README.md shows.
TEST_F(HostCode, TheExamplesAreRefutedAsTheyAreShown) {
  ProgramRun run = kverify({"audit", EXAMPLES_DIR "/softmax_model.py", "--spec", "softmax", "--stages", "static,fuzz", "--quick", "--format", "json"});
  EXPECT_EQ(run.exit_code, 1) << run.out << run.err;
  auto kernel = reportOf(run)["kernels"][0];
  EXPECT_EQ(outcomeOf(kernel, "numerics.nonfinite")["outcome"], "refuted");
  EXPECT_THAT(kernel["findings"].dump(), HasSubstr("numerics.exp-unshifted"));
  run = kverify({"audit", EXAMPLES_DIR "/scale_extension.cu", "--stages", "static,fuzz", "--quick", "--format", "json"});
  EXPECT_EQ(run.exit_code, 1) << run.out << run.err;
  EXPECT_EQ(outcomeOf(reportOf(run)["kernels"][0], "bounds.global-read")["outcome"], "refuted");
}

} // namespace
} // namespace kverify::tests
