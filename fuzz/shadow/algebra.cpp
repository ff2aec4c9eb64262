#include "fuzz/shadow/algebra.h"

#include <cmath>

#include <fmt/format.h>

namespace kverify::shadow {
namespace {

using namespace simt::shadow;

std::string reasonText(Reason reason) {
  switch (reason) {
  case kIntegerCode: return "a float whose bits integer code has made is read";
  case kDivisionByZero: return "a division by what is zero in the field";
  case kNotANumber: return "a result that is not a number";
  case kInfinity: return "a stand-in for -inf that exp does not send to 0";
  }
  return "it left the field";
}

bool isInfinite(const FieldValue& a) {
  return a.is(kMinusInfinity) || a.is(kPlusInfinity);
}

class Comparison {
public:
  Comparison(std::uint64_t seed, const FieldSpec& spec, const Result& result)
      : field_(seed, spec.mode), spec_(spec), result_(result) {}

  void element(const Element& got, const FieldValue& want, const std::string& index) {
    if (want.is(kUnknown))
      return; // nothing is asked of it
    ++verdict_.compared;
    if (!got.valid)
      return unknown("an output whose bits integer code has made", {});
    const FieldValue value = valueOf(got.words);
    if (value.is(kUnknown))
      return unknown(reasonText(reasonOf(value.tag)), placeOf(siteOf(value.tag)).location);
    if (isInfinite(value) || isInfinite(want)) {
      if (value.is(kMinusInfinity) != want.is(kMinusInfinity) || value.is(kPlusInfinity) != want.is(kPlusInfinity))
        differ(value.tag | want.tag, kAllAbsent, index);
      return;
    }
    if (!value.isLogarithm() && !want.isLogarithm())
      return numbers(value, want, index);
    // Logarithms by their exponentials, or the squares of these where the sign of one is lost.
    const FieldValue one = field_.exponential(value), other = field_.exponential(want);
    const bool signless = (one.tag | other.tag) & kNoRoots;
    numbers(signless ? squareOf(one) : one, signless ? squareOf(other) : other, index);
  }

  AlgebraVerdict finish() {
    using Kind = AlgebraVerdict::Kind;
    const std::string doubt = verdict_.unequal > 0 ? doubts() : std::string();
    if (proved_ > 0 && doubt.empty()) {
      verdict_.kind = Kind::Unequal;
      verdict_.reason = fmt::format("{} is not what the spec gives in exact arithmetic ({} of {} elements differ)",
                                    verdict_.first, verdict_.unequal, verdict_.compared);
    } else if (verdict_.unequal > 0) {
      verdict_.differs = true;
      verdict_.reason = fmt::format("{} differs from the spec, but {}", verdict_.first, doubt);
    } else if (!unknown_.empty()) {
      verdict_.reason = unknown_;
      verdict_.place = unknown_place_;
    } else if (verdict_.compared == 0) {
      verdict_.reason = "there is no output to compare";
    } else {
      verdict_.kind = Kind::Equal;
      // Two independent fields, but where one of them has no say.
      verdict_.escape_probability = fewest_ == 1 && spec_.mode == FieldMode::Pairs ? std::sqrt(spec_.escape_probability)
                                                                                   : spec_.escape_probability;
    }
    return std::move(verdict_);
  }

private:
  void numbers(const FieldValue& got, const FieldValue& want, const std::string& index) {
    const bool pairs = spec_.mode == FieldMode::Pairs;
    const int fields = (got.has(0) && want.has(0)) + (pairs && got.has(2) && want.has(2));
    if (fields == 0)
      return unknown("a result that has no residue left", {});
    fewest_ = std::min(fewest_, fields);
    if (const Word lanes = field_.differing(got, want))
      differ(got.tag | want.tag, lanes, index);
  }

  void differ(Word tags, Word lanes, const std::string& index) {
    const Word without_root = (tags & kNoRoots) >> 16;
    const bool proves = !(tags & kHidden) && (lanes & ~without_root);
    if (!proves)
      hidden_ |= tags;
    // An element that proves it is the one to show.
    if (verdict_.unequal++ == 0 || (proves && proved_ == 0))
      verdict_.first = index;
    proved_ += proves;
  }

  FieldValue squareOf(const FieldValue& value) const {
    FieldValue square = field_.multiply(value, value);
    square.tag &= ~kNoRoots;
    return square;
  }

  const Note* noteOf(std::initializer_list<const char*> texts, bool among) const {
    for (const Note& note : result_.notes)
      if (std::any_of(texts.begin(), texts.end(), [&](const char* text) { return note.text == text; }) == among)
        return &note;
    return nullptr;
  }

