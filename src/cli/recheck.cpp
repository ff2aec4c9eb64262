#include "cli/recheck.h"

#include <atomic>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "attest/smt2_form.h"
#include "cli/self_process.h"
#include "core/thread_pool.h"
#include "report/json.h"
#include "verifier/smt/second_opinion.h"

namespace kverify::cli {
namespace {

using attest::Checked;
using attest::Reason;
using attest::Refusal;

/// Nothing where the second solver finds it unsatisfiable.
std::optional<Refusal> askAgain(const std::string& hash, const attest::Bundle& bundle, const RecheckOptions& options) {
  std::string name = attest::queryFile(hash);
  auto text = bundle.read(name, hash);
  if (!text)
    return text.error();
  if (auto why = attest::whyNotPlain(*text))
    return Refusal{Reason::QueryForm, "a question of the bundle is no plain question: " + *why, name};
  switch (verifier::askProgram(options.solver, *text, options.query_ms).answer) {
  case verifier::Answer::Unsatisfiable: return std::nullopt;
  case verifier::Answer::Satisfiable:
    return Refusal{Reason::QueryRefuted, fmt::format("{} finds an example where there should be none: the proof is wrong", options.solver), name};
  case verifier::Answer::Unknown: break;
  }
  return Refusal{Reason::QueryOpen, fmt::format("{} gives no answer (it may take {:.0f} s)", options.solver, options.query_ms / 1e3), name};
}

std::vector<std::string> queriesOf(const Certificate& certificate) {
  std::set<std::string> all(certificate.steps.begin(), certificate.steps.end());
  for (const Obligation& one : certificate.obligations)
    all.insert(one.queries.begin(), one.queries.end());
  return {all.begin(), all.end()};
}

Refusal runDiffers(std::string why, std::string place = attest::kRunsFile) {
  return {Reason::RunDiffers, std::move(why), std::move(place)};
}

std::vector<std::string> rerunArguments(const Certificate& certificate, const attest::Bundle& bundle, const std::string& kernel,
                                        const std::string& contract, const RecheckOptions& options) {
  std::vector<std::string> all = {"rerun", bundle.pathOf(attest::kRunsFile), "--kernel", kernel, "--cuda-headers",
                                  certificate.cuda_headers.name, "--target", certificate.target, "--jobs",
                                  std::to_string(options.workers)};
  if (!contract.empty())
    all.insert(all.end(), {"--contract", contract});
  if (!certificate.flags.empty())
    all.emplace_back("--");
  all.insert(all.end(), certificate.flags.begin(), certificate.flags.end());
  return all;
}

/// What was signed of one check, and what the runs come to now.
std::optional<Refusal> compare(const CheckOutcome& signed_one, const std::vector<CheckOutcome>& now) {
  const auto& then = std::get<Tested>(signed_one.outcome);
  std::string what = fmt::format("{} of the stage {}", signed_one.check, signed_one.stage);
  for (const CheckOutcome& one : now) {
    if (one.check != signed_one.check || one.stage != signed_one.stage)
      continue;
    const auto* tested = std::get_if<Tested>(&one.outcome);
    if (!tested)
      return runDiffers(what + " was tested, and its runs do not come to that", what);
    if (tested->cases != then.cases)
      return runDiffers(fmt::format("{} was tested on {} cases, and its runs are {}", what, then.cases, tested->cases), what);
    if (tested->worst_ratio != then.worst_ratio)
      return runDiffers(fmt::format("the worst error of {} is another one", what), what);
    return std::nullopt;
  }
  return runDiffers(what + " was tested, and no run is about it", what);
}

/// Stages whose tests are made of the runs that a bundle has.
bool isOfRuns(const CheckOutcome& outcome) {
  return std::holds_alternative<Tested>(outcome.outcome) && (outcome.stage == "fuzz" || outcome.stage == "stability");
}

/// Reads what `kverify rerun` says.
Checked<std::size_t> judge(const Certificate& certificate, const SelfOutput& output) {
  auto json = nlohmann::json::parse(output.out, nullptr, false);
  bool told = output.exit_code == 0 && json.is_object() && json.contains("differences") && json.contains("report");
  if (!told)
    return tl::unexpected(runDiffers(fmt::format("the runs could not be made again (exit code {}): see above", output.exit_code)));
  for (const auto& difference : json["differences"])
    return tl::unexpected(runDiffers(difference.is_string() ? difference.get<std::string>() : "the runs differ"));
  auto report = report::kernelFromJson(json["report"].dump());
  if (!report)
    return tl::unexpected(runDiffers(report.error().message));
  if (json.value("system_headers_sha256", "") != certificate.cuda_headers.sha256)
    return refuse(Reason::HeaderMismatch, fmt::format("the system's headers ({}) are not those that it was compiled with", certificate.cuda_headers.name));
  for (const Obligation& one : certificate.obligations)
    if (isOfRuns(one.judged))
      if (auto difference = compare(one.judged, report->outcomes))
        return tl::unexpected(std::move(*difference));
  return json.value("runs", std::size_t{0});
}

} // namespace

Checked<std::size_t> recheckQueries(const Certificate& certificate, const attest::Bundle& bundle, const RecheckOptions& options) {
  std::vector<std::string> queries = queriesOf(certificate);
  std::mutex mutex;
  std::optional<Refusal> worst; // an answer against it counts more than none
  std::atomic<bool> over{false};
  parallelFor(queries.size(), options.workers, [&](std::size_t i) {
    if (over)
      return;
    auto refusal = askAgain(queries[i], bundle, options);
    if (!refusal)
      return;
    std::lock_guard lock(mutex);
    if (!worst || worst->reason == Reason::QueryOpen)
      worst = std::move(refusal);
    over = worst->reason != Reason::QueryOpen;
  });
  if (worst)
    return tl::unexpected(std::move(*worst));
  return queries.size();
}

Checked<std::size_t> recheckRuns(const Certificate& certificate, const attest::Bundle& bundle, const std::string& kernel,
                                 const std::string& contract, const RecheckOptions& options) {
  if (!certificate.runs) {
    for (const Obligation& one : certificate.obligations)
      if (isOfRuns(one.judged))
        return tl::unexpected(Refusal{Reason::BundleIncomplete, one.judged.check + " was tested, and the certificate names no runs", ""});
    return 0;
  }
  if (auto runs = bundle.read(attest::kRunsFile, certificate.runs->sha256); !runs)
    return tl::unexpected(runs.error());
  return judge(certificate, askSelf(rerunArguments(certificate, bundle, kernel, contract, options)));
}

} // namespace kverify::cli
