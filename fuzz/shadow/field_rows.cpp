// Operations on rows, in the field.
#include "fuzz/shadow/field_spec.h"

namespace kverify::shadow {

FieldSpec softmaxInField(const FieldCase& one) {
  FieldSpec out;
  const std::int64_t rows = one.run.axis("rows"), n = one.run.axis("n");
  const std::vector<Words> x = one.operand("x");
  const Words scale = constantOf(one.run.real("scale"), one.seed, out.known);
  if (one.run.error())
    return {.uncovered = one.run.error()->message};
  FieldExponential exp(one.seed);
  std::vector<Words>& y = out.outputs["y"];
  for (std::int64_t row = 0; row < rows; ++row) {
    std::vector<Word> e;
    Word sum = 0;
    for (std::int64_t i = 0; i < n; ++i) {
      e.push_back(exp(ModQ::mul(x[static_cast<std::size_t>(row * n + i)].w[1], scale.w[1])));
      sum = ModP::add(sum, e.back());
    }
    const Word inverse = ModP::inverse(sum);
    for (Word each : e)
      y.push_back({{ModP::mul(each, inverse), 0, simt::shadow::kNoQ}});
  }
  // e_i l' - e'_i l: at most 2n terms; exponents are linear.
  const double terms = 2 * static_cast<double>(n);
  out.escape_probability = std::min(1.0, (terms * terms + 2) / static_cast<double>(simt::shadow::kQ));
  return out;
}

/// 1/sqrt is the multiplicative root modulo p of simt/shadow/field_domain.cpp.
FieldSpec layerNormInField(const FieldCase& one) {
  FieldSpec out;
  const std::int64_t rows = one.run.axis("rows"), n = one.run.axis("n");
  const std::vector<Words> x = one.operand("x"), gamma = one.operand("gamma"), beta = one.operand("beta");
  const Words eps = constantOf(one.run.real("eps"), one.seed, out.known);
  if (one.run.error())
    return {.uncovered = one.run.error()->message};
  const Word share = ModP::inverse(simt::shadow::exactly(static_cast<double>(n)).w[0]);
  std::vector<Words>& y = out.outputs["y"];
  for (std::int64_t row = 0; row < rows; ++row) {
    auto at = [&](std::int64_t i) { return x[static_cast<std::size_t>(row * n + i)].w[0]; };
    Word mean = 0, variance = 0;
    for (std::int64_t i = 0; i < n; ++i)
      mean = ModP::add(mean, at(i));
    mean = ModP::mul(mean, share);
    for (std::int64_t i = 0; i < n; ++i)
      variance = ModP::add(variance, ModP::mul(ModP::sub(at(i), mean), ModP::sub(at(i), mean)));
    variance = ModP::add(ModP::mul(variance, share), eps.w[0]);
    const auto [root, is_square] = simt::shadow::rootModuloP(variance);
    const Word inverse = ModP::inverse(root);
    for (std::int64_t i = 0; i < n; ++i) {
      Word value = ModP::mul(ModP::sub(at(i), mean), inverse);
      if (!gamma.empty())
        value = ModP::mul(value, gamma[static_cast<std::size_t>(i)].w[0]);
      if (!beta.empty())
        value = ModP::add(value, beta[static_cast<std::size_t>(i)].w[0]);
      y.push_back({{value, 0, simt::shadow::kNoQ | (is_square ? 0 : simt::shadow::kNoRoot)}});
    }
  }
  // Squared to clear the root: degree 2 (1 + 1) + 2 on each side.
  out.escape_probability = 12 / static_cast<double>(simt::shadow::kP);
  return out;
}

} // namespace kverify::shadow
