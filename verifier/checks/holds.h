#pragma once
// What the values of loads have to do with each other.
#include "verifier/checks/context.h"

namespace kverify::verifier {

/// Of the loads of two threads of a launch that were met so far: from one place in memory that no thread writes they get
/// one value, and values of a tensor that the contract says ascends ascend. Adds to `all`.
void addLoads(Context& context, Instance& a, Instance& b, std::vector<TermPtr>& all);

/// The number of the element that begins `offset` bytes into a tensor of elements of `item` bytes; null: of none exactly.
TermPtr elementOf(TermPool& pool, TermPtr offset, std::int64_t item);

} // namespace kverify::verifier
