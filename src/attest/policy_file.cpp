#include "attest/policy_file.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <fmt/format.h>

#include "attest/bundle.h"
#include "attest/fields.h"
#include "attest/strict_json.h"
#include "attest/utf8.h"
#include "core/near_name.h"

namespace kverify::attest {
namespace {

constexpr std::size_t kLargestPolicy = 1 << 20;
const std::vector<std::string> kPresets = {"smoke", "standard", "strict"};

/// An object of the file. The first thing that is wrong is kept; what is absent leaves the value as it was.
class Reader {
public:
  Reader(const Json& object, std::string at, std::string path, std::optional<ToolError>& error,
         const std::vector<std::string>& known)
      : object_(object), at_(std::move(at)), path_(std::move(path)), error_(error) {
    if (!object.is_object()) {
      reject("", "this should be an object");
      return;
    }
    for (const auto& [name, ignored] : object.get_ref<const Json::object_t&>())
      if (std::find(known.begin(), known.end(), name) == known.end())
        reject(name, fmt::format("'{}' is not known here", mended(name)), nearOrAll(name, known));
  }

  bool failed() const { return error_.has_value(); }

  void reject(const std::string& name, std::string why, std::string hint = {}) {
    if (!error_)
      error_ = ToolError{ErrorKind::Input, std::move(why), fmt::format("{} ({}/{})", path_, at_, mended(name)), std::move(hint)};
  }

  const Json* find(const char* name) const {
    auto found = object_.is_object() ? object_.find(name) : object_.end();
    return object_.is_object() && found != object_.end() ? &*found : nullptr;
  }

  void flag(const char* name, bool& value) {
    if (const Json* found = find(name))
      found->is_boolean() ? void(value = found->get<bool>()) : reject(name, "this should be true or false");
  }

  void count(const char* name, std::uint64_t& value) {
    if (const Json* found = find(name))
      found->is_number_unsigned() ? void(value = found->get<std::uint64_t>()) : reject(name, "this should be a whole number, 0 or more");
  }

  void share(const char* name, std::optional<double>& value) {
    const Json* found = find(name);
    if (!found)
      return;
    if (found->is_number() && found->get<double>() >= 0 && found->get<double>() <= 1)
      value = found->get<double>();
    else
      reject(name, "this should be a number from 0 to 1");
  }

  /// A word out of a list.
  std::optional<std::string> word(const char* name, const std::vector<std::string>& known) {
    const Json* found = find(name);
    if (!found)
      return std::nullopt;
    std::string text = found->is_string() ? found->get<std::string>() : "";
    if (std::find(known.begin(), known.end(), text) != known.end())
      return text;
    reject(name, fmt::format("this should be one of {}", fmt::join(known, ", ")), didYouMean(text, known));
    return std::nullopt;
  }

  bool texts(const char* name, std::vector<std::string>& value) {
    const Json* found = find(name);
    if (!found)
      return false;
    value.clear();
    bool good = found->is_array();
    for (std::size_t i = 0; good && i < found->size(); ++i) {
      good = (*found)[i].is_string();
      if (good)
        value.push_back((*found)[i].get<std::string>());
    }
    if (!good)
      reject(name, "this should be a list of strings");
    return good;
  }

  std::optional<Version> version(const char* name) {
    const Json* found = find(name);
    if (!found)
      return std::nullopt;
    auto parsed = found->is_string() ? parseVersion(found->get<std::string>()) : std::nullopt;
    if (!parsed)
      reject(name, "this should be a version such as \"0.1.0\"");
    return parsed;
  }

private:
  static std::string nearOrAll(const std::string& name, const std::vector<std::string>& known) {
    std::string near = didYouMean(name, known);
    return near.empty() ? fmt::format("known are {}", fmt::join(known, ", ")) : near;
  }

