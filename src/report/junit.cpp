#include "report/junit.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "report/digest.h"
#include "report/escape.h"
#include "report/outcome_table.h"
#include "report/text.h"

namespace kverify::report {
namespace {

struct Case {
  std::string name, type, message, text, output;
  std::string kind; ///< "failure", "error", or empty for a pass
  double seconds = 0;
  SourceLocation at;
};

std::string attribute(const char* name, std::string_view value) {
  return fmt::format(" {}=\"{}\"", name, escapeAttribute(value));
}

const Finding* findingOf(const KernelReport& kernel, const std::string& check) {
  auto found = std::find_if(kernel.findings.begin(), kernel.findings.end(),
                            [&](const Finding& one) { return one.check == check && one.confirmed; });
  if (found == kernel.findings.end())
    found = std::find_if(kernel.findings.begin(), kernel.findings.end(), [&](const Finding& one) { return one.check == check; });
  return found == kernel.findings.end() ? nullptr : &*found;
}

/// What each stage said, one a line.
std::string stagesText(const Obligation& one) {
  std::string text;
  for (const CheckOutcome* o : one.all) {
    text += fmt::format("{}: {}", o->stage, outcomeName(o->outcome));
    if (const auto* proved = std::get_if<Proved>(&o->outcome))
      text += fmt::format(" for {} ({})", proved->scope, proved->solver);
    if (const auto* tested = std::get_if<Tested>(&o->outcome))
      text += fmt::format(" on {} cases{}{}", tested->cases, tested->scope.empty() ? "" : ": ", tested->scope);
    if (const auto* unknown = std::get_if<Unknown>(&o->outcome))
      text += fmt::format(": {}{}{}", unknown->code, unknown->detail.empty() ? "" : ": ", unknown->detail);
    text += "\n";
  }
  return text;
}

Case caseOf(const KernelReport& kernel, const Obligation& one, const RenderOptions& options) {
  Case test{.name = one.check, .type = one.check, .output = stagesText(one), .at = {kernel.file, 0, 0, ""}};
  for (const CheckOutcome* o : one.all)
    test.seconds += o->seconds;
  const Finding* finding = findingOf(kernel, one.check);
  if (finding && primaryOf(*finding).line)
    test.at = primaryOf(*finding);
  if (const auto* refuted = std::get_if<Refuted>(&one.decisive->outcome)) {
    test.kind = "failure";
    test.message = refuted->summary;
  } else if (one.outcome == "unknown") {
    test.kind = "error";
    const auto* unknown = std::get_if<Unknown>(&one.decisive->outcome);
    test.message = !unknown ? "no case was run" : unknown->detail.empty() ? unknown->code : unknown->code + ": " + unknown->detail;
  }
  if (!test.kind.empty())
    test.text = finding ? renderFinding(*finding, {.lines = options.sources ? options.sources->lineReader() : LineReader()})
                        : stagesText(one);
  return test;
}

/// The verdict itself: an audit that decided nothing must not look like a suite without failures.
Case verdictCase(const KernelReport& kernel) {
  Case test{.name = "verdict", .type = "verdict", .at = {kernel.file, 0, 0, ""}};
  if (const auto& error = kernel.error) {
    test.kind = "error";
    test.message = error->message.substr(0, error->message.find('\n'));
    test.text = renderError(*error, false);
    return test;
  }
  test.output = fmt::format("{}: {}\n", nameOf(kernel.verdict), groundsOf(kernel));
  if (kernel.verdict == Verdict::Certified)
    return test;
  test.kind = kernel.verdict == Verdict::Refuted ? "failure" : "error";
  test.message = fmt::format("{}: {}", nameOf(kernel.verdict), groundsOf(kernel));
  test.text = test.message;
  return test;
}

std::string caseXml(const KernelReport& kernel, const Case& test, const std::string& path) {
  std::string class_name = kernel.kernel.empty() ? kernel.file : kernel.kernel;
  std::string xml = "    <testcase" + attribute("name", test.name) + attribute("classname", class_name) +
                    attribute("time", fmt::format("{:.3f}", test.seconds)) + attribute("file", path);
  if (test.at.line)
    xml += attribute("line", std::to_string(test.at.line));
  xml += ">\n";
  if (!test.kind.empty())
    xml += fmt::format("      <{0}{1}{2}>{3}</{0}>\n", test.kind, attribute("message", test.message),
                       attribute("type", test.type), escapeXml(test.text));
  if (!test.output.empty())
    xml += fmt::format("      <system-out>{}</system-out>\n", escapeXml(test.output));
  return xml + "    </testcase>\n";
}

std::string propertiesXml(const KernelReport& kernel) {
  std::string xml = "    <properties>\n";
  auto add = [&](const char* name, const std::string& value) {
    if (!value.empty())
      xml += "      <property" + attribute("name", name) + attribute("value", value) + "/>\n";
  };
  add("verdict", verdictOf(kernel));
  add("source_sha256", kernel.source_sha256);
  add("contract", kernel.contract);
  add("spec", kernel.spec);
  add("target", kernel.target);
  for (const std::string& scope : coveredBy(kernel))
    add("covered", scope);
  for (const std::string& one : assumptionsOf(kernel))
    add("assumed", one);
  for (const NothingToJudge& one : kernel.idle)
    add("nothing to judge", one.check + ": " + one.why);
  for (const Suppression& said : kernel.suppressions)
    add("allowed", allowanceText(said));
  for (const std::string& note : kernel.notes)
    add("note", note);
  return xml + "    </properties>\n";
}

struct Totals {
  std::size_t tests = 0, failures = 0, errors = 0;
  void add(const Case& test) {
    ++tests;
    failures += test.kind == "failure";
    errors += test.kind == "error";
  }
  std::string attributes() const {
    return fmt::format(" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"0\"", tests, failures, errors);
  }
};

std::string suiteXml(const Report& report, const KernelReport& kernel, std::size_t id, const RenderOptions& options,
                     Totals& totals) {
  std::vector<Case> cases{verdictCase(kernel)};
  for (const Obligation& one : obligationsOf(kernel))
    cases.push_back(caseOf(kernel, one, options));
  Totals own;
  std::string xml;
  for (const Case& test : cases) {
    own.add(test);
    totals.add(test);
    xml += caseXml(kernel, test, repositoryPath(report, options.root, test.at.file));
  }
  std::string name = kernel.kernel.empty() ? kernel.file : fmt::format("{} {}", kernel.file, kernel.kernel);
  std::string head = "  <testsuite" + attribute("name", name) + fmt::format(" id=\"{}\"", id) + own.attributes() +
                     attribute("time", fmt::format("{:.3f}", kernel.seconds)) +
                     attribute("file", repositoryPath(report, options.root, kernel.file));
  if (report.started.size() >= 19) // XML Schema's dateTime without its zone, as Jenkins' schema wants it
    head += attribute("timestamp", report.started.substr(0, 19));
  return head + ">\n" + propertiesXml(kernel) + xml + "  </testsuite>\n";
}

} // namespace

std::string renderJunit(const Report& report, const RenderOptions& options) {
  Totals totals;
  std::string suites;
  for (std::size_t i = 0; i < report.kernels.size(); ++i)
    suites += suiteXml(report, report.kernels[i], i, options, totals);
  if (report.partial || report.kernels.empty()) {
    // What was not done must be seen, whatever else passed.
    KernelReport rest{.file = report.partial ? "interrupted" : "nothing was judged"};
    rest.error = ToolError{ErrorKind::Interrupted, report.partial ? "interrupted: this report is partial" : "no kernel was judged",
                           "", ""};
    suites += suiteXml(report, rest, report.kernels.size(), options, totals);
  }
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" + attribute("name", "kverify") + totals.attributes() +
         attribute("time", fmt::format("{:.3f}", report.seconds)) + ">\n" + suites + "</testsuites>\n";
}

} // namespace kverify::report
