#pragma once
// Which operation of specs/ a launch may be. A proposal for a person to judge, and never used unasked.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "frontend/host/facts.h"

namespace kverify::frontend::host {

struct Proposal {
  std::string spec;     ///< "softmax"
  bool likely = false;  ///< the name and the shapes agree; else the name alone says so, or the shapes alone
  std::string why;
};

/// From the names of the function and its kernels and from the shapes of what goes in and comes out.
std::optional<Proposal> recognise(const HostPath& path);

/// The proposal as comments for the contract; empty for none.
std::string proposalText(const std::optional<Proposal>& proposal);

} // namespace kverify::frontend::host
