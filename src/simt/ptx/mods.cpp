#include "simt/ptx/mods.h"

#include <algorithm>
#include <array>

namespace kverify::simt::ptx {
namespace {

struct Named {
  std::string_view name;
  Type type;
};

using K = Type::Kind;
constexpr std::array<Named, 31> kTypes{{
    {"u8", {K::Unsigned, 8, 1}},     {"u16", {K::Unsigned, 16, 1}},  {"u32", {K::Unsigned, 32, 1}},
    {"u64", {K::Unsigned, 64, 1}},   {"s8", {K::Signed, 8, 1}},      {"s16", {K::Signed, 16, 1}},
    {"s32", {K::Signed, 32, 1}},     {"s64", {K::Signed, 64, 1}},    {"b8", {K::Bits, 8, 1}},
    {"b16", {K::Bits, 16, 1}},       {"b32", {K::Bits, 32, 1}},      {"b64", {K::Bits, 64, 1}},
    {"b128", {K::Bits, 128, 1}},     {"f32", {K::Float, 32, 1}},     {"f64", {K::Float, 64, 1}},
    {"f16", {K::Half, 16, 1}},       {"f16x2", {K::Half, 16, 2}},    {"bf16", {K::Brain, 16, 1}},
    {"bf16x2", {K::Brain, 16, 2}},   {"tf32", {K::Tf32, 32, 1}},     {"e4m3x2", {K::E4m3, 8, 2}},
    {"e5m2x2", {K::E5m2, 8, 2}},     {"pred", {K::Predicate, 1, 1}}, {"s16x2", {K::Signed, 16, 2}},
    {"u16x2", {K::Unsigned, 16, 2}}, {"e4m3", {K::E4m3, 8, 1}},      {"e5m2", {K::E5m2, 8, 1}},
    {"u4", {K::Unsigned, 4, 1}},     {"s4", {K::Signed, 4, 1}},      {"b1", {K::Bits, 1, 1}},
    {"f8", {K::E4m3, 8, 1}},
}};

} // namespace

std::string Type::laneName() const {
  for (const Named& named : kTypes) {
    if (named.type == Type{kind, bits, 1})
      return std::string(named.name);
  }
  return "?";
}

std::optional<Type> parseType(std::string_view word) {
  const auto* it = std::find_if(kTypes.begin(), kTypes.end(), [&](const Named& named) { return named.name == word; });
  if (it == kTypes.end())
    return std::nullopt;
  return it->type;
}

bool Mods::take(std::string_view word) {
  for (std::size_t i = 0; i < words_.size(); ++i) {
    if (!used_[i] && words_[i] == word) {
      used_[i] = true;
      return true;
    }
  }
  return false;
}

void Mods::ignore(std::initializer_list<std::string_view> words) {
  for (const auto word : words)
    take(word);
}

void Mods::ignorePrefix(std::string_view prefix) {
  for (std::size_t i = 0; i < words_.size(); ++i) {
    if (words_[i].starts_with(prefix))
      used_[i] = true;
  }
}

std::string Mods::takeOneOf(std::initializer_list<std::string_view> words) {
  for (const auto word : words) {
    if (take(word))
      return std::string(word);
  }
  return "";
}

std::optional<Type> Mods::takeType() {
  for (std::size_t i = 0; i < words_.size(); ++i) {
    if (used_[i])
      continue;
    if (const auto type = parseType(words_[i])) {
      used_[i] = true;
      return type;
    }
  }
  return std::nullopt;
}

std::string Mods::takeRest() {
  std::string out;
  for (std::size_t i = 0; i < words_.size(); ++i) {
    if (used_[i])
      continue;
    used_[i] = true;
    out += (out.empty() ? "" : ".") + words_[i];
  }
  return out;
}

bool Mods::allTaken() const {
  return std::all_of(used_.begin(), used_.end(), [](bool used) { return used; });
}

} // namespace kverify::simt::ptx
