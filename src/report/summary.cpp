#include "report/summary.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "report/ink.h"
#include "report/json.h"

namespace kverify::report {
namespace {

Policy policyOf(const Report& report) {
  auto at = report.settings.find("require");
  auto require = at == report.settings.end() ? std::nullopt : parseRequire(at->second);
  return Policy{require.value_or(Require::Tests)};
}

class Counter {
public:
  void add(const std::set<std::string>& whats) {
    for (const std::string& what : whats)
      ++counts_[what];
  }

  /// Most frequent first, then by name.
  std::vector<Counted> rows() const {
    std::vector<Counted> rows;
    for (const auto& [what, kernels] : counts_)
      rows.push_back({what, kernels});
    std::stable_sort(rows.begin(), rows.end(),
                     [](const Counted& a, const Counted& b) { return a.kernels > b.kernels; });
    return rows;
  }

private:
  std::map<std::string, std::size_t> counts_;
};

std::set<std::string> brokenChecks(const KernelReport& kernel) {
  std::set<std::string> checks;
  for (const CheckOutcome& one : kernel.outcomes)
    if (std::holds_alternative<Refuted>(one.outcome))
      checks.insert(one.check);
  return checks;
}

std::string row(const char* what, Ink ink, std::size_t kernels, const std::vector<Counted>& reasons, bool color) {
  constexpr std::size_t kShown = 8;
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < std::min(kShown, reasons.size()); ++i)
    parts.push_back(fmt::format("{} {}", reasons[i].what, reasons[i].kernels));
  if (reasons.size() > kShown)
    parts.push_back(fmt::format("{} more", reasons.size() - kShown));
  std::string text = fmt::format("  {} {:>5}", inked(fmt::format("{:<12}", what), ink, color), kernels);
  if (!parts.empty())
    text += fmt::format("  {}", fmt::join(parts, ", "));
  return text + "\n";
}

} // namespace

Tally tallyOf(const Report& report) {
  Tally tally;
  Policy policy = policyOf(report);
  Counter refuted, inconclusive, failed;
  for (const KernelReport& kernel : report.kernels) {
    if (kernel.error) {
      ++tally.failed;
      failed.add({errorKindName(kernel.error->kind)});
    } else if (kernel.verdict == Verdict::Certified) {
      ++tally.certified;
    } else if (kernel.verdict == Verdict::Refuted) {
      ++tally.refuted;
      refuted.add(brokenChecks(kernel));
    } else {
      ++tally.inconclusive;
      std::vector<std::string> reasons = whatBlocks(kernel.outcomes, policy);
      inconclusive.add({reasons.begin(), reasons.end()});
    }
  }
  tally.refuted_by = refuted.rows();
  tally.inconclusive_because = inconclusive.rows();
  tally.failed_because = failed.rows();
  return tally;
}

std::string renderTally(const Tally& tally, bool color) {
  if (tally.kernels() < 2)
    return {};
  std::string text = row("certified", Ink::Green, tally.certified, {}, color);
  text += row("refuted", Ink::Red, tally.refuted, tally.refuted_by, color);
  text += row("inconclusive", Ink::Yellow, tally.inconclusive, tally.inconclusive_because, color);
  if (tally.failed)
    text += row("not judged", Ink::Red, tally.failed, tally.failed_because, color);
  return text;
}

} // namespace kverify::report
