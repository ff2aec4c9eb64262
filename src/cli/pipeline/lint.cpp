#include "cli/pipeline/lint.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include <fmt/format.h>

#include "frontend/compile_commands.h"
#include "verifier/lint/check.h"

namespace kverify::pipeline {
namespace {

using verifier::lint::LintFinding;

constexpr const char* kStage = "static";

bool isProved(const KernelReport& report, const std::string& check) {
  return std::any_of(report.outcomes.begin(), report.outcomes.end(), [&](const CheckOutcome& one) {
    return one.check == check && std::holds_alternative<Proved>(one.outcome);
  });
}

/// A proof of everything that the warning suspects, for every kernel that gets to its place.
bool isDecided(const LintFinding& lint, const std::vector<std::string>& judged, const KernelReport& report) {
  std::vector<std::string> by = verifier::lint::decidedBy(lint.finding.check);
  auto was_judged = [&](const std::string& kernel) {
    return std::any_of(judged.begin(), judged.end(),
                       [&](const std::string& other) { return sameKernelName(kernel, other); });
  };
  return !by.empty() && !lint.kernels.empty() && std::all_of(lint.kernels.begin(), lint.kernels.end(), was_judged) &&
         std::all_of(by.begin(), by.end(), [&](const std::string& check) { return isProved(report, check); });
}

/// What a run showed of the same thing, at a line that the warning names.
Finding* shownToo(const LintFinding& lint, KernelReport& report) {
  std::vector<std::string> by = verifier::lint::decidedBy(lint.finding.check);
  auto lines = [](const Finding& finding) {
    std::set<std::pair<std::string, unsigned>> all;
    for (const FindingLocation& location : finding.locations)
      if (!location.stack.empty())
        all.emplace(location.stack[0].file, location.stack[0].line);
    return all;
  };
  auto own = lines(lint.finding);
  for (Finding& finding : report.findings) {
    if (!finding.confirmed || std::find(by.begin(), by.end(), finding.check) == by.end())
      continue;
    auto theirs = lines(finding);
    if (std::any_of(own.begin(), own.end(), [&](const auto& line) { return theirs.count(line) > 0; }))
      return &finding;
  }
  return nullptr;
}

/// One outcome a check: refuted where an error was found, unknown where it could not tell.
void addOutcomes(const verifier::lint::LintResult& lint, const std::vector<Finding>& kept, KernelReport& report) {
  std::map<std::string, CheckOutcome> outcomes;
  for (const auto& unknown : lint.unknowns) {
    std::string detail = fmt::format("{}:{}: {}", unknown.at.file, unknown.at.line, unknown.reason);
    outcomes.try_emplace(unknown.check, CheckOutcome{unknown.check, kStage, Unknown{"can't tell", detail}, 0});
  }
  for (const Finding& finding : kept)
    if (finding.severity == Severity::Error)
      outcomes[finding.check] = {finding.check, kStage, Refuted{finding.message, ""}, 0};
  for (auto& [check, outcome] : outcomes)
    report.outcomes.push_back(std::move(outcome));
}

/// A suppression of what a run showed does nothing, and says so.
void refuseSuppressions(KernelReport& report) {
  for (Suppression& said : report.suppressions)
    for (const Finding& finding : report.findings)
      if (finding.confirmed && finding.check == said.check && said.state == Suppression::State::Unused) {
        said.state = Suppression::State::Refused;
        said.silenced = finding.message;
      }
}

} // namespace

Expected<verifier::lint::LintResult> judgeStatically(const Job& job, const AuditOptions& options) {
  frontend::CompileOptions compile = options.compile;
  std::optional<Contract> contract;
  if (!job.contract.empty()) {
    auto loaded = loadContract(job.contract);
    if (!loaded)
      return tl::unexpected(loaded.error());
    contract = std::move(*loaded);
    for (const LaunchDecl& launch : contract->launches)
      compile.kernels.push_back(launch.kernel);
  } else if (!job.kernel.empty()) {
    compile.kernels = {job.kernel};
  }
  Expected<std::vector<std::string>> flags;
  if (job.compile_commands)
    flags = frontend::flagsFromCompileCommands(job.source);
  if (!flags)
    return tl::unexpected(flags.error());
  flags->insert(flags->end(), compile.extra_flags.begin(), compile.extra_flags.end());
  compile.extra_flags = std::move(*flags);
  return verifier::lint::lintFile(job.source, compile, contract ? &*contract : nullptr);
}

std::vector<std::string> makeFixes(verifier::lint::LintResult& lint) {
  std::map<std::string, std::vector<verifier::lint::Fix>> fixes;
  for (const LintFinding& one : lint.findings)
    if (one.fix)
      fixes[one.fix->file].push_back(*one.fix);
  std::vector<std::string> said;
  for (auto& [file, of_file] : fixes) {
    std::ifstream in(file, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    // What was read for the judgement must be what is changed.
    bool same = in.good() || in.eof();
    if (file == lint.source.path)
      same = same && text == lint.source.bytes;
    std::size_t count = of_file.size();
    std::string repaired = verifier::lint::applyFixes(text, std::move(of_file));
    std::ofstream out;
    if (same)
      out.open(file, std::ios::binary | std::ios::trunc);
    if (!same || !(out << repaired) || !out.flush()) {
      said.push_back(fmt::format("'{}' could not be changed", file));
      continue;
    }
    said.push_back(fmt::format("{} repair{} made in '{}'", count, count == 1 ? "" : "s", file));
    std::erase_if(lint.findings, [&](const LintFinding& one) { return one.fix && one.fix->file == file; });
  }
  return said;
}

void settleStatic(verifier::lint::LintResult lint, const std::string& target, const std::vector<std::string>& judged,
                  KernelReport& report) {
  std::vector<Finding> kept;
  std::map<std::string, unsigned> decided;
  for (LintFinding& one : lint.findings) {
    one.finding.fingerprint = fingerprintOf(one.finding, fmt::format("{}", fmt::join(one.kernels, " + ")), lint.source.bytes);
    if (isDecided(one, judged, report))
      ++decided[one.finding.check];
    else if (Finding* shown = shownToo(one, report)) {
      std::string note = fmt::format("{} at line {} warned of what {} shows", one.finding.check, one.finding.locations[0].stack[0].line, shown->check);
      if (std::find(report.notes.begin(), report.notes.end(), note) == report.notes.end()) // two arrays of one line
        report.notes.push_back(std::move(note));
    } else
      kept.push_back(std::move(one.finding));
  }
  for (const auto& [check, count] : decided)
    report.notes.push_back(fmt::format("{} warning{} of {} dropped: proved not to happen", count, count == 1 ? "" : "s", check));
  addOutcomes(lint, kept, report);
  for (Finding& finding : kept)
    report.findings.push_back(std::move(finding));
  report.suppressions = std::move(lint.suppressions);
  refuseSuppressions(report);
  report.static_checks = static_cast<unsigned>(verifier::lint::lintChecks().size());
  report.profile = std::move(lint.profile);
  if (report.kernel.empty())
    report.kernel = fmt::format("{}", fmt::join(lint.kernels, " + "));
  report.target = target;
  report.source_sha256 = lint.source.sha256;
  if (report.headers.empty())
    report.headers = lint.headers;
}

} // namespace kverify::pipeline
