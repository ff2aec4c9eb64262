// Audits of what nobody wrote for us: Python files with CUDA in them, torch extensions, folders of both.
#include <fstream>
#include <set>

#include "cli_fixture.h"

namespace kverify::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kModel = R"py(import torch
from torch.utils.cpp_extension import load_inline

source = """
#include <torch/extension.h>

__global__ void total(const float* x, float* y) {
  __shared__ float s[64];
  s[threadIdx.x] = x[threadIdx.x];
  y[threadIdx.x] = s[63 - threadIdx.x];
}

torch::Tensor run(torch::Tensor x) {
  auto y = torch::empty_like(x);
  total<<<1, 64>>>(x.data_ptr<float>(), y.data_ptr<float>());
  return y;
}

torch::Tensor other(torch::Tensor x) { return at::native::nobody_knows_this(x); }
"""
module = load_inline(name="total", cpp_sources="torch::Tensor run(torch::Tensor x);", cuda_sources=source, functions=["run"])
)py";

class Strangers : public Cli {
protected:
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder.path() + "/" + name, std::ios::binary) << text;
  }
};

TEST_F(Strangers, AFindingInAPythonFileHasItsLines) {
  write("model.py", kModel);
  ProgramRun run = kverify({"audit", "model.py", "--block", "64", "--stages", "fuzz", "--format", "json"});
  EXPECT_EQ(run.exit_code, 1) << run.out << run.err;
  auto kernel = reportOf(run)["kernels"][0];
  EXPECT_EQ(kernel["kernel"], "total");
  ASSERT_FALSE(kernel["findings"].empty());
  auto finding = kernel["findings"][0];
  EXPECT_EQ(finding["check"], "race.shared-read-write");
  EXPECT_EQ(finding["locations"][0]["file"], "model.py");
  std::set<int> lines = {finding["locations"][0]["line"].get<int>(), finding["locations"][1]["line"].get<int>()};
  EXPECT_EQ(lines, (std::set{9, 10})); // the write, and the read that is not ordered with it
  // What was left out of the host code is said.
  ASSERT_FALSE(kernel["notes"].empty());
  EXPECT_THAT(kernel["notes"].dump(), HasSubstr("'other' was left out"));
  // And the launch can be run again from the Python file.
  ProgramRun again = kverify({"replay", finding["replay"].get<std::string>()});
  EXPECT_EQ(again.exit_code, 1) << again.out << again.err;
  EXPECT_THAT(again.out, HasSubstr("model.py:9"));
  EXPECT_THAT(again.out, HasSubstr("reproduced"));
}

TEST_F(Strangers, TheStaticStageSaysWhatWasLeftOut) {
  write("model.py", kModel);
  ProgramRun run = kverify({"audit", "model.py", "--stages", "static"});
  EXPECT_THAT(run.out, HasSubstr("host function 'other' was left out")) << run.err;
  EXPECT_THAT(run.out, HasSubstr("model.py:19"));
}

TEST_F(Strangers, ListShowsInstancesOfAFolder) {
  write("model.py", kModel);
  write("notes.py", "print('no kernel here')\n");
  write("scale.cu", "#include <torch/extension.h>\n"
                    "template <class T> __global__ void scale(T* x) { x[threadIdx.x] *= 2; }\n"
                    "void run(torch::Tensor x) {\n"
                    "  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), \"scale\", [&] { scale<scalar_t><<<1, 32>>>(x.data_ptr<scalar_t>()); });\n"
                    "}\n");
  ProgramRun run = kverify({"audit", ".", "--list"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("7  total(const float *x, float *y)"));
  EXPECT_THAT(run.out, HasSubstr("2  scale<double>(double *x)"));
  EXPECT_THAT(run.out, HasSubstr("2  scale<float>(float *x)"));
  EXPECT_THAT(run.out, Not(HasSubstr("notes.py")));
  ProgramRun one = kverify({"audit", ".", "--list", "--kernel", "scale", "--format", "json"});
  auto files = nlohmann::json::parse(one.out)["files"];
  ASSERT_EQ(files.size(), 1u);
  EXPECT_EQ(files[0]["kernels"].size(), 2u);
  EXPECT_EQ(files[0]["kernels"][0]["instance"], true);
}

TEST_F(Strangers, AKernelThatIsNotListedHasANearestOne) {
  write("model.py", kModel);
  ProgramRun run = kverify({"audit", "model.py", "--list", "--kernel", "totel"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("there is no kernel 'totel' here"));
  EXPECT_THAT(run.err, HasSubstr("did you mean 'total'?"));
}

TEST_F(Strangers, PythonWithoutCudaSaysSo) {
  write("notes.py", "print('no kernel here')\n");
  ProgramRun run = kverify({"audit", "notes.py", "--list"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("there is no CUDA text in 'notes.py'"));
  ProgramRun broken = kverify({"audit", "nothing.txt", "--list"});
  EXPECT_EQ(broken.exit_code, 2);
}

TEST_F(Strangers, ALoadGivesItsFlagsToItsSources) {
  write("scale.cu", "#include <torch/extension.h>\n__global__ void scale(float* x) { x[threadIdx.x] *= FACTOR; }\n");
  write("build.py", "from torch.utils.cpp_extension import load\nm = load(name='m', sources=['scale.cu'], extra_cuda_cflags=['-DFACTOR=3'])\n");
  ProgramRun run = kverify({"audit", "build.py", "--list"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("scale(float *x)"));
}

} // namespace
} // namespace kverify::tests
