#pragma once
// A double-double or interval run for people: the source, with what each line did beside it.
#include <string>

#include "fuzz/shadow/blame.h"

namespace kverify::shadow {

struct ListingOptions {
  bool all_lines = false; ///< lines far from every number, too
};

/// `bytes`: of the file `path`. Lines of other files follow; then a legend and the sums.
std::string annotatedListing(const ShadowReport& report, const std::string& path, const std::string& bytes,
                             const ListingOptions& options = {});

} // namespace kverify::shadow
