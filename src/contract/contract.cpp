// Sizes of a contract: completion of the derived ones, requirements.
#include "kverify/contract.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/near_name.h"

namespace kverify {
namespace {

/// Resolves one size, derived sizes through the ones they name. Loading has excluded cycles.
Expected<std::int64_t> resolve(const Contract& contract, const SizeDecl& size, const Sizes& free_sizes, Sizes& done) {
  if (auto at = done.find(size.name); at != done.end())
    return at->second;
  if (size.kind == SizeDecl::Kind::Equals) {
    for (const std::string& name : freeNames(*size.equals.root)) {
      const SizeDecl* other = contract.findSize(name);
      if (!other)
        return fail(ErrorKind::Internal, fmt::format("the size '{}' is not declared", name), size.place);
      auto value = resolve(contract, *other, free_sizes, done);
      if (!value)
        return value;
    }
    auto value = evalInteger(size.equals, done);
    if (value)
      done[size.name] = *value;
    return value;
  }
  auto at = free_sizes.find(size.name);
  if (at == free_sizes.end())
    return fail(ErrorKind::Input, fmt::format("the size '{}' has no value", size.name), size.place);
  if (!size.allows(at->second)) {
    std::string allowed = size.kind == SizeDecl::Kind::Range ? fmt::format("[{}, {}]", size.low, size.high)
                                                             : fmt::format("{{{}}}", fmt::join(size.list, ", "));
    return fail(ErrorKind::Input, fmt::format("{} = {} is outside {}", size.name, at->second, allowed), size.place);
  }
  done[size.name] = at->second;
  return at->second;
}

} // namespace

bool SizeDecl::allows(std::int64_t value) const {
  switch (kind) {
  case Kind::Range: return low <= value && value <= high;
  case Kind::List: return std::find(list.begin(), list.end(), value) != list.end();
  case Kind::Equals: return true;
  }
  return false;
}

Expected<Sizes> completeSizes(const Contract& contract, const Sizes& free_sizes) {
  std::vector<std::string> declared;
  for (const SizeDecl& size : contract.sizes)
    declared.push_back(size.name);
  for (const auto& [name, value] : free_sizes)
    if (!contract.findSize(name))
      return fail(ErrorKind::Input, fmt::format("the contract has no size '{}'", name), contract.path,
                  didYouMean(name, declared));
  Sizes done;
  for (const SizeDecl& size : contract.sizes) {
    auto value = resolve(contract, size, free_sizes, done);
    if (!value)
      return tl::unexpected<ToolError>(value.error());
    auto given = free_sizes.find(size.name);
    if (given != free_sizes.end() && given->second != *value)
      return fail(
          ErrorKind::Input,
          fmt::format("{} = {} was given, but it equals {} = {}", size.name, given->second, size.equals.text, *value),
          size.place);
  }
  return done;
}

Expected<const Expr*> brokenRequirement(const Contract& contract, const Sizes& sizes) {
  for (const Expr& requirement : contract.requirements) {
    auto holds = evalInteger(requirement, sizes);
    if (!holds)
      return tl::unexpected<ToolError>(holds.error());
    if (*holds == 0)
      return &requirement;
  }
  return nullptr;
}

} // namespace kverify
