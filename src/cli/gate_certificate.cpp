#include "cli/gate_certificate.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "attest/policy_file.h"
#include "attest/predicate.h"
#include "cli/gate_find.h"
#include "frontend/compile_commands.h"
#include "gate/judge.h"
#include "gate/policy.h"

namespace kverify::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEnding = ".intoto.jsonl";

/// Where the gate compiles with other flags than the certified ones, it says so; where they can't be read, no flags are
/// alike.
std::vector<std::string> flagsHere(const std::string& source, const std::vector<std::string>& clang_flags) {
  auto flags = frontend::flagsFromCompileCommands(source);
  if (!flags)
    return {"(compile_commands.json can't be read)"};
  flags->insert(flags->end(), clang_flags.begin(), clang_flags.end());
  return *flags;
}

gate::CertificateSeen refusedFor(const attest::Refusal& refusal, const std::string& file) {
  std::string place = refusal.place.empty() ? "" : fmt::format(" ({})", refusal.place);
  return {.file = file,
          .refused = std::string(attest::nameOf(refusal.reason)),
          .message = fmt::format("{}: {}{}", file, refusal.message, place)};
}

/// Says who named the file.
tl::unexpected<ToolError> named(ToolError error) {
  if (error.hint.empty())
    error.hint = "\"certificate\" in kverify.json names it, from the policy's folder";
  return tl::unexpected(std::move(error));
}

/// As few questions as it takes to know a file's kernels.
GateTask onlyRead(GateTask task) {
  task.demands.stages = {"static"};
  task.demands.require = Require::Tests;
  task.demands.checks.clear();
  return task;
}

/// Floors are measured, whoever audited.
gate::Demands withoutFloors(gate::Demands demands) {
  demands.kill = {};
  demands.gap = {};
  return demands;
}

} // namespace

std::vector<std::string> certificatesOf(const gate::CertificateDemand& demand, const std::string& policy_folder,
                                        const std::string& source) {
  std::error_code error;
  fs::path base = fs::path(source).replace_extension();
  if (!demand.folder.empty()) {
    fs::path below = fs::absolute(base, error).lexically_normal().lexically_relative(policy_folder);
    base = seenFromHere(policy_folder, (fs::path(demand.folder) / below).string());
  }
  std::string stem = base.filename().string();
  std::vector<std::string> others, all{base.string() + std::string(kEnding)};
  if (!fs::exists(all[0], error))
    all.clear();
  fs::path folder = base.has_parent_path() ? base.parent_path() : fs::path(".");
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    std::string name = entry.path().filename().string();
    if (name.starts_with(stem + ".") && name.ends_with(kEnding) && name.size() > stem.size() + kEnding.size())
      others.push_back((base.has_parent_path() ? base.parent_path() / name : fs::path(name)).string());
  }
  std::sort(others.begin(), others.end());
  all.insert(all.end(), others.begin(), others.end());
  return all.empty() ? std::vector{base.string() + std::string(kEnding)} : all;
}

Expected<Certificates> Certificates::forTasks(const std::vector<GateTask>& tasks, const std::string& policy_folder) {
  Certificates all;
  all.policy_folder_ = policy_folder;
  for (const GateTask& task : tasks) {
    const gate::CertificateDemand& demand = task.demands.certificate;
    auto key = std::pair(demand.keys, demand.policy);
    if (!demand.asked() || all.trust_.count(key))
      continue;
    std::vector<std::string> paths;
    for (const std::string& path : demand.keys)
      paths.push_back(seenFromHere(policy_folder, path));
    auto keys = readKeys(paths);
    if (!keys)
      return named(std::move(keys.error()));
    auto preset = attest::presetPolicy(demand.policy);
    auto policy = preset ? Expected<attest::CertificatePolicy>(*preset)
                         : attest::loadPolicy(seenFromHere(policy_folder, demand.policy));
    if (!policy)
      return named(std::move(policy.error()));
    all.trust_.emplace(key, Trust{std::move(*keys), std::move(*policy)});
  }
  return all;
}

