#include "gate/policy.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "contract/read_file.h"
#include "gate/glob.h"

namespace kverify::gate {
namespace {

namespace fs = std::filesystem;

bool matchesAny(const std::vector<std::string>& patterns, std::string_view path) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& one) { return matchesPath(one, path); });
}

} // namespace

Demands Policy::demandsFor(std::string_view path_in_folder) const {
  Demands all;
  auto apply = [&](const std::string& name) {
    if (auto known = presetOf(name))
      known->applyTo(all);
  };
  apply(preset);
  demands.applyTo(all);
  for (const PathRule& rule : rules) {
    if (!matchesAny(rule.paths, path_in_folder))
      continue;
    apply(rule.preset);
    rule.demands.applyTo(all);
  }
  apply(forced_preset);
  if (!forced_preset.empty() && !all.wants("formal"))
    for (CheckRule& rule : all.checks)
      rule.require.reset();
  if (!forced_preset.empty() && all.gpu == Gpu::Never && forced_gpu.value_or(Gpu::Never) == Gpu::Never)
    std::erase_if(all.stages, [](const std::string& stage) { return stage == "sanitizer" || stage == "bench"; });
  if (forced_gpu)
    all.gpu = *forced_gpu;
  return all;
}

const Exemption* Policy::exemptionOf(std::string_view path_in_folder) const {
  for (const Exemption& one : exemptions)
    if (matchesAny(one.paths, path_in_folder))
      return &one;
  return nullptr;
}

KnownChecks registeredChecks() {
  KnownChecks known;
  for (const CheckInfo* check : allChecks())
    known.all.emplace_back(check->id);
  for (const ProofInfo* proof : allProofs()) {
    known.provable.emplace_back(proof->check);
    if (std::find(known.all.begin(), known.all.end(), proof->check) == known.all.end())
      known.all.emplace_back(proof->check);
  }
  return known;
}

std::optional<std::string> findPolicy(const std::string& folder) {
  std::error_code error;
  for (fs::path at = fs::absolute(folder, error).lexically_normal(); !at.empty(); at = at.parent_path()) {
    if (fs::is_regular_file(at / kPolicyFile, error))
      return (at / kPolicyFile).string();
    if (at == at.root_path())
      break;
  }
  return std::nullopt;
}

Expected<Policy> loadPolicy(const std::string& path, const std::string& folder, const KnownChecks& known) {
  std::string file = path.empty() ? findPolicy(folder).value_or("") : path;
  if (file.empty()) {
    Policy policy;
    policy.folder = fs::absolute(folder).lexically_normal().string();
    return policy;
  }
  std::error_code error;
  if (!fs::exists(file, error))
    return fail(ErrorKind::Input, fmt::format("there is no policy '{}'", file), "--policy");
  auto text = contract::readFile(file);
  if (!text)
    return tl::unexpected(text.error());
  fs::path shown = fs::path(file);
  if (path.empty()) // the way a person at this place would write it
    if (fs::path below = shown.lexically_relative(fs::absolute(folder)); !below.empty())
      shown = below;
  auto policy = parsePolicy(shown.string(), *text, known);
  if (policy)
    policy->folder = fs::absolute(file).lexically_normal().parent_path().string();
  return policy;
}

} // namespace kverify::gate
