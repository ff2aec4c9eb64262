#pragma once
// The table at the end of an audit: how many kernels are certified, refuted and inconclusive, and why.
#include <cstddef>
#include <string>
#include <vector>

#include "kverify/report.h"

namespace kverify::report {

struct Counted {
  std::string what;
  std::size_t kernels = 0;
};

/// Each kernel is in one of the first four. In the lists, most frequent first, it stands once for each of its reasons.
struct Tally {
  std::size_t certified = 0, refuted = 0, inconclusive = 0, failed = 0;
  std::vector<Counted> refuted_by;           ///< checks
  std::vector<Counted> inconclusive_because; ///< reasons of Unknown that kept it from being certified
  std::vector<Counted> failed_because;       ///< kinds of errors

  std::size_t kernels() const { return certified + refuted + inconclusive + failed; }
};

Tally tallyOf(const Report& report);

/// One row an outcome, with its reasons; empty for a single kernel. Ends with a newline.
std::string renderTally(const Tally& tally, bool color);

} // namespace kverify::report
