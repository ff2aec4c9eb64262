// Makes the static stage's checks known. An object of its own, so that no linker drops it.
#include <deque>

#include "verifier/lint/check.h"

namespace kverify::verifier::lint {

namespace {

struct Registrations {
  Registrations() {
    for (const LintCheck& check : lintChecks())
      checks.emplace_back(check.info);
  }
  std::deque<RegisterCheck> checks;
};

const Registrations registrations;

} // namespace

} // namespace kverify::verifier::lint
