#include "fuzz/shadow/field_spec.h"

#include <cmath>

namespace kverify::shadow {

FieldExponential::FieldExponential(std::uint64_t seed) : powers_(8 * 256) {
  Word power = simt::shadow::baseOfExp(seed);
  for (std::size_t window = 0; window < 8; ++window) {
    Word* row = &powers_[256 * window];
    row[0] = ModP::kOne;
    for (std::size_t i = 1; i < 256; ++i)
      row[i] = ModP::mul(row[i - 1], power);
    power = ModP::mul(row[255], power);
  }
}

std::vector<Words> FieldCase::operand(const std::string& role) const {
  std::vector<Words> all;
  judge::RoleView view = judge::viewRole(run.contract(), run.plan(), run.axes(), role);
  if (!view.tensor)
    return all;
  for (std::int64_t i = 0; i < view.count(); ++i)
    all.push_back(simt::shadow::inputValue(seed, view.buffer, static_cast<std::uint64_t>(view.elementAt(i))));
  return all;
}

Words constantOf(double value, std::uint64_t seed, std::vector<KnownConstant>& known) {
  constexpr double kShort = 1 << 12; // as simt/shadow/field_domain.cpp takes short numbers as they are
  int exponent = 0;
  double mantissa = std::frexp(value, &exponent);
  if (value == 0 || mantissa * kShort == std::round(mantissa * kShort))
    return simt::shadow::exactly(value);
  // Beyond every buffer, so that no input has the same residues.
  Words stand_in = simt::shadow::inputValue(seed, ~std::size_t{0}, known.size());
  stand_in.w[2] = 0;
  known.push_back({value, stand_in.w[0], stand_in.w[1]});
  known.push_back({1 / value, ModP::inverse(stand_in.w[0]), ModQ::inverse(stand_in.w[1])});
  return stand_in;
}

FieldEvaluation fieldEvaluation(const std::string& oracle) {
  static const std::map<std::string, FieldEvaluation> all = {{"attention.forward", attentionInField},
                                                             {"softmax", softmaxInField},
                                                             {"layer_norm", layerNormInField}};
  auto found = all.find(oracle);
  return found == all.end() ? nullptr : found->second;
}

} // namespace kverify::shadow
