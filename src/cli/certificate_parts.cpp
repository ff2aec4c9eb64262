#include "cli/certificate_parts.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include <fmt/format.h>
#include <sys/utsname.h>

#include "cli/saved_reports.h"
#include "core/hash.h"
#include "core/tool_identity.h"
#include "kverify/check.h"

namespace kverify::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestInput = std::size_t{64} << 20;

std::string baseName(const std::string& path) {
  return fs::path(path).filename().string();
}

constexpr const char* kStep = "step";

/// Lines "check hash", as the formal stage writes them where it keeps its questions. Without that stage there are none.
Expected<void> readIndex(const std::string& path, Audited& audited) {
  bool was_asked = false;
  for (const CheckOutcome& one : audited.report.kernels[0].outcomes)
    was_asked = was_asked || (one.stage == "formal" && std::holds_alternative<Proved>(one.outcome));
  if (!was_asked)
    return {};
  auto text = attest::readBounded(path, kLargestInput);
  if (!text)
    return tl::unexpected(text.error());
  std::istringstream lines(*text);
  for (std::string check, hash; lines >> check >> hash;)
    audited.questions[check].insert(hash);
  return {};
}

std::vector<Obligation> obligationsOf(const KernelReport& kernel, const Audited& audited) {
  std::vector<Obligation> all;
  for (const CheckOutcome& outcome : kernel.outcomes) {
    Obligation one{.judged = outcome};
    one.judged.seconds = 0;
    if (const CheckInfo* check = findCheck(outcome.check))
      one.code = check->code;
    if (auto questions = audited.questions.find(outcome.check);
        outcome.stage == "formal" && questions != audited.questions.end() && std::holds_alternative<Proved>(outcome.outcome))
      one.queries.assign(questions->second.begin(), questions->second.end());
    all.push_back(std::move(one));
  }
  std::sort(all.begin(), all.end(), [](const Obligation& a, const Obligation& b) {
    return std::pair(a.judged.check, a.judged.stage) < std::pair(b.judged.check, b.judged.stage);
  });
  return all;
}

std::vector<CertifiedFinding> findingsOf(const KernelReport& kernel) {
  std::vector<CertifiedFinding> all;
  for (const Finding& finding : kernel.findings) {
    CertifiedFinding one{.check = finding.check, .severity = finding.severity, .message = finding.message,
                         .fingerprint = finding.fingerprint, .confirmed = finding.confirmed};
    if (!finding.locations.empty() && !finding.locations[0].stack.empty()) {
      one.file = nameFrom(kernel.file, finding.locations[0].stack[0].file);
      one.line = finding.locations[0].stack[0].line;
    }
    all.push_back(std::move(one));
  }
  return all;
}

CertifiedLaunch launchOf(const contract::AssumeOptions& launch) {
  auto text = [](const Dim3& d) { return fmt::format("{},{},{}", d.x, d.y, d.z); };
  return {text(launch.grid), text(launch.block), launch.dynamic_shared_bytes, launch.args};
}

/// What the results may depend on and that no hash above names. Nothing of the machine's name or its user.
std::map<std::string, std::string> environmentOf(const pipeline::AuditRecord& record) {
  std::map<std::string, std::string> all = {{"solver", record.solver}, {"llvm", KVERIFY_LLVM_VERSION}};
  utsname system{};
  if (uname(&system) == 0)
    all["machine"] = system.machine;
  return all;
}

Expected<FileDigest> digestOf(const std::string& name, const std::string& path) {
  auto bytes = attest::readBounded(path, kLargestInput);
  if (!bytes)
    return tl::unexpected(bytes.error());
  return FileDigest{name, sha256Hex(*bytes)};
}

tl::unexpected<ToolError> changed(const std::string& path) {
  return fail(ErrorKind::Input, "this has changed while it was audited", path, "run kverify certify again");
}

/// The contract and the operation, or the one launch.
Expected<void> addWhatWasAsked(const Audited& audited, Certificate& c) {
  const KernelReport& kernel = audited.report.kernels[0];
  if (kernel.contract.empty()) {
    if (!audited.record.runs.launch)
      return fail(ErrorKind::Internal, "the record names neither a contract nor a launch", audited.folder);
    c.launch = launchOf(*audited.record.runs.launch);
    return {};
  }
  auto contract = digestOf(baseName(kernel.contract), kernel.contract);
  if (!contract)
    return tl::unexpected(contract.error());
  if (contract->sha256 != kernel.contract_sha256)
    return changed(kernel.contract);
  c.contract = std::move(*contract);
  if (!kernel.spec.empty())
    c.spec = FileDigest{kernel.spec, audited.record.spec_sha256};
  return {};
}

} // namespace

std::string nameFrom(const std::string& source, const std::string& path) {
  fs::path folder = fs::absolute(source).lexically_normal().parent_path();
  fs::path name = fs::absolute(path).lexically_normal().lexically_relative(folder);
  return name.empty() ? path : name.generic_string();
}

