#pragma once
// A store that is sure to have happened before a read: by whom, and in which iterations.
#include "verifier/checks/context.h"

namespace kverify::verifier {

/// When, as seen from the read: in the same iteration of all loops around both; or in an earlier one of `loop`, the same
/// of those around it, and any of those inside.
struct Moment {
  bool same = true;
  unsigned loop = 0;
};

/// The moments at which the store's code comes before the read's (numbers of KernelModel::accesses).
std::vector<Moment> momentsBefore(const Context& context, unsigned writer, unsigned reader);

/// Bytes that were read.
struct Target {
  TermPtr first = nullptr; ///< from the start of the memory
  std::int64_t width = 0;
};

/// Guesses: each is a condition under which the store has surely been executed at such a moment, by a thread of the
/// reader's block, and wrote all bytes of the target. `instance` is the reader's, and of a block.
std::vector<TermPtr> coverings(Context& context, Instance& instance, unsigned writer, unsigned reader,
                               const Moment& moment, const Target& target);

} // namespace kverify::verifier
