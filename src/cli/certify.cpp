// kverify certify K.cu --key KEY -o K.intoto.jsonl: audits a kernel in a process of its own, and signs what came of it.
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <openssl/crypto.h>
#include <unistd.h>

#include "attest/bundle.h"
#include "attest/certificate_file.h"
#include "attest/key.h"
#include "cli/certificate_parts.h"
#include "cli/self_process.h"
#include "cli/subcommand.h"
#include "core/near_name.h"

namespace kverify::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestKey = 64 << 10;
constexpr const char* kEnding = ".intoto.jsonl";

/// Flags of kverify audit that certify takes as well, word for word; those in `switches` have no value.
constexpr std::pair<const char*, const char*> kAuditFlags[] = {
    {"--contract", "the contract, if it does not lie beside the kernel"},
    {"--kernel", "only this kernel, as the source writes it: 'flash<64, true>'"},
    {"--block", "without contract: threads, as X or X,Y or X,Y,Z"},
    {"--grid", "without contract: blocks, as X or X,Y or X,Y,Z"},
    {"--shared", "without contract: bytes of dynamic shared memory"},
    {"--stages", "stages to run (default static,fuzz,formal)"},
    {"--same-value-writes", "refute or allow"},
    {"--jobs", "threads"},
    {"--seed", "seed of the cases"},
    {"--cases", "at most this many cases"},
    {"--oracle-floor", "part of the wrong results that the oracle must reject"},
    {"--determinism", "report or require"},
    {"--step-limit", "loop iterations and calls a case may take"},
    {"--backend", "simt, cuda or both"},
    {"--cuda-headers", "auto, builtin or toolkit"},
    {"--target", "sm_80 … sm_90"},
    {"--formal-timeout", "time for one question to the solver"},
    {"--formal-budget", "time for all questions about the kernel"},
    {"--cross-check", "a second solver that is asked again what was proved: cvc5"}};

struct CertifyFlags {
  std::string source, key, output, bundle, require = "tests";
  std::map<std::string, std::string> audit; ///< of kAuditFlags, as given
  std::vector<std::string> args;
  std::size_t mutants = 0;
  bool quick = false, quiet = false;
};

