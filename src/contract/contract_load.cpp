// contract.json -> Contract: the whole file, its sizes, and what spans its parts.
#include "contract/contract_load.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "contract/read_file.h"
#include "core/hash.h"

namespace kverify {
namespace contract {

void expectIdentifier(const JsonCursor& at) {
  static constexpr std::array<std::string_view, 9> kReserved = {"and", "or",   "not",   "ceildiv", "min",
                                                                "max", "sqrt", "rsqrt", "log"};
  const std::string& name = at.key();
  bool is_word = !name.empty() && !(name[0] >= '0' && name[0] <= '9');
  for (char c : name)
    is_word &= (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  if (!is_word)
    return at.reject(fmt::format("'{}' is not a name: letters, digits and _, no digit first", name));
  if (std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end())
    at.reject(fmt::format("'{}' is a word of the expression language and can't be a name", name));
}

namespace {

std::vector<std::int64_t> readValues(const JsonCursor& at) {
  std::vector<std::int64_t> values;
  for (const JsonCursor& element : at.elements(1)) {
    std::int64_t value = element.asInteger();
    if (value < 0)
      element.reject(fmt::format("a size can't be negative, found {}", value));
    if (std::find(values.begin(), values.end(), value) != values.end())
      element.reject(fmt::format("{} is given twice", value));
    values.push_back(value);
  }
  return values;
}

void readRange(const JsonCursor& at, SizeDecl& size) {
  auto ends = at.elements(2, 2);
  if (at.failed())
    return;
  size.low = ends[0].asInteger();
  size.high = ends[1].asInteger();
  if (at.failed())
    return;
  if (size.low < 0)
    ends[0].reject(fmt::format("a size can't be negative, found {}", size.low));
  if (size.low > size.high)
    at.reject(fmt::format("the range [{}, {}] is empty", size.low, size.high));
}

SizeDecl readSize(const JsonCursor& at, const std::vector<std::string>& size_names) {
  SizeDecl size;
  size.name = at.key();
  size.place = at.place();
  expectIdentifier(at);
  at.expectKeys({"range", "list", "equals", "try"});
  int kinds = at.has("range") + at.has("list") + at.has("equals");
  if (kinds != 1)
    at.reject("a size has exactly one of 'range', 'list' and 'equals'");
  if (at.failed())
    return size;
  if (at.has("range")) {
    readRange(at.at("range"), size);
  } else if (at.has("list")) {
    size.kind = SizeDecl::Kind::List;
    size.list = readValues(at.at("list"));
  } else {
    size.kind = SizeDecl::Kind::Equals;
    size.equals = at.at("equals").asExpr(ExprMode::Integer, &size_names);
  }
  if (at.has("try")) {
    if (!at.has("range"))
      at.at("try").reject("'try' goes with 'range'");
    size.extra = readValues(at.at("try"));
    for (std::int64_t value : size.extra)
      if (!size.allows(value))
        at.at("try").reject(fmt::format("{} is outside the range [{}, {}]", value, size.low, size.high));
  }
  return size;
}

/// Depth-first search for a size that is defined through itself; the path in words, or "".
std::string findCycle(const Contract& contract, const SizeDecl& size, std::vector<std::string>& path) {
  bool seen = std::find(path.begin(), path.end(), size.name) != path.end();
  path.push_back(size.name);
  if (seen)
    return fmt::format("{}", fmt::join(path, " -> "));
  if (size.kind == SizeDecl::Kind::Equals)
    for (const std::string& name : freeNames(*size.equals.root)) {
      const SizeDecl* other = contract.findSize(name);
      if (!other)
        continue;
      std::string cycle = findCycle(contract, *other, path);
      if (!cycle.empty())
        return cycle;
    }
  path.pop_back();
  return "";
}

void expectNoCycle(const JsonCursor& root, const Contract& contract) {
  for (const SizeDecl& size : contract.sizes) {
    std::vector<std::string> path;
    std::string cycle = root.failed() ? "" : findCycle(contract, size, path);
    if (!cycle.empty())
      root.at("sizes").at(size.name).reject(fmt::format("the size is defined through itself: {}", cycle));
  }
}

/// Every role of the operation has one tensor.
void expectRoles(const JsonCursor& root, const Contract& contract) {
  if (!contract.spec || root.failed())
    return;
  std::set<std::string> taken;
  for (const TensorDecl& tensor : contract.tensors)
    for (const std::string& role : {tensor.role, tensor.output_role})
      if (!role.empty() && !taken.insert(role).second)
        root.at("tensors").at(tensor.name).reject(fmt::format("another tensor has the role '{}' already", role));
  for (const SpecRole& role : contract.spec->roles)
    if (!role.optional && !taken.contains(role.name))
      root.at("tensors").reject(fmt::format("no tensor has the role '{}' of {}", role.name, contract.spec->name),
                                fmt::format("name a tensor '{0}' or give one \"role\": \"{0}\"", role.name));
}

std::shared_ptr<const Spec> readSpec(const JsonCursor& root, const std::string& path, const ContractOptions& options) {
  if (options.spec.empty() && (!root.has("spec") || root.at("spec").isNull()))
    return nullptr;
  std::string folder = std::filesystem::path(path).parent_path().string();
  auto spec = options.spec.empty() ? loadSpec(root.at("spec").asString(), folder) : loadSpec(options.spec);
  if (spec)
    return *spec;
  JsonCursor at = options.spec.empty() ? root.at("spec") : root;
  std::string inner = spec.error().place.empty() ? "" : spec.error().place + ": ";
  at.reject(inner + spec.error().message, spec.error().hint);
  return nullptr;
}

/// One of two words; `strict` is the one that asks for something.
bool readPolicy(const JsonCursor& at, const std::string& key, const char* strict) {
  if (!at.has(key))
    return false;
  const JsonCursor& value = at.at(key);
  const std::string said = value.asString();
  if (said != strict && said != "any")
    value.reject(fmt::format("this is '{}', or 'any' (as where nothing is said), not '{}'", strict, said));
  return said == strict;
}

NonfinitePolicy readNonfinite(const JsonCursor& at) {
  at.expectKeys({"inputs", "masked"});
  return {.inputs_propagate = readPolicy(at, "inputs", "propagate"), .masked_ignored = readPolicy(at, "masked", "ignore")};
}

void readBody(const JsonCursor& root, const ContractOptions& options, Contract& contract) {
  root.expectKeys({"$schema", "contract", "spec", "sizes", "tensors", "options", "launches", "requires", "precision",
                   "same_value_writes", "nonfinite"});
  if (root.at("contract").asInteger() != 1)
    root.at("contract").reject("this program reads version 1 of the contract format");
  contract.spec = readSpec(root, contract.path, options);

  std::vector<std::string> names;
  for (const JsonCursor& size : root.at("sizes").members())
    names.push_back(size.key());
  for (const JsonCursor& size : root.at("sizes").members())
    contract.sizes.push_back(readSize(size, names));
  expectNoCycle(root, contract);
  for (const JsonCursor& tensor : root.at("tensors").members()) {
    if (contract.findSize(tensor.key()))
      tensor.reject("a size has this name already");
    contract.tensors.push_back(readTensor(tensor, names, contract.spec.get()));
  }
  expectRoles(root, contract);
  if (root.has("options"))
    for (const JsonCursor& option : root.at("options").members())
      contract.options[option.key()] = readOptionValue(option, names, contract.spec.get());
  for (const JsonCursor& launch : root.at("launches").elements(1))
    contract.launches.push_back(readLaunch(launch, names, contract));
  if (root.has("requires"))
    for (const JsonCursor& requirement : root.at("requires").elements())
      contract.requirements.push_back(requirement.asExpr(ExprMode::Integer, &names));
  if (root.has("same_value_writes")) {
    const JsonCursor& policy = root.at("same_value_writes");
    contract.equal_writes = policy.asString() == "allow";
    if (!contract.equal_writes && policy.asString() != "refute")
      policy.reject("this is 'refute' (as where nothing is said) or 'allow'");
  }
  if (root.has("nonfinite"))
    contract.nonfinite = readNonfinite(root.at("nonfinite"));
  if (root.has("precision"))
    contract.precision = readPrecision(root.at("precision"), names);
}

} // namespace
} // namespace contract

Expected<Contract> parseContract(const std::string& path, std::string text, const ContractOptions& options) {
  auto document = contract::parseJson(path, text);
  if (!document)
    return tl::unexpected<ToolError>(document.error());
  Contract result;
  result.path = path;
  std::optional<ToolError> error;
  contract::readBody(contract::JsonCursor(*document, error), options, result);
  if (error)
    return tl::unexpected<ToolError>(*error);
  result.sha256 = sha256Hex(text);
  result.bytes = std::move(text);
  return result;
}

Expected<Contract> loadContract(const std::string& path, const ContractOptions& options) {
  auto text = contract::readFile(path);
  if (!text)
    return tl::unexpected<ToolError>(text.error());
  return parseContract(path, std::move(*text), options);
}

} // namespace kverify
