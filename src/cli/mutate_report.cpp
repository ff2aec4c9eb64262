#include "cli/mutate_report.h"

#include <algorithm>
#include <fstream>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace kverify::cli {
namespace {

using pipeline::Fate;
using pipeline::kFates;
using pipeline::MutantResult;
using pipeline::MutationReport;
using Json = nlohmann::ordered_json;

std::string sourceLine(const SourceLocation& where) {
  std::ifstream in(where.file);
  std::string text;
  for (unsigned line = 0; line < where.line; ++line)
    if (!std::getline(in, text))
      return "";
  std::size_t first = text.find_first_not_of(" \t");
  return first == text.npos ? "" : text.substr(first);
}

std::string oneMutant(const MutantResult& one) {
  const SourceLocation& at = one.mutation.where;
  std::string text = fmt::format("\n{}: {}: {}\n  --> {}:{}:{}\n      {} | {}\n", nameOf(one.fate),
                                 mutate::nameOf(one.mutation.op), one.mutation.change, at.file, at.line, at.column, at.line,
                                 sourceLine(at));
  if (one.fate == Fate::Killed)
    text += fmt::format("  = by {}: {}: {}\n", one.stage, one.check, one.detail);
  else if (!one.detail.empty())
    text += fmt::format("  = {}\n", one.detail);
  return text;
}

std::string operatorTable(const MutationReport& report) {
  std::map<mutate::Operator, std::map<Fate, std::size_t>> rows;
  for (const MutantResult& one : report.mutants)
    ++rows[one.mutation.op][one.fate];
  std::string text = fmt::format("  {:20}", "operator");
  for (Fate fate : kFates)
    text += fmt::format("{:>14}", nameOf(fate));
  for (auto& [op, row] : rows) {
    text += fmt::format("\n  {:20}", mutate::nameOf(op));
    for (Fate fate : kFates)
      text += fmt::format("{:>14}", row[fate]);
  }
  return text + "\n";
}

std::string killers(const MutationReport& report) {
  std::map<std::string, std::map<std::string, std::size_t>> by;
  for (const MutantResult& one : report.mutants)
    if (one.fate == Fate::Killed)
      ++by[one.stage][one.check];
  std::string text;
  for (const auto& [stage, count] : report.killedBy()) {
    text += fmt::format("  killed by {:10} {:>5}  ", stage, count);
    std::string checks;
    for (const auto& [check, times] : by[stage])
      checks += fmt::format("{}{} {}", checks.empty() ? "" : ", ", check, times);
    text += checks + "\n";
  }
  return text;
}

Json toJson(const MutantResult& one) {
  auto orNull = [](const std::string& text) { return text.empty() ? Json() : Json(text); };
  const SourceLocation& at = one.mutation.where;
  return {{"index", one.mutation.index}, {"operator", mutate::nameOf(one.mutation.op)}, {"file", at.file},
          {"line", at.line},             {"column", at.column},                         {"function", at.function},
          {"change", one.mutation.change}, {"fate", nameOf(one.fate)},                  {"stage", orNull(one.stage)},
          {"check", orNull(one.check)},  {"detail", orNull(one.detail)}};
}

std::string jsonNameOf(Fate fate) {
  std::string name(nameOf(fate));
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

Json toJson(const MutationReport& report) {
  Json counts = {{"mutants", report.mutants.size()}};
  for (Fate fate : kFates)
    counts[jsonNameOf(fate)] = report.count(fate);
  Json mutants = Json::array();
  for (const MutantResult& one : report.mutants)
    mutants.push_back(toJson(one));
  return {{"file", report.file},
          {"kernel", report.kernel},
          {"contract", report.contract.empty() ? Json() : Json(report.contract)},
          {"error", report.error ? Json(report.error->message) : Json()},
          {"cases", report.cases},
          {"seconds", report.seconds},
          {"notes", report.notes},
          {"counts", counts},
          {"killed_by", report.killedBy()},
          {"score", report.score()},
          {"score_of_other_functions", report.scoreOfOtherFunctions()},
          {"mutants", mutants}};
}

} // namespace

std::string renderMutation(const MutationReport& report, bool verbose) {
  std::string text = fmt::format("{}  {}\n", report.file, report.kernel);
  if (report.error)
    return text + fmt::format("  error: {}\n{}", report.error->message,
                              report.error->hint.empty() ? "" : fmt::format("  help: {}\n", report.error->hint));
  text += fmt::format("  {} mutants, {} cases:", report.mutants.size(), report.cases);
  for (Fate fate : kFates)
    text += fmt::format(" {} {},", report.count(fate), nameOf(fate));
  text += fmt::format(" in {:.1f} s\n", report.seconds);
  text += fmt::format(
      "  killed of those that are another program: {:.1f} %; of those that compute another function: {:.1f} %\n",
      100 * report.score(), 100 * report.scoreOfOtherFunctions());
  for (const std::string& note : report.notes)
    text += fmt::format("  note: {}\n", note);
  text += operatorTable(report) + killers(report);
  for (const MutantResult& one : report.mutants)
    if (verbose || (one.fate != Fate::Killed && one.fate != Fate::Equivalent))
      text += oneMutant(one);
  return text;
}

std::string mutationToJson(std::span<const MutationReport> reports, double floor, int exit_code) {
  Json kernels = Json::array();
  for (const MutationReport& report : reports)
    kernels.push_back(toJson(report));
  Json all = {{"format", kMutationFormat}, {"tool_version", KVERIFY_VERSION}, {"floor", floor}, {"exit_code", exit_code},
              {"kernels", kernels}};
  return all.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace kverify::cli
