// kverify explain ID: what a check looks for, why it matters, how to mend it, and which way it can err.
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cli/subcommand.h"
#include "core/near_name.h"
#include "kverify/check.h"
#include "kverify/verdict.h"

namespace kverify::cli {
namespace {

std::string indented(std::string_view text) {
  std::string lines = "    ";
  for (char c : text)
    lines += c == '\n' ? std::string("\n    ") : std::string(1, c);
  return lines;
}

int explain(const std::string& id) {
  const CheckInfo* check = findCheck(id);
  if (!check) {
    std::vector<std::string> known;
    for (const CheckInfo* c : allChecks()) {
      known.push_back(c->id);
      known.push_back(c->code);
    }
    std::string near = didYouMean(id, known);
    return complain({ErrorKind::Usage, fmt::format("there is no check '{}'", id), "",
                     near.empty() ? "kverify list-checks lists them" : near});
  }
  const ProofInfo* proof = findProof(check->id);
  bool both = proof && std::string_view(check->stage) != "formal";
  fmt::print("{} ({}, stage {}{})\n{}\n\nWhy it matters: {}\nHow to mend it: {}\nHow far to trust it: {}\n", check->id,
             check->code, check->stage, both ? " and formal" : "", check->summary, check->why, check->fix, check->soundness);
  if (check->example)
    fmt::print("For example:\n{}\n", indented(check->example));
  if (proof)
    fmt::print("What is proved: {}\nHow far to trust a proof: {}\n", proof->question, proof->soundness);
  return kExitCertified;
}

constexpr const char* kExamples = R"(Examples:
  kverify explain race.shared-write-write   by its id
  kverify explain KV1203                    by its code, as SARIF and replay files name it)";

} // namespace

void addExplain(CLI::App& app, Action& chosen) {
  CLI::App* sub = app.add_subcommand("explain", "what a check means and how to mend what it finds");
  auto id = std::make_shared<std::string>();
  sub->add_option("ID", *id, "a check's id or code: race.shared-write-write, KV1201")->required();
  sub->footer(kExamples);
  sub->callback([id, &chosen] { chosen = [id](const Invocation&) { return explain(*id); }; });
}

} // namespace kverify::cli
