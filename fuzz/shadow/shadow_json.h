#pragma once
// kverify.shadow/1: what one shadow run says, for machines (specs/schema/shadow.schema.json).
#include <string>

#include "fuzz/shadow/algebra.h"
#include "fuzz/shadow/blame.h"

namespace kverify::shadow {

/// What was run.
struct ShadowSubject {
  std::string file, kernel;
  std::string contract; ///< path; empty: none
  Sizes sizes;
  std::string family; ///< of the inputs' values
  std::uint64_t seed = 0;
};

std::string toJson(const ShadowSubject& subject, const ShadowReport& report);
std::string toJson(const ShadowSubject& subject, const AlgebraVerdict& verdict);

} // namespace kverify::shadow