const std::vector<Certificates::Candidate>& Certificates::candidatesOf(const GateTask& task) {
  auto [at, is_new] = candidates_.try_emplace(task.source);
  if (!is_new)
    return at->second;
  const gate::CertificateDemand& demand = task.demands.certificate;
  const Trust& trust = trust_.at({demand.keys, demand.policy});
  std::error_code error;
  for (const std::string& path : certificatesOf(demand, policy_folder_, task.source)) {
    if (!fs::exists(path, error))
      continue;
    auto bytes = readCertificate(path);
    if (bytes)
      at->second.push_back({path, accept(*bytes, {.kernel = task.source, .contract = ""}, trust.keys, trust.policy)});
    else
      at->second.push_back(
          {path, attest::refuse(attest::Reason::MalformedEnvelope, "it can't be read: " + bytes.error().message)});
  }
  return at->second;
}

Certificates::Found Certificates::find(const GateTask& task, const KernelReport& read,
                                       const std::vector<std::string>& clang_flags) {
  std::optional<gate::CertificateSeen> refused;
  auto refuse = [&](gate::CertificateSeen seen) {
    if (!refused)
      refused = std::move(seen);
  };
  std::vector<std::string> others;
  for (const Candidate& one : candidatesOf(task)) {
    if (!one.accepted) {
      refuse(refusedFor(one.accepted.error(), one.path));
      continue;
    }
    const Certificate& certificate = one.accepted->opened.certificate;
    if (certificate.kernel != read.kernel) {
      others.push_back(fmt::format("{} ({})", certificate.kernel, one.path));
      continue;
    }
    if (std::string otherwise = gate::compiledOtherwise(certificate, read, flagsHere(task.source, clang_flags));
        !otherwise.empty()) {
      refuse(
          {.file = one.path, .refused = "compiled-otherwise", .message = fmt::format("{}: {}", one.path, otherwise)});
      continue;
    }
    return {{.file = one.path,
             .key = one.accepted->opened.key_id,
             .issued = attest::utcOf(one.accepted->opened.timing.issued)},
            &certificate};
  }
  if (refused)
    return {*refused, nullptr};
  if (!others.empty())
    return {{.refused = "other-kernel",
             .message = fmt::format("none is about '{}'; there are those of {}", read.kernel, fmt::join(others, ", "))},
            nullptr};
  std::string expected = certificatesOf(task.demands.certificate, policy_folder_, task.source).front();
  return {{.refused = "missing", .message = fmt::format("there is no {}: kverify certify writes it", expected)},
          nullptr};
}

gate::CertificateSeen Certificates::of(const GateTask& task, const KernelReport& read,
                                       const std::vector<std::string>& clang_flags) {
  return find(task, read, clang_flags).first;
}

std::map<std::string, std::vector<KernelReport>> Certificates::spare(const std::vector<GateTask>& tasks,
                                                                     const GateRunOptions& options) {
  std::vector<GateTask> asking;
  for (const GateTask& task : tasks) {
    const auto& candidates = task.demands.certificate.spares_audit ? candidatesOf(task) : std::vector<Candidate>{};
    if (std::any_of(candidates.begin(), candidates.end(),
                    [](const Candidate& one) { return one.accepted.has_value(); }))
      asking.push_back(onlyRead(task));
  }
  std::map<std::string, std::vector<KernelReport>> spared;
  if (asking.empty())
    return spared;
  const gate::KnownChecks known = gate::registeredChecks();
  const Report read = auditTasks(asking, options, {});
  for (const GateTask& task : tasks) {
    std::vector<KernelReport> kernels;
    bool all = true;
    for (const KernelReport& one : read.kernels) {
      if (one.file != task.source || !all)
        continue;
      auto [seen, certificate] = find(task, one, options.clang_flags);
      all = !one.error && !one.kernel.empty() && certificate &&
            gate::auditedLess(*certificate, task.demands, known.provable, options.gpu_here).empty();
      if (!all)
        continue;
      kernels.push_back(gate::reportOf(*certificate, seen, one));
      gate::Evidence evidence{
          .kernel = &kernels.back(), .demands = withoutFloors(task.demands), .known = {}, .known_open = {}};
      evidence.certificate = seen;
      evidence.gpu_here = options.gpu_here;
      all = gate::decide(evidence).result == gate::Result::Passed;
    }
    if (all && !kernels.empty() && !read.partial)
      spared[task.source] = std::move(kernels);
  }
  return spared;
}

} // namespace kverify::cli
