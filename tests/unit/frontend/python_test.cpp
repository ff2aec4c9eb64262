// CUDA inside Python files: what is found, how texts are put together, and that lines are those of the Python file.
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include "compile_helpers.h"
#include "frontend/left_out.h"
#include "frontend/listing.h"
#include "frontend/python_source.h"

namespace kverify::frontend {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class FrontendPython : public testing::Test {
protected:
  void SetUp() override {
    root_ = fs::path(testing::TempDir()) / ("kverify_python_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::remove_all(root_);
    fs::create_directories(root_);
  }
  void TearDown() override { fs::remove_all(root_); }

  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(root_ / name, std::ios::binary) << text;
    return (root_ / name).string();
  }
  PythonPiece onlyPiece(const std::string& text) {
    auto piece = pieceAt(write("m.py", text));
    EXPECT_TRUE(piece) << piece.error().message << " " << piece.error().hint;
    return piece ? *piece : PythonPiece{};
  }

  fs::path root_;
};

constexpr const char* kModel = R"py(import torch
from torch.utils.cpp_extension import load_inline

source = """
#include <torch/extension.h>
__global__ void twice(float* x, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) x[i] *= 2;
}
torch::Tensor run(torch::Tensor x) {
  twice<<<(x.numel() + 255) / 256, 256>>>(x.data_ptr<float>(), x.numel());
  return x;
}
"""
cpp = "torch::Tensor run(torch::Tensor x);"
module = load_inline(name="twice", cpp_sources=cpp, cuda_sources=source, functions=["run"],
                     extra_cuda_cflags=["-O3", "-DWIDTH=4"])
)py";

TEST_F(FrontendPython, LoadInlineIsJoinedAsTorchDoes) {
  PythonPiece piece = onlyPiece(kModel);
  EXPECT_EQ(piece.kind, PythonPiece::Kind::LoadInline);
  EXPECT_EQ(piece.name, "twice");
  EXPECT_EQ(piece.line, 4u) << "the line of the quotes: the text begins behind them";
  EXPECT_THAT(piece.flags, ElementsAre("-O3", "-DWIDTH=4"));
  EXPECT_THAT(piece.functions, ElementsAre("run"));
  std::size_t types = piece.text.find("#include <torch/types.h>"), kernel = piece.text.find("__global__"),
              cpp = piece.text.find("torch::Tensor run(torch::Tensor x);"), module = piece.text.find("PYBIND11_MODULE");
  EXPECT_LT(types, kernel);
  EXPECT_LT(kernel, cpp);
  EXPECT_LT(cpp, module);
  EXPECT_NE(module, std::string::npos);
}

TEST_F(FrontendPython, LinesAreThoseOfThePythonFile) {
  std::string path = write("m.py", kModel);
  CompileOptions options;
  options.headers = CudaHeaders::Builtin;
  auto module = compileFile(path, options);
  ASSERT_TRUE(module) << explain(module);
  ASSERT_THAT(module->kernels, SizeIs(1));
  EXPECT_EQ(module->kernels[0].location.file, path);
  EXPECT_EQ(module->kernels[0].location.line, 6u);
  EXPECT_THAT(leftOut(*module), IsEmpty());
  EXPECT_EQ(module->source.bytes, kModel) << "the source of the report is the Python file";
}

TEST_F(FrontendPython, ErrorsAreShownInThePythonFile) {
  std::string path = write("m.py", "import cupy\nk = cupy.RawKernel(r'''\nextern \"C\" __global__ void f(float* x) {\n"
                                   "  x[0] = unheard;\n}\n''', 'f')\n");
  auto module = compileFile(path, {});
  ASSERT_FALSE(module);
  EXPECT_THAT(module.error().message, HasSubstr(path + ":4:10: error: use of undeclared identifier 'unheard'"));
}

TEST_F(FrontendPython, EscapesAreReadAsPythonReadsThem) {
  PythonPiece raw = onlyPiece("s = r'''__global__ void k() { printf(\"a\\n\"); }'''\n");
  EXPECT_THAT(raw.text, HasSubstr("printf(\"a\\n\")"));
  PythonPiece cooked = onlyPiece("s = '''__global__ void k() { printf(\"a\\\\n\"); }\\x20'''\n");
  EXPECT_THAT(cooked.text, HasSubstr("printf(\"a\\n\"); } \n"));
}

TEST_F(FrontendPython, AnEscapedLineEndKeepsTheLinesAfterIt) {
  std::string path = write("m.py", "s = '''\n#define TWO(x) \\\n  (2 * (x))\n__global__ void k(int* x) { x[0] = TWO(1); }\n'''\n");
  auto module = compileFile(path, {});
  ASSERT_TRUE(module) << explain(module);
  EXPECT_EQ(module->kernels[0].location.line, 4u);
}

TEST_F(FrontendPython, TextsArePutTogetherWhereThatIsSimple) {
  PythonPiece piece = onlyPiece(R"py(import textwrap
N = 4
HEAD = "#define N " + str(2 * N) + "\n"
class Source:
    BODY = """__global__ void k(float* x) { x[threadIdx.x] = N; }
"""
text = HEAD
text += Source.BODY
text += "#define M {m}\n".format(m=N)
text = text.replace("threadIdx.x", "threadIdx.y")
other = RawModule(code=text)
)py");
  EXPECT_THAT(piece.text, HasSubstr("#define N 8\n"));
  EXPECT_THAT(piece.text, HasSubstr("x[threadIdx.y] = N;"));
  EXPECT_THAT(piece.text, HasSubstr("#define M 4\n"));
  EXPECT_THAT(piece.holes, IsEmpty());
}

