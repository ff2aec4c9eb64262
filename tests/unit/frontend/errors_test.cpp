// Every way in which a source can be refused, and what is said then.
#include <atomic>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include "compile_helpers.h"
#include "core/thread_pool.h"

namespace kverify::frontend {
namespace {

using testing::HasSubstr;

const char* const kPlain = "__global__ void soft_max(float* x) { x[threadIdx.x] = 1; }\n";

TEST(FrontendErrors, MissingFileAndFolder) {
  auto missing = compileFile("tests/unit/frontend/no_such_file.cu", {});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::Input);
  EXPECT_EQ(missing.error().message, "no such file");
  EXPECT_EQ(missing.error().place, "tests/unit/frontend/no_such_file.cu");
  auto folder = compileFile("tests/unit/frontend", {});
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().kind, ErrorKind::Input);
  EXPECT_THAT(folder.error().message, HasSubstr("folder"));
}

TEST(FrontendErrors, EmptyFile) {
  for (const char* text : {"", "\n", " \t\n\n"}) {
    auto result = compileText(text);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::Input);
    EXPECT_EQ(result.error().message, "the file is empty");
  }
}

TEST(FrontendErrors, NoKernelInTheFile) {
  for (const char* text : {"int x;\n", "// only a comment\n", "__device__ float f(float x) { return x; }\n",
                           "__global__ void declared(float* x);\n"}) {
    auto result = compileText(text);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().kind, ErrorKind::Input);
    EXPECT_EQ(result.error().message, "there is no kernel (__global__ function) in this file") << text;
  }
}

TEST(FrontendErrors, UnknownKernelNamesNearOnes) {
  auto result = compileText(kPlain, {"softmax"});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::Input);
  EXPECT_THAT(result.error().message, HasSubstr("no kernel 'softmax' in this file; it has 'soft_max'"));
  EXPECT_THAT(result.error().hint, HasSubstr("soft_max"));
}

TEST(FrontendErrors, UnknownTemplateKernel) {
  auto result = compileText("template <int N> __global__ void flash(float* x) { *x = N; }\n", {"flsh<64>"});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::Input) << explain(result);
  EXPECT_THAT(result.error().message, HasSubstr("no kernel 'flsh<64>'"));
  EXPECT_THAT(result.error().hint, HasSubstr("flash"));
}

TEST(FrontendErrors, TemplateArgumentsThatDoNotFit) {
  auto result = compileText("template <int N> __global__ void flash(float* x) { *x = N; }\n", {"flash<float>"});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::Input);
  EXPECT_THAT(result.error().message, HasSubstr("can't be instantiated"));
  EXPECT_THAT(result.error().message, HasSubstr("flash<float>"));
}

TEST(FrontendErrors, TemplateNamedWithoutArguments) {
  auto result = compileText("template <int N> __global__ void flash(float* x) { *x = N; }\n", {"flash"});
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("'flash' is a template"));
  auto all = compileText("template <int N> __global__ void flash(float* x) { *x = N; }\n");
  ASSERT_FALSE(all);
  EXPECT_THAT(all.error().message, HasSubstr("does not instantiate: 'flash'"));
}

TEST(FrontendErrors, ShownAsClangShowsThem) {
  auto result = compileText("__global__ void k(float* x) {\n  x[0] = yy;\n}\n");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::Compile);
  EXPECT_EQ(result.error().message, "test.cu:2:10: error: use of undeclared identifier 'yy'\n"
                                    "    2 |   x[0] = yy;\n"
                                    "      |          ^");
}

TEST(FrontendErrors, AFileThatIsWrongIsNotBlamedOnTheRequest) {
  auto result = compileText("template <int N> __global__ void k(float* x) { *x = N }\n", {"k<3>"});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::Compile);
  EXPECT_THAT(result.error().message, HasSubstr("expected ';'"));
}

TEST(FrontendErrors, MissingHeader) {
  auto result = compileText("#include \"nowhere.h\"\n" + std::string(kPlain), {}, CudaHeaders::Auto);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::Compile);
  EXPECT_THAT(result.error().message, HasSubstr("'nowhere.h' file not found"));
}

