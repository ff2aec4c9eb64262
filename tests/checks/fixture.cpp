#include "tests/checks/fixture.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <fmt/format.h>

#include "cli/options.h"
#include "kverify/check.h"
#include "kverify/verdict.h"

namespace kverify::tests {
namespace {

constexpr std::string_view kHeader = "// kverify:";
constexpr std::string_view kAnnotation = "// expect:";

Expected<void> readWord(const std::string& word, Fixture& fixture, contract::AssumeOptions& launch) {
  std::size_t equals = word.find('=');
  std::string key = word.substr(0, equals);
  std::string value = equals == std::string::npos ? "" : word.substr(equals + 1);
  if (key == "expect") {
    fixture.expect = value;
  } else if (key == "kernel") {
    fixture.job.kernel = value;
  } else if (key == "target") {
    fixture.target = value;
  } else if (key == "stages") {
    fixture.stages = {.fuzz = value.find("fuzz") != std::string::npos,
                      .formal = value.find("formal") != std::string::npos,
                      .lint = value.find("static") != std::string::npos,
                       .stability = value.find("stability") != std::string::npos,
                       .bench = value.find("bench") != std::string::npos};
  } else if (auto backend = pipeline::parseBackend(value); key == "backend" && backend) {
    fixture.backend.backend = *backend;
  } else if (key == "unknown" && findCheck(value)) {
    fixture.unknown = value;
  } else if (key == "formal" && value.starts_with("unknown:") && value.size() > 8) {
    fixture.formal_unknown = value.substr(8);
  } else if (key == "block" || key == "grid") {
    auto dim = cli::parseDim(value, key);
    if (!dim)
      return tl::unexpected(dim.error());
    (key == "block" ? launch.block : launch.grid) = *dim;
  } else if (key == "shared") {
    launch.dynamic_shared_bytes = static_cast<std::uint32_t>(std::stoul(value));
  } else if (key.starts_with("arg.")) {
    launch.args[key.substr(4)] = value;
  } else if (word == "contract") {
    fixture.job.contract = std::filesystem::path(fixture.path).replace_extension(".contract.json").string();
  } else {
    return fail(ErrorKind::Input, fmt::format("the fixture's first line has an unknown word '{}'", word), fixture.path,
                "known: expect, kernel, block, grid, shared, arg.NAME, target, stages, backend, unknown, contract");
  }
  return {};
}

Expected<void> readHeader(const std::string& line, Fixture& fixture) {
  if (!line.starts_with(kHeader))
    return fail(ErrorKind::Input, fmt::format("the fixture's first line must start with '{}'", kHeader), fixture.path);
  contract::AssumeOptions launch;
  std::istringstream words(line.substr(kHeader.size()));
  for (std::string word; words >> word;)
    if (auto read = readWord(word, fixture, launch); !read)
      return read;
  if (fixture.job.contract.empty())
    fixture.job.launch = launch;
  if (fixture.expect != "certified" && fixture.expect != "refuted" && fixture.expect != "inconclusive")
    return fail(ErrorKind::Input, fmt::format("expect={} is no verdict", fixture.expect), fixture.path);
  return {};
}

/// "// expect: race.shared-write-write, bounds.global-read" -> both ids.
std::set<std::string> annotationOf(const std::string& line) {
  std::set<std::string> ids;
  std::size_t at = line.find(kAnnotation);
  if (at == std::string::npos)
    return ids;
  std::string rest = line.substr(at + kAnnotation.size());
  std::replace(rest.begin(), rest.end(), ',', ' ');
  std::istringstream words(rest);
  for (std::string id; words >> id;)
    ids.insert(id);
  return ids;
}

/// The line on which the statement that ends on line `number` begins.
unsigned statementStart(const std::vector<std::string>& lines, unsigned number) {
  for (; number > 1; --number) {
    std::string before = lines[number - 2];
    before.resize(std::min(before.size(), before.find("//")));
    before.resize(before.find_last_not_of(" \t\r") + 1);
    if (before.empty() || before.starts_with('#') || std::string_view(";{}:").find(before.back()) != std::string::npos)
      break;
  }
  return number;
}

bool touches(const std::set<unsigned>& found_lines, const Finding& finding, const Expectation& expected) {
  auto at = found_lines.lower_bound(expected.first);
  return finding.check == expected.check && at != found_lines.end() && *at <= expected.last;
}

std::set<unsigned> linesOf(const Finding& finding) {
  std::set<unsigned> lines;
  for (const FindingLocation& location : finding.locations)
    if (!location.stack.empty())
      lines.insert(location.stack[0].line);
  return lines;
}

} // namespace

Expected<Fixture> readFixture(const std::string& path) {
  std::ifstream in(path);
  if (!in)
    return fail(ErrorKind::Input, fmt::format("there is no fixture '{}'", path));
  Fixture fixture{.path = path, .folder = std::filesystem::path(path).parent_path().filename().string()};
  fixture.job.source = path;
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);)
    lines.push_back(line);
  if (lines.empty())
    return fail(ErrorKind::Input, "the fixture is empty", path);
  if (auto header = readHeader(lines[0], fixture); !header)
    return tl::unexpected(header.error());
  for (unsigned number = 2; number <= lines.size(); ++number)
    for (const std::string& id : annotationOf(lines[number - 1])) {
      if (!findCheck(id))
        return fail(ErrorKind::Input, fmt::format("'{}' is no check", id), fmt::format("{}:{}", path, number));
      fixture.expected.push_back({id, statementStart(lines, number), number});
    }
  bool refuted = fixture.expect == "refuted";
  if (refuted == fixture.expected.empty() && !fixture.isStatic())
    return fail(ErrorKind::Input,
                refuted ? "a fixture that must be refuted says on which lines"
                        : "only a refuted fixture has '// expect:'",
                path);
  return fixture;
}