TEST_F(FrontendPython, FormattedStringsKeepTheirBraces) {
  PythonPiece piece = onlyPiece("B = 32\nsource = f'''\n__global__ void k(float* x) {{\n  x[threadIdx.x % {B}] = {B * 2};\n}}\n'''\n"
                                "m = SourceModule(source)\n");
  EXPECT_EQ(piece.kind, PythonPiece::Kind::SourceModule);
  EXPECT_THAT(piece.text, HasSubstr("__global__ void k(float* x) {\n  x[threadIdx.x % 32] = 64;\n}\n"));
}

TEST_F(FrontendPython, AHoleIsNamedAndCanBeGiven) {
  std::string path = write("m.py", "import sys\nBLOCK = int(sys.argv[1])\ns = f'''\n__global__ void k(float* x) {{ x[0] = {BLOCK}; }}\n'''\n");
  auto without = compileFile(path, {});
  ASSERT_FALSE(without);
  EXPECT_THAT(without.error().message, HasSubstr("'BLOCK' (line 4"));
  EXPECT_THAT(without.error().hint, HasSubstr("-DBLOCK=..."));
  CompileOptions options;
  options.extra_flags = {"-DBLOCK=128"};
  auto with = compileFile(path, options);
  EXPECT_TRUE(with) << explain(with);
}

TEST_F(FrontendPython, SeveralTextsAreToldApartByTheirLines) {
  std::string path = write("m.py", "a = '''__global__ void f(int* x) { x[0] = 1; }'''\n\nb = '''__global__ void g(int* x) { x[0] = 1; }'''\n");
  auto both = compileFile(path, {});
  ASSERT_FALSE(both);
  EXPECT_THAT(both.error().message, HasSubstr("2 CUDA texts"));
  EXPECT_THAT(both.error().hint, HasSubstr("m.py@3 (b)"));
  auto second = compileFile(path + "@3", {});
  ASSERT_TRUE(second) << explain(second);
  EXPECT_THAT(namesOf(*second), ElementsAre("g"));
  EXPECT_EQ(second->kernels[0].location.file, path);
}

TEST_F(FrontendPython, WhatOnlyDocumentsIsNoSource) {
  auto file = readPython(write("m.py", "'''Explains __global__ void k() { }'''\ndef f():\n    '''__global__ void k() {}'''\n"));
  ASSERT_TRUE(file);
  EXPECT_THAT(file->pieces, IsEmpty());
}

TEST_F(FrontendPython, LoadNamesItsFiles) {
  auto file = readPython(write("m.py", "import os\nfrom torch.utils.cpp_extension import load\nhere = os.path.dirname(__file__)\n"
                                       "m = load(name='m', sources=['a.cpp', os.path.join(here, 'src', 'b.cu')], extra_cuda_cflags=['-DX=1'])\n"));
  ASSERT_TRUE(file);
  ASSERT_THAT(file->pieces, SizeIs(1));
  EXPECT_EQ(file->pieces[0].kind, PythonPiece::Kind::Load);
  EXPECT_THAT(file->pieces[0].sources, ElementsAre((root_ / "a.cpp").string(), (root_ / "src/b.cu").string()));
  EXPECT_THAT(file->pieces[0].flags, ElementsAre("-DX=1"));
}

TEST_F(FrontendPython, InstancesThatPythonNamesExist) {
  std::string path = write("m.py", "m = cupy.RawModule(code='''template <class T> __global__ void k(T* x) { x[0] = 1; }''',\n"
                                   "                   name_expressions=['k<float>', 'k<int>'])\n");
  auto listing = listKernels(path, {});
  ASSERT_TRUE(listing) << listing.error().message;
  std::vector<std::string> names;
  for (const ListedKernel& kernel : listing->kernels)
    names.push_back(kernel.name);
  EXPECT_THAT(names, testing::UnorderedElementsAre("k<float>", "k<int>"));
}

TEST_F(FrontendPython, WhatIsNotPythonSaysSoWithItsLine) {
  auto file = readPython(write("m.py", "x = 1\nprint '__global__'\n"));
  ASSERT_FALSE(file);
  EXPECT_THAT(file.error().message, HasSubstr("this is not Python"));
  EXPECT_THAT(file.error().place, testing::EndsWith("m.py:2"));
}

TEST(FrontendListing, TemplatesShowTheirInstances) {
  fs::path path = fs::path(testing::TempDir()) / "kverify_listing.cu";
  std::ofstream(path) << "template <class T, int n> __global__ void k(T* x) { x[0] = n; }\n"
                         "template <class T> __global__ void never(T* x) {}\n"
                         "__global__ void plain(const float* x, int n) {}\n"
                         "void host(float* x, int* y) { k<float, 4><<<1, 1>>>(x); k<int, 8><<<1, 1>>>(y); }\n";
  auto listing = listKernels(path.string(), {});
  ASSERT_TRUE(listing) << listing.error().message;
  std::vector<std::string> lines;
  for (const ListedKernel& kernel : listing->kernels)
    lines.push_back(kernel.name + (kernel.is_instance ? " instance" : "") + (kernel.needs_arguments ? " template" : "") + " " +
                    std::to_string(kernel.location.line));
  EXPECT_THAT(lines, ElementsAre("k<float, 4> instance 1", "k<int, 8> instance 1", "never template 2", "plain 3"));
  EXPECT_THAT(listing->kernels[3].parameters, ElementsAre("const float *x", "int n"));
  fs::remove(path);
}

} // namespace
} // namespace kverify::frontend