TEST(FrontendErrors, HashErrorIsShown) {
  auto result = compileText("#error this needs sm_100\n" + std::string(kPlain));
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("this needs sm_100"));
}

TEST(FrontendErrors, ManyErrorsStayReadable) {
  std::string text = "__global__ void k(float* x) {\n";
  for (int i = 0; i < 200000; ++i)
    text += "  x[0] = unknown_name;\n";
  auto result = compileText(text + "}\n");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::Compile);
  EXPECT_LT(result.error().message.size(), 10000u);
  EXPECT_THAT(result.error().message, HasSubstr("too many errors"));
}

TEST(FrontendErrors, ManyWarningsStayReadable) {
  std::string text = "__global__ void k(float* x) {\n";
  for (int i = 0; i < 5000; ++i)
    text += "  x[0] == 1;\n";
  auto result = compileText(text + "}\n");
  ASSERT_TRUE(result) << explain(result);
  EXPECT_LT(result->diagnostics.size(), 50000u);
  EXPECT_THAT(result->diagnostics, HasSubstr("warning"));
}

TEST(FrontendErrors, BytesThatAreNoText) {
  std::string bytes(2000, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<char>(i * 37 + 1);
  auto result = compileText(bytes);
  ASSERT_FALSE(result);
  EXPECT_FALSE(result.error().message.empty());
}

TEST(FrontendErrors, UnclosedConstructs) {
  for (const char* text : {"__global__ void k(float* x) {", "/* never closed", "#if 1\n__global__ void k() {}\n",
                           "__global__ void k(float* x) { x[0] = 1; }\n#define LAST \\"}) {
    auto result = compileText(text, {"k"});
    if (!result) {
      EXPECT_NE(result.error().kind, ErrorKind::Internal) << text;
    } else {
      EXPECT_EQ(namesOf(*result), std::vector<std::string>{"k"});
    }
  }
}

TEST(FrontendErrors, EndlessTemplatesAndIncludes) {
  auto recursion = compileText("template <int N> struct R { enum { v = R<N + 1>::v }; };\n"
                               "__global__ void k(int* x) { *x = R<0>::v; }\n");
  ASSERT_FALSE(recursion);
  EXPECT_EQ(recursion.error().kind, ErrorKind::Compile);
  EXPECT_LT(recursion.error().message.size(), 20000u);
}

TEST(FrontendErrors, FlagsThatClangDoesNotKnow) {
  CompileOptions options;
  options.extra_flags = {"-fno-such-flag"};
  auto result = compileSource("test.cu", kPlain, options);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::Usage);
  EXPECT_THAT(result.error().message, HasSubstr("-fno-such-flag"));
}

TEST(FrontendErrors, TargetsOutOfRange) {
  for (const char* target : {"sm_70", "sm_100", "80", ""}) {
    CompileOptions options;
    options.target = target;
    auto result = compileSource("test.cu", kPlain, options);
    ASSERT_FALSE(result) << target;
    EXPECT_EQ(result.error().kind, ErrorKind::Usage);
  }
}

TEST(FrontendErrors, HostErrorsCountToo) {
  auto result = compileText(std::string(kPlain) + "void host() { soft_max<<<1, 32>>>(3.5); }\n");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::Compile);
}

TEST(FrontendThreads, ManyAtOnce) {
  std::atomic<int> good = 0, bad = 0;
  parallelFor(16, 4, [&](std::size_t i) {
    std::string name = "kernel_" + std::to_string(i);
    auto result = compileText("__global__ void " + name + "(float* x) { x[0] = expf(x[1]); }\n" +
                              (i % 4 == 3 ? "syntax error\n" : ""));
    if (result && namesOf(*result) == std::vector<std::string>{name})
      ++good;
    if (!result && result.error().kind == ErrorKind::Compile)
      ++bad;
  });
  EXPECT_EQ(good, 12);
  EXPECT_EQ(bad, 4);
}

} // namespace
} // namespace kverify::frontend
