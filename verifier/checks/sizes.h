#pragma once
// The sizes that a contract lists, and the edges of its ranges: where no answer for all sizes is to be had, these are
// asked about one after the other.
#include <map>
#include <string>
#include <vector>

#include "verifier/checks/domain.h"

namespace kverify::verifier {

struct ListedSizes {
  std::vector<Sizes> all; ///< of the free sizes; every combination, also such as no launch has
  std::string scope;      ///< "bounded: N in {1, 127, 512}, D in {64}"
};

/// Lists whole, "try" values, and the ends of ranges; fewer of them where more than `most` combinations would come of it.
ListedSizes listedSizes(const Contract& contract, std::size_t most = 48);

/// The term at these sizes; null where they are no launch's.
TermPtr atSizes(TermPool& pool, const Domain& domain, const Sizes& sizes, TermPtr term);

/// Is there a launch of these sizes, for certain?
bool isLaunch(TermPool& pool, const Domain& domain, const Sizes& sizes);

} // namespace kverify::verifier
