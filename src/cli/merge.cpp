// kverify merge FILE…: the reports of all shards of an audit as one, with the exit code that one machine had given.
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cli/options.h"
#include "cli/subcommand.h"
#include "farm/merge.h"
#include "report/json.h"
#include "report/text.h"

namespace kverify::cli {
namespace {

struct MergeFlags {
  std::vector<std::string> files;
  std::string format = "text", color = "auto";
  bool summary = false;
};

int merge(const MergeFlags& flags, const Invocation& invocation) {
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
  report::TextOptions text{.color = wantsColor(flags.color), .lines = report::diskLines()};
  if (flags.format == "json")
    fmt::print("{}", report::renderJson(*merged));
  else
    fmt::print("{}", flags.summary ? report::renderSummary(*merged, text) : report::renderText(*merged, text));
  return merged->exit_code;
}

} // namespace

void addMerge(CLI::App& app, Action& chosen) {
  CLI::App* sub = app.add_subcommand("merge", "put the reports of all shards of an audit together");
  auto flags = std::make_shared<MergeFlags>();
  sub->add_option("FILE", flags->files, "what kverify audit --shard I/N --format json printed, for each I")->required();
  sub->add_option("--format", flags->format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  sub->add_option("--color", flags->color, "auto, always or never (NO_COLOR is honoured)")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
  sub->add_flag("--summary", flags->summary, "only the table and the verdict");
  sub->callback([flags, &chosen] {
    chosen = [flags](const Invocation& invocation) { return merge(*flags, invocation); };
  });
}

} // namespace kverify::cli
