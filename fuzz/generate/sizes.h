#pragma once
// Which values of a size are worth running, and how much a choice of sizes costs.
#include <cstdint>
#include <span>
#include <vector>

#include "kverify/contract.h"

namespace kverify::generate {

/// A free size with its values.
struct FreeSize {
  const SizeDecl* decl = nullptr;
  std::vector<std::int64_t> wanted; ///< each should be in a case, the first ones first: edges, edge +-1, "try", tiles; or a whole list
  std::vector<std::int64_t> usual;  ///< to fill in: wanted ones, powers of two +-1, primes
};

/// Every size that is not derived, in the order of the contract. Of each range the values B-1, B, B+1 and 2B+1 for an
/// extent B that the kernel works in are wanted too, of the two largest, and usual of all. A value that a requirement on
/// the size alone forbids is replaced by the nearest ones below and above that are allowed,
/// but not one of "try".
std::vector<FreeSize> freeSizes(const Contract& contract, std::span<const std::int64_t> tiles = {});

struct CaseCost {
  double work = 0;  ///< multiply-adds or accesses
  double bytes = 0; ///< of all tensors
};

/// Estimates a case at complete sizes. Errors: what makes a launch at these sizes impossible, incl. integer tensors
/// that can't hold what they should.
Expected<CaseCost> estimateCost(const Contract& contract, const Sizes& sizes);

} // namespace kverify::generate
