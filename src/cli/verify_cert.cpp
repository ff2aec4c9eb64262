// kverify verify-cert FILE --kernel K.cu --policy P: is this certificate about this kernel, by a key that is trusted, and
// does it say enough?
#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "attest/bundle.h"
#include "attest/certificate_file.h"
#include "attest/policy_file.h"
#include "attest/predicate.h"
#include "cli/certificate_match.h"
#include "cli/certificate_trust.h"
#include "cli/options.h"
#include "cli/recheck.h"
#include "cli/subcommand.h"
#include "core/thread_pool.h"
#include "kverify/verdict.h"
#include "verifier/smt/second_opinion.h"

namespace kverify::cli {
namespace {

namespace fs = std::filesystem;
using attest::Checked;
using attest::Opened;
using attest::Reason;
using attest::Refusal;

struct VerifyFlags {
  std::string file, kernel, contract, policy = "standard", bundle, solver = "cvc5", query_time = "60s", format = "text";
  std::vector<std::string> keys;
  bool recheck = false;
  unsigned jobs = 0;
};

/// All that was found.
struct Verified {
  Opened opened;
  std::optional<Rechecked> rechecked;
};

Expected<std::vector<attest::PublicKey>> trustedKeys(const VerifyFlags& flags, const attest::CertificatePolicy& policy) {
  std::vector<std::string> paths = flags.keys;
  paths.insert(paths.end(), policy.key_files.begin(), policy.key_files.end());
  if (paths.empty())
    return fail(ErrorKind::Usage, "no key is trusted, so that no certificate can be", "--key",
                "give the signer's public key: --key team.pub, or \"key_files\" in the policy");
  return readKeys(paths);
}

Checked<Rechecked> recheck(const VerifyFlags& flags, const Matched& matched, const Certificate& certificate,
                           const RecheckOptions& options) {
  Rechecked result{.solver = verifier::versionOfProgram(flags.solver)};
  std::string folder = flags.bundle.empty() ? bundleBeside(flags.file) : flags.bundle;
  attest::Bundle bundle(folder);
  auto queries = recheckQueries(certificate, bundle, options);
  if (!queries)
    return tl::unexpected(queries.error());
  auto runs = recheckRuns(certificate, bundle, flags.kernel, matched.contract, options);
  if (!runs)
    return tl::unexpected(runs.error());
  result.queries = *queries;
  result.runs = *runs;
  return result;
}

/// Everything but the usage errors, in the order in which trust grows: signature, form, subject, policy, what it rests on.
Checked<Verified> verify(const VerifyFlags& flags, const std::string& file, const std::vector<attest::PublicKey>& keys,
                         const attest::CertificatePolicy& policy, const RecheckOptions& options) {
  auto accepted = accept(file, {.kernel = flags.kernel, .contract = flags.contract}, keys, policy);
  if (!accepted)
    return tl::unexpected(accepted.error());
  Verified result{std::move(accepted->opened), std::nullopt};
  if (flags.recheck) {
    auto rechecked = recheck(flags, accepted->matched, result.opened.certificate, options);
    if (!rechecked)
      return tl::unexpected(rechecked.error());
    result.rechecked = std::move(*rechecked);
  }
  return result;
}

struct Counts {
  std::size_t proved = 0, bounded = 0, tested = 0, unknown = 0;
};

Counts countsOf(const Certificate& certificate) {
  Counts counts;
  for (const Obligation& one : certificate.obligations) {
    const auto* proved = std::get_if<Proved>(&one.judged.outcome);
    counts.proved += proved != nullptr;
    counts.bounded += proved && proved->scope.starts_with("bounded");
    counts.tested += std::holds_alternative<Tested>(one.judged.outcome);
    counts.unknown += std::holds_alternative<Unknown>(one.judged.outcome);
  }
  return counts;
}

void printAccepted(const VerifyFlags& flags, const attest::CertificatePolicy& policy, const Verified& verified) {
  const Certificate& c = verified.opened.certificate;
  Counts counts = countsOf(c);
  fmt::print("{}: accepted under the policy {}\n", flags.file, policy.name);
  fmt::print("  signed    {} on {}, by kverify {}\n", verified.opened.key_id, attest::utcOf(verified.opened.timing.issued), c.tool_version);
  fmt::print("  kernel    {} in {} for {}\n", c.kernel, c.source.name, c.target);
  if (c.contract)
    fmt::print("  contract  {}{}\n", c.contract->name, c.spec ? fmt::format(", operation {}", c.spec->name) : "");
  else
    fmt::print("  launch    grid {} block {}: this launch alone\n", c.launch->grid, c.launch->block);
  fmt::print("  outcomes  {} proved ({} at listed sizes only), {} tested, {} open, {} with nothing to judge\n", counts.proved,
             counts.bounded, counts.tested, counts.unknown, c.idle.size());
  if (c.settings.quick)
    fmt::print("  quick     fewer and smaller cases than usual\n");
  for (const Suppression& said : c.suppressions)
    fmt::print("  allowed   {} at {}:{}: {}\n", said.check, said.at.file, said.at.line, said.reason);
  for (const std::string& assumption : c.assumptions)
    fmt::print("  assumes   {}\n", assumption);
  if (verified.rechecked)
    fmt::print("  rechecked {} questions by {}: no example to any; {} runs: the same bits\n", verified.rechecked->queries,
               verified.rechecked->solver, verified.rechecked->runs);
}

void printJson(const VerifyFlags& flags, const attest::CertificatePolicy& policy, const Checked<Verified>& verified) {
  nlohmann::ordered_json j = {{"format", "kverify.verification/1"}, {"file", flags.file}, {"kernel", flags.kernel},
                              {"policy", policy.name}, {"accepted", verified.has_value()}};
  j["refused"] = nullptr;
  j["key"] = nullptr;
  j["rechecked"] = nullptr;
  if (!verified)
    j["refused"] = {{"reason", attest::nameOf(verified.error().reason)}, {"message", verified.error().message}, {"place", verified.error().place}};
  if (verified)
    j["key"] = verified->opened.key_id;
  if (verified && verified->rechecked)
    j["rechecked"] = {{"queries", verified->rechecked->queries}, {"solver", verified->rechecked->solver}, {"runs", verified->rechecked->runs}};
  fmt::print("{}\n", j.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

void printRefused(const VerifyFlags& flags, const Refusal& refusal) {
  std::string place = refusal.place.empty() ? "" : fmt::format(" ({})", refusal.place);
  bool open = refusal.reason == Reason::QueryOpen;
  fmt::print("{}: {}[{}]: {}{}\n", flags.file, open ? "not accepted" : "refused", attest::nameOf(refusal.reason), refusal.message, place);
}

Expected<RecheckOptions> recheckOptions(const VerifyFlags& flags) {
  RecheckOptions options{.solver = flags.solver, .workers = flags.jobs ? flags.jobs : availableCores()};
  auto seconds = parseDuration(flags.query_time, "--query-time");
  if (!seconds)
    return tl::unexpected(seconds.error());
  options.query_ms = static_cast<unsigned>(std::clamp(*seconds, 0.001, 1e5) * 1000);
  if (flags.recheck && verifier::versionOfProgram(flags.solver).empty())
    return fail(ErrorKind::Environment, fmt::format("there is no program '{}'", flags.solver), "--recheck", "apt-get install cvc5");
  return options;
}

int verifyCert(const VerifyFlags& flags) {
  auto policy = attest::loadPolicy(flags.policy);
  if (!policy)
    return complain(policy.error());
  auto keys = trustedKeys(flags, *policy);
  if (!keys)
    return complain(keys.error());
  auto options = recheckOptions(flags);
  if (!options)
    return complain(options.error());
  std::error_code ignored;
  if (!fs::is_regular_file(flags.kernel, ignored))
    return complain({ErrorKind::Input, "there is no such kernel file", flags.kernel});
  auto file = readCertificate(flags.file);
  if (!file)
    return complain(file.error());
  auto verified = verify(flags, *file, *keys, *policy, *options);
  if (flags.format == "json")
    printJson(flags, *policy, verified);
  else if (verified)
    printAccepted(flags, *policy, *verified);
  else
    printRefused(flags, verified.error());
  if (verified)
    return kExitCertified;
  return verified.error().reason == Reason::QueryOpen ? int{kExitInconclusive} : int{kExitRefuted};
}

} // namespace

void addVerifyCert(CLI::App& app, Action& chosen) {
  CLI::App* sub = app.add_subcommand("verify-cert", "is a certificate about this kernel, from somebody trusted, and does it say enough?");
  auto flags = std::make_shared<VerifyFlags>();
  sub->add_option("FILE", flags->file, "the certificate")->required();
  sub->add_option("--kernel", flags->kernel, "the kernel that it should be about")->required();
  sub->add_option("--policy", flags->policy, "what it must say: smoke, standard, strict or a JSON file")->capture_default_str();
  sub->add_option("--key", flags->keys, "a public key that is trusted (may be repeated)")->allow_extra_args(false);
  sub->add_option("--contract", flags->contract, "the contract, if it does not lie beside the kernel");
  sub->add_flag("--recheck", flags->recheck, "ask every question again with a second solver, and make every run again");
  sub->add_option("--bundle", flags->bundle, "folder of the questions and runs (default: FILE's name with .bundle)");
  sub->add_option("--solver", flags->solver, "the second solver: a program that reads SMT-LIB as cvc5 does")->capture_default_str();
  sub->add_option("--query-time", flags->query_time, "its time for one question")->capture_default_str();
  sub->add_option("-j,--jobs", flags->jobs, "threads (default: all cores)")->check(CLI::Range(1u, 4096u));
  sub->add_option("--format", flags->format, "text or json")->check(CLI::IsMember({"text", "json"}))->capture_default_str();
  sub->footer("Examples:\n  kverify verify-cert flash.intoto.jsonl --kernel flash.cu --key team.pub --policy standard --recheck\n\n"
              "Exit codes: 0 accepted, 1 refused (with its reason), 2 usage or tool error, 3 the second solver has no answer.");
  sub->callback([flags, &chosen] { chosen = [flags](const Invocation&) { return verifyCert(*flags); }; });
}

} // namespace kverify::cli
