#include "bench/timing/shapes.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>
#include <sstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "contract/instantiate.h"
#include "core/near_name.h"
#include "cuda/pattern.h"
#include "fuzz/generate/sizes.h"

namespace kverify::bench {
namespace {

using Json = nlohmann::ordered_json;

Expected<Shape> shapeFrom(const Sizes& free, const Contract& contract, const std::string& place) {
  std::vector<std::string> names;
  for (const SizeDecl& size : contract.sizes)
    if (size.kind != SizeDecl::Kind::Equals)
      names.push_back(size.name);
  for (const auto& [name, value] : free)
    if (std::find(names.begin(), names.end(), name) == names.end())
      return fail(ErrorKind::Usage, fmt::format("the contract has no free size '{}'", name), place, didYouMean(name, names));
  auto sizes = completeSizes(contract, free);
  if (!sizes)
    return fail(ErrorKind::Usage, sizes.error().message, place, sizes.error().hint);
  auto broken = brokenRequirement(contract, *sizes);
  if (!broken)
    return tl::unexpected(broken.error());
  if (*broken)
    return fail(ErrorKind::Usage, fmt::format("the shape breaks what the contract requires: {}", (*broken)->text), place);
  return Shape{.sizes = std::move(*sizes), .free = std::move(names)};
}

bool costsAtMost(const Contract& contract, const Sizes& sizes, double bytes, double work) {
  auto plan = contract::planCost(contract, sizes);
  if (!plan || plan->bytes > bytes)
    return false;
  auto reference = generate::estimateCost(contract, sizes);
  return reference && reference->work <= work;
}

} // namespace

Expected<Shape> parseShape(const std::string& text, const Contract& contract) {
  Sizes free;
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');) {
    const std::size_t equals = part.find('=');
    std::int64_t value = 0;
    const char* end = part.data() + part.size();
    if (equals == std::string::npos || equals == 0 ||
        std::from_chars(part.data() + equals + 1, end, value).ptr != end)
      return fail(ErrorKind::Usage, fmt::format("'{}' is not name=number", part), "--shape", "for example B=4,H=16,N=4096");
    free[part.substr(0, equals)] = value;
  }
  return shapeFrom(free, contract, "--shape " + text);
}

Expected<std::vector<Shape>> readShapes(const std::string& path, const Contract& contract) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  if (!in)
    return fail(ErrorKind::Input, fmt::format("'{}' can't be read", path));
  Json j = Json::parse(bytes.str(), nullptr, false, true);
  if (!j.is_object() || j.value("format", "") != "kverify.shapes/1")
    return fail(ErrorKind::Input, fmt::format("'{}' is no file of shapes: its format is not kverify.shapes/1", path), path);
  std::vector<Shape> shapes;
  for (const char* set : {"declared", "held_back"}) {
    if (!j.contains(set))
      continue;
    if (!j[set].is_array())
      return fail(ErrorKind::Input, fmt::format("'{}' must be a list", set), path);
    for (std::size_t i = 0; i < j[set].size(); ++i) {
      const std::string place = fmt::format("{} (/{}/{})", path, set, i);
      Sizes free;
      if (!j[set][i].is_object())
        return fail(ErrorKind::Input, "a shape is an object of sizes", place);
      for (const auto& [name, value] : j[set][i].items()) {
        if (!value.is_number_integer())
          return fail(ErrorKind::Input, fmt::format("'{}' is no whole number", name), place);
        free[name] = value.get<std::int64_t>();
      }
      auto shape = shapeFrom(free, contract, place);
      if (!shape)
        return tl::unexpected(shape.error());
      shape->held_back = set == std::string_view("held_back");
      shapes.push_back(std::move(*shape));
    }
  }
  if (shapes.empty())
    return fail(ErrorKind::Input, fmt::format("'{}' declares no shape", path), path);
  return shapes;
}

std::string shapesPathFor(const std::string& contract) {
  const std::string ending = "contract.json";
  return contract.ends_with(ending) ? contract.substr(0, contract.size() - ending.size()) + "shapes.json" : "";
}

std::vector<Shape> shapesOf(const Contract& contract, double bytes, double work) {
  std::optional<Shape> best;
  for (int power = 0; power <= 20; ++power) {
    Sizes free;
    for (const SizeDecl& size : contract.sizes) {
      if (size.kind == SizeDecl::Kind::Range)
        free[size.name] = std::clamp(std::int64_t{1} << power, size.low, size.high);
      if (size.kind == SizeDecl::Kind::List)
        free[size.name] = *std::max_element(size.list.begin(), size.list.end());
    }
    auto shape = shapeFrom(free, contract, "");
    if (shape && costsAtMost(contract, shape->sizes, bytes, work))
      best = std::move(*shape);
  }
  return best ? std::vector<Shape>{std::move(*best)} : std::vector<Shape>{};
}

std::vector<Shape> heldBackFor(const std::vector<Shape>& declared, const Contract& contract, std::uint64_t seed) {
  std::vector<Shape> held;
  for (std::size_t i = 0; i < declared.size(); ++i) {
    std::map<std::int64_t, std::int64_t> instead; // equal sizes stay equal
    Sizes free;
    for (const SizeDecl& size : contract.sizes) {
      if (size.kind == SizeDecl::Kind::Equals)
        continue;
      const std::int64_t value = declared[i].sizes.at(size.name);
      if (size.kind != SizeDecl::Kind::Range || value < 64) {
        free[size.name] = value;
        continue;
      }
      auto [at, is_new] = instead.try_emplace(value);
      if (is_new) {
        const double part = static_cast<double>(cuda::patternHash(seed, i * 64 + instead.size()) >> 11) * 0x1p-53;
        at->second = static_cast<std::int64_t>(static_cast<double>(value) * (0.6 + 0.8 * part)) | 1;
      }
      free[size.name] = std::clamp(at->second, size.low, size.high);
    }
    auto shape = shapeFrom(free, contract, "");
    if (!shape) // a requirement that odd sizes break: a power of two that is not the declared one
      for (auto& [name, value] : free)
        if (value >= 64)
          value = declared[i].sizes.at(name) / 2;
    if (!shape)
      shape = shapeFrom(free, contract, "");
    if (!shape || shape->sizes == declared[i].sizes)
      continue;
    shape->held_back = true;
    held.push_back(std::move(*shape));
  }
  return held;
}

} // namespace kverify::bench
