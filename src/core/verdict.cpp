#include "kverify/verdict.h"

#include <algorithm>
#include <string_view>

namespace kverify {
namespace {

bool isBounded(const Proved& proved) {
  return std::string_view(proved.scope).starts_with("bounded");
}

/// Does this outcome suffice as a pass under the policy?
bool passes(const Outcome& outcome, const Policy& policy) {
  if (const auto* proved = std::get_if<Proved>(&outcome)) return policy.bounded_suffices || !isBounded(*proved);
  if (const auto* tested = std::get_if<Tested>(&outcome)) return policy.tested_suffices && tested->cases > 0;
  return false;
}

}  // namespace

std::string_view nameOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::Certified: return "certified";
    case Verdict::Refuted: return "refuted";
    case Verdict::Inconclusive: return "inconclusive";
  }
  return "inconclusive";
}

Verdict foldVerdict(std::span<const CheckOutcome> outcomes, const Policy& policy) {
  auto refuted = [](const CheckOutcome& o) { return std::holds_alternative<Refuted>(o.outcome); };
  auto passed = [&](const CheckOutcome& o) { return passes(o.outcome, policy); };
  if (std::any_of(outcomes.begin(), outcomes.end(), refuted)) return Verdict::Refuted;
  if (outcomes.empty() || !std::all_of(outcomes.begin(), outcomes.end(), passed)) return Verdict::Inconclusive;
  return Verdict::Certified;
}

int exitCodeOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::Certified: return kExitCertified;
    case Verdict::Refuted: return kExitRefuted;
    case Verdict::Inconclusive: return kExitInconclusive;
  }
  return kExitInconclusive;
}

int worstExitCode(std::span<const int> codes) {
  for (int code : {kExitRefuted, kExitError, kExitInconclusive})
    if (std::find(codes.begin(), codes.end(), code) != codes.end()) return code;
  return codes.empty() ? kExitError : kExitCertified;
}

}  // namespace kverify
