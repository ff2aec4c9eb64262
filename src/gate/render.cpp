#include "gate/render.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "report/digest.h"
#include "report/markdown.h"

namespace kverify::gate {
namespace {

constexpr std::size_t kReasonsShown = 20;

std::string plural(std::size_t count, const char* what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string code(const std::string& text) {
  return text.find('`') == std::string::npos ? "`" + text + "`" : report::escapeMarkdown(text);
}

std::string nameOfKernel(const KernelReport& kernel) {
  return kernel.kernel.empty() ? code(kernel.file) : fmt::format("{} in {}", code(kernel.kernel), code(kernel.file));
}

const char* markOf(Result result) {
  return result == Result::Passed ? "✓" : result == Result::Failed ? "✗" : result == Result::Error ? "!" : "?";
}

std::string sectionOf(const GateKernel& one) {
  std::string text;
  std::size_t shown = 0;
  for (const Reason& reason : one.decision.reasons) {
    if (shown++ == kReasonsShown) {
      text += fmt::format("- … and {} more\n", one.decision.reasons.size() - kReasonsShown);
      break;
    }
    text += fmt::format("- {}{}{}{}\n", reason.result == Result::Failed ? "**new** " : reason.result == Result::Inconclusive ? "open: " : "",
                        reason.check.empty() || reason.result != Result::Failed ? "" : code(reason.check) + " ",
                        reason.at.line ? "at " + code(report::placeOf(reason.at)) + ": " : "", report::escapeMarkdown(reason.text));
  }
  if (one.certificate && one.certificate->refused.empty())
    text += fmt::format("- {} by {}{}\n", "signed", code(one.certificate->key), one.certificate->spared_audit ? ", and not audited here" : "");
  for (const std::string& said : one.decision.let_through)
    text += fmt::format("- let through: {}\n", report::escapeMarkdown(said));
  for (const BaselineFinding& finding : one.fixed)
    text += fmt::format("- fixed: {} {}\n", code(finding.check), report::escapeMarkdown(finding.message));
  if (!one.decision.known.empty())
    text += fmt::format("- known before: {}\n", one.decision.known.size());
  return text.empty() ? text : fmt::format("### {} {}: {}\n\n{}\n", markOf(one.decision.result), nameOfKernel(*one.kernel), nameOf(one.decision.result), text);
}

} // namespace

Result GateReport::result() const {
  std::vector<int> codes;
  for (const GateKernel& one : kernels)
    codes.push_back(exitCodeOf(one.decision.result));
  if (codes.empty())
    return of_change && !partial ? Result::Passed : Result::Error;
  int worst = worstExitCode(codes);
  for (Result one : {Result::Failed, Result::Error, Result::Inconclusive})
    if (worst == exitCodeOf(one))
      return one;
  return partial ? Result::Inconclusive : Result::Passed;
}

std::string countsOf(const GateReport& gate) {
  if (gate.kernels.empty())
    return gate.of_change ? fmt::format("the change touches none of {}", plural(gate.found, "kernel file")) : "no kernel was judged";
  std::vector<std::string> ends, findings;
  for (Result result : {Result::Failed, Result::Error, Result::Inconclusive, Result::Passed})
    if (auto count = std::count_if(gate.kernels.begin(), gate.kernels.end(), [&](const GateKernel& one) { return one.decision.result == result; }))
      ends.push_back(fmt::format("{} {}", count, nameOf(result)));
  std::size_t added = 0, known = 0, fixed = 0;
  for (const GateKernel& one : gate.kernels) {
    added += static_cast<std::size_t>(std::count_if(one.decision.reasons.begin(), one.decision.reasons.end(), [](const Reason& r) { return r.result == Result::Failed; }));
    known += one.decision.known.size();
    fixed += one.fixed.size();
  }
  if (added)
    findings.push_back(plural(added, gate.baseline.empty() ? "finding" : "new finding"));
  if (known)
    findings.push_back(fmt::format("{} known before", known));
  if (fixed)
    findings.push_back(fmt::format("{} fixed", fixed));
  return fmt::format("{}: {}{}{}", plural(gate.kernels.size(), "kernel"), fmt::join(ends, ", "), findings.empty() ? "" : "; ", fmt::join(findings, ", "));
}

std::string renderMarkdown(const GateReport& gate, std::size_t limit) {
  std::string text = fmt::format("## {} kverify gate: {}\n\n{}.\n\n", markOf(gate.result()), nameOf(gate.result()), countsOf(gate));
  if (gate.partial)
    text += "**Interrupted: not everything was judged.**\n\n";
  text += fmt::format("Policy: {}{}{}.\n\n", gate.policy.empty() ? "" : code(gate.policy) + ", ", "preset " + gate.preset,
                      gate.baseline.empty() ? "" : "; baseline " + code(gate.baseline));
  for (const std::string& note : gate.notes)
    text += fmt::format("- note: {}\n", report::escapeMarkdown(note));
  for (const Ignored& one : gate.ignored)
    text += fmt::format("- not judged: {} ({})\n", code(one.file), report::escapeMarkdown(one.reason));
  if (!gate.notes.empty() || !gate.ignored.empty())
    text += "\n";
  std::size_t left = 0;
  for (Result result : {Result::Failed, Result::Error, Result::Inconclusive, Result::Passed})
    for (const GateKernel& one : gate.kernels) {
      std::string section = one.decision.result == result ? sectionOf(one) : "";
      if (text.size() + section.size() + 100 < limit)
        text += section;
      else
        ++left;
    }
  return left ? text + fmt::format("… and {} that do not fit here.\n\n", plural(left, "kernel")) : text;
}

} // namespace kverify::gate
