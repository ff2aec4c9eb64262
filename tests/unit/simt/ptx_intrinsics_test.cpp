// llvm.nvvm.* intrinsics, libdevice's storing functions, and half types in IR.
#include <bit>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ptx_jit.h"

namespace kverify::simt::ptx {
namespace {

using testing::Compiled;
using ::testing::HasSubstr;
using ::testing::Not;

/// A function that loads `arity` operands of a type, applies `expression` to %a, %b, %c, and stores %r of another type.
Compiled function(const char* type, int arity, const char* result, const std::string& body,
                  const std::string& declarations) {
  std::string loads;
  for (int i = 0; i < arity; ++i) {
    loads += fmt::format("  %p{0} = getelementptr i8, ptr %in, i64 {1}\n  %{2} = load {3}, ptr %p{0}\n", i, 8 * i,
                         "abc"[i], type);
  }
  return Compiled(
      fmt::format("{}\ndefine void @run(ptr %in, ptr %out) {{\n{}{}\n  store {} %r, ptr %out\n  ret void\n}}\n",
                  declarations, loads, body, result));
}

std::uint64_t bits(float x) {
  return std::bit_cast<std::uint32_t>(x);
}
std::uint64_t bits(double x) {
  return std::bit_cast<std::uint64_t>(x);
}
float asFloat(std::uint64_t x) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(x));
}

TEST(PtxIntrinsics, FloatArithmetic) {
  const auto ex2 = function("float", 1, "float", "%r = call float @llvm.nvvm.ex2.approx.ftz.f(float %a)",
                            "declare float @llvm.nvvm.ex2.approx.ftz.f(float)");
  EXPECT_EQ(asFloat(ex2(bits(3.0f))), 8.0f);
  EXPECT_EQ(asFloat(ex2(bits(-149.0f))), 0.0f);
  const auto up = function("float", 2, "float", "%r = call float @llvm.nvvm.add.rp.f(float %a, float %b)",
                           "declare float @llvm.nvvm.add.rp.f(float, float)");
  EXPECT_EQ(asFloat(up(bits(1.0f), bits(0x1p-30f))), 0x1.000002p0f);
  const auto max = function("float", 2, "float", "%r = call float @llvm.nvvm.fmax.f(float %a, float %b)",
                            "declare float @llvm.nvvm.fmax.f(float, float)");
  EXPECT_EQ(asFloat(max(0x7fc00000, bits(-2.0f))), -2.0f);
}

TEST(PtxIntrinsics, HalfFmaIsRoundedOnce) {
  const auto fma = function("<2 x half>", 3, "<2 x half>",
                            "%r = call <2 x half> @llvm.nvvm.fma.rn.f16x2(<2 x half> %a, <2 x half> %b, <2 x half> %c)",
                            "declare <2 x half> @llvm.nvvm.fma.rn.f16x2(<2 x half>, <2 x half>, <2 x half>)");
  // 3 * 683 lies half-way between 2048 and 2050. The addend 2^-24 decides, but a float sum loses it.
  EXPECT_EQ(fma(0x42004200, 0x61566156, 0x80010001), 0x68006801u);
}

TEST(PtxIntrinsics, ConversionsClampAndRound) {
  const auto toInt = function("float", 1, "i32", "%r = call i32 @llvm.nvvm.f2i.rm.ftz(float %a)",
                              "declare i32 @llvm.nvvm.f2i.rm.ftz(float)");
  EXPECT_EQ(static_cast<std::int32_t>(toInt(bits(-1.5f))), -2);
  EXPECT_EQ(static_cast<std::int32_t>(toInt(bits(1e20f))), 0x7fffffff);
  EXPECT_EQ(toInt(0x7fc00000), 0u);
  const auto toHalf =
      function("float", 1, "i16", "%r = call i16 @llvm.nvvm.f2h.rn(float %a)", "declare i16 @llvm.nvvm.f2h.rn(float)");
  EXPECT_EQ(toHalf(bits(1.0f)), 0x3c00u);
  const auto pair =
      function("float", 2, "<2 x bfloat>", "%r = call <2 x bfloat> @llvm.nvvm.ff2bf16x2.rn(float %a, float %b)",
               "declare <2 x bfloat> @llvm.nvvm.ff2bf16x2.rn(float, float)");
  EXPECT_EQ(pair(bits(1.0f), bits(2.0f)), 0x3f804000u);
  const auto high = function("double", 1, "i32", "%r = call i32 @llvm.nvvm.d2i.hi(double %a)",
                             "declare i32 @llvm.nvvm.d2i.hi(double)");
  EXPECT_EQ(high(0x123456789abcdef0), 0x12345678u);
  const auto down = function("i64", 1, "float", "%r = call float @llvm.nvvm.ull2f.rz(i64 %a)",
                             "declare float @llvm.nvvm.ull2f.rz(i64)");
  EXPECT_EQ(asFloat(down(~std::uint64_t{0})), 0x1.fffffep63f);
}

