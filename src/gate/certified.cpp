#include "gate/certified.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

namespace kverify::gate {
namespace {

/// Without the folders in which headers are looked for.
std::vector<std::string> meaning(const std::vector<std::string>& flags) {
  static const std::vector<std::string> kFolders = {"-I", "-isystem", "-iquote", "-idirafter"};
  std::vector<std::string> kept;
  for (std::size_t i = 0; i < flags.size(); ++i) {
    bool alone = std::find(kFolders.begin(), kFolders.end(), flags[i]) != kFolders.end();
    bool joined = std::any_of(kFolders.begin(), kFolders.end(),
                              [&](const std::string& one) { return flags[i].starts_with(one); });
    if (alone)
      ++i;
    else if (!joined)
      kept.push_back(flags[i]);
  }
  return kept;
}

bool isHeader(const std::string& path, const KernelReport& kernel) {
  return path != kernel.contract && std::filesystem::path(path).filename() != "compile_commands.json";
}

/// As a question to the solver, or as one that there is nothing to ask about.
bool mentions(const Certificate& certificate, const std::string& check) {
  return std::any_of(
             certificate.obligations.begin(), certificate.obligations.end(),
             [&](const Obligation& one) { return one.judged.check == check && one.judged.stage == "formal"; }) ||
         std::any_of(certificate.idle.begin(), certificate.idle.end(),
                     [&](const NothingToJudge& one) { return one.check == check; });
}

/// From the kernel's folder to where the report is read.
std::string seenFrom(const std::string& kernel_file, const std::string& name) {
  return (std::filesystem::path(kernel_file).parent_path() / name).lexically_normal().string();
}

} // namespace

std::string compiledOtherwise(const Certificate& certificate, const KernelReport& read,
                              const std::vector<std::string>& flags) {
  if (certificate.source.sha256 != read.source_sha256)
    return "another text was read here than was certified";
  if (certificate.target != read.target)
    return fmt::format("it was certified for {}, and the gate compiles for {}", certificate.target, read.target);
  if (certificate.cuda_headers.name != read.headers)
    return fmt::format("it was certified with the {} CUDA headers, and the gate compiles with the {} ones",
                       certificate.cuda_headers.name, read.headers);
  if (meaning(certificate.flags) != meaning(flags))
    return fmt::format("it was compiled with the flags '{}' where it was certified, and with '{}' here",
                       fmt::join(meaning(certificate.flags), " "), fmt::join(meaning(flags), " "));
  std::vector<std::string> there, here;
  for (const FileDigest& header : certificate.includes)
    there.push_back(header.sha256);
  for (const auto& [path, sha256] : read.includes)
    if (isHeader(path, read))
      here.push_back(sha256);
  std::sort(there.begin(), there.end());
  std::sort(here.begin(), here.end());
  return there == here ? "" : "it includes other headers here than where it was certified";
}

std::string auditedLess(const Certificate& certificate, const Demands& demands,
                        const std::vector<std::string>& provable, bool gpu_here) {
  const AuditSettings& settings = certificate.settings;
  if (!certificate.contract)
    return "it is about one launch, without a contract";
  for (const std::string& stage : demands.stages)
    if (std::find(settings.stages.begin(), settings.stages.end(), stage) == settings.stages.end())
      return fmt::format("the stage {} was not run", stage);
  if (settings.quick && !demands.quick)
    return "the audit was a quick one";
  if (settings.cases < demands.cases)
    return fmt::format("{} cases at most were asked for, and the policy asks for {}", settings.cases, demands.cases);
  if (demands.determinism && !settings.require_determinism)
    return "determinism was not required";
  if (settings.oracle_floor < demands.oracle_floor)
    return fmt::format("the oracle had to reject {:.0f} % of the wrong results, and the policy asks for {:.0f} %",
                       100 * settings.oracle_floor, 100 * demands.oracle_floor);
  bool gpu_wanted = demands.gpu == Gpu::Required || (demands.gpu == Gpu::IfPresent && gpu_here);
  if (gpu_wanted && settings.backend != "both")
    return "it was not run on a GPU";
  for (const std::string& check : provable)
    if (demands.wants("formal") && !mentions(certificate, check))
      return fmt::format("{} was not asked about", check);
  return {};
}

KernelReport reportOf(const Certificate& certificate, const CertificateSeen& seen, KernelReport read) {
  KernelReport report = std::move(read);
  report.verdict = certificate.verdict;
  if (certificate.contract)
    report.contract_sha256 = certificate.contract->sha256;
  if (certificate.spec)
    report.spec = certificate.spec->name;
  report.outcomes.clear();
  for (const Obligation& one : certificate.obligations)
    report.outcomes.push_back(one.judged);
  report.idle = certificate.idle;
  report.static_checks = certificate.static_checks;
  report.findings.clear();
  for (const CertifiedFinding& one : certificate.findings) {
    Finding finding{.check = one.check,
                    .severity = one.severity,
                    .message = one.message,
                    .fingerprint = one.fingerprint,
                    .confirmed = one.confirmed};
    finding.locations.push_back({.stack = {{.file = seenFrom(report.file, one.file), .line = one.line}}});
    report.findings.push_back(std::move(finding));
  }
  report.suppressions = certificate.suppressions;
  for (Suppression& said : report.suppressions)
    said.at.file = seenFrom(report.file, said.at.file);
  report.adequacy = certificate.oracle;
  report.assumptions = certificate.assumptions;
  report.notes = certificate.notes;
  report.notes.push_back(fmt::format("not audited here: {}, signed by {} on {}, takes the audit's place", seen.file,
                                     seen.key, seen.issued));
  return report;
}

} // namespace kverify::gate
