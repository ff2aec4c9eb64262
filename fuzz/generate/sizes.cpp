#include "fuzz/generate/sizes.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>
#include <string>
#include <utility>

#include "contract/instantiate.h"
#include "contract/operation.h"
#include "fuzz/generate/holds.h"

namespace kverify::generate {
namespace {

/// What a thread costs at least: even one with nothing to do runs the prologue and its share of a tile.
constexpr double kWorkPerThread = 64;

constexpr std::int64_t kLongRange = 4096;

/// The largest extents of a kernel whose neighbours are wanted, not only usual.
constexpr std::size_t kWantedTiles = 2;

void sortUnique(std::vector<std::int64_t>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

FreeSize describe(const SizeDecl& decl, std::span<const std::int64_t> tiles) {
  FreeSize size;
  size.decl = &decl;
  if (decl.kind == SizeDecl::Kind::List) {
    size.wanted = size.usual = decl.list;
    sortUnique(size.usual);
    return size;
  }
  auto add = [&](std::vector<std::int64_t>& values, std::int64_t value) {
    if (decl.allows(value))
      values.push_back(value);
  };
  for (std::int64_t value : {decl.low, decl.low + 1, decl.high})
    add(size.wanted, value);
  // Next to the end of a long range nothing happens that does not happen at its end, and both are dear.
  if (decl.high <= kLongRange)
    add(size.wanted, decl.high - 1);
  for (std::int64_t value : decl.extra)
    add(size.wanted, value);
  size.usual = size.wanted;
  std::vector<std::int64_t> next_to_tiles;
  for (std::size_t i = 0; i < tiles.size(); ++i)
    for (std::int64_t value : {tiles[i] - 1, tiles[i], tiles[i] + 1, 2 * tiles[i] + 1})
      add(i + kWantedTiles >= tiles.size() ? next_to_tiles : size.usual, value);
  for (std::int64_t value : decl.extra) {
    add(size.usual, value - 1);
    add(size.usual, value + 1);
  }
  for (std::int64_t power : {2, 4, 8, 16, 32, 64, 128, 256})
    for (std::int64_t value : {power - 1, power, power + 1})
      add(size.usual, value);
  for (std::int64_t prime : {7, 13, 29, 61, 101, 211, 509, 1021})
    add(size.usual, prime);
  // What the author asks for comes before what the kernel suggests: a budget may not do for both.
  sortUnique(size.wanted);
  sortUnique(next_to_tiles);
  std::erase_if(next_to_tiles,
                [&](std::int64_t value) { return std::binary_search(size.wanted.begin(), size.wanted.end(), value); });
  size.wanted.insert(size.wanted.end(), next_to_tiles.begin(), next_to_tiles.end());
  size.usual.insert(size.usual.end(), next_to_tiles.begin(), next_to_tiles.end());
  sortUnique(size.usual);
  return size;
}

constexpr std::int64_t kNearest = 64; ///< how far a value may be moved to satisfy what the contract requires of it

/// May a requirement that is about this size alone ("N % 8 == 0") hold at the value?
bool isPermitted(const Contract& contract, const SizeDecl& decl, std::int64_t value) {
  const auto breaks = [&](const Expr& requirement) {
    if (freeNames(*requirement.root) != std::set<std::string>{decl.name})
      return false;
    auto holds = evalInteger(requirement, {{decl.name, value}});
    return holds && *holds == 0;
  };
  return decl.allows(value) && std::none_of(contract.requirements.begin(), contract.requirements.end(), breaks);
}

/// A value that no case may have gives its place to the next ones, on either side, that a case may have: where N is a
/// multiple of 8, 63 and 65 are tried as 56, 64 and 72. What the author asks for stays, to be reported as not covered;
/// so does everything where nothing may be.
std::vector<std::int64_t> permitted(const Contract& contract, const SizeDecl& decl,
                                    const std::vector<std::int64_t>& values) {
  std::vector<std::int64_t> result;
  auto add = [&](std::int64_t value) {
    if (std::find(result.begin(), result.end(), value) == result.end())
      result.push_back(value);
  };
  for (std::int64_t value : values) {
    const bool asked_for = std::find(decl.extra.begin(), decl.extra.end(), value) != decl.extra.end();
    if (asked_for || isPermitted(contract, decl, value)) {
      add(value);
      continue;
    }
    for (std::int64_t side : {-1, 1})
      for (std::int64_t far = 1; far <= kNearest; ++far)
        if (isPermitted(contract, decl, value + side * far)) {
          add(value + side * far);
          break;
        }
  }
  return result.empty() ? values : result;
}

/// Multiply-adds of the operation; 0 where it is not known.
double operationWork(const Contract& contract, const Sizes& axes) {
  if (!contract.spec)
    return 0;
  auto extent = [&](const char* axis) {
    auto at = axes.find(axis);
    return at == axes.end() ? 1.0 : static_cast<double>(at->second);
  };
  const std::string& oracle = contract.spec->oracle;
  const double widths = extent("d") + extent("dv");
  if (oracle == "attention.varlen")
    return extent("h") * extent("tq") * extent("tk") * widths;
  if (oracle == "attention.paged")
    return extent("b") * extent("h") * extent("nq") * extent("blocks") * extent("page") * widths;
  if (oracle == "attention.merge")
    return extent("splits") * extent("b") * extent("h") * extent("nq") * extent("dv");
  if (oracle.starts_with("attention."))
    return extent("b") * extent("h") * extent("nq") * extent("nk") * widths *
           (oracle == "attention.backward" ? 2.5 : 1);
  if (oracle == "matmul")
    return extent("batch") * extent("m") * extent("n") * extent("k");
  return 8 * extent("rows") * extent("n") * extent("classes");
}

/// Of an unknown operation: for a matrix product the root of the three matrices' sizes multiplied is just m n k.
double unknownWork(const Contract& contract, const std::vector<double>& elements) {
  std::vector<double> largest;
  for (std::size_t i = 0; i < elements.size(); ++i)
    if (contract.tensors[i].access != Access::Temporary)
      largest.push_back(elements[i]);
  std::sort(largest.begin(), largest.end(), std::greater<>());
  double product = 1;
  for (std::size_t i = 0; i < std::min<std::size_t>(3, largest.size()); ++i)
    product *= std::max(largest[i], 1.0);
  return std::sqrt(product);
}

} // namespace

std::vector<FreeSize> freeSizes(const Contract& contract, std::span<const std::int64_t> tiles) {
  std::vector<FreeSize> sizes;
  for (const SizeDecl& decl : contract.sizes)
    if (decl.kind != SizeDecl::Kind::Equals) {
      FreeSize size = describe(decl, tiles);
      size.wanted = permitted(contract, decl, size.wanted);
      size.usual = permitted(contract, decl, size.usual);
      sortUnique(size.usual);
      sizes.push_back(std::move(size));
    }
  return sizes;
}

Expected<CaseCost> estimateCost(const Contract& contract, const Sizes& sizes) {
  auto plan = contract::planCost(contract, sizes);
  if (!plan)
    return tl::unexpected<ToolError>(plan.error());
  for (const TensorDecl& tensor : contract.tensors) {
    if (isFloat(tensor.dtype) || !tensor.holds)
      continue;
    auto length = evalInteger(tensor.shape.back(), sizes);
    if (!length)
      return tl::unexpected<ToolError>(length.error());
    if (auto rule = rowRule(tensor, sizes, *length); !rule)
      return tl::unexpected<ToolError>(rule.error());
  }
  auto axes = contract::axisExtents(contract, sizes);
  if (!axes)
    return tl::unexpected<ToolError>(axes.error());
  CaseCost cost;
  cost.bytes = plan->bytes;
  double elements = 0;
  for (double count : plan->elements)
    elements += count;
  double known = operationWork(contract, *axes);
  cost.work = std::max({elements, plan->threads * kWorkPerThread,
                        known > 0 || contract.spec ? known : unknownWork(contract, plan->elements)});
  return cost;
}

} // namespace kverify::generate
