#include "gate/baseline.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "contract/json_document.h"
#include "report/diff.h"

namespace kverify::gate {
namespace {

using contract::JsonCursor;
using FindingKind = report::FindingChange::Kind;

BaselineFinding readFinding(const JsonCursor& at) {
  at.expectKeys({"check", "fingerprint", "severity", "confirmed", "message"});
  BaselineFinding finding{.check = at.at("check").asString(), .fingerprint = at.at("fingerprint").asString()};
  std::string severity = at.at("severity").asOneOf({"error", "warning", "note"});
  finding.severity = severity == "error" ? Severity::Error : severity == "warning" ? Severity::Warning : Severity::Note;
  finding.confirmed = at.at("confirmed").asBool();
  finding.message = at.at("message").asString();
  if (!at.failed() && (finding.check.empty() || finding.fingerprint.empty()))
    at.reject("a finding without check or fingerprint matches nothing");
  return finding;
}

BaselineKernel readKernel(const JsonCursor& at) {
  at.expectKeys({"file", "kernel", "findings", "open"});
  BaselineKernel kernel{.file = at.at("file").asString(), .kernel = at.at("kernel").asString()};
  for (const JsonCursor& one : at.at("findings").elements())
    kernel.findings.push_back(readFinding(one));
  for (const JsonCursor& one : at.at("open").elements())
    kernel.open.push_back(one.asString());
  return kernel;
}

/// The baseline as an older report, for the comparison of reports.
Report asReport(const Baseline& baseline, const Report& now, const std::set<std::string>& still_there) {
  Report before;
  for (const BaselineKernel& one : baseline.kernels) {
    bool judged = std::any_of(now.kernels.begin(), now.kernels.end(), [&](const KernelReport& k) { return k.file == one.file; });
    if (!judged && still_there.count(one.file))
      continue; // it stays as it is: another kernel that looks like it is not known
    KernelReport kernel{.file = one.file, .kernel = one.kernel};
    for (const BaselineFinding& finding : one.findings)
      kernel.findings.push_back({.check = finding.check, .severity = finding.severity, .message = finding.message, .fingerprint = finding.fingerprint, .confirmed = finding.confirmed});
    before.kernels.push_back(std::move(kernel));
  }
  return before;
}

BaselineFinding entryOf(const Finding& finding) {
  return {finding.check, finding.fingerprint, finding.severity, finding.confirmed, finding.message};
}

} // namespace

Expected<Baseline> parseBaseline(const std::string& path, std::string_view text) {
  auto document = contract::parseJson(path, text);
  if (!document)
    return tl::unexpected(document.error());
  std::optional<ToolError> error;
  JsonCursor root(*document, error);
  root.expectKeys({"format", "tool_version", "kernels"});
  if (std::string format = root.at("format").asString(); !error && format != kBaselineFormat)
    root.at("format").reject(fmt::format("'{}' is not what this program reads", format), fmt::format("{}, which kverify gate --write-baseline writes", kBaselineFormat));
  root.at("tool_version").asString();
  Baseline baseline;
  for (const JsonCursor& one : root.at("kernels").elements())
    baseline.kernels.push_back(readKernel(one));
  if (error)
    return tl::unexpected(*error);
  return baseline;
}

std::string renderBaseline(const Baseline& baseline) {
  using Json = nlohmann::ordered_json;
  std::vector<BaselineKernel> sorted = baseline.kernels;
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return std::tie(a.file, a.kernel) < std::tie(b.file, b.kernel); });
  Json kernels = Json::array();
  for (BaselineKernel& one : sorted) {
    std::sort(one.findings.begin(), one.findings.end(), [](const auto& a, const auto& b) { return std::tie(a.check, a.fingerprint) < std::tie(b.check, b.fingerprint); });
    std::sort(one.open.begin(), one.open.end());
    Json findings = Json::array();
    for (const BaselineFinding& finding : one.findings)
      findings.push_back({{"check", finding.check}, {"fingerprint", finding.fingerprint}, {"severity", nameOf(finding.severity)}, {"confirmed", finding.confirmed}, {"message", finding.message}});
    kernels.push_back({{"file", one.file}, {"kernel", one.kernel}, {"findings", findings}, {"open", one.open}});
  }
  Json all = {{"format", kBaselineFormat}, {"tool_version", KVERIFY_VERSION}, {"kernels", kernels}};
  return all.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

BaselineMatch matchBaseline(const Baseline& baseline, const Report& now, const std::set<std::string>& still_there) {
  BaselineMatch match;
  match.kernels.resize(now.kernels.size());
  Report before = asReport(baseline, now, still_there);
  for (const report::KernelDiff& diff : report::compareReports(before, now).kernels) {
    if (!diff.before || !diff.after)
      continue;
    auto& kernel = match.kernels[static_cast<std::size_t>(diff.after - now.kernels.data())];
    for (const report::FindingChange& change : diff.findings) {
      if (change.kind == FindingKind::Unchanged)
        kernel.known.insert(change.finding);
      else if (change.kind == FindingKind::Fixed)
        kernel.fixed.push_back(entryOf(*change.finding));
      else if (change.kind == FindingKind::Allowed || change.kind == FindingKind::Unjudged)
        kernel.gone.push_back(entryOf(*change.finding));
    }
    for (const BaselineKernel& one : baseline.kernels)
      if (one.file == diff.before->file && one.kernel == diff.before->kernel)
        kernel.known_open.insert(one.open.begin(), one.open.end());
  }
  return match;
}

BaselineKernel baselineOf(const std::string& file, const KernelReport& kernel, const Decision& decision) {
  BaselineKernel one{.file = file, .kernel = kernel.kernel};
  for (const auto* reasons : {&decision.reasons, &decision.known})
    for (const Reason& reason : *reasons) {
      if (reason.finding)
        one.findings.push_back(entryOf(*reason.finding));
      if (!reason.key.empty() && std::find(one.open.begin(), one.open.end(), reason.key) == one.open.end())
        one.open.push_back(reason.key);
    }
  return one;
}

} // namespace kverify::gate
