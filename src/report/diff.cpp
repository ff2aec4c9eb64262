#include "report/diff.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "report/digest.h"
#include "report/outcome_table.h"

namespace kverify::report {
namespace {

using FindingKind = FindingChange::Kind;
using OutcomeKind = OutcomeChange::Kind;

/// What a scope says, part by part: ranges by name, and the rest as it is.
struct Scope {
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> ranges;
  std::set<std::string> rest;
  bool bounded = false;
};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ')
    text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ')
    text.remove_suffix(1);
  return text;
}

std::optional<std::int64_t> integer(std::string_view text) {
  std::int64_t value = 0;
  text = trimmed(text);
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

/// "n in [1, 99]" or "d=64".
bool addRange(std::string_view part, Scope& scope) {
  std::size_t in = part.find(" in ["), comma = part.rfind(','), equals = part.find('=');
  if (in != part.npos && part.ends_with("]") && comma != part.npos && comma > in) {
    auto low = integer(part.substr(in + 5, comma - in - 5)), high = integer(part.substr(comma + 1, part.size() - comma - 2));
    return low && high && scope.ranges.emplace(part.substr(0, in), std::pair(*low, *high)).second;
  }
  auto value = equals == part.npos ? std::nullopt : integer(part.substr(equals + 1));
  return value && scope.ranges.emplace(part.substr(0, equals), std::pair(*value, *value)).second;
}

Scope parsed(std::string_view text) {
  Scope scope;
  for (std::string_view head : {"bounded: ", "all sizes: "})
    if (text.starts_with(head)) {
      scope.bounded = head.front() == 'b';
      text.remove_prefix(head.size());
    }
  int depth = 0;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    char c = i < text.size() ? text[i] : ',';
    depth += c == '[' || c == '{' || c == '(' ? 1 : c == ']' || c == '}' || c == ')' ? -1 : 0;
    if (depth > 0 || (c != ',' && c != ';'))
      continue;
    std::string_view part = trimmed(text.substr(start, i - start));
    if (!part.empty() && !addRange(part, scope))
      scope.rest.emplace(part);
    start = i + 1;
  }
  return scope;
}

/// The higher, the more is known to be right.
int strengthOf(const Outcome& outcome) {
  if (std::holds_alternative<Refuted>(outcome))
    return 0;
  if (const auto* tested = std::get_if<Tested>(&outcome))
    return tested->cases > 0 ? 2 : 1;
  return std::holds_alternative<Proved>(outcome) ? 3 : 1;
}

OutcomeChange proofChange(const Proved& before, const Proved& after) {
  OutcomeChange change;
  std::set<std::string> old(before.assumptions.begin(), before.assumptions.end());
  for (const std::string& one : after.assumptions)
    if (!old.count(one)) {
      change.kind = OutcomeKind::Weaker;
      change.why = "it assumes more: " + one;
      return change;
    }
  std::string unused;
  if (!coversAsMuch(before.scope, after.scope, change.why))
    change.kind = OutcomeKind::Weaker;
  else if (!coversAsMuch(after.scope, before.scope, unused) || after.assumptions.size() < before.assumptions.size())
    change.kind = OutcomeKind::Better;
  return change;
}

OutcomeChange changeOf(const CheckOutcome& before, const CheckOutcome& after) {
  int old = strengthOf(before.outcome), now = strengthOf(after.outcome);
  OutcomeChange change;
  if (now < old)
    change.kind = now == 0 ? OutcomeKind::Worse : now == 1 ? OutcomeKind::Lost : OutcomeKind::Weaker;
  else if (now > old)
    change.kind = OutcomeKind::Better;
  else if (const auto* proved = std::get_if<Proved>(&before.outcome))
    change = proofChange(*proved, std::get<Proved>(after.outcome));
  return change;
}

/// Equal but for the time it took, and where the proof came from.
bool saysTheSame(const CheckOutcome& a, const CheckOutcome& b) {
  if (a.outcome.index() != b.outcome.index())
    return false;
  if (const auto* p = std::get_if<Proved>(&a.outcome)) {
    const auto& q = std::get<Proved>(b.outcome);
    return p->scope == q.scope && p->assumptions == q.assumptions;
  }
  if (const auto* t = std::get_if<Tested>(&a.outcome)) {
    const auto& u = std::get<Tested>(b.outcome);
    return t->cases == u.cases && t->scope == u.scope;
  }
  if (const auto* u = std::get_if<Unknown>(&a.outcome))
    return u->code == std::get<Unknown>(b.outcome).code;
  return true; // both refuted: the findings tell
}

bool isIdle(const KernelReport& kernel, const std::string& check) {
  return std::any_of(kernel.idle.begin(), kernel.idle.end(), [&](const auto& one) { return one.check == check; });
}

void compareOutcomes(KernelDiff& diff) {
  std::map<std::pair<std::string, std::string>, std::pair<const CheckOutcome*, const CheckOutcome*>> pairs;
  for (const CheckOutcome& o : diff.before->outcomes)
    if (!isBesides(o))
      pairs[{o.check, o.stage}].first = &o;
  for (const CheckOutcome& o : diff.after->outcomes)
    if (!isBesides(o))
      pairs[{o.check, o.stage}].second = &o;
  for (const auto& [key, pair] : pairs) {
    auto [before, after] = pair;
    if (before && after && saysTheSame(*before, *after))
      continue;
    OutcomeChange change;
    if (before && after)
      change = changeOf(*before, *after);
    else if (before && strengthOf(before->outcome) > 1 && !isIdle(*diff.after, key.first))
      change = {.kind = OutcomeKind::Lost, .why = "the stage says nothing about it any more"};
    else if (after && strengthOf(after->outcome) == 0)
      change.kind = OutcomeKind::Worse;
    else if (after && strengthOf(after->outcome) > 1)
      change.kind = OutcomeKind::Better;
    else if (before && isIdle(*diff.after, key.first))
      change.why = "there is nothing to judge any more";
    change.check = key.first;
    change.stage = key.second;
    change.before = before;
    change.after = after;
    diff.outcomes.push_back(std::move(change));
  }
}

/// Why a finding is not there any more.
FindingKind fateOf(const Finding& gone, const KernelReport& after, bool partial) {
  for (const Suppression& said : after.suppressions)
    if (said.state == Suppression::State::Used && said.check == gone.check && said.silenced == gone.message)
      return FindingKind::Allowed;
  if (after.error || partial)
    return FindingKind::Unjudged;
  bool judged = isIdle(after, gone.check), unknown = false, said = false;
  for (const CheckOutcome& o : after.outcomes)
    if (o.check == gone.check) {
      said = true;
      (std::holds_alternative<Unknown>(o.outcome) ? unknown : judged) = true;
    }
  // The static stage gives no outcome to a check that warns of nothing.
  const CheckInfo* info = findCheck(gone.check);
  bool was_read = info && std::string_view(info->stage) == "static" && after.static_checks > 0 && !said;
  return (judged && !unknown) || was_read ? FindingKind::Fixed : FindingKind::Unjudged;
}

std::string identityOf(const Finding& finding) {
  return finding.fingerprint.empty() ? finding.check + "\n" + finding.message : finding.check + "\n" + finding.fingerprint;
}

void compareFindings(KernelDiff& diff, bool partial) {
  std::map<std::string, std::vector<const Finding*>> old;
  for (const Finding& finding : diff.before->findings)
    old[identityOf(finding)].push_back(&finding);
  for (const Finding& finding : diff.after->findings) {
    std::vector<const Finding*>& same = old[identityOf(finding)];
    FindingKind kind = FindingKind::New;
    if (!same.empty()) {
      kind = finding.confirmed && !same.front()->confirmed ? FindingKind::Confirmed : FindingKind::Unchanged;
      same.erase(same.begin());
    }
    diff.findings.push_back({kind, &finding});
  }
  for (const Finding& finding : diff.before->findings) {
    const std::vector<const Finding*>& left = old[identityOf(finding)];
    if (std::find(left.begin(), left.end(), &finding) != left.end())
      diff.findings.push_back({fateOf(finding, *diff.after, partial), &finding});
  }
}

/// Which kernel of the new report is which of the old one's.
std::vector<KernelDiff> matched(const Report& before, const Report& after) {
  std::vector<KernelDiff> all;
  std::set<const KernelReport*> taken;
  auto match = [&](auto same) {
    for (const KernelReport& now : after.kernels) {
      if (taken.count(&now))
        continue;
      std::vector<const KernelReport*> found;
      for (const KernelReport& old : before.kernels)
        if (!taken.count(&old) && same(old, now))
          found.push_back(&old);
      auto others = std::count_if(after.kernels.begin(), after.kernels.end(),
                                  [&](const KernelReport& one) { return !taken.count(&one) && !found.empty() && same(*found[0], one); });
      if (found.size() != 1 || others != 1)
        continue;
      all.push_back({.before = found[0], .after = &now});
      taken.insert({found[0], &now});
    }
  };
  match([](const KernelReport& a, const KernelReport& b) { return a.file == b.file && a.kernel == b.kernel; });
  match([](const KernelReport& a, const KernelReport& b) {
    return !a.source_sha256.empty() && a.source_sha256 == b.source_sha256 && a.kernel == b.kernel;
  });
  match([](const KernelReport& a, const KernelReport& b) { return !a.kernel.empty() && a.kernel == b.kernel && a.spec == b.spec; });
  match([](const KernelReport& a, const KernelReport& b) { return a.file == b.file; }); // an error on either side has no kernel's name
  for (const KernelReport& now : after.kernels)
    if (!taken.count(&now))
      all.push_back({.after = &now});
  for (const KernelReport& old : before.kernels)
    if (!taken.count(&old))
      all.push_back({.before = &old});
  return all;
}

int codeOf(const KernelDiff& diff) {
  bool worse = false, less = false;
  for (const FindingChange& change : diff.findings) {
    bool counts = change.finding->severity != Severity::Note;
    worse |= change.kind == FindingKind::Confirmed || (change.kind == FindingKind::New && counts);
    less |= change.kind == FindingKind::Unjudged;
  }
  for (const OutcomeChange& change : diff.outcomes) {
    worse |= change.kind == OutcomeKind::Worse;
    less |= change.kind == OutcomeKind::Lost || change.kind == OutcomeKind::Weaker;
  }
  std::string_view now = diff.after ? verdictOf(*diff.after) : "", old = diff.before ? verdictOf(*diff.before) : "";
  worse |= now == "refuted" && old != "refuted";
  less |= !diff.after || ((now == "inconclusive" || now == "error") && old != now && old != "error");
  return worse ? kExitRefuted : less ? kExitInconclusive : kExitCertified;
}

} // namespace

