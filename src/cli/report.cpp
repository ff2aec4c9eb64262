// kverify report FILE…: renders what an audit saved, in any format.
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cli/report_output.h"
#include "cli/saved_reports.h"
#include "cli/subcommand.h"
#include "kverify/verdict.h"

namespace kverify::cli {
namespace {

struct ReportFlags {
  std::vector<std::string> files;
  OutputFlags output;
  std::string sources;
  bool exit_code = false;
};

constexpr const char* kExamples = R"(Examples:
  kverify report out/r.json                                     the text that the audit printed
  kverify report out/r.json --format html > r.html              one page for a reviewer
  kverify report a.json b.json --report sarif=k.sarif --report junit=k.xml
  kverify audit k.cu --format json | kverify report - --format feedback

Exit codes: 0 rendered, 2 a file that is no report or cannot be written. With --exit-code, the report's own:
0 certified, 1 refuted, 2 error, 3 inconclusive.)";

int render(const ReportFlags& flags) {
  auto outputs = prepareOutputs(flags.output);
  if (!outputs)
    return complain(outputs.error());
  std::vector<Report> reports;
  for (const std::string& file : flags.files) {
    auto report = readReport(file);
    if (!report)
      return complain(report.error());
    reports.push_back(std::move(*report));
  }
  Report report = joined(std::move(reports));
  report::Sources sources = report::Sources::onDisk(flags.sources);
  sources.expect(report);
  outputs->render.sources = &sources;
  if (outputs->files.empty() || flags.output.format != "text")
    fmt::print("{}", outputs->format->render(report, outputs->render));
  if (auto written = writeReports(report, *outputs, flags.sources); !written)
    return complain(written.error());
  return flags.exit_code ? report.exit_code : int{kExitCertified};
}

} // namespace

void addReport(CLI::App& app, Action& chosen) {
  CLI::App* sub = app.add_subcommand("report", "render saved JSON reports in any format");
  auto flags = std::make_shared<ReportFlags>();
  sub->add_option("FILE", flags->files, "a report that kverify audit wrote as JSON; - is standard input")->required();
  addOutputFlags(*sub, flags->output);
  sub->add_option("--sources", flags->sources, "folder that source paths start from, where they are not found as they are")->type_name("DIR");
  sub->add_flag("--exit-code", flags->exit_code, "exit as the audit did");
  sub->footer(kExamples);
  sub->callback([flags, &chosen] { chosen = [flags](const Invocation&) { return render(*flags); }; });
}

} // namespace kverify::cli
