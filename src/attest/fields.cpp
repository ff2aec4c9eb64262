#include "attest/fields.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace kverify::attest {
namespace {

const Json kNothing;

} // namespace

bool isSha256(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == text.npos;
}

Fields::Fields(const Json& value, std::string path, std::optional<Refusal>& error, std::initializer_list<const char*> names)
    : value_(&value), path_(std::move(path)), error_(&error) {
  if (!value.is_object()) {
    value_ = &kNothing;
    reject("", "this should be an object");
    return;
  }
  for (const auto& [name, ignored] : value.get_ref<const Json::object_t&>())
    if (std::find(names.begin(), names.end(), name) == names.end() && !failed())
      error = Refusal{Reason::UnknownField, fmt::format("the field '{}' is not known here", name), pathOf(name)};
  for (const char* name : names)
    if (!value.contains(name))
      reject(name, "this is missing");
}

void Fields::reject(const std::string& name, const std::string& why) const {
  if (!failed())
    *error_ = Refusal{Reason::MalformedPredicate, why, name.empty() ? path_ : pathOf(name)};
}

const Json& Fields::at(const char* name) const {
  if (failed() || !value_->is_object())
    return kNothing;
  auto found = value_->find(name);
  return found == value_->end() ? kNothing : *found;
}

bool Fields::isNull(const char* name) const {
  return at(name).is_null();
}

std::string Fields::text(const char* name) const {
  if (at(name).is_string())
    return at(name).get<std::string>();
  reject(name, "this should be a string");
  return {};
}

std::string Fields::textOrNothing(const char* name) const {
  return isNull(name) ? std::string() : text(name);
}

bool Fields::flag(const char* name) const {
  if (at(name).is_boolean())
    return at(name).get<bool>();
  reject(name, "this should be true or false");
  return false;
}

std::uint64_t Fields::count(const char* name) const {
  if (at(name).is_number_unsigned())
    return at(name).get<std::uint64_t>();
  reject(name, "this should be a whole number, 0 or more");
  return 0;
}

std::uint64_t Fields::bigCount(const char* name) const {
  std::string digits = text(name);
  std::uint64_t value = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  bool whole = error == std::errc() && end == digits.data() + digits.size();
  if (!whole || digits != std::to_string(value))
    reject(name, "this should be a string of digits");
  return value;
}

double Fields::number(const char* name) const {
  if (at(name).is_number())
    return at(name).get<double>();
  reject(name, "this should be a number");
  return 0;
}

std::string Fields::sha256(const char* name) const {
  std::string hash = text(name);
  if (!isSha256(hash))
    reject(name, "this should be a SHA-256, 64 lower-case hex digits");
  return hash;
}

std::vector<std::string> Fields::texts(const char* name) const {
  std::vector<std::string> all;
  each(name, [&](const Json& one, const std::string& path) {
    if (one.is_string())
      all.push_back(one.get<std::string>());
    else if (!failed())
      *error_ = Refusal{Reason::MalformedPredicate, "this should be a string", path};
  });
  return all;
}

std::vector<std::string> Fields::hashes(const char* name) const {
  std::vector<std::string> all = texts(name);
  if (!std::all_of(all.begin(), all.end(), isSha256))
    reject(name, "these should be SHA-256, 64 lower-case hex digits each");
  if (std::adjacent_find(all.begin(), all.end(), std::greater_equal<>()) != all.end())
    reject(name, "these should be sorted, each once");
  return all;
}

std::map<std::string, std::string> Fields::named(const char* name) const {
  std::map<std::string, std::string> all;
  if (!at(name).is_object()) {
    reject(name, "this should be an object");
    return all;
  }
  for (const auto& [key, value] : at(name).get_ref<const Json::object_t&>()) {
    if (!value.is_string())
      reject(name, fmt::format("'{}' should be a string", key));
    else
      all[key] = value.get<std::string>();
  }
  return all;
}

Fields Fields::object(const char* name, std::initializer_list<const char*> names) const {
  if (failed())
    return Fields(kNothing, pathOf(name), *error_, names);
  return Fields(at(name), pathOf(name), *error_, names);
}

void Fields::each(const char* name, const std::function<void(const Json&, const std::string&)>& visit) const {
  const Json& list = at(name);
  if (!list.is_array())
    return reject(name, "this should be a list");
  for (std::size_t i = 0; i < list.size() && !failed(); ++i)
    visit(list[i], fmt::format("{}/{}", pathOf(name), i));
}

} // namespace kverify::attest
