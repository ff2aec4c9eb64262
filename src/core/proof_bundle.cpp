#include "core/proof_bundle.h"

#include <nlohmann/json.hpp>

namespace kverify {

ProofBundle::ProofBundle(std::string_view text) {
  auto j = nlohmann::json::parse(text, nullptr, false);
  if (!j.is_object())
    return;
  for (const auto& [name, value] : j.items())
    if (value.is_string())
      entries_[name] = value.get<std::string>();
}

std::optional<std::string> ProofBundle::load(const std::string& name) const {
  auto at = entries_.find(name);
  return at == entries_.end() ? std::nullopt : std::optional(at->second);
}

void ProofBundle::store(const std::string& name, std::string value) {
  auto [at, is_new] = entries_.try_emplace(name, value);
  changed_ |= is_new || at->second != value;
  at->second = std::move(value);
}

std::string ProofBundle::toText() const {
  return nlohmann::json(entries_).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace kverify
