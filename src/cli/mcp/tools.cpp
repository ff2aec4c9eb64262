#include "cli/mcp/tools.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <fmt/format.h>

#include "cli/mcp/arguments.h"
#include "cli/mcp/tool_list.h"
#include "core/near_name.h"
#include "core/write_file.h"
#include "kverify/check.h"
#include "kverify/verdict.h"

namespace kverify::mcp {
namespace {

namespace fs = std::filesystem;

/// A path is never a flag.
std::string asPath(const std::string& path) {
  return path.starts_with('-') ? "./" + path : path;
}

std::string textOrDump(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

/// Puts a kernel or a contract that came as text where the audit can read it; the rest are paths already.
Expected<void> placeTexts(const Json& arguments, Workspace& workspace, std::string& path, std::string& contract) {
  bool text = arguments.contains("source"), object = arguments.contains("contract") && arguments["contract"].is_object();
  if (text == arguments.contains("path"))
    return fail(ErrorKind::Input, "give either 'path' or 'source'");
  path = arguments.value("path", "");
  contract = arguments.contains("contract") && !object ? arguments["contract"].get<std::string>() : "";
  if (!text && !object)
    return {};
  auto folder = workspace.next();
  if (!folder)
    return tl::unexpected(folder.error());
  if (text) {
    path = *folder + "/kernel.cu";
    if (auto written = writeWhole(path, arguments["source"].get<std::string>()); !written)
      return written;
  }
  if (object) {
    contract = *folder + "/kernel.contract.json";
    return writeWhole(contract, arguments["contract"].dump(2));
  }
  return {};
}

Expected<Plan> auditPlan(const Json& arguments, Workspace& workspace) {
  std::string path, contract;
  if (auto placed = placeTexts(arguments, workspace, path, contract); !placed)
    return tl::unexpected(placed.error());
  Plan plan{.command = {cli::kThisProgram, "audit", asPath(path), "--format", "feedback"}, .answer = nullptr};
  auto add = [&](const std::string& flag, const std::string& value) { plan.command.push_back("--" + flag + "=" + value); };
  if (!contract.empty())
    add("contract", contract);
  if (arguments.contains("source"))
    add("output", fs::path(path).parent_path().string() + "/out");
  for (const char* name : {"kernel", "block", "grid", "require"})
    if (arguments.contains(name))
      add(name, arguments[name].get<std::string>());
  if (arguments.contains("shared_bytes"))
    add("shared", arguments["shared_bytes"].dump());
  const Json values = arguments.value("args", Json::object());
  for (const auto& [name, value] : values.items())
    add("arg", name + "=" + textOrDump(value));
  if (arguments.contains("stages"))
    add("stages", fmt::format("{}", fmt::join(arguments["stages"].get<std::vector<std::string>>(), ",")));
  if (arguments.value("quick", false))
    plan.command.push_back("--quick");
  if (arguments.contains("time_budget_seconds")) {
    double seconds = arguments["time_budget_seconds"].get<double>();
    add("time-budget", fmt::format("{}s", seconds));
    plan.seconds = 1.25 * seconds + 30; // the audit ends by itself before; this is for one that does not
  }
  auto flags = arguments.value("clang_flags", std::vector<std::string>{});
  if (!flags.empty())
    plan.command.push_back("--");
  plan.command.insert(plan.command.end(), flags.begin(), flags.end());
  return plan;
}

Expected<Plan> initPlan(const Json& arguments, Workspace& workspace) {
  std::string path, no_contract;
  if (auto placed = placeTexts(arguments, workspace, path, no_contract); !placed)
    return tl::unexpected(placed.error());
  Plan plan{.command = {cli::kThisProgram, "init", asPath(path)}, .seconds = 600, .answer = nullptr};
  if (arguments.contains("kernel"))
    plan.command.push_back("--kernel=" + arguments["kernel"].get<std::string>());
  auto flags = arguments.value("clang_flags", std::vector<std::string>{});
  if (!flags.empty())
    plan.command.push_back("--");
  plan.command.insert(plan.command.end(), flags.begin(), flags.end());
  return plan;
}

const char* nameOf(Severity severity) {
  return severity == Severity::Error ? "error" : severity == Severity::Warning ? "warning" : "note";
}

Json contentOf(const std::string& text) {
  return Json::array({Json{{"type", "text"}, {"text", text}}});
}

Json success(Json structured, const std::string& text) {
  return {{"content", contentOf(text)}, {"structuredContent", std::move(structured)}, {"isError", false}};
}

Expected<Plan> explainPlan(const std::string& id) {
  const CheckInfo* check = findCheck(id);
  if (!check) {
    std::vector<std::string> known;
    for (const CheckInfo* one : allChecks()) {
      known.push_back(one->id);
      known.push_back(one->code);
    }
    return fail(ErrorKind::Input, fmt::format("there is no check '{}'", id), "", didYouMean(id, known));
  }
  Json facts = {{"id", check->id},           {"code", check->code}, {"stage", check->stage}, {"severity", nameOf(check->severity)},
                {"summary", check->summary}, {"why", check->why},   {"fix", check->fix},     {"soundness", check->soundness}};
  if (check->example)
    facts["example"] = check->example;
  if (const ProofInfo* proof = findProof(check->id)) {
    facts["proved"] = proof->question;
    facts["proof_soundness"] = proof->soundness;
  }
  return Plan{.command = {}, .answer = success(facts, facts.dump(2))};
}

/// Why a command that is over gave nothing that could be read.
std::string whyNothing(const cli::Child& child) {
  std::string said = cli::lastWords(child.err());
  if (child.timedOut())
    return fmt::format("it was ended after {:.0f} s, long after its time budget", child.secondsSoFar());
  if (child.wroteTooMuch())
    return "it wrote more than can be taken";
  if (child.exitCode() >= 128)
    return fmt::format("it was ended by signal {} ({}); the server goes on. {}", child.exitCode() - 128,
                       strsignal(child.exitCode() - 128), said);
  return said.empty() ? fmt::format("it ended with {} and said nothing", child.exitCode()) : said;
}

Json auditResult(const cli::Child& child) {
  Json feedback = Json::parse(child.out(), nullptr, false);
  bool known = feedback.is_object() && feedback.contains("verdict") && child.exitCode() >= 0 && child.exitCode() <= kExitInconclusive;
  if (!known || child.timedOut() || child.wroteTooMuch())
    return failureOf(whyNothing(child));
  return success(feedback, feedback.dump(2));
}

Json replayResult(const cli::Child& child) {
  int code = child.exitCode();
  if ((code != kExitRefuted && code != kExitInconclusive) || child.timedOut() || child.wroteTooMuch())
    return failureOf(whyNothing(child));
  Json facts = {{"reproduced", code == kExitRefuted}, {"text", cli::lastWords(child.out(), 64 << 10)}};
  return success(facts, facts.dump(2));
}

Json initResult(const cli::Child& child) {
  if (child.exitCode() != kExitCertified || child.out().empty() || child.timedOut() || child.wroteTooMuch())
    return failureOf(whyNothing(child));
  return success({{"contracts", child.out()}, {"notes", cli::lastWords(child.err())}}, child.out());
}

} // namespace

Workspace::~Workspace() {
  std::error_code ignored;
  if (!path_.empty())
    fs::remove_all(path_, ignored);
}

Expected<std::string> Workspace::next() {
  if (path_.empty()) {
    std::error_code error;
    std::string pattern = (fs::temp_directory_path(error) / "kverify-mcp-XXXXXX").string();
    if (error || !mkdtemp(pattern.data()))
      return fail(ErrorKind::Environment, fmt::format("no temporary folder can be made: {}", std::strerror(errno)), pattern, "set TMPDIR");
    path_ = pattern;
  }
  return fmt::format("{}/{}", path_, ++number_);
}

Json toolList() {
  return describedTools();
}

bool isTool(const std::string& name) {
  const Json& tools = describedTools();
  return std::any_of(tools.begin(), tools.end(), [&](const Json& tool) { return tool["name"] == name; });
}

Expected<Plan> planOf(const std::string& tool, const Json& arguments, Workspace& workspace) {
  for (const Json& described : describedTools())
    if (described["name"] == tool)
      if (auto checked = checkArguments(described["inputSchema"], arguments); !checked)
        return tl::unexpected(checked.error());
  if (tool == "audit")
    return auditPlan(arguments, workspace);
  if (tool == "explain")
    return explainPlan(arguments["id"].get<std::string>());
  if (tool == "init")
    return initPlan(arguments, workspace);
  return Plan{.command = {cli::kThisProgram, "replay", asPath(arguments["file"].get<std::string>()), "--color", "never"},
              .seconds = 600,
              .answer = nullptr};
}

Json resultOf(const std::string& tool, const cli::Child& child) {
  return tool == "audit" ? auditResult(child) : tool == "init" ? initResult(child) : replayResult(child);
}

Json failureOf(const std::string& why) {
  return {{"content", contentOf(why)}, {"isError", true}};
}

std::string textOf(const ToolError& error) {
  std::string text = error.message;
  if (!error.place.empty())
    text += " (" + error.place + ")";
  if (!error.hint.empty())
    text += error.hint.starts_with(' ') ? error.hint : "; " + error.hint;
  return text;
}

} // namespace kverify::mcp
