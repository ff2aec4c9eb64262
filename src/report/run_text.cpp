#include "report/run_text.h"

#include <fmt/format.h>

#include "report/ink.h"

namespace kverify::report {
namespace {

std::string line(const char* what, const std::string& text, bool color) {
  return fmt::format("  {} {}: {}\n", inked("=", Ink::Blue, color), what, text);
}

std::string plural(std::uint64_t n, const char* what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

} // namespace

std::string layersText(const Isolation& isolation) {
  if (isolation.layers.empty())
    return isolation.processes ? "a process for each kernel, no sandbox" : "none";
  return fmt::format("{}", fmt::join(isolation.layers, ", "));
}

std::string renderRun(const Report& report, const TextOptions& options) {
  std::string text;
  const Environment& environment = report.environment;
  if (report.shard.count)
    text += line("shard",
                 fmt::format("{} of {}: {} of {}", report.shard.index, report.shard.count, report.kernels.size(),
                             plural(report.corpus.jobs, "kernel")),
                 options.color);
  if (!report.shards.empty())
    text += line("merged", plural(report.shards.size(), "shard"), options.color);
  if (environment.resumed)
    text += line("resumed", fmt::format("{} judged before the interruption", plural(environment.resumed, "kernel")),
                 options.color);
  for (const std::string& note : environment.notes)
    text += line("note", note, options.color);
  if (!environment.isolation.processes)
    return text;
  const std::vector<std::string>& missing = environment.isolation.missing;
  if (options.all_checks)
    text += line("isolation", layersText(environment.isolation), options.color);
  if (options.all_checks || !environment.isolation.writes_confined || !environment.isolation.sockets_refused)
    for (const std::string& sentence : missing)
      text += line("isolation", sentence, options.color);
  return text;
}

} // namespace kverify::report
