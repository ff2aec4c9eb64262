#include <algorithm>

#include <fmt/format.h>

#include "gate/render.h"
#include "report/digest.h"
#include "report/ink.h"
#include "report/text.h"

namespace kverify::gate {
namespace {

using report::Ink;
using report::inked;

Ink inkOf(Result result) {
  return result == Result::Passed ? Ink::Green : result == Result::Inconclusive ? Ink::Yellow : Ink::Red;
}

std::string headingOf(const GateReport& gate) {
  std::string text;
  if (gate.of_change) {
    std::string what = gate.since.empty() ? "the files given" : fmt::format("the change since {}{}", gate.since, gate.base.empty() ? "" : fmt::format(" ({})", gate.base.substr(0, 12)));
    text += fmt::format("{} touches {} of {} kernel file{}\n", what, gate.touched, gate.found, gate.found == 1 ? "" : "s");
  }
  text += fmt::format("policy: {}preset {}{}\n", gate.policy.empty() ? "" : gate.policy + ", ", gate.preset,
                      gate.baseline.empty() ? "" : "; baseline: " + gate.baseline);
  for (const std::string& note : gate.notes)
    text += fmt::format("note: {}\n", note);
  for (const Ignored& one : gate.ignored)
    text += fmt::format("not judged: {} ({})\n", one.file, one.reason);
  return text;
}

std::string nameOfKernel(const KernelReport& kernel) {
  return kernel.kernel.empty() ? kernel.file : kernel.file + "  " + kernel.kernel;
}

std::string line(const char* word, Ink ink, const std::string& text, bool color) {
  return fmt::format("  {} {}\n", inked(fmt::format("{:<8}", word), ink, color), text);
}

std::string reasonText(const Reason& reason) {
  return fmt::format("{}{}{}", reason.at.line ? report::placeOf(reason.at) + ": " : "",
                     reason.finding ? fmt::format("{}[{}]: ", report::wordOf(*reason.finding), reason.check) : "", report::flat(reason.text));
}

std::string decisionText(const GateKernel& one, bool has_baseline, bool color) {
  const Decision& decision = one.decision;
  std::string text = fmt::format("{}: {}\n", inked(nameOfKernel(*one.kernel), Ink::Bold, color), inked(nameOf(decision.result), inkOf(decision.result), color));
  if (!one.why.empty())
    text += line("judged", Ink::Faint, "because " + one.why, color);
  for (const Reason& reason : decision.reasons) {
    const char* word = reason.result == Result::Failed ? (has_baseline ? "new" : "fails") : reason.result == Result::Error ? "error" : "open";
    text += line(word, inkOf(reason.result), reasonText(reason), color);
  }
  for (const Reason& reason : decision.known)
    text += line("known", Ink::Faint, reasonText(reason), color);
  if (one.certificate && one.certificate->refused.empty())
    text += line("signed", Ink::Green, fmt::format("{}, by {} on {}{}", one.certificate->file, one.certificate->key, one.certificate->issued,
                                                   one.certificate->spared_audit ? "; not audited here" : ""), color);
  for (const std::string& said : decision.let_through)
    text += line("let in", Ink::Yellow, report::flat(said), color);
  for (const BaselineFinding& finding : one.fixed)
    text += line("fixed", Ink::Green, fmt::format("{}: {}", finding.check, report::flat(finding.message)), color);
  for (const BaselineFinding& finding : one.gone)
    text += line("gone", Ink::Yellow, fmt::format("{}: {} (allowed in the source, or not judged)", finding.check, report::flat(finding.message)), color);
  return text;
}

} // namespace

std::string renderText(const GateReport& gate, const report::RenderOptions& options) {
  std::string text = headingOf(gate) + "\n";
  report::TextOptions as_text{.color = options.color, .all_checks = options.all_checks};
  if (options.sources)
    as_text.lines = options.sources->lineReader();
  for (const GateKernel& one : gate.kernels)
    if (one.decision.result != Result::Passed || options.all_checks)
      text += report::renderKernel(*one.kernel, as_text) + "\n";
  for (const GateKernel& one : gate.kernels)
    text += decisionText(one, !gate.baseline.empty(), options.color);
  if (!gate.kernels.empty())
    text += "\n";
  if (gate.partial)
    text += "interrupted: not everything was judged\n";
  Result result = gate.result();
  return text + fmt::format("gate: {} ({}) in {:.1f} s\n", inked(nameOf(result), inkOf(result), options.color), countsOf(gate), gate.seconds);
}

std::string renderPlan(const GateReport& gate, const std::vector<std::pair<std::string, Demands>>& demands) {
  std::string text = headingOf(gate) + "\n";
  for (std::size_t i = 0; i < gate.kernels.size(); ++i) {
    const Demands& d = demands[i].second;
    text += demands[i].first + "\n";
    if (!gate.kernels[i].why.empty())
      text += fmt::format("  judged because {}\n", gate.kernels[i].why);
    text += fmt::format("  stages {}; {} required; findings of severity {} fail; at most {} cases, {} of proofs{}\n", fmt::join(d.stages, ", "),
                        kverify::nameOf(d.require), nameOf(d.fail_on), d.cases, d.proof_budget, d.quick ? ", quick" : "");
    for (const CheckRule& rule : d.checks)
      text += fmt::format("  {}:{}{}\n", rule.pattern, rule.require ? fmt::format(" {} required", kverify::nameOf(*rule.require)) : "",
                          rule.severity ? fmt::format(" severity {}", nameOf(*rule.severity)) : "");
    if (d.kill.floor > 0)
      text += fmt::format("  kill score at least {}{}\n", d.kill.floor, d.kill.sample ? fmt::format(" on {} mutants", d.kill.sample) : "");
    if (d.gap.floor > 0)
      text += fmt::format("  kernel gap at least {} against {}\n", d.gap.floor, d.gap.baseline);
    if (d.suppressions != std::vector<std::string>{"*"})
      text += fmt::format("  kverify-allow for {}\n", d.suppressions.empty() ? "nothing" : fmt::format("{}", fmt::join(d.suppressions, ", ")));
    if (d.certificate.asked())
      text += fmt::format("  a certificate signed by {}, policy {}{}\n", fmt::join(d.certificate.keys, " or "), d.certificate.policy,
                          d.certificate.spares_audit ? ", which spares the audit" : "");
    text += d.gpu == Gpu::Never ? "" : fmt::format("  GPU {}\n", nameOf(d.gpu));
  }
  return text + fmt::format("\nnothing was run: {} would be judged\n", gate.kernels.size());
}

} // namespace kverify::gate