TEST(PtxIntrinsics, Integers) {
  const auto high = function("i32", 2, "i32", "%r = call i32 @llvm.nvvm.mulhi.i(i32 %a, i32 %b)",
                             "declare i32 @llvm.nvvm.mulhi.i(i32, i32)");
  EXPECT_EQ(static_cast<std::int32_t>(high(0x80000000, 2)), -1);
  const auto permute = function("i32", 3, "i32", "%r = call i32 @llvm.nvvm.prmt(i32 %a, i32 %b, i32 %c)",
                                "declare i32 @llvm.nvvm.prmt(i32, i32, i32)");
  EXPECT_EQ(permute(0x33221100, 0x77665544, 0x7531), 0x77553311u);
}

TEST(PtxIntrinsics, StoringFunctionsBecomeOrdinaryStores) {
  const Compiled c(R"(
declare void @__nv_sincosf(float, ptr, ptr)
declare float @__nv_frexpf(float, ptr)
declare double @__nv_modf(double, ptr)
define void @run(ptr %in, ptr %out) {
  %x = load float, ptr %in
  %o1 = getelementptr i8, ptr %out, i64 8
  call void @__nv_sincosf(float %x, ptr %out, ptr %o1)
  %o2 = getelementptr i8, ptr %out, i64 16
  %f = call float @__nv_frexpf(float %x, ptr %o2)
  %o3 = getelementptr i8, ptr %out, i64 24
  store float %f, ptr %o3
  %o4 = getelementptr i8, ptr %out, i64 32
  %w = fpext float %x to double
  %h = fdiv double %w, 4.0
  %m = call double @__nv_modf(double %h, ptr %o4)
  %o5 = getelementptr i8, ptr %out, i64 40
  store double %m, ptr %o5
  ret void
})");
  EXPECT_THAT(c.loweredIr(), Not(HasSubstr("call void @__nv_sincosf")));
  const std::uint64_t in = bits(6.0f);
  std::uint64_t out[6] = {};
  c(&in, out);
  EXPECT_NEAR(asFloat(out[0]), -0.2794155f, 1e-6);
  EXPECT_NEAR(asFloat(out[1]), 0.9601703f, 1e-6);
  EXPECT_EQ(out[2], 3u);
  EXPECT_EQ(asFloat(out[3]), 0.75f);
  EXPECT_EQ(std::bit_cast<double>(out[4]), 1.0);
  EXPECT_EQ(std::bit_cast<double>(out[5]), 0.5);
}

TEST(PtxIntrinsics, HalfTypesNeedNothingThatLibgccLacks) {
  const auto sum = function("bfloat", 2, "bfloat", "%r = fadd bfloat %a, %b", "");
  EXPECT_EQ(sum(0x3f80, 0x3b80), 0x3f80u); // 1 + 2^-8: a tie, to even
  EXPECT_EQ(sum(0x3f81, 0x3b80), 0x3f82u);
  const auto half = function("double", 1, "half", "%r = fptrunc double %a to half", "");
  EXPECT_EQ(half(bits(0x1.002p0 + 0x1p-40)), 0x3c01u); // through float it would tie to 0x3c00
  const auto fma = function("half", 3, "half", "%r = call half @llvm.fma.f16(half %a, half %b, half %c)",
                            "declare half @llvm.fma.f16(half, half, half)");
  EXPECT_EQ(fma(0x3c00, 0x3c00, 0x1000), 0x3c00u);
  const auto compare = function("bfloat", 2, "i32", "%t = fcmp olt bfloat %a, %b\n  %r = zext i1 %t to i32", "");
  EXPECT_EQ(compare(0x3f80, 0x4000), 1u);
  const auto vector = function("<2 x bfloat>", 2, "<2 x bfloat>", "%r = fmul <2 x bfloat> %a, %b", "");
  EXPECT_EQ(vector(0x40403f80, 0x40004000), 0x40c04000u);
}

TEST(PtxIntrinsics, FloatToIntegerClampsAsTheGpuDoes) {
  const auto convert = function("float", 1, "i32", "%r = fptosi float %a to i32", "");
  EXPECT_EQ(static_cast<std::int32_t>(convert(bits(3e9f))), 0x7fffffff);
  EXPECT_EQ(convert(0x7fc00000), 0u);
}

} // namespace
} // namespace kverify::simt::ptx
