#pragma once
// The stress list as a named suite: which inputs, and which class of mistakes each is there for.
#include <string>
#include <string_view>
#include <vector>

#include "kverify/contract.h"

namespace kverify::stability {

inline constexpr const char* kNondeterministic = "stability.nondeterministic";

struct StressCase {
  std::string family; ///< of values (fuzz/generate)
  std::string finds;  ///< "missing max-shift, overflow of scores"
};

/// What this contract's operation is put under.
std::vector<StressCase> stressCases(const Contract& contract);

} // namespace kverify::stability
