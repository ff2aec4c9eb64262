#include "frontend/observe/cases.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "core/split_mix.h"

namespace kverify::frontend::observe {
namespace {

constexpr std::size_t kMostTries = 3000;

std::uint64_t nextRandom(std::uint64_t& state) {
  std::uint64_t drawn = splitMix(state);
  state += 0x9e3779b97f4a7c15u; // the generator's own step
  return drawn;
}

/// A size from its range: of every order of magnitude as likely, and as often a power of two or next to one as not.
std::int64_t drawn(std::int64_t low, std::int64_t high, std::uint64_t& state) {
  std::int64_t span = high - low;
  int bits = 0;
  while (bits < 40 && (span >> bits) != 0)
    ++bits;
  auto order = static_cast<int>(nextRandom(state) % static_cast<std::uint64_t>(bits + 1));
  std::int64_t value = std::int64_t{1} << order;
  std::uint64_t kind = nextRandom(state) % 4;
  if (kind == 0)
    value += static_cast<std::int64_t>(nextRandom(state) % static_cast<std::uint64_t>(value));
  else if (kind == 1)
    ++value;
  else if (kind == 2)
    --value;
  return std::clamp(value, low, high);
}

bool allowed(const host::HostPath& path, const Sizes& sizes) {
  return std::all_of(path.requirements.begin(), path.requirements.end(),
                     [&](const host::Term& term) { return valueOf(term, sizes).value_or(0) != 0; });
}

std::set<std::string> namesOfParameters(const host::HostPath& path) {
  std::set<std::string> names;
  for (const host::HostParameter& one : path.parameters)
    for (const host::Term& term : one.terms)
      names.merge(freeNames(*term));
  return names;
}

bool isSensible(const Call& call, std::int64_t most_elements) {
  return std::all_of(call.arguments.begin(), call.arguments.end(), [&](const Argument& one) {
    double elements = 1;
    for (std::int64_t size : one.numbers)
      elements *= one.kind == Argument::Kind::Tensor ? static_cast<double>(size) : 1;
    return elements <= static_cast<double>(most_elements);
  });
}

} // namespace

std::optional<std::int64_t> valueOf(const host::Term& term, const Sizes& sizes) {
  if (!term)
    return std::nullopt;
  auto value = evalInteger(Expr{term, "", ""}, sizes);
  return value ? std::optional(*value) : std::nullopt;
}

std::string textOf(const host::HostPath& path, const Sizes& sizes) {
  std::vector<std::string> parts;
  for (const std::string& name : namesOfParameters(path))
    if (auto value = sizes.find(name); value != sizes.end())
      parts.push_back(fmt::format("{} = {}", name, value->second));
  return parts.empty() ? "no sizes" : fmt::format("{}", fmt::join(parts, ", "));
}

std::vector<Sizes> sizesFor(const host::HostPath& path, std::size_t count, std::int64_t most_elements) {
  std::vector<Sizes> found;
  // Sizes of tensors that no launch is given: the path says nothing about them.
  std::set<std::string> unsaid = namesOfParameters(path);
  for (const host::HostSize& size : path.sizes)
    unsaid.erase(size.name);
  std::uint64_t state = 1;
  for (std::size_t attempt = 0; attempt < kMostTries && found.size() < count; ++attempt) {
    Sizes sizes;
    for (const host::HostSize& size : path.sizes)
      if (!size.equals)
        sizes[size.name] = drawn(size.low, size.high, state);
    for (const std::string& name : unsaid)
      sizes[name] = drawn(1, 64, state);
    for (int round = 0; round < 3; ++round)
      for (const host::HostSize& size : path.sizes)
        if (size.equals)
          if (auto value = valueOf(size.equals, sizes))
            sizes[size.name] = *value;
    if (!allowed(path, sizes))
      continue;
    auto call = callFor(path, sizes);
    if (call && !isSensible(*call, most_elements))
      continue;
    if (std::find(found.begin(), found.end(), sizes) == found.end())
      found.push_back(std::move(sizes));
  }
  return found;
}

std::optional<Call> callFor(const host::HostPath& path, const Sizes& sizes) {
  using Kind = host::HostParameter::Kind;
  Call call;
  for (const host::HostParameter& one : path.parameters) {
    Argument argument{.element = one.element, .real = one.real};
    for (const host::Term& term : one.terms) {
      auto value = valueOf(term, sizes);
      if (!value || (one.kind != Kind::Integer && *value < 0))
        return std::nullopt;
      argument.numbers.push_back(*value);
    }
    switch (one.kind) {
    case Kind::Tensor: case Kind::Pointer: argument.kind = Argument::Kind::Tensor; break;
    case Kind::Integer: argument.kind = Argument::Kind::Integers; break;
    case Kind::Real: argument.kind = Argument::Kind::Real; break;
    case Kind::Absent: argument.kind = Argument::Kind::Absent; break;
    case Kind::Unknown: return std::nullopt;
    }
    call.arguments.push_back(std::move(argument));
  }
  for (const host::HostSize& size : path.sizes)
    if (size.meaning == "the device's multiprocessors")
      call.multiprocessors = sizes.at(size.name);
  return call;
}

} // namespace kverify::frontend::observe