bool coversAsMuch(const std::string& before, const std::string& after, std::string& why) {
  if (before == after)
    return true;
  Scope old = parsed(before), now = parsed(after);
  if (now.bounded && !old.bounded) {
    why = "it is bounded now";
    return false;
  }
  for (const auto& [name, range] : now.ranges) {
    auto known = old.ranges.find(name);
    if (known != old.ranges.end() && (range.first > known->second.first || range.second < known->second.second)) {
      why = fmt::format("{} in [{}, {}], before in [{}, {}]", name, range.first, range.second, known->second.first, known->second.second);
      return false;
    }
  }
  bool same_names = old.ranges.size() == now.ranges.size() &&
                    std::equal(old.ranges.begin(), old.ranges.end(), now.ranges.begin(), [](const auto& a, const auto& b) { return a.first == b.first; });
  if (same_names && (old.rest == now.rest))
    return true;
  why = "the scopes cannot be compared";
  return false;
}

bool KernelDiff::quiet() const {
  auto unchanged = [](const FindingChange& one) { return one.kind == FindingKind::Unchanged; };
  return before && after && !verdict_changed && outcomes.empty() && std::all_of(findings.begin(), findings.end(), unchanged);
}

ReportDiff compareReports(const Report& before, const Report& after) {
  ReportDiff diff;
  diff.kernels = matched(before, after);
  std::vector<int> codes;
  for (KernelDiff& one : diff.kernels) {
    if (one.before && one.after) {
      compareFindings(one, after.partial);
      compareOutcomes(one);
    } else if (one.after) {
      for (const Finding& finding : one.after->findings)
        one.findings.push_back({FindingKind::New, &finding});
    }
    one.verdict_changed = !one.before || !one.after || std::string_view(verdictOf(*one.before)) != verdictOf(*one.after);
    codes.push_back(codeOf(one));
  }
  diff.exit_code = codes.empty() ? int{kExitInconclusive} : worstExitCode(codes);
  return diff;
}

} // namespace kverify::report