  /// Why a difference proves nothing; empty: it does.
  std::string doubts() {
    if (const Note* note = noteOf({kThresholdNote, kToIntegerNote}, true)) {
      verdict_.place = placeOf(note->site).location;
      verdict_.suspicious = note->text == kThresholdNote;
      return note->text;
    }
    if (proved_ > 0)
      return {};
    if (hidden_ & kStranger) {
      const Note* note = noteOf({kThresholdNote, kToIntegerNote}, false);
      verdict_.place = note ? placeOf(note->site).location : SourceLocation();
      return "it depends on " + (note ? note->text : "a function that the field does not have");
    }
    if (hidden_ & kOddConstant) {
      verdict_.suspicious = true;
      return "takes part of a constant of many digits that stands for nothing known";
    }
    if (hidden_ & kTooLong)
      return "a sum has too many terms to be exact";
    if (hidden_ & kTie)
      return "a maximum of equal numbers may have been either";
    return "a square root has none in this field: another seed may tell";
  }

  const Place& placeOf(std::uint32_t site) const {
    static const Place nowhere;
    return site < result_.places.size() ? result_.places[site] : nowhere;
  }

  void unknown(std::string reason, SourceLocation place) {
    if (!unknown_.empty())
      return;
    unknown_ = std::move(reason);
    unknown_place_ = std::move(place);
  }

  FieldArithmetic field_;
  const FieldSpec& spec_;
  const Result& result_;
  AlgebraVerdict verdict_;
  std::string unknown_;
  SourceLocation unknown_place_;
  std::uint64_t proved_ = 0; ///< elements whose difference proves something
  int fewest_ = 2;           ///< independent fields that compared an element
  Word hidden_ = 0;
};

simt::shadow::Inputs inputsOf(const Contract& contract, const LaunchPlan& plan, const judge::OperationRun& operation,
                              std::uint64_t seed, const FieldSpec& spec) {
  simt::shadow::Inputs inputs{seed, spec.mode == FieldMode::Tower, spec.known, {}};
  for (const auto& [role, values] : spec.given) {
    const judge::RoleView view = judge::viewRole(contract, plan, operation.axes(), role);
    if (!view.tensor)
      continue;
    auto& elements = inputs.given[view.buffer];
    elements.resize(static_cast<std::size_t>(plan.buffers[view.buffer].elements));
    for (std::size_t i = 0; i < values.size(); ++i)
      elements[static_cast<std::size_t>(view.elementAt(static_cast<std::int64_t>(i)))] = {wordsOf(values[i]), true};
  }
  return inputs;
}

} // namespace

Expected<FieldSpec> prepareAlgebra(const Contract& contract, const LaunchPlan& plan, std::uint64_t seed) {
  FieldEvaluation evaluate = contract.spec ? fieldEvaluation(contract.spec->oracle) : nullptr;
  if (!evaluate) {
    FieldSpec none;
    none.uncovered = contract.spec ? fmt::format("{} is not evaluated in the field", contract.spec->name)
                                   : "the contract names no spec";
    return none;
  }
  auto run = judge::OperationRun::make(contract, plan);
  if (!run)
    return tl::unexpected<ToolError>(run.error());
  if (run->has("K_scale") || run->has("V_scale")) { // of every attention: no evaluation knows of them
    FieldSpec none;
    none.uncovered = "the scales of keys and values stored in 8 bits are not evaluated in the field";
    return none;
  }
  FieldCase one(*run, seed, fieldModeOf(*run));
  evaluate(one);
  if (run->error())
    one.out.uncovered = run->error()->message;
  return std::move(one.out);
}

AlgebraVerdict compareAlgebra(const Contract& contract, const LaunchPlan& plan, std::uint64_t seed,
                              const FieldSpec& spec, const simt::RunResult& run) {
  AlgebraVerdict verdict;
  if (!spec.uncovered.empty() || !run.shadow) {
    verdict.uncovered = !spec.uncovered.empty();
    verdict.reason = spec.uncovered.empty() ? "the run did not end" : spec.uncovered;
    return verdict;
  }
  auto operation = judge::OperationRun::make(contract, plan);
  Comparison comparison(seed, spec, *run.shadow);
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
  AlgebraVerdict verdict;
  double escape = 1;
  for (int turn = 0; turn < 2; ++turn) {
    const std::uint64_t residues = seed + static_cast<std::uint64_t>(turn) * 0x632be59bd9b4e019ull;
    auto spec = prepareAlgebra(contract, plan, residues);
    if (!spec)
      return tl::unexpected<ToolError>(spec.error());
    if (!spec->uncovered.empty())
      return compareAlgebra(contract, plan, residues, *spec, {});
    auto operation = judge::OperationRun::make(contract, plan);
    simt::RunLimits field = limits;
    field.shadow = inputsOf(contract, plan, *operation, residues, *spec);
    auto run = program.run(plan, field);
    if (!run)
      return tl::unexpected<ToolError>(run.error());
    verdict = compareAlgebra(contract, plan, residues, *spec, *run);
    escape *= verdict.escape_probability;
    if (verdict.kind != AlgebraVerdict::Kind::Equal || spec->mode == FieldMode::Pairs)
      break;
  }
  verdict.escape_probability = escape;
  return verdict;
}

} // namespace kverify::shadow
