#include "cli/pipeline/mutant_field.h"

#include <algorithm>

#include "cli/pipeline/algebra.h"
#include "fuzz/shadow/algebra.h"

namespace kverify::pipeline {
namespace {

using shadow::AlgebraVerdict;

constexpr std::size_t kMostCases = 4;
constexpr std::uint64_t kResidues = 3; ///< sets of them a case
constexpr double kMostWork = 2e6;      ///< multiply-adds of a case: a field run costs several times the plain one

std::unique_ptr<simt::Program> fieldProgram(const Subject& subject) {
  auto program = simt::Program::create(subject.module, {.checks = false, .shadow = simt::ShadowDomain::Field});
  return program ? std::move(*program) : nullptr;
}

AlgebraVerdict judged(const Subject& subject, simt::Program& program, const PreparedCase& prepared,
                      std::uint64_t residues, const simt::RunLimits& limits) {
  auto verdict =
      shadow::judgeAlgebra(*subject.contract, program, prepared.plan, prepared.one_case.seed + 7919 * residues, limits);
  if (verdict)
    return std::move(*verdict);
  AlgebraVerdict unknown;
  unknown.reason = verdict.error().message;
  return unknown;
}

} // namespace

bool FieldBench::kernelIsEqual(const PreparedCase& prepared) const {
  std::lock_guard lock(mutex_);
  if (auto known = equal_.find(&prepared); known != equal_.end())
    return known->second;
  if (!program_)
    program_ = fieldProgram(kernel_);
  bool equal = program_ != nullptr;
  for (std::uint64_t residues = 0; equal && residues < 2; ++residues)
    equal = judged(kernel_, *program_, prepared, residues, limits_).kind == AlgebraVerdict::Kind::Equal;
  return equal_[&prepared] = equal;
}

FieldEvidence FieldBench::compare(const Subject& mutant, std::span<const PreparedCase* const> cases) const {
  FieldEvidence evidence;
  if (!hasAlgebra(kernel_))
    return evidence;
  std::vector<const PreparedCase*> chosen;
  for (const PreparedCase* one : cases)
    if (one->one_case.work <= kMostWork && kernelIsEqual(*one))
      chosen.push_back(one);
  auto program = chosen.empty() ? nullptr : fieldProgram(mutant);
  const std::size_t count = program ? std::min(kMostCases, chosen.size()) : 0;
  for (std::size_t i = 0; i < count; ++i) {
    const PreparedCase& prepared = *chosen[i * chosen.size() / count];
    std::size_t unequal = 0;
    for (std::uint64_t residues = 0; residues < kResidues; ++residues) {
      AlgebraVerdict verdict = judged(mutant, *program, prepared, residues, limits_);
      evidence.escape = std::max(evidence.escape, verdict.escape_probability);
      unequal += verdict.kind == AlgebraVerdict::Kind::Unequal;
      if (unequal > 1)
        evidence.unequal = verdict.reason;
      if (verdict.kind == AlgebraVerdict::Kind::Unknown)
        evidence.undecided = verdict.reason;
    }
    if (unequal == 1)
      evidence.undecided = "one set of residues shows a difference, others none";
    if (!evidence.unequal.empty() || !evidence.undecided.empty())
      return evidence;
    ++evidence.cases;
  }
  return evidence;
}

} // namespace kverify::pipeline
