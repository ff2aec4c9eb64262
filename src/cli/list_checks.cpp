// kverify list-checks: every check that is built in, one a line.
#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/subcommand.h"
#include "kverify/check.h"
#include "kverify/verdict.h"

namespace kverify::cli {
namespace {

/// "fuzz", "fuzz+formal" or "formal".
std::string stagesOf(const CheckInfo& check) {
  bool both = findProof(check.id) && std::string_view(check.stage) != "formal";
  return both ? std::string(check.stage) + "+formal" : check.stage;
}

int listText() {
  std::size_t width = 0;
  for (const CheckInfo* check : allChecks())
    width = std::max(width, std::string_view(check->id).size());
  for (const CheckInfo* check : allChecks())
    fmt::print("{}  {:<{}}  {:<11}  {}\n        {:<{}}  {}\n", check->code, check->id, width, stagesOf(*check),
               check->summary, "", width, check->soundness);
  return kExitCertified;
}

int listJson() {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const CheckInfo* check : allChecks())
    list.push_back({{"id", check->id},
                    {"code", check->code},
                    {"stage", check->stage},
                    {"proved", findProof(check->id) != nullptr},
                    {"summary", check->summary},
                    {"why", check->why},
                    {"fix", check->fix},
                    {"soundness", check->soundness},
                    {"example", check->example ? nlohmann::ordered_json(check->example) : nullptr}});
  fmt::print("{}\n", list.dump(2));
  return kExitCertified;
}

constexpr const char* kExamples = R"(Examples:
  kverify list-checks                  a table
  kverify list-checks --format json    with why each matters, how to mend what it finds, and how far to trust it)";

} // namespace

void addListChecks(CLI::App& app, Action& chosen) {
  CLI::App* sub = app.add_subcommand("list-checks", "every check, with its code and stage");
  auto format = std::make_shared<std::string>("text");
  sub->add_option("--format", *format, "text or json")->check(CLI::IsMember({"text", "json"}))->capture_default_str();
  sub->footer(kExamples);
  sub->callback([format, &chosen] {
    chosen = [format](const Invocation&) { return *format == "json" ? listJson() : listText(); };
  });
}

} // namespace kverify::cli