  const Json& object_;
  std::string at_, path_;
  std::optional<ToolError>& error_;
};

std::vector<std::string> needNames() {
  std::vector<std::string> names;
  for (Need need : {Need::Nothing, Need::Tests, Need::Proof, Need::UnboundedProof})
    names.emplace_back(nameOf(need));
  return names;
}

void readChecks(const Json& rules, const std::string& path, std::optional<ToolError>& error, CertificatePolicy& policy) {
  for (std::size_t i = 0; i < rules.size() && !error; ++i) {
    Reader r(rules[i], fmt::format("/checks/{}", i), path, error, {"match", "need", "min_cases"});
    const Json* match = r.find("match");
    if (!match || !match->is_string() || match->get_ref<const std::string&>().empty())
      r.reject("match", "this should be a check's id, in which * stands for anything");
    auto need = r.word("need", needNames());
    if (!r.find("need"))
      r.reject("need", fmt::format("this should be one of {}", fmt::join(needNames(), ", ")));
    CheckRule rule;
    r.count("min_cases", rule.min_cases);
    if (error)
      return;
    rule.match = match->get<std::string>();
    rule.need = *parseNeed(*need);
    policy.checks.push_back(std::move(rule));
  }
}

void readTool(Reader& r, const std::string& path, std::optional<ToolError>& error, CertificatePolicy& policy) {
  const Json* tool = r.find("tool");
  if (!tool)
    return;
  Reader versions(*tool, "/tool", path, error, {"at_least", "below"});
  policy.tool_at_least = versions.version("at_least");
  policy.tool_below = versions.version("below");
}

void readAge(Reader& r, CertificatePolicy& policy) {
  const Json* days = r.find("max_age_days");
  if (!days)
    return;
  double value = days->is_number() ? days->get<double>() : -1;
  if (value > 0 && value < 1e5)
    policy.max_age_seconds = static_cast<std::int64_t>(std::ceil(value * 86400));
  else
    r.reject("max_age_days", "this should be a number of days");
}

/// Everything but the preset that it starts from.
void readRest(Reader& r, const std::string& path, std::optional<ToolError>& error, CertificatePolicy& policy) {
  if (auto require = r.word("require", {"tests", "proof", "unbounded-proof"}))
    policy.require = *parseRequire(*require);
  if (const Json* rules = r.find("checks"))
    rules->is_array() ? readChecks(*rules, path, error, policy) : r.reject("checks", "this should be a list");
  r.count("min_cases", policy.min_cases);
  r.share("kill_score", policy.kill_score);
  r.share("oracle_score", policy.oracle_score);
  readTool(r, path, error, policy);
  r.texts("targets", policy.targets);
  r.texts("backends", policy.backends);
  if (std::vector<std::string> patterns; r.texts("suppressions", patterns))
    policy.suppressions = std::move(patterns);
  r.flag("allow_warnings", policy.allow_warnings);
  r.flag("contract_required", policy.contract_required);
  if (std::vector<std::string> keys; r.texts("keys", keys)) {
    for (const std::string& key : keys)
      if (!key.starts_with("sha256:") || !isSha256(std::string_view(key).substr(7)))
        r.reject("keys", fmt::format("'{}' is no key's id", mended(key)), "kverify keygen prints it: sha256: and 64 hex digits");
    policy.keys = std::move(keys);
  }
  r.texts("key_files", policy.key_files);
  for (std::string& file : policy.key_files) // from the policy's own folder
    file = (std::filesystem::path(path).parent_path() / file).string();
  readAge(r, policy);
}

} // namespace

Expected<CertificatePolicy> policyFromJson(std::string_view text, const std::string& path) {
  auto json = parseStrictly(text, {.bytes = kLargestPolicy, .depth = 8, .values = 10'000});
  if (!json)
    return fail(ErrorKind::Input, "the policy can't be read: " + json.error().message, path);
  std::optional<ToolError> error;
  Reader r(*json, "", path, error,
           {"policy", "preset", "require", "checks", "min_cases", "kill_score", "oracle_score", "tool", "targets",
            "backends", "suppressions", "allow_warnings", "contract_required", "keys", "key_files", "max_age_days"});
  const Json* version = r.find("policy");
  if (!error && (!version || *version != 1))
    r.reject("policy", "this should be 1, the version of the format");
  CertificatePolicy policy;
  if (auto preset = r.word("preset", kPresets))
    policy = *presetPolicy(*preset);
  policy.name = fmt::format("'{}'", path);
  readRest(r, path, error, policy);
  if (error)
    return tl::unexpected(std::move(*error));
  return policy;
}

Expected<CertificatePolicy> loadPolicy(const std::string& name_or_path) {
  if (auto preset = presetPolicy(name_or_path))
    return *preset;
  std::error_code ignored;
  bool is_name = name_or_path.find_first_of("/.") == name_or_path.npos && !std::filesystem::exists(name_or_path, ignored);
  if (is_name) {
    std::string near = didYouMean(name_or_path, kPresets);
    return fail(ErrorKind::Input, fmt::format("there is no policy '{}'", mended(name_or_path)), "--policy",
                near.empty() ? "smoke, standard, strict or a JSON file" : near);
  }
  auto text = readBounded(name_or_path, kLargestPolicy);
  if (!text)
    return tl::unexpected(text.error());
  return policyFromJson(*text, name_or_path);
}

} // namespace kverify::attest
