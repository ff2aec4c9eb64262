// Which kernels come out for which written names.
#include <gmock/gmock.h>

#include "compile_helpers.h"

namespace kverify::frontend {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const char* const kSource = R"(
template <int D, bool causal = false, class T = float> __global__ void flash(const T* q, T* o) {
  o[0] = causal ? q[D] : q[0];
}
__global__ void plain(float* x) { *x = 1; }
extern "C" __global__ void c_name(float* x) { *x = 2; }
static __global__ void hidden(float* x) { *x = 3; }
constexpr int head = 64;
#define HEAD 32
)";

TEST(FrontendNames, AllNonTemplateKernelsByDefault) {
  auto result = compileText(kSource);
  ASSERT_TRUE(result) << explain(result);
  EXPECT_THAT(namesOf(*result), ElementsAre("plain", "c_name", "hidden"));
  EXPECT_EQ(result->kernels[1].mangled, "c_name");
}

TEST(FrontendNames, LaunchedAndExplicitInstancesByDefault) {
  auto result = compileText(std::string(kSource) + R"(
void host(float* x) { flash<128, true><<<1, 32>>>(x, x); }
template __global__ void flash<16>(const float*, float*);
)");
  ASSERT_TRUE(result) << explain(result);
  EXPECT_THAT(namesOf(*result), testing::UnorderedElementsAre("flash<128, true, float>", "flash<16, false, float>",
                                                              "plain", "c_name", "hidden"));
}

TEST(FrontendNames, TemplatesByWrittenName) {
  for (const char* name : {"flash<64>", "flash<64, true>", "flash< 64,true >", "::flash<64>", "flash<head>",
                           "flash<HEAD, true, double>", "flash<2 * 32>", "flash<(64 > 32 ? 1 : 2)>"}) {
    auto result = compileText(kSource, {name});
    ASSERT_TRUE(result) << explain(result);
    EXPECT_THAT(namesOf(*result), ElementsAre(name));
    EXPECT_EQ(result->kernels[0].params.size(), 2u);
  }
}

TEST(FrontendNames, OnlyWhatIsAskedFor) {
  auto result = compileText(kSource, {"c_name"});
  ASSERT_TRUE(result) << explain(result);
  EXPECT_THAT(namesOf(*result), ElementsAre("c_name"));
  EXPECT_THAT(result->bitcode, testing::Not(HasSubstr("plain")));
}

TEST(FrontendNames, InTheOrderAskedForAndOnce) {
  auto result = compileText(kSource, {"hidden", "flash<8>", "plain", "flash< 8 >", "plain"});
  ASSERT_TRUE(result) << explain(result);
  EXPECT_THAT(namesOf(*result), ElementsAre("hidden", "flash<8>", "plain"));
}

TEST(FrontendNames, SameInstanceUnderTwoNames) {
  auto result = compileText(kSource, {"flash<64>", "flash<head, false>"});
  ASSERT_TRUE(result) << explain(result);
  ASSERT_EQ(result->kernels.size(), 2u);
  EXPECT_EQ(result->kernels[0].mangled, result->kernels[1].mangled);
}

const char* const kSpaces = R"(
namespace attention {
struct Config { static constexpr int tile = 32; };
namespace { template <class C> __global__ void inner(float* x) { *x = C::tile; } }
__global__ void twice(int* p) { *p = 1; }
}
__global__ void twice(float* p) { *p = 1; }
)";

TEST(FrontendNames, NamespacesMayBeLeftOut) {
  for (const char* name : {"inner<Config>", "attention::inner<attention::Config>"}) {
    auto result = compileText(kSpaces, {name});
    ASSERT_TRUE(result) << explain(result);
    EXPECT_THAT(namesOf(*result), ElementsAre(name));
  }
}

TEST(FrontendNames, QualifiedWhereNeeded) {
  auto all = compileText(kSpaces);
  ASSERT_TRUE(all) << explain(all);
  EXPECT_THAT(namesOf(*all), ElementsAre("attention::twice", "twice"));
  auto one = compileText(kSpaces, {"twice"});
  ASSERT_TRUE(one) << explain(one);
  EXPECT_EQ(one->kernels[0].params[0].pointee, "float");
  auto other = compileText(kSpaces, {"attention::twice"});
  ASSERT_TRUE(other) << explain(other);
  EXPECT_EQ(other->kernels[0].params[0].pointee, "int");
}

TEST(FrontendNames, OverloadsAreAmbiguous) {
  auto result = compileText("__global__ void k(int* p) { *p = 1; }\n__global__ void k(float* p) { *p = 1; }\n", {"k"});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::Input);
  EXPECT_THAT(result.error().message, HasSubstr("more than one kernel"));
}

TEST(FrontendNames, ABareNameMeansTheOnlyInstance) {
  auto result = compileText("template <int N> __global__ void once(float* p) { *p = N; }\n"
                            "void host(float* p) { once<7><<<1, 1>>>(p); }\n",
                            {"once"});
  ASSERT_TRUE(result) << explain(result);
  EXPECT_THAT(namesOf(*result), ElementsAre("once"));
  EXPECT_NE(findKernel(*result, " once "), nullptr);
  EXPECT_EQ(findKernel(*result, "twice"), nullptr);
}

TEST(FrontendNames, DeclaredBeforeDefined) {
  auto result = compileText("__global__ void later(float* x);\nvoid host(float* x) { later<<<1, 1>>>(x); }\n"
                            "__global__ void later(float* x) { *x = 1; }\n");
  ASSERT_TRUE(result) << explain(result);
  EXPECT_THAT(namesOf(*result), ElementsAre("later"));
  EXPECT_EQ(result->kernels[0].location.line, 3u);
}

TEST(FrontendNames, FindKernelIgnoresWhiteSpace) {
  auto result = compileText(kSource, {"flash<64, true>"});
  ASSERT_TRUE(result) << explain(result);
  EXPECT_EQ(findKernel(*result, "flash<64,true>"), &result->kernels[0]);
}

} // namespace
} // namespace kverify::frontend
