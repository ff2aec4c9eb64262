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

} // namespace
} // namespace kverify::tests
