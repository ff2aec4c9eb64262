// Every check of the static stage.
#include "verifier/lint/families.h"

namespace kverify::verifier::lint {

const std::vector<LintCheck>& lintChecks() {
  static const std::vector<LintCheck> all = [] {
    std::vector<LintCheck> list;
    for (auto family : {
             accumulatorChecks,
             allowanceChecks,
             barrierChecks,
             branchChecks,
             dataflowChecks,
             divisionChecks,
             exponentialChecks,
             fingerprintChecks,
             guardChecks,
             hostChecks,
             indexTypeChecks,
             infinityChecks,
             launchChecks,
             limitChecks,
             lockstepChecks,
             portabilityChecks,
             readableChecks,
             roundingChecks,
             sharedPathChecks,
             stateChecks,
             vectorCastChecks,
         })
      for (LintCheck& check : family())
        list.push_back(std::move(check));
    return list;
  }();
  return all;
}

} // namespace kverify::verifier::lint
