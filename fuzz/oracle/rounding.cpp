#include "fuzz/oracle/rounding.h"

#include <algorithm>
#include <cmath>

namespace kverify::oracle {
namespace {

/// Stored mantissa bits, exponent of the smallest normal number, largest finite number.
struct Format {
  int mantissa;
  int min_exponent;
  double largest;
};

Format formatOf(Arithmetic type) {
  switch (type) {
  case Arithmetic::F64: return {52, -1022, 0x1.fffffffffffffp1023};
  case Arithmetic::F32: return {23, -126, 0x1.fffffep127};
  case Arithmetic::TF32: return {10, -126, 0x1.ffcp127};
  case Arithmetic::F16: return {10, -14, 65504};
  case Arithmetic::BF16: return {7, -126, 0x1.fep127};
  case Arithmetic::E4M3: return {3, -6, 448};
  case Arithmetic::E5M2: return {2, -14, 57344};
  }
  return {23, -126, 0x1.fffffep127};
}

} // namespace

double unitRoundoff(Arithmetic type) {
  return std::ldexp(1.0, -formatOf(type).mantissa - 1);
}

double accumulatorUnit(Arithmetic type) {
  // A tf32 product is accumulated in f32.
  return 2 * unitRoundoff(type == Arithmetic::TF32 ? Arithmetic::F32 : type);
}

double operandUnit(Arithmetic type) {
  return type == Arithmetic::TF32 ? 2 * unitRoundoff(type) : 0;
}

double underflowUnit(Arithmetic type) {
  Format format = formatOf(type);
  // 2^-1075 is no double; the smallest one stands for it.
  return std::max(std::ldexp(1.0, format.min_exponent - format.mantissa - 1), 0x1p-1074);
}

double largestFinite(Arithmetic type) {
  return formatOf(type).largest;
}

double Rounding::operations(std::int64_t n) const {
  auto tiles = static_cast<double>((n + tile - 1) / std::max<std::int64_t>(tile, 1));
  auto length = static_cast<double>(chain > 0 ? std::min(chain, n) : n);
  return length + 4 * tiles + 4;
}

double Rounding::gamma(std::int64_t n, double unit) const {
  return operations(n) * unit;
}

Rounding makeRounding(const Precision& precision, Arithmetic out, std::int64_t tile, std::int64_t chain) {
  Rounding r;
  r.qk_unit = accumulatorUnit(precision.qk);
  r.qk_operand = operandUnit(precision.qk);
  r.p_unit = unitRoundoff(precision.p);
  r.p_eta = underflowUnit(precision.p);
  r.pv_unit = accumulatorUnit(precision.pv);
  r.pv_operand = operandUnit(precision.pv);
  r.pv_eta = underflowUnit(precision.pv);
  if (unitRoundoff(precision.kv) > unitRoundoff(Arithmetic::F32)) {
    // Cut to tf32, not rounded.
    r.kv_unit = unitRoundoff(precision.kv) * (precision.kv == Arithmetic::TF32 ? 2 : 1);
    r.kv_eta = underflowUnit(precision.kv);
    r.kv_largest = largestFinite(precision.kv);
  }
  r.sum_unit = accumulatorUnit(precision.sum);
  r.sum_operand = operandUnit(precision.sum);
  r.sum_eta = underflowUnit(precision.sum);
  if (precision.exp == Precision::Exp::Fast) {
    // __expf: 2 + floor(abs(1.173 x)) ulp, and ex2.approx.ftz flushes subnormal results to zero.
    r.exp_slope = 1.173 * 0x1p-23;
    r.exp_flush = 0x1p-126;
    r.p_eta = std::max(r.p_eta, r.exp_flush);
    // tanh.approx.f32: a relative error of 2^-11 (PTX ISA).
    r.tanh_slope = 0x1p-10;
  }
  r.qk_largest = largestFinite(precision.qk == Arithmetic::TF32 ? Arithmetic::F32 : precision.qk);
  r.sum_largest = largestFinite(precision.sum == Arithmetic::TF32 ? Arithmetic::F32 : precision.sum);
  r.pv_largest = largestFinite(precision.pv == Arithmetic::TF32 ? Arithmetic::F32 : precision.pv);
  Arithmetic declared = precision.out.value_or(out);
  Arithmetic coarser = unitRoundoff(declared) > unitRoundoff(out) ? declared : out;
  r.out_unit = unitRoundoff(coarser);
  r.out_eta = std::max(underflowUnit(declared), underflowUnit(out));
  r.variance = precision.variance;
  r.tile = std::max<std::int64_t>(tile, 1);
  r.chain = chain;
  return r;
}

Arithmetic arithmeticOf(DType type) {
  switch (type) {
  case DType::F16: return Arithmetic::F16;
  case DType::BF16: return Arithmetic::BF16;
  case DType::E4M3: return Arithmetic::E4M3;
  case DType::E5M2: return Arithmetic::E5M2;
  default: return Arithmetic::F32;
  }
}

} // namespace kverify::oracle
