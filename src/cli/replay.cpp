// kverify replay FILE: runs a counterexample again and says whether it is the same, bit for bit.
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include <fmt/format.h>

#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/pipeline/replay.h"
#include "cli/subcommand.h"
#include "kverify/verdict.h"
#include "report/text.h"

namespace kverify::cli {
namespace {

int replay(const std::string& path, const std::string& color) {
  std::ifstream in(path, std::ios::binary);
  if (!in)
    return complain({ErrorKind::Input, fmt::format("there is no replay file '{}'", path), "",
                     "kverify audit writes replay files into out/"});
  std::ostringstream bytes;
  bytes << in.rdbuf();
  auto file = pipeline::replayFromJson(path, bytes.str());
  if (!file)
    return complain(file.error());
  auto result = pipeline::replay(*file, &stopOnInterrupt());
  if (!result) {
    // A source or contract that is gone or has changed shape is the likely cause: say where it was looked for.
    ToolError error = result.error();
    if (error.hint.empty())
      error.hint = "paths are relative to the folder in which kverify audit was run";
    return complain(error);
  }
  report::TextOptions text{.color = wantsColor(color), .all_checks = false, .lines = report::diskLines()};
  if (result->seen)
    fmt::print("{}\n", report::renderFinding(result->finding, text));
  if (!result->printed.empty()) fmt::print("the kernel printed:\n{}\n", result->printed);
  if (result->reproduced) {
    fmt::print("reproduced, bit for bit\n");
    return kExitRefuted;
  }
  for (const std::string& difference : result->differences)
    fmt::print("differs: {}\n", difference);
  fmt::print("{}\n", result->seen ? "the finding is still there, but not bit for bit" : "not reproduced");
  return kExitInconclusive;
}

constexpr const char* kExamples = R"(Examples:
  kverify replay out/KV1203-a91f.json      run the counterexample of a finding again

Exit codes: 1 reproduced, bit for bit; 2 usage or tool error; 3 not reproduced, or another source.)";

} // namespace

void addReplay(CLI::App& app, Action& chosen) {
  CLI::App* sub = app.add_subcommand("replay", "run a counterexample again, bit for bit");
  auto file = std::make_shared<std::string>();
  auto color = std::make_shared<std::string>("auto");
  sub->add_option("FILE", *file, "a replay file that kverify audit wrote")->required();
  sub->add_option("--color", *color, "auto, always or never (NO_COLOR is honoured)")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
  sub->footer(kExamples);
  sub->callback(
      [file, color, &chosen] { chosen = [file, color](const Invocation&) { return replay(*file, *color); }; });
}

} // namespace kverify::cli
