#pragma once
// What a static check is: facts about it, and one function that looks at a file and reports.
#include <functional>
#include <string>
#include <vector>

#include "kverify/check.h"
#include "verifier/lint/context.h"
#include "verifier/lint/lint.h"

namespace kverify::verifier::lint {

/// Collects what the checks find. One finding a check and place: what several instantiations of a template show is
/// said once.
class Reporter {
public:
  explicit Reporter(LintResult& result) : result_(result) {}

  /// Says which check speaks from now on.
  void speakFor(const CheckInfo& check) { check_ = &check; }

  /// A finding with the check's severity. Places outside the user's files are dropped: the result then goes nowhere.
  LintFinding& report(const Place& place, std::string message, std::string what = {});

  /// The check cannot tell: nothing is claimed about this place.
  void unknown(const Place& place, std::string reason);

  /// A line of the profile, which accuses nobody.
  void profile(std::string line) { result_.profile.push_back(std::move(line)); }

private:
  LintResult& result_;
  const CheckInfo* check_ = nullptr;
  LintFinding nowhere_;
};

/// Adds a place to a finding: the other side of it.
void also(LintFinding& finding, const Place& place, std::string what);

struct LintCheck {
  CheckInfo info; ///< stage "static"
  std::function<void(const LintContext&, Reporter&)> run;
  std::vector<const char*> decided_by = {}; ///< checks of other stages that decide what this one suspects
};

/// All of them, in the order of running. table.cpp lists the families.
const std::vector<LintCheck>& lintChecks();

} // namespace kverify::verifier::lint