/// A folder of drafts beside what is to be written; gone in the end.
class DraftFolder {
public:
  static Expected<DraftFolder> beside(const std::string& path) {
    std::string name = path + ".XXXXXX";
    if (!mkdtemp(name.data()))
      return fail(ErrorKind::Input, "no folder can be made beside this", path, "does its own folder exist?");
    return DraftFolder(fs::absolute(name).string());
  }
  ~DraftFolder() {
    std::error_code ignored;
    if (!path_.empty())
      fs::remove_all(path_, ignored);
  }
  DraftFolder(DraftFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  DraftFolder& operator=(DraftFolder&&) = delete;

  std::string operator/(const char* name) const { return path_ + "/" + name; }

private:
  explicit DraftFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

Expected<attest::SigningKey> readKey(const std::string& path) {
  auto pem = attest::readBounded(path, kLargestKey);
  if (!pem)
    return tl::unexpected(pem.error());
  const char* password = std::getenv("KVERIFY_KEY_PASSWORD");
  auto key = attest::SigningKey::fromPem(*pem, path, password ? password : "");
  OPENSSL_cleanse(pem->data(), pem->size());
  return key;
}

std::vector<std::string> auditArguments(const CertifyFlags& flags, const DraftFolder& draft, const Invocation& invocation) {
  std::vector<std::string> all = {"audit",    flags.source,         "--require", flags.require,
                                  "--output", draft / "out",        "--record",  draft / "record",
                                  "--report", "json=" + (draft / "report.json"),
                                  "--no-cache", "--no-saved-cases"};
  for (const auto& [name, value] : flags.audit)
    if (!value.empty())
      all.insert(all.end(), {name, value});
  for (const std::string& arg : flags.args)
    all.insert(all.end(), {"--arg", arg});
  if (flags.quick)
    all.emplace_back("--quick");
  if (flags.quiet)
    all.emplace_back("--quiet");
  if (!invocation.clang_flags.empty())
    all.emplace_back("--");
  all.insert(all.end(), invocation.clang_flags.begin(), invocation.clang_flags.end());
  return all;
}

/// Mutants of the kernel, judged as the audit judged it. Errors: Internal (no score came of it).
Expected<KillScore> killScoreOf(const CertifyFlags& flags, const Invocation& invocation) {
  std::vector<std::string> arguments = {"mutate", flags.source, "--sample", std::to_string(flags.mutants), "--format", "json", "--floor", "0"};
  for (const char* name : {"--contract", "--kernel", "--block", "--grid", "--seed", "--jobs", "--cuda-headers", "--target"})
    if (auto given = flags.audit.find(name); given != flags.audit.end() && !given->second.empty())
      arguments.insert(arguments.end(), {name, given->second});
  if (!invocation.clang_flags.empty())
    arguments.emplace_back("--");
  arguments.insert(arguments.end(), invocation.clang_flags.begin(), invocation.clang_flags.end());
  SelfOutput output = askSelf(arguments);
  auto json = nlohmann::json::parse(output.out, nullptr, false);
  try {
    const auto& kernels = json.at("kernels");
    if (kernels.size() == 1 && kernels[0].at("error").is_null()) {
      const auto& counts = kernels[0].at("counts");
      std::uint64_t same = counts.value("same_function", std::uint64_t{0}); // killed by nothing, as far as anyone can tell
      return KillScore{counts.at("killed"), counts.at("survived").get<std::uint64_t>() + same, counts.at("equivalent"),
                       counts.at("unjudged"), flags.mutants};
    }
  } catch (const nlohmann::json::exception&) {
  }
  return fail(ErrorKind::Internal, fmt::format("no kill score came of kverify {}", fmt::join(arguments, " ")), flags.source);
}

/// The bundle at its place, over an older one. Another folder of that name is not ours to remove.
Expected<void> putInPlace(const std::string& draft, const std::string& bundle) {
  std::error_code error;
  if (fs::exists(bundle, error)) {
    bool ours = fs::is_directory(bundle, error);
    for (const auto& entry : fs::directory_iterator(bundle, error)) {
      std::string name = entry.path().filename().string();
      ours = ours && (name == attest::kRunsFile || name == attest::kContractFile || name == "queries");
    }
    if (error || !ours)
      return fail(ErrorKind::Input, "there is something here that is no bundle of an earlier certificate", bundle,
                  "choose another name with --bundle");
    fs::remove_all(bundle, error);
  }
  fs::create_directories(draft, error); // a bundle may be empty
  fs::rename(draft, bundle, error);
  if (error)
    return fail(ErrorKind::Input, "the bundle can't be put here: " + error.message(), bundle);
  return {};
}

std::string bundleOf(const CertifyFlags& flags) {
  if (!flags.bundle.empty())
    return flags.bundle;
  std::string base = flags.output;
  if (base.ends_with(kEnding))
    base.resize(base.size() - std::string_view(kEnding).size());
  return base + ".bundle";
}

/// What is known once the audit is over: signed and written.
Expected<std::string> sign(const CertifyFlags& flags, const DraftFolder& draft, const std::optional<KillScore>& mutation) {
  auto audited = readAudit(draft / "report.json", draft / "record");
  if (!audited)
    return tl::unexpected(audited.error());
  auto certificate = certificateOf(*audited, Policy{*parseRequire(flags.require)}, mutation);
  if (!certificate)
    return tl::unexpected(certificate.error());
  auto timing = timingOf(audited->report);
  if (!timing)
    return tl::unexpected(timing.error());
  if (auto done = writeBundle(attest::Bundle(draft / "bundle"), *audited, *certificate); !done)
    return tl::unexpected(done.error());
  auto key = readKey(flags.key); // only now: no kernel was ever run beside it
  if (!key)
    return tl::unexpected(key.error());
  auto file = attest::writeCertificate(*certificate, *timing, *key);
  if (!file)
    return tl::unexpected(file.error());
  if (auto done = putInPlace(draft / "bundle", bundleOf(flags)); !done)
    return tl::unexpected(done.error());
  if (auto done = attest::writeWhole(flags.output, *file); !done)
    return tl::unexpected(done.error());
  return key->publicKey().id();
}

int certify(CertifyFlags flags, const Invocation& invocation) {
  if (!parseRequire(flags.require))
    return complain({ErrorKind::Usage, fmt::format("'{}' is nothing that can be required", flags.require), "--require",
                     "tests, proof or unbounded-proof"});
  std::error_code ignored;
  if (fs::is_directory(flags.source, ignored))
    return complain({ErrorKind::Usage, "a certificate is of one kernel file, and this is a folder", flags.source});
  if (auto key = readKey(flags.key); !key) // before the work, not after it
    return complain(key.error());
  if (flags.output.empty())
    flags.output = fs::path(flags.source).replace_extension().string() + kEnding;
  auto draft = DraftFolder::beside(flags.output);
  if (!draft)
    return complain(draft.error());
  int code = runSelf(auditArguments(flags, *draft, invocation));
  if (code != kExitCertified) {
    bool judged = code == kExitRefuted || code == kExitInconclusive;
    if (judged)
      fmt::print(stderr, "no certificate was written: the kernel is {}\n", code == kExitRefuted ? "refuted" : "neither proved nor refuted");
    return judged ? code : int{kExitError};
  }
  std::optional<KillScore> mutation;
  if (flags.mutants > 0) {
    auto kills = killScoreOf(flags, invocation);
    if (!kills)
      return complain(kills.error());
    mutation = *kills;
  }
  auto signed_by = sign(flags, *draft, mutation);
  if (!signed_by)
    return complain(signed_by.error());
  fmt::print("{}: signed by {}\n{}: what it takes to ask again (kverify verify-cert --recheck)\n", flags.output, *signed_by,
             bundleOf(flags));
  return kExitCertified;
}

} // namespace

void addCertify(CLI::App& app, Action& chosen) {
  CLI::App* sub = app.add_subcommand("certify", "audit a kernel and sign what came of it, if it is certified");
  auto flags = std::make_shared<CertifyFlags>();
  sub->add_option("K.cu", flags->source, "the kernel's file")->required();
  sub->add_option("--key", flags->key, "the key to sign with, in PEM (kverify keygen); KVERIFY_KEY_PASSWORD has its password, if it has one")->required();
  sub->add_option("-o,--certificate", flags->output, "the certificate (default: K.intoto.jsonl)");
  sub->add_option("--bundle", flags->bundle, "folder of the questions and runs behind it (default: K.bundle)");
  sub->add_option("--require", flags->require, "what it takes: tests, proof or unbounded-proof")->capture_default_str();
  sub->add_option("--mutants", flags->mutants, "also say how many of so many mutants of the kernel are noticed")->check(CLI::Range(1u, 100000u));
  for (const auto& [name, what] : kAuditFlags)
    sub->add_option(name == std::string_view("--jobs") ? "-j,--jobs" : name, flags->audit[name], what);
  sub->add_option("--arg", flags->args, "without contract: a parameter's value, name=value (may be repeated)")->allow_extra_args(false);
  sub->add_flag("--quick", flags->quick, "fewer and smaller cases; the certificate says so");
  sub->add_flag("-q,--quiet", flags->quiet, "no progress on stderr");
  sub->footer("Examples:\n  kverify certify flash.cu --key team.key -o flash.intoto.jsonl -- -I include\n\n"
              "Exit codes: 0 a certificate was written, 1 refuted, 2 usage or tool error, 3 inconclusive.");
  sub->callback([flags, &chosen] {
    chosen = [flags](const Invocation& invocation) { return certify(*flags, invocation); };
  });
}

} // namespace kverify::cli