Expected<Audited> readAudit(const std::string& report, const std::string& folder) {
  auto read = readReport(report);
  if (!read)
    return tl::unexpected(read.error());
  Audited audited{.report = std::move(*read), .folder = folder};
  bool one = audited.report.kernels.size() == 1 && !audited.report.partial && audited.report.exit_code == kExitCertified;
  if (!one || audited.report.kernels[0].verdict != Verdict::Certified || audited.report.kernels[0].error)
    return fail(ErrorKind::Internal, "the audit left no report of one certified kernel", report);
  auto record = attest::readBounded(folder + "/" + pipeline::kRecordFile, kLargestInput);
  auto runs = attest::readBounded(folder + "/" + pipeline::kRecordedRuns, kLargestInput);
  if (!record || !runs)
    return tl::unexpected(record ? runs.error() : record.error());
  auto parsed = pipeline::recordFromJson(pipeline::kRecordFile, *record);
  auto parsed_runs = pipeline::runsFromJson(pipeline::kRecordedRuns, *runs);
  if (!parsed || !parsed_runs)
    return tl::unexpected(parsed ? parsed_runs.error() : parsed.error());
  audited.record = std::move(*parsed);
  audited.record.runs = std::move(*parsed_runs);
  audited.runs = std::move(*runs);
  if (auto known = readIndex(folder + "/" + pipeline::kRecordedQuestions + "/index.txt", audited); !known)
    return tl::unexpected(known.error());
  return audited;
}

Expected<Certificate> certificateOf(const Audited& audited, const Policy& policy, const std::optional<KillScore>& mutation) {
  const KernelReport& kernel = audited.report.kernels[0];
  const pipeline::AuditRecord& record = audited.record;
  Certificate c;
  c.tool_version = audited.report.tool_version;
  c.tool_build = toolIdentity();
  c.verdict = kernel.verdict;
  c.policy = policy;
  auto source = digestOf(baseName(kernel.file), kernel.file);
  if (!source)
    return tl::unexpected(source.error());
  if (source->sha256 != kernel.source_sha256)
    return changed(kernel.file);
  c.source = std::move(*source);
  c.kernel = kernel.kernel;
  c.target = kernel.target;
  c.flags = record.flags;
  c.cuda_headers = {kernel.headers, record.system_headers_sha256};
  for (const auto& [path, sha256] : kernel.includes)
    if (path != kernel.contract && baseName(path) != "compile_commands.json") // its flags are among the compiler's
      c.includes.push_back({nameFrom(kernel.file, path), sha256});
  std::sort(c.includes.begin(), c.includes.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  if (auto asked = addWhatWasAsked(audited, c); !asked)
    return tl::unexpected(asked.error());
  c.settings = record.settings;
  c.tolerances = record.tolerances;
  c.obligations = obligationsOf(kernel, audited);
  if (auto steps = audited.questions.find(kStep); steps != audited.questions.end())
    c.steps.assign(steps->second.begin(), steps->second.end());
  c.idle = kernel.idle;
  c.static_checks = kernel.static_checks;
  c.findings = findingsOf(kernel);
  c.suppressions = kernel.suppressions;
  for (Suppression& said : c.suppressions)
    said.at.file = nameFrom(kernel.file, said.at.file);
  c.oracle = kernel.adequacy;
  c.mutation = mutation;
  c.assumptions = kernel.assumptions;
  c.notes = kernel.notes;
  c.environment = environmentOf(record);
  if (!record.runs.runs.empty())
    c.runs = FileDigest{attest::kRunsFile, sha256Hex(audited.runs)};
  return c;
}

Expected<void> writeBundle(const attest::Bundle& bundle, const Audited& audited, const Certificate& certificate) {
  std::set<std::string> wanted(certificate.steps.begin(), certificate.steps.end());
  for (const Obligation& one : certificate.obligations)
    wanted.insert(one.queries.begin(), one.queries.end());
  std::string questions = audited.folder + "/" + pipeline::kRecordedQuestions + "/";
  for (const std::string& hash : wanted) {
    auto text = attest::readBounded(questions + hash.substr(0, 16) + ".smt2", attest::kLargestBundleFile);
    if (!text || sha256Hex(*text) != hash)
      return fail(ErrorKind::Internal, fmt::format("the question {} was asked, and not kept", hash), questions);
    if (auto done = bundle.write(attest::queryFile(hash), *text); !done)
      return done;
  }
  if (certificate.runs)
    if (auto done = bundle.write(attest::kRunsFile, audited.runs); !done)
      return done;
  if (!certificate.contract)
    return {};
  const std::string& path = audited.report.kernels[0].contract;
  auto contract = attest::readBounded(path, kLargestInput);
  if (!contract)
    return tl::unexpected(contract.error());
  if (sha256Hex(*contract) != certificate.contract->sha256)
    return changed(path);
  return bundle.write(attest::kContractFile, *contract);
}

Expected<AuditTiming> timingOf(const Report& report) {
  AuditTiming timing;
  if (const char* epoch = std::getenv("SOURCE_DATE_EPOCH"); epoch && *epoch) {
    std::string_view text(epoch);
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), timing.issued);
    if (error != std::errc() || end != text.data() + text.size() || timing.issued < 0)
      return fail(ErrorKind::Usage, fmt::format("'{}' is no number of seconds since 1970", epoch), "SOURCE_DATE_EPOCH");
    return timing;
  }
  using namespace std::chrono;
  timing.issued = duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
  timing.seconds = report.seconds;
  for (const CheckOutcome& one : report.kernels[0].outcomes)
    timing.rows.push_back({one.check, one.stage, one.seconds});
  return timing;
}

} // namespace kverify::cli
