#include "fuzz/shadow/algebra.h"

#include <cmath>

#include <fmt/format.h>

namespace kverify::shadow {
namespace {

using namespace simt::shadow;

bool isKind(const Words& a, Special kind) {
  return (a.w[2] & kSpecial) && specialOf(a.w[2]) == kind;
}

std::string reasonText(Reason reason, const std::string& operation) {
  switch (reason) {
  case kIntegerCode: return "a float whose bits integer code has made is read";
  case kSecondExponential: return "an exponential of what is already past an exponential";
  case kNotInField: return fmt::format("{} of a number that depends on the data: the field does not have it", operation);
  case kDivisionByZero: return "a division by what is zero in the field";
  case kNotANumber: return "a result that is not a number";
  case kMixedLogarithm: return "arithmetic on a logarithm other than sums";
  case kInfinity: return "a stand-in for -inf that exp does not send to 0";
  }
  return "it left the field";
}

class Comparison {
public:
  Comparison(std::uint64_t seed, const Result& result) : exp_(seed), result_(result) {}

  void element(const Element& got, const Words& want, const std::string& index) {
    if (isKind(want, kUnknown))
      return; // nothing is asked of it
    ++verdict.compared;
    if (!got.valid)
      return unknown("an output whose bits integer code has made", {});
    if (isKind(got.words, kUnknown)) {
      const Place& place = placeOf(got.words);
      return unknown(reasonText(reasonOf(got.words.w[2]), place.operation), place.location);
    }
    if (equal(got.words, want))
      return;
    hidden_ |= (got.words.w[2] | want.w[2]) & kHidden;
    if (verdict.unequal++ == 0)
      verdict.first = index;
  }

  AlgebraVerdict finish() {
    if (!unknown_.empty()) {
      verdict.kind = AlgebraVerdict::Kind::Unknown;
      verdict.reason = unknown_;
    } else if (verdict.unequal == 0 && verdict.compared > 0) {
      verdict.kind = AlgebraVerdict::Kind::Equal;
    } else if (std::string doubt = doubts(); verdict.compared == 0 || !doubt.empty()) {
      verdict.kind = AlgebraVerdict::Kind::Unknown;
      verdict.reason = verdict.compared == 0 ? "there is no output to compare" : doubt;
    } else {
      verdict.kind = AlgebraVerdict::Kind::Unequal;
      verdict.reason = fmt::format("{} is not what the spec gives in exact arithmetic ({} of {} elements differ)",
                                   verdict.first, verdict.unequal, verdict.compared);
    }
    return std::move(verdict);
  }

  AlgebraVerdict verdict;

private:
  bool equal(const Words& got, const Words& want) const {
    for (Special kind : {kMinusInfinity, kPlusInfinity})
      if (isKind(got, kind) || isKind(want, kind))
        return isKind(got, kind) && isKind(want, kind);
    if (!isKind(want, kLogarithm))
      return !(got.w[2] & kSpecial) && got.w[0] == want.w[0];
    // Logarithms are compared by their exponentials.
    if (isKind(got, kLogarithm))
      return ModP::mul(exp_(got.w[1]), got.w[0]) == want.w[0];
    return !(got.w[2] & (kSpecial | kNoQ)) && exp_(got.w[1]) == want.w[0];
  }

  /// Why a difference proves nothing.
  std::string doubts() {
    for (const Note& note : result_.notes)
      if (note.text == kThresholdNote || note.text == kToIntegerNote) {
        if (note.site < result_.places.size())
          verdict.place = result_.places[note.site].location;
        return "it differs from the spec, but " + note.text;
      }
    if (hidden_ & kOddConstant)
      return "it differs from the spec, but takes part of a constant of many digits that stands for nothing known";
    if (hidden_ & kTie)
      return "it differs from the spec, but a maximum of equal numbers may have been either";
    if (hidden_ & kNoRoot)
      return "it differs from the spec, but a square root has none in this field: another seed may tell";
    return {};
  }

  const Place& placeOf(const Words& words) const {
    static const Place nowhere;
    std::uint32_t site = siteOf(words.w[2]);
    return site < result_.places.size() ? result_.places[site] : nowhere;
  }

  void unknown(std::string reason, SourceLocation place) {
    if (!unknown_.empty())
      return;
    unknown_ = std::move(reason);
    verdict.place = std::move(place);
  }

  FieldExponential exp_;
  const Result& result_;
  std::string unknown_;
  Word hidden_ = 0;
};

} // namespace

Expected<FieldSpec> prepareAlgebra(const Contract& contract, const LaunchPlan& plan, std::uint64_t seed) {
  FieldSpec none;
  FieldEvaluation evaluate = contract.spec ? fieldEvaluation(contract.spec->oracle) : nullptr;
  if (!evaluate) {
    none.uncovered = contract.spec ? fmt::format("{} is not evaluated in the field", contract.spec->name)
                                   : "the contract names no spec";
    return none;
  }
  auto run = judge::OperationRun::make(contract, plan);
  if (!run)
    return tl::unexpected<ToolError>(run.error());
  if (run->has("K_scale") || run->has("V_scale")) { // of every attention: no evaluation knows of them
    none.uncovered = "the scales of keys and values stored in 8 bits are not evaluated in the field";
    return none;
  }
  return evaluate({*run, seed});
}

AlgebraVerdict compareAlgebra(const Contract& contract, const LaunchPlan& plan, std::uint64_t seed,
                              const FieldSpec& spec, const simt::RunResult& run) {
  AlgebraVerdict verdict;
  verdict.escape_probability = spec.escape_probability;
  if (!spec.uncovered.empty() || !run.shadow) {
    verdict.uncovered = !spec.uncovered.empty();
    verdict.reason = spec.uncovered.empty() ? "the run did not end" : spec.uncovered;
    return verdict;
  }
  auto operation = judge::OperationRun::make(contract, plan);
  Comparison comparison(seed, *run.shadow);
  comparison.verdict = verdict;
  for (const auto& [role, wanted] : spec.outputs) {
    judge::RoleView view = judge::viewRole(contract, plan, operation->axes(), role);
    if (!view.tensor)
      continue;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      auto flat = static_cast<std::int64_t>(i);
      const Element& got = run.shadow->buffers[view.buffer][static_cast<std::size_t>(view.elementAt(flat))];
      comparison.element(got, wanted[i], view.tensor->name + view.indexText(flat));
    }
  }
  return comparison.finish();
}

Expected<AlgebraVerdict> judgeAlgebra(const Contract& contract, simt::Program& program, const LaunchPlan& plan,
                                      std::uint64_t seed, const simt::RunLimits& limits) {
  auto spec = prepareAlgebra(contract, plan, seed);
  if (!spec)
    return tl::unexpected<ToolError>(spec.error());
  if (!spec->uncovered.empty())
    return compareAlgebra(contract, plan, seed, *spec, {});
  simt::RunLimits field = limits;
  field.shadow = {seed, spec->known};
  auto run = program.run(plan, field);
  if (!run)
    return tl::unexpected<ToolError>(run.error());
  return compareAlgebra(contract, plan, seed, *spec, *run);
}

} // namespace kverify::shadow
