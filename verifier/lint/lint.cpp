#include "verifier/lint/lint.h"

#include <algorithm>
#include <chrono>
#include <tuple>

#include <clang/Basic/SourceManager.h>
#include <fmt/format.h>

#include "frontend/left_out.h"
#include "verifier/lint/allow.h"
#include "verifier/lint/check.h"
#include "verifier/lint/context.h"

namespace kverify::verifier::lint {

namespace {

constexpr const char *kNoReason = "allow.no-reason", *kUnknownCheck = "allow.unknown-check";

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Of every file that the user wrote and clang read.
std::vector<Allowance> allowancesOf(const LintContext& context) {
  std::vector<Allowance> all;
  const clang::SourceManager& sources = context.sources();
  for (auto file = sources.fileinfo_begin(); file != sources.fileinfo_end(); ++file) {
    clang::FileID id = sources.translateFile(file->first);
    if (id.isInvalid() || !context.isUsers(sources.getLocForStartOfFile(id)))
      continue;
    for (Allowance& one : allowancesIn(file->first.getName().str(), sources.getBufferData(id)))
      all.push_back(std::move(one));
  }
  std::sort(all.begin(), all.end(), [](const Allowance& a, const Allowance& b) {
    return std::tie(a.suppression.at.file, a.suppression.at.line) < std::tie(b.suppression.at.file, b.suppression.at.line);
  });
  return all;
}

bool speaksFor(const Allowance& allowance, const CheckInfo& check, const Finding& finding) {
  const SourceLocation& at = finding.locations[0].stack[0];
  return finding.check == check.id && allowance.line == at.line && allowance.suppression.at.file == at.file;
}

void accuse(const Suppression& said, const char* check, std::string message, LintResult& result) {
  LintFinding finding;
  finding.finding = {.check = check, .severity = findCheck(check)->severity, .message = std::move(message)};
  finding.finding.locations.push_back({{said.at}, ""});
  result.findings.push_back(std::move(finding));
}

/// Takes out what one comment speaks for. Wrong comments are findings, or where it is not clear what is meant, doubts.
void apply(const Allowance& allowance, Suppression& said, LintResult& result) {
  const CheckInfo* check = findCheck(said.check);
  said.state = Suppression::State::Refused;
  if (allowance.in_block) {
    result.unknowns.push_back({kNoReason, said.at, "only a // comment allows something"});
  } else if (!check && said.check.find('*') != std::string::npos) {
    result.unknowns.push_back({kUnknownCheck, said.at, "a comment allows one check, not a pattern"});
  } else if (!check) {
    accuse(said, kUnknownCheck, fmt::format("there is no check '{}' that could be allowed", said.check), result);
  } else if (said.reason.empty()) {
    accuse(said, kNoReason, fmt::format("'{}' is allowed, and nobody says why", said.check), result);
  } else {
    said.state = Suppression::State::Unused;
    std::erase_if(result.findings, [&](const LintFinding& finding) {
      if (!speaksFor(allowance, *check, finding.finding))
        return false;
      said.state = Suppression::State::Used;
      said.silenced = finding.finding.message;
      return true;
    });
  }
}

void suppress(const LintContext& context, LintResult& result) {
  for (Allowance& allowance : allowancesOf(context)) {
    apply(allowance, allowance.suppression, result);
    result.suppressions.push_back(std::move(allowance.suppression));
  }
}

bool isBefore(const LintFinding& a, const LintFinding& b) {
  const SourceLocation &x = a.finding.locations[0].stack[0], &y = b.finding.locations[0].stack[0];
  // What refutes and what warns come first: notes are many.
  return std::tie(a.finding.severity, x.file, x.line, x.column, a.finding.check) <
         std::tie(b.finding.severity, y.file, y.line, y.column, b.finding.check);
}

void runChecks(frontend::ParsedFile& file, const Contract* contract, const std::string& target, LintResult& result) {
  LintContext context = makeContext(file, contract, target);
  for (const KernelCode& kernel : context.kernels)
    result.kernels.push_back(kernel.info->name);
  result.functions = static_cast<unsigned>(context.functions.size());
  Reporter reporter(result);
  for (const LintCheck& check : lintChecks()) {
    reporter.speakFor(check.info);
    if (check.run)
      check.run(context, reporter);
  }
  suppress(context, result);
  std::stable_sort(result.findings.begin(), result.findings.end(), isBefore);
}

} // namespace

Expected<LintResult> lintFile(const std::string& path, const frontend::CompileOptions& options,
                              const Contract* contract) {
  LintResult result;
  auto start = Clock::now();
  auto visited = frontend::visitFile(path, options, [&](frontend::ParsedFile& file) {
    result.parse_seconds = secondsSince(start);
    result.source = file.source;
    result.headers = file.headers;
    auto began = Clock::now();
    runChecks(file, contract, options.target, result);
    for (std::string& sentence : frontend::describe(frontend::leftOut(file.module)))
      result.profile.push_back(std::move(sentence));
    result.check_seconds = secondsSince(began);
  });
  if (!visited)
    return tl::unexpected(visited.error());
  return result;
}

std::vector<std::string> decidedBy(const std::string& check) {
  for (const LintCheck& one : lintChecks())
    if (check == one.info.id)
      return {one.decided_by.begin(), one.decided_by.end()};
  return {};
}

std::string applyFixes(std::string text, std::vector<Fix> fixes) {
  std::sort(fixes.begin(), fixes.end(), [](const Fix& a, const Fix& b) { return a.offset > b.offset; });
  std::size_t untouched = text.size() + 1;
  for (const Fix& fix : fixes) {
    if (fix.offset + std::max<std::size_t>(fix.length, 1) > untouched || fix.offset + fix.length > text.size())
      continue;
    text.replace(fix.offset, fix.length, fix.text);
    untouched = fix.offset;
  }
  return text;
}

} // namespace kverify::verifier::lint
