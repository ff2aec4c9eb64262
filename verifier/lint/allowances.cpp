// Suppressions that are wrong themselves. They are found where suppressions are applied (lint.cpp): these are the facts.
#include "verifier/lint/families.h"

namespace kverify::verifier::lint {

std::vector<LintCheck> allowanceChecks() {
  return {
      {.info = {"allow.no-reason", "KV3901", "static", "a suppression without a reason",
                "a warning that is silenced and nobody knows why is worse than none: the next reader takes it for settled",
                "say after a colon why the warning does not apply here, or mend what it is about",
                "exact: the comment is there and has no text after the colon", Severity::Error,
                "// kverify-allow(launch.no-error-check)                          wrong\n"
                "// kverify-allow(launch.no-error-check): run() checks for all    right"}},
      {.info = {"allow.unknown-check", "KV3902", "static", "a suppression of a check that does not exist",
                "the check was misspelt or is gone: what was to be silenced is not, or no longer needs to be",
                "write an id that kverify list-checks prints, or remove the comment",
                "exact: no check has this id", Severity::Error,
                "// kverify-allow(launch.no-errors): tested by the caller         wrong\n"
                "// kverify-allow(launch.no-error-check): tested by the caller    right"}},
  };
}

} // namespace kverify::verifier::lint
