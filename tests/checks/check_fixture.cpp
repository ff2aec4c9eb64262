// check_fixture FILE OUT: audits one fixture and compares, two-sided; replays what it refutes. Exit 0 when all is well.
// check_fixture --coverage FOLDER: has every registered check a good, a bad and an unknown fixture?
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cli/bench_stage.h"
#include "cli/pipeline/audit.h"
#include "cli/pipeline/formal.h"
#include "cli/pipeline/replay.h"
#include "report/text.h"
#include "tests/checks/fixture.h"

namespace kverify::tests {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> replayProblems(const KernelReport& report) {
  std::vector<std::string> wrong;
  for (const Finding& finding : report.findings) {
    if (!finding.confirmed || finding.check.starts_with("bench.")) // a time is no launch that could be repeated
      continue;
    std::ifstream in(finding.replay, std::ios::binary);
    std::ostringstream bytes;
    bytes << in.rdbuf();
    auto file = pipeline::replayFromJson(finding.replay, bytes.str());
    if (!file) {
      wrong.push_back(file.error().message);
      continue;
    }
    auto result = pipeline::replay(*file);
    if (!result)
      wrong.push_back(fmt::format("{} does not replay: {}", finding.replay, result.error().message));
    else if (!result->reproduced)
      wrong.push_back(
          fmt::format("{} is not reproduced bit for bit: {}", finding.replay, fmt::join(result->differences, "; ")));
  }
  return wrong;
}

/// The formal stage alone refutes each marked check that it judges, unless the fixture says why not: then it must not.
std::vector<std::string> unrefuted(const Fixture& fixture, const KernelReport& formal) {
  std::set<std::string> open;
  for (const Expectation& expected : fixture.expected)
    if (findProof(expected.check) || expected.check == "barrier.deadlock") // which barrier.divergent asks about
      open.insert(expected.check);
  for (const CheckOutcome& outcome : formal.outcomes)
    if (std::holds_alternative<Refuted>(outcome.outcome))
      open.erase(outcome.check);
  std::vector<std::string> wrong;
  if (fixture.formal_unknown.empty()) {
    for (const std::string& check : open)
      wrong.push_back(fmt::format("formal alone does not refute {} (or say formal=unknown:REASON)", check));
  } else if (open.empty()) {
    wrong.push_back("formal alone refutes all that is marked: take formal=unknown away");
  }
  return wrong;
}

/// Proofs against runs: what the fuzz stage refuted must not be proved, and no more may be refuted.
std::vector<std::string> formalProblems(const Fixture& fixture, const pipeline::AuditOptions& like,
                                        const KernelReport& tested) {
  pipeline::AuditOptions options = like;
  options.stages = {.fuzz = false, .formal = true};
  KernelReport proved = pipeline::auditJob(fixture.job, options);
  std::vector<std::string> wrong = unrefuted(fixture, proved);
  for (const CheckOutcome& outcome : tested.outcomes)
    if (outcome.stage == "fuzz")
      proved.outcomes.push_back(outcome);
  pipeline::reconcile(proved);
  for (const CheckOutcome& outcome : proved.outcomes) {
    const auto* unknown = std::get_if<Unknown>(&outcome.outcome);
    if (unknown && unknown->code == unknown_reason::tool_error)
      wrong.push_back(fmt::format("formal, {}: {}", outcome.check, unknown->detail));
  }
  if (tested.verdict != Verdict::Refuted)
    for (const Finding& finding : proved.findings)
      wrong.push_back(fmt::format("formal found {}, fuzz did not: {}", finding.check, finding.message));
  return wrong;
}

int checkFixture(const std::string& path, const std::string& out) {
  auto fixture = readFixture(path);
  if (!fixture) {
    fmt::print("{}", report::renderError(fixture.error(), false));
    return 1;
  }
  pipeline::AuditOptions options;
  options.compile.target = fixture->target;
  options.output = out;
  options.stages = fixture->stages;
  options.require_determinism = fixture->stages.stability;
  options.backend = fixture->backend;
  KernelReport report = pipeline::auditJob(fixture->job, options);
  if (options.stages.bench)
    cli::judgeTiming(fixture->job, options, report);
  std::vector<std::string> wrong = mismatches(*fixture, report);
  if (!fixture->isStatic())
    for (std::string& problem : replayProblems(report))
      wrong.push_back(std::move(problem));
  if (!fixture->isStatic())
    for (std::string& problem : formalProblems(*fixture, options, report))
      wrong.push_back(std::move(problem));
  if (wrong.empty()) {
    fmt::print("{}: {} as expected, {} finding(s)\n", path, fixture->expect, report.findings.size());
    return 0;
  }
  for (const std::string& problem : wrong)
    fmt::print("{}: {}\n", path, problem);
  fmt::print("\nthe whole report:\n{}",
             report::renderKernel(report, {.all_checks = true, .lines = report::diskLines()}));
  return 1;
}

/// "good", "bad" and "unknown" for the files of one folder.
std::set<std::string> kindsIn(const fs::path& folder) {
  std::set<std::string> kinds;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    std::string name = entry.path().filename().string();
    if (entry.path().extension() == ".cu")
      kinds.insert(name.substr(0, name.find('_')));
  }
  return kinds;
}

int checkCoverage(const fs::path& root) {
  int missing = 0;
  for (const CheckInfo* check : allChecks()) {
    std::set<std::string> kinds = kindsIn(root / check->id);
    for (const char* kind : {"good", "bad", "unknown"}) {
      if (kinds.count(kind))
        continue;
      ++missing;
      fmt::print("{} has no {}_*.cu in tests/checks/{}/\n", check->id, kind, check->id);
    }
  }
  for (const auto& entry : fs::directory_iterator(root)) {
    std::string name = entry.path().filename().string();
    if (!entry.is_directory() || findCheck(name))
      continue;
    ++missing;
    fmt::print("tests/checks/{} belongs to no registered check\n", name);
  }
  fmt::print("{} checks, {} gap(s)\n", allChecks().size(), missing);
  return missing || allChecks().empty() ? 1 : 0;
}

} // namespace
} // namespace kverify::tests

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: check_fixture FILE OUT | check_fixture --coverage FOLDER\n");
    return 2;
  }
  if (std::string(argv[1]) == "--coverage")
    return kverify::tests::checkCoverage(argv[2]);
  return kverify::tests::checkFixture(argv[1], argv[2]);
}
