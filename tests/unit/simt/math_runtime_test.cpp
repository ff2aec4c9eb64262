// libdevice's functions as the runtime has them.
#include <cmath>
#include <set>

#include <gtest/gtest.h>
#include <llvm/Bitcode/BitcodeReader.h>
#include <llvm/IR/Module.h>

#include "hardware_operands.h"
#include "ptx_jit.h"
#include "simt/math/nv_math.h"

namespace kverify::simt {
namespace {

ptx::testing::Compiled unary(const std::string& name, const std::string& type) {
  return ptx::testing::Compiled("declare " + type + " @" + name + "(" + type +
                                ")\ndefine void @run(ptr %in, ptr %out) {\n  %a = load " + type +
                                ", ptr %in\n  %r = call " + type + " @" + name + "(" + type + " %a)\n  store " + type +
                                " %r, ptr %out\n  ret void\n}\n");
}

double ulps(float got, double exact) {
  const float near = static_cast<float>(exact);
  const double unit = std::ldexp(1.0, std::max(std::ilogb(near == 0 ? 0x1p-126f : near), -126) - 23);
  return std::fabs((static_cast<double>(got) - exact) / unit);
}

struct Accuracy {
  const char* name;
  double (*exact)(double);
  double low, high, bound; ///< arguments, ulps of the true value
};

TEST(MathRuntime, SinglePrecisionStaysWithinCudasErrors) {
  const Accuracy cases[] = {
      {"__nv_expf", std::exp, -80, 80, 1},
      {"__nv_exp2f", std::exp2, -120, 120, 1},
      {"__nv_logf", std::log, 1e-30, 1e30, 1},
      {"__nv_log2f", std::log2, 1e-30, 1e30, 1},
      {"__nv_sinf", std::sin, -100, 100, 1},
      {"__nv_cosf", std::cos, -100, 100, 1},
      {"__nv_tanhf", std::tanh, -9, 9, 2.5},
      {"__nv_erff", std::erf, -4, 4, 2},
      {"__nv_sqrtf", std::sqrt, 0, 1e30, 0.5},
      {"__nv_rsqrtf", [](double x) { return 1 / std::sqrt(x); }, 1e-30, 1e30, 0.51},
      {"__nv_cbrtf", std::cbrt, -1e6, 1e6, 1},
      {"__nv_expm1f", std::expm1, -5, 5, 1},
      {"__nv_log1pf", std::log1p, -0.5, 5, 1},
      {"__nv_normcdff", [](double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }, -5, 5, 1},
      {"__nv_fast_expf", std::exp, -10, 10, 20},
  };
  for (const Accuracy& c : cases) {
    const auto f = unary(c.name, "float");
    testing::SplitMix random{7};
    for (int i = 0; i < 2000; ++i) {
      const auto x = static_cast<float>(c.low + (c.high - c.low) * random.uniform());
      const auto got = std::bit_cast<float>(static_cast<std::uint32_t>(f(std::bit_cast<std::uint32_t>(x))));
      ASSERT_LE(ulps(got, c.exact(x)), c.bound) << c.name << "(" << x << ")";
    }
  }
}

TEST(MathRuntime, InversesUndoTheirFunctions) {
  const auto erfinv = unary("__nv_erfinv", "double"), erfcinv = unary("__nv_erfcinv", "double"),
             norminv = unary("__nv_normcdfinv", "double");
  const auto call = [](const auto& f, double x) { return std::bit_cast<double>(f(std::bit_cast<std::uint64_t>(x))); };
  for (const double x : {-0.999, -0.5, -1e-8, 1e-300, 0.1, 0.7, 0.9999999})
    EXPECT_NEAR(std::erf(call(erfinv, x)), x, 1e-15 + 1e-14 * std::fabs(x));
  for (const double x : {1e-200, 1e-20, 0.01, 0.5, 1.0, 1.9})
    EXPECT_NEAR(std::erfc(call(erfcinv, x)) / x, 1, 1e-11);
  EXPECT_NEAR(call(norminv, 0.975), 1.959963984540054, 1e-12);
  EXPECT_NEAR(call(unary("__nv_sinpi", "double"), 1.25), -std::sqrt(0.5), 1e-15);
  EXPECT_EQ(call(unary("__nv_cospi", "double"), 1e15 + 0.5), 0.0);
  EXPECT_NEAR(call(unary("__nv_cyl_bessel_i0", "double"), 2.0), 2.2795853023360673, 1e-13);
}

TEST(MathRuntime, MinimaIgnoreNaNsAndOrderZeros) {
  const ptx::testing::Compiled max("declare float @__nv_fmaxf(float, float)\ndefine void @run(ptr %in, ptr %out) {\n  "
                                   "%a = load float, ptr %in\n  %p = getelementptr i8, ptr %in, "
                                   "i64 8\n  %b = load float, ptr %p\n  %r = call float @__nv_fmaxf(float %a, float "
                                   "%b)\n  store float %r, ptr %out\n  ret void\n}\n");
  EXPECT_EQ(max(0x80000000, 0), 0u);
  EXPECT_EQ(max(0, 0x80000000), 0u);
  EXPECT_EQ(max(0x7fc00000, 0xbf800000), 0xbf800000u);
  EXPECT_EQ(max(0x7fc00000, 0x7fc00000), 0x7fffffffu);
}

TEST(MathRuntime, TheHostExportsAllThatTheBitcodeCalls) {
  llvm::LLVMContext context;
  const auto bitcode = nvMathBitcode();
  auto module = llvm::cantFail(llvm::parseBitcodeFile(
      llvm::MemoryBufferRef(llvm::StringRef(bitcode.data(), bitcode.size()), "nv_math"), context));
  std::set<std::string> exported;
  for (const auto& [name, address] : mathHostSymbols()) {
    EXPECT_NE(address, nullptr) << name;
    exported.insert(name);
  }
  int functions = 0;
  for (const llvm::Function& f : *module) {
    if (!f.isDeclaration())
      ++functions;
    if (f.isDeclaration() && !f.isIntrinsic()) {
      EXPECT_TRUE(exported.contains(f.getName().str()))
          << f.getName().str() << " is called, but mathHostSymbols() lacks it";
    }
  }
  EXPECT_GT(functions, 400);
}

} // namespace
} // namespace kverify::simt
