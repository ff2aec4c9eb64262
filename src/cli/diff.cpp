// kverify diff OLD NEW: what a change did to what is known of the kernels.
#include <memory>
#include <string>

#include <fmt/format.h>

#include "cli/options.h"
#include "cli/saved_reports.h"
#include "cli/subcommand.h"
#include "report/diff.h"

namespace kverify::cli {
namespace {

struct DiffFlags {
  std::string before, after, format = "text", color = "auto";
  bool verbose = false;
};

constexpr const char* kExamples = R"(Examples:
  kverify audit kernels --report json=old.json
  kverify audit kernels --report json=new.json     after a change
  kverify diff old.json new.json

Findings are matched by fingerprint, which moved lines do not change. One that is gone counts as fixed only where its
check has judged the kernel again. A proof is weaker where it covers less or assumes more, or cannot be compared.

Exit codes: 0 nothing got worse; 1 a new finding (notes apart), or a check or kernel that is refuted now; 3 less is
known: a weaker proof, something that was proved or tested and is no longer; 2 a file that is no report.)";

int diff(const DiffFlags& flags) {
  auto before = readReport(flags.before);
  if (!before)
    return complain(before.error());
  auto after = readReport(flags.after);
  if (!after)
    return complain(after.error());
  report::ReportDiff result = report::compareReports(*before, *after);
  report::DiffNames names{flags.before, flags.after};
  fmt::print("{}", flags.format == "json" ? report::renderDiffJson(result, names)
                                          : report::renderDiffText(result, names, wantsColor(flags.color), flags.verbose));
  return result.exit_code;
}

} // namespace

void addDiff(CLI::App& app, Action& chosen) {
  CLI::App* sub = app.add_subcommand("diff", "compare two saved reports: what is new, fixed, or known no longer");
  auto flags = std::make_shared<DiffFlags>();
  sub->add_option("OLD", flags->before, "the JSON report before a change")->required();
  sub->add_option("NEW", flags->after, "the JSON report after it")->required();
  sub->add_option("--format", flags->format, "text or json")->check(CLI::IsMember({"text", "json"}))->capture_default_str();
  sub->add_option("--color", flags->color, "auto, always or never (NO_COLOR is honoured)")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
  sub->add_flag("-v,--verbose", flags->verbose, "also what is unchanged, better, or only different");
  sub->footer(kExamples);
  sub->callback([flags, &chosen] { chosen = [flags](const Invocation&) { return diff(*flags); }; });
}

} // namespace kverify::cli
