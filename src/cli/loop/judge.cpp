#include "cli/loop/judge.h"

#include <charconv>
#include <cmath>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "cli/child/child.h"
#include "core/write_file.h"
#include "kverify/verdict.h"

namespace kverify::loop {
namespace {

std::string contentOf(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  return bytes.str();
}

std::string clean(const std::string& text) {
  return Json::parse(Json(text).dump(-1, ' ', false, Json::error_handler_t::replace)).get<std::string>();
}

void add(std::vector<std::string>& command, const std::vector<std::string>& words) {
  command.insert(command.end(), words.begin(), words.end());
}

void addClangFlags(std::vector<std::string>& command, const std::vector<std::string>& flags) {
  if (!flags.empty())
    command.push_back("--");
  add(command, flags);
}

std::string whyEnded(const cli::Child& child, const char* what) {
  std::string said = clean(cli::lastWords(child.err(), 600));
  std::string why = child.timedOut()         ? fmt::format("{} was ended after {:.0f} s", what, child.secondsSoFar())
                    : child.wroteTooMuch()   ? fmt::format("{} wrote more than can be taken", what)
                    : child.exitCode() > 128 ? fmt::format("{} was ended by signal {}", what, child.exitCode() - 128)
                                             : fmt::format("{} ended with {}", what, child.exitCode());
  return said.empty() ? why : why + ": " + said;
}

int exitCodeOf(const std::string& verdict) {
  return verdict == "certified" ? kExitCertified : verdict == "refuted" ? kExitRefuted : verdict == "error" ? kExitError : kExitInconclusive;
}

/// All that a certified report must be, beside its first word.
std::string whyNotWhole(const Json& feedback, int exit_code) {
  std::string verdict = feedback.value("verdict", "");
  if (exitCodeOf(verdict) != exit_code)
    return fmt::format("the audit says '{}' and ended with {}", verdict, exit_code);
  if (feedback.value("partial", Json(true)) != false)
    return "the audit was interrupted";
  if (verdict == "certified" && feedback.value("kernels", Json::array()).empty())
    return "the audit judged no kernel";
  return {};
}

/// Geometric mean over the shapes of the cold medians; nothing where a shape has none.
std::optional<double> meanTime(const Json& bench) {
  double logs = 0;
  const Json shapes = bench.value("shapes", Json::array());
  for (const Json& shape : shapes) {
    if (!shape.contains("cold") || shape.value("problem", "?") != "")
      return std::nullopt;
    const Json median = shape["cold"].value("median_ms", Json()); // null: not a number
    if (!median.is_number() || !(median.get<double>() > 0))
      return std::nullopt;
    logs += std::log(median.get<double>());
  }
  return shapes.empty() ? std::nullopt : std::optional(std::exp(logs / static_cast<double>(shapes.size())));
}

/// The report of `kverify bench --format json`, taken as a time only where it ended well.
Timing timingOf(const cli::Child& child, bool compared) {
  Timing timing;
  Json bench = Json::parse(child.out(), nullptr, false);
  if (!bench.is_object() || child.exitCode() > kExitInconclusive || child.timedOut()) {
    timing.problem = whyEnded(child, "kverify bench");
    return timing;
  }
  timing.problem = bench.value("problem", "");
  timing.refused = child.exitCode() == kExitRefuted;
  if (timing.refused)
    timing.problem = "a timed launch gave a wrong result, or a time that is not possible";
  if (!timing.problem.empty())
    return timing;
  timing.ms = child.exitCode() == kExitCertified ? meanTime(bench) : std::nullopt;
  if (!timing.ms)
    timing.problem = "not every shape could be timed";
  if (compared)
    timing.claim = timing.ms ? bench.value("claim", "inconclusive") : "";
  return timing;
}

/// The hook's whole output is one number, milliseconds.
Timing hookTiming(const cli::Child& child) {
  Timing timing;
  if (child.exitCode() != 0 || child.timedOut() || child.wroteTooMuch()) {
    timing.problem = whyEnded(child, "--bench");
    return timing;
  }
  std::string text = clean(cli::lastWords(child.out(), 200));
  double ms = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ms);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(ms) || ms <= 0)
    timing.problem = fmt::format("--bench printed '{}', which is no number of milliseconds", text);
  else
    timing.ms = ms;
  return timing;
}

} // namespace

Expected<void> writeFiles(const Place& place, const Proposal& proposal, const std::string& shapes) {
  if (auto written = writeWhole(place.kernel(), proposal.source); !written)
    return written;
  if (!shapes.empty())
    if (auto written = writeWhole(place.folder + "/shapes.json", shapes); !written)
      return written;
  return writeWhole(place.contract(), proposal.contract);
}

bool filesHold(const Place& place, const Proposal& proposal) {
  return contentOf(place.kernel()) == proposal.source && contentOf(place.contract()) == proposal.contract;
}

Expected<Judgement> judge(const Place& place, const JudgeOptions& options) {
  std::vector<std::string> command = {cli::kThisProgram, "audit", place.kernel(), "--contract", place.contract(), "--output",
                                      place.folder + "/out"};
  add(command, options.audit_flags);
  add(command, {"--format", "feedback", "--quiet"});
  addClangFlags(command, options.clang_flags);
  auto child = cli::runChild(command, {}, options.stop);
  if (!child)
    return tl::unexpected(child.error());
  Judgement judgement{.verdict = "inconclusive", .feedback = Json::parse((*child)->out(), nullptr, false),
                      .seconds = (*child)->secondsSoFar()};
  if (!judgement.feedback.is_object()) {
    judgement.feedback = nullptr;
    judgement.verdict = (*child)->exitCode() == kExitError ? "error" : "inconclusive";
    judgement.problem = whyEnded(**child, "the audit");
    return judgement;
  }
  judgement.problem = whyNotWhole(judgement.feedback, (*child)->exitCode());
  if (judgement.problem.empty())
    judgement.verdict = judgement.feedback["verdict"].get<std::string>();
  return judgement;
}

Expected<Timing> timeIt(const Place& place, const Place* best, const JudgeOptions& options) {
  std::vector<std::string> command;
  bool hook = !options.bench.empty();
  if (hook) {
    command = {"/bin/sh", "-c", options.bench + " \"$@\"", "kverify-bench", place.kernel(), place.contract()};
  } else {
    command = {cli::kThisProgram, "bench", place.kernel(), "--contract", place.contract(), "--format", "json", "--quiet",
               "--no-held-back", "--output", place.folder + "/bench"};
    if (best)
      add(command, {"--baseline", best->kernel(), "--baseline-contract", best->contract()});
    addClangFlags(command, options.clang_flags);
  }
  auto child = cli::runChild(command, {.seconds = options.bench_seconds}, options.stop);
  if (!child)
    return tl::unexpected(child.error());
  Timing timing = hook ? hookTiming(**child) : timingOf(**child, best != nullptr);
  timing.seconds = (*child)->secondsSoFar();
  return timing;
}

} // namespace kverify::loop
