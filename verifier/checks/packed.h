#pragma once
// Parts of something packed: sequence s has the places T[s] .. T[s+1]-1, where T is a tensor of offsets.
#include "verifier/checks/context.h"

namespace kverify::verifier {

/// Two loads of every thread from neighbouring places of T: T[u + shift] and T[u + shift + 1], u one of its indices.
struct Part {
  const Sym* index = nullptr;               ///< u: "ctaid.z"
  const Sym *begin = nullptr, *end = nullptr; ///< what was loaded; origins
  std::int64_t shift = 0;
  const Place* offsets = nullptr; ///< T, of one dimension, of which the contract gives the first and the last element
};

/// The pairs of loads that the kernel has of this kind, outside all loops.
std::vector<Part> partsRead(const Context& context);

/// The part that has `place`, a symbol: the values of Part::index, begin and end there. They are symbols, of which `fact` says what
/// they are: if T[0] <= place < T[n-1], then there is an s with T[s] <= place < T[s+1], whatever the order of T (walk from
/// the first element on: the last one that is not above `place`, before the first one that is, is T[s]).
struct PartOf {
  Part part;
  TermPtr index = nullptr, begin = nullptr, end = nullptr, fact = nullptr;
};
PartOf partOf(Context& context, const Part& part, TermPtr place);

} // namespace kverify::verifier
