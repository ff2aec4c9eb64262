#include "fuzz/shadow/field_spec.h"

#include <cmath>

namespace kverify::shadow {

using namespace simt::shadow;

FieldValues FieldCase::operand(const std::string& role) const {
  FieldValues all;
  const judge::RoleView view = judge::viewRole(run.contract(), run.plan(), run.axes(), role);
  if (!view.tensor)
    return all;
  const std::vector<double> concrete = run.input(role);
  for (std::int64_t i = 0; i < view.count(); ++i) {
    const double value = concrete.empty() ? 0 : concrete[static_cast<std::size_t>(i)];
    if (std::fabs(value) < 1e4) // as the field domain has it
      all.push_back(field.input(view.buffer, static_cast<std::uint64_t>(view.elementAt(i))));
    else // a finite one is marked: it is an infinity in the field only
      all.push_back(
          specialValue(value < 0 ? kMinusInfinity : kPlusInfinity, std::isinf(value) ? kData : kData | kOddConstant));
  }
  return all;
}

void FieldCase::know(double value, const FieldValue& residues) {
  if (!field.named(value)) // its name is consistent with all that is made of it
    out.known.push_back({value, wordsOf(residues)});
}

FieldValue FieldCase::constant(double value) {
  if (const auto named = field.named(value))
    return *named;
  const FieldValue stand_in = field.random(~std::uint64_t{2}, out.known.size()); // no buffer's
  know(value, stand_in);
  know(1 / value, field.inverse(stand_in));
  return stand_in;
}

FieldValue FieldCase::share(std::int64_t n) {
  const FieldValue inverse = n == 0 ? open() : field.ratio(1, n);
  if (n != 0)
    know(1 / static_cast<double>(n), inverse);
  return inverse;
}

void FieldCase::bound(double exponents, double degree) {
  const double chance = degree * exponents + degree + 2;
  out.escape_probability =
      out.mode == FieldMode::Pairs ? std::pow(std::min(1.0, chance / kQ2), 2) : std::min(1.0, chance / kR1);
}

FieldValue open() {
  FieldValue value;
  value.tag = specialTag(kUnknown) | kAllAbsent;
  return value;
}

FieldEvaluation fieldEvaluation(const std::string& oracle) {
  static const std::map<std::string, FieldEvaluation> all = {{"attention.forward", attentionInField},
                                                             {"attention.varlen", attentionVarlenInField},
                                                             {"attention.paged", attentionPagedInField},
                                                             {"attention.split", attentionSplitInField},
                                                             {"attention.merge", attentionMergeInField},
                                                             {"attention.backward", attentionBackwardInField},
                                                             {"softmax", softmaxInField},
                                                             {"log_softmax", logSoftmaxInField},
                                                             {"cross_entropy", crossEntropyInField},
                                                             {"reduce", reductionInField},
                                                             {"layer_norm", layerNormInField},
                                                             {"layer_norm.backward", layerNormBackwardInField},
                                                             {"rms_norm", rmsNormInField},
                                                             {"rms_norm.backward", rmsNormBackwardInField},
                                                             {"matmul", matmulInField},
                                                             {"elementwise", elementwiseInField},
                                                             {"rope", ropeInField}};
  auto found = all.find(oracle);
  return found == all.end() ? nullptr : found->second;
}

FieldMode fieldModeOf(const judge::OperationRun& run) {
  const bool capped = run.contract().spec->findOption("softcap") && run.real("softcap") != 0;
  return capped ? FieldMode::Tower : FieldMode::Pairs;
}

} // namespace kverify::shadow
