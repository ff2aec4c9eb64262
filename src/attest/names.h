#pragma once
// Spellings that the writer and the reader of a predicate share.
#include <cstddef>
#include <utility>

#include "kverify/finding.h"
#include "kverify/suppression.h"
#include "kverify/verdict.h"

namespace kverify::attest {

inline constexpr std::pair<Verdict, const char*> kVerdicts[] = {
    {Verdict::Inconclusive, "inconclusive"}, {Verdict::Refuted, "refuted"}, {Verdict::Certified, "certified"}};
inline constexpr std::pair<Require, const char*> kRequires[] = {
    {Require::Tests, "tests"}, {Require::Proof, "proof"}, {Require::UnboundedProof, "unbounded-proof"}};
inline constexpr std::pair<Severity, const char*> kSeverities[] = {
    {Severity::Error, "error"}, {Severity::Warning, "warning"}, {Severity::Note, "note"}};
inline constexpr std::pair<Suppression::State, const char*> kStates[] = {{Suppression::State::Used, "used"},
                                                                         {Suppression::State::Unused, "unused"},
                                                                         {Suppression::State::Refused, "refused"}};

template <class T, std::size_t N>
const char* spellingOf(const std::pair<T, const char*> (&names)[N], T value) {
  for (const auto& [known, spelling] : names)
    if (known == value)
      return spelling;
  return names[0].second;
}

} // namespace kverify::attest