/// Findings of other checks are the business of their own fixtures.
bool counts(const Fixture& fixture, const Finding& finding) {
  return !fixture.isStatic() || finding.check == fixture.folder ||
         std::any_of(fixture.expected.begin(), fixture.expected.end(),
                     [&](const Expectation& expected) { return expected.check == finding.check; });
}

/// A bad fixture marks lines, an unknown one is a doubt that the check must voice.
void checkKind(const Fixture& fixture, const KernelReport& report, std::vector<std::string>& wrong) {
  if (!fixture.isStatic())
    return;
  std::string name = std::filesystem::path(fixture.path).filename().string();
  if (name.starts_with("bad_") == fixture.expected.empty())
    wrong.push_back("a bad fixture of the static stage, and no other, marks the lines with '// expect:'");
  bool doubts = std::any_of(report.outcomes.begin(), report.outcomes.end(), [&](const CheckOutcome& one) {
    return one.check == fixture.folder && one.stage == "static" && std::holds_alternative<Unknown>(one.outcome);
  });
  if (name.starts_with("unknown_") != doubts && !name.starts_with("bad_"))
    wrong.push_back(doubts ? "the check says that it cannot tell" : "the check does not say that it cannot tell");
}

std::vector<std::string> mismatches(const Fixture& fixture, const KernelReport& report) {
  std::vector<std::string> wrong;
  if (report.error)
    return {fmt::format("it could not be judged: {} {}", report.error->message, report.error->hint)};
  if (nameOf(report.verdict) != fixture.expect)
    wrong.push_back(fmt::format("the verdict is {}, expected {}", nameOf(report.verdict), fixture.expect));
  std::vector<bool> met(fixture.expected.size());
  checkKind(fixture, report, wrong);
  if (!fixture.unknown.empty() && std::none_of(report.outcomes.begin(), report.outcomes.end(), [&](const auto& one) {
        return one.check == fixture.unknown && std::holds_alternative<Unknown>(one.outcome);
      }))
    wrong.push_back(fmt::format("{} does not say that it cannot tell", fixture.unknown));
  for (const Finding& finding : report.findings) {
    if (!counts(fixture, finding))
      continue;
    std::set<unsigned> lines = linesOf(finding);
    bool matched = false;
    for (std::size_t i = 0; i < met.size(); ++i)
      if (touches(lines, finding, fixture.expected[i]))
        met[i] = matched = true;
    if (!matched)
      wrong.push_back(fmt::format("found but not expected: {} at line {}: {}", finding.check, fmt::join(lines, ","),
                                  finding.message));
    if (!finding.confirmed && !fixture.isStatic())
      wrong.push_back(fmt::format("not confirmed by a second run: {}", finding.check));
  }
  for (std::size_t i = 0; i < met.size(); ++i)
    if (!met[i])
      wrong.push_back(
          fmt::format("expected but not found: {} at line {}", fixture.expected[i].check, fixture.expected[i].last));
  return wrong;
}

} // namespace kverify::tests
