// kverify merge FILE…: the reports of all shards of an audit as one, with the exit code that one machine had given.
#include <array>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cli/options.h"
#include "cli/report_output.h"
#include "cli/subcommand.h"
#include "farm/merge.h"
#include "kverify/verdict.h"
#include "report/text.h"

namespace kverify::cli {
namespace {

struct MergeFlags {
  std::vector<std::string> files;
  OutputFlags output;
  bool summary = false;
};

int merge(const MergeFlags& flags, const Invocation& invocation) {
  auto outputs = prepareOutputs(flags.output);
  if (!outputs)
    return complain(outputs.error());
  std::vector<farm::NamedReport> parts;
  for (const std::string& file : flags.files) {
    auto part = farm::readShardReport(file);
    if (!part)
      return complain(part.error());
    parts.push_back(std::move(*part));
  }
  auto merged = farm::merge(parts);
  if (!merged)
    return complain(merged.error());
  merged->command = invocation.command;
  report::Sources sources = report::Sources::onDisk();
  sources.expect(*merged);
  outputs->render.sources = &sources;
  fmt::print("{}", flags.summary ? report::renderSummary(*merged, {.color = outputs->render.color})
                                 : outputs->format->render(*merged, outputs->render));
  if (auto written = writeReports(*merged, *outputs); !written)
    return worstExitCode(std::array{merged->exit_code, complain(written.error())});
  return merged->exit_code;
}

constexpr const char* kExamples = R"(Examples:
  kverify audit DIR --shard 1/2 --format json > 1.json   on one machine
  kverify audit DIR --shard 2/2 --format json > 2.json   on another
  kverify merge 1.json 2.json                            the report and exit code of one machine
  kverify merge ?.json --summary                         only the table and the verdict
  kverify merge ?.json --report html=out/r.html          and a page for a reviewer)";

} // namespace

void addMerge(CLI::App& app, Action& chosen) {
  CLI::App* sub = app.add_subcommand("merge", "put the reports of all shards of an audit together");
  auto flags = std::make_shared<MergeFlags>();
  sub->add_option("FILE", flags->files, "what kverify audit --shard I/N --format json printed, for each I")->required();
  addOutputFlags(*sub, flags->output);
  sub->add_flag("--summary", flags->summary, "only the table and the verdict, as text");
  sub->footer(kExamples);
  sub->callback([flags, &chosen] {
    chosen = [flags](const Invocation& invocation) { return merge(*flags, invocation); };
  });
}

} // namespace kverify::cli
