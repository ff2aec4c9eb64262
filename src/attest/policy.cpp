#include "attest/policy.h"

#include <algorithm>
#include <charconv>
#include <map>

#include <fmt/format.h>

#include "attest/predicate.h"

namespace kverify::attest {
namespace {

tl::unexpected<Refusal> fallsShort(const CertificatePolicy& policy, std::string what) {
  return refuse(Reason::Policy, fmt::format("the policy {} wants more: {}", policy.name, what));
}

/// Everything a certificate says about one check.
struct Said {
  bool idle = false, proved = false, unbounded = false, tested = false;
  std::uint64_t cases = 0;
};

std::map<std::string, Said> saidOf(const Certificate& c) {
  std::map<std::string, Said> all;
  for (const NothingToJudge& one : c.idle)
    all[one.check].idle = true;
  for (const Obligation& one : c.obligations) {
    Said& said = all[one.judged.check];
    if (const auto* proved = std::get_if<Proved>(&one.judged.outcome)) {
      said.proved = true;
      said.unbounded = said.unbounded || !proved->scope.starts_with("bounded");
    } else if (const auto* tested = std::get_if<Tested>(&one.judged.outcome)) {
      said.tested = said.tested || tested->cases > 0;
      said.cases = std::max(said.cases, tested->cases);
    }
  }
  return all;
}

/// What is missing, or nothing.
std::string shortfall(const Said& said, Need need, std::uint64_t min_cases) {
  if (need == Need::Nothing || said.idle || said.unbounded || (said.proved && need != Need::UnboundedProof))
    return {};
  if (need == Need::UnboundedProof)
    return said.proved ? "is proved at listed sizes only" : "is not proved";
  if (need == Need::Proof)
    return "is not proved";
  if (!said.tested)
    return "is neither proved nor tested";
  return said.cases >= min_cases ? "" : fmt::format("is tested on {} cases, and {} are wanted", said.cases, min_cases);
}

Checked<void> checksSuffice(const Certificate& c, const CertificatePolicy& policy, std::span<const KnownCheck> known) {
  std::map<std::string, Said> said = saidOf(c);
  std::map<std::string, bool> provable;
  for (const KnownCheck& one : known)
    provable[one.id] = one.provable;
  for (const CheckRule& rule : policy.checks)
    if (rule.match.find('*') == rule.match.npos)
      provable.try_emplace(rule.match, false);
  for (const auto& [check, can_prove] : provable) {
    const CheckRule* decides = nullptr;
    for (const CheckRule& rule : policy.checks)
      if (matchesPattern(rule.match, check))
        decides = &rule;
    if (!decides || decides->need == Need::Nothing)
      continue;
    bool by_name = decides->match == check;
    Need need = can_prove || by_name ? decides->need : std::min(decides->need, Need::Tests);
    auto found = said.find(check);
    std::string missing = found == said.end() ? "is not mentioned"
                                              : shortfall(found->second, need, std::max(policy.min_cases, decides->min_cases));
    if (!missing.empty())
      return fallsShort(policy, fmt::format("{} {} ({}: {})", check, missing, decides->match, nameOf(need)));
  }
  return {};
}

Checked<void> scoresSuffice(const Certificate& c, const CertificatePolicy& policy) {
  if (policy.oracle_score) {
    if (!c.oracle || c.oracle->total == 0)
      return fallsShort(policy, "it does not say what part of the wrong results the oracle rejects");
    double score = static_cast<double>(c.oracle->rejected) / static_cast<double>(c.oracle->total);
    if (!(score >= *policy.oracle_score))
      return fallsShort(policy, fmt::format("the oracle rejects {} of {} wrong results, and {} of them are wanted",
                                            c.oracle->rejected, c.oracle->total, *policy.oracle_score));
  }
  if (policy.kill_score) {
    if (!c.mutation || c.mutation->killed == 0)
      return fallsShort(policy, "it has no kill score (kverify certify --mutants)");
    if (!(c.mutation->score() >= *policy.kill_score))
      return fallsShort(policy, fmt::format("{:.3f} of the mutants are noticed, and {} of them are wanted",
                                            c.mutation->score(), *policy.kill_score));
  }
  return {};
}

Checked<void> toolSuits(const Certificate& c, const CertificatePolicy& policy) {
  if (policy.tool_at_least || policy.tool_below) {
    auto version = parseVersion(c.tool_version);
    if (!version || (policy.tool_at_least && *version < *policy.tool_at_least) ||
        (policy.tool_below && *version >= *policy.tool_below))
      return fallsShort(policy, fmt::format("kverify {} made it, which is outside of the versions that are allowed", c.tool_version));
  }
  auto allows = [](const std::vector<std::string>& list, const std::string& one) {
    return list.empty() || std::find(list.begin(), list.end(), one) != list.end();
  };
  if (!allows(policy.targets, c.target))
    return fallsShort(policy, fmt::format("it is for {}, and {} is wanted", c.target, fmt::join(policy.targets, " or ")));
  if (!allows(policy.backends, c.settings.backend))
    return fallsShort(policy, fmt::format("its cases ran on '{}', and {} is wanted", c.settings.backend, fmt::join(policy.backends, " or ")));
  if (c.policy.require < policy.require)
    return fallsShort(policy, fmt::format("its verdict rests on '{}', and '{}' is wanted", nameOf(c.policy.require), nameOf(policy.require)));
  return {};
}

Checked<void> isClean(const Certificate& c, const CertificatePolicy& policy) {
  for (const Suppression& said : c.suppressions) {
    bool allowed = !policy.suppressions ||
                   std::any_of(policy.suppressions->begin(), policy.suppressions->end(),
                               [&](const std::string& pattern) { return matchesPattern(pattern, said.check); });
    if (!allowed)
      return fallsShort(policy, fmt::format("{} is suppressed at {}:{}, which is not allowed", said.check, said.at.file, said.at.line));
  }
  if (!policy.allow_warnings)
    for (const CertifiedFinding& finding : c.findings)
      if (finding.severity != Severity::Note)
        return fallsShort(policy, fmt::format("{} warns at {}:{}: {}", finding.check, finding.file, finding.line, finding.message));
  if (policy.contract_required && !c.contract)
    return fallsShort(policy, "it is about a single launch, and a contract is wanted");
  return {};
}

Checked<void> isFresh(const Opened& opened, const CertificatePolicy& policy, std::int64_t now) {
  if (!policy.max_age_seconds)
    return {};
  std::string issued = utcOf(opened.timing.issued);
  // Clocks differ by minutes; a certificate of tomorrow is none.
  constexpr std::int64_t kSkew = 600;
  if (opened.timing.issued > now + kSkew)
    return fallsShort(policy, fmt::format("it was issued on {}, which is still to come", issued));
  if (now - opened.timing.issued > *policy.max_age_seconds)
    return fallsShort(policy, fmt::format("it was issued on {}, which is more than {} days ago", issued,
                                          *policy.max_age_seconds / 86400));
  return {};
}

} // namespace

std::string_view nameOf(Need need) {
  switch (need) {
  case Need::Nothing: return "nothing";
  case Need::Tests: return "tests";
  case Need::Proof: return "proof";
  case Need::UnboundedProof: return "unbounded-proof";
  }
  return "unbounded-proof";
}

std::optional<Need> parseNeed(std::string_view name) {
  for (Need need : {Need::Nothing, Need::Tests, Need::Proof, Need::UnboundedProof})
    if (name == nameOf(need))
      return need;
  return std::nullopt;
}

std::optional<Version> parseVersion(std::string_view text) {
  Version version;
  std::uint32_t* parts[] = {&version.major, &version.minor, &version.patch};
  const char* at = text.data();
  const char* end = at + text.size();
  for (std::size_t i = 0; i < 3; ++i) {
    auto [next, error] = std::from_chars(at, end, *parts[i]);
    if (error != std::errc())
      return std::nullopt;
    if (next == end)
      return version;
    if (*next != '.')
      return std::nullopt;
    at = next + 1;
  }
  return std::nullopt;
}

bool matchesPattern(std::string_view pattern, std::string_view text) {
  // Greedy with one place to come back to: linear but for the last star.
  std::size_t p = 0, t = 0, star = pattern.npos, mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != pattern.npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == pattern.npos;
}

std::optional<CertificatePolicy> presetPolicy(std::string_view name) {
  // What breaks memory or ordering. Values depend on the operation: whoever wants them judged names the checks.
  constexpr const char* kMemory[] = {"access.*", "barrier.*", "bounds.*", "index.*", "init.*", "limits.launch", "race.*", "warp.*"};
  CertificatePolicy policy{.name = fmt::format("'{}'", name)};
  if (name == "smoke") {
    policy.contract_required = false;
    return policy;
  }
  bool strict = name == "strict";
  if (name != "standard" && !strict)
    return std::nullopt;
  policy.checks.push_back({"*", Need::Nothing});
  for (const char* family : kMemory)
    policy.checks.push_back({family, strict ? Need::Proof : Need::Tests});
  policy.oracle_score = 0.9;
  if (strict) {
    policy.checks.push_back({"numerics.bound", Need::Tests, 30});
    policy.checks.push_back({"numerics.nonfinite", Need::Tests, 30});
    policy.checks.push_back({"output.unwritten", Need::Tests, 30});
    policy.require = Require::Proof;
    policy.suppressions.emplace();
    policy.allow_warnings = false;
  }
  return policy;
}

Checked<void> satisfies(const Opened& opened, const CertificatePolicy& policy, std::span<const KnownCheck> known,
                        std::int64_t now) {
  const Certificate& c = opened.certificate;
  if (c.verdict != Verdict::Certified)
    return refuse(Reason::NotCertified, fmt::format("it says that the kernel is {}", nameOf(c.verdict)));
  if (policy.keys && std::find(policy.keys->begin(), policy.keys->end(), opened.key_id) == policy.keys->end())
    return refuse(Reason::UntrustedKey,
                  fmt::format("the key {} has signed it, which is not among those of the policy {}", opened.key_id, policy.name));
  Checked<void> result = toolSuits(c, policy);
  if (result)
    result = checksSuffice(c, policy, known);
  if (result)
    result = scoresSuffice(c, policy);
  if (result)
    result = isClean(c, policy);
  if (result)
    result = isFresh(opened, policy, now);
  return result;
}

} // namespace kverify::attest
