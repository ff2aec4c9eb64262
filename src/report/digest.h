#pragma once
// What several renderers say of a report: how many kernels ended how, and what is known of each check over all stages.
#include <string>
#include <vector>

#include "kverify/report.h"

namespace kverify::report {

/// How many kernels ended how.
struct VerdictCounts {
  int certified = 0, refuted = 0, inconclusive = 0, failed = 0; ///< failed: no verdict, see KernelReport::error
  std::string text() const;                                     ///< "1 refuted, 2 certified", "none judged"
};
VerdictCounts countVerdicts(const Report& report);

/// "certified", "refuted", "inconclusive" or "error".
const char* verdictOf(const Report& report);
const char* verdictOf(const KernelReport& kernel);

/// One check of one kernel, over all stages that looked. What only reads the source and could not tell is not in it: it
/// blocks nothing.
struct Obligation {
  std::string check;
  std::string outcome;                        ///< "refuted", "unknown", "proved" or "tested"
  const CheckOutcome* decisive = nullptr;     ///< that says so
  std::vector<const CheckOutcome*> all;       ///< in the order of the report
};

/// Bad news first, then proofs, then tests; sorted by check within. A run that broke it outweighs all, then a defect of
/// the tool or something seen only once (as in foldVerdict), then a proof, then tests.
std::vector<Obligation> obligationsOf(const KernelReport& kernel);

/// What stands behind the verdict, in one clause: "1 refuted, 10 proved, 30 tested on 3 cases (1 of them not proved)". A
/// check counts once for each thing that was found out about it.
std::string groundsOf(const KernelReport& kernel);

/// True for what no stage is asked to tell: what the static stage cannot, and where an extra judge has no arithmetic (a
/// note says so).
bool isBesides(const CheckOutcome& outcome);

/// "sync.x at k.cu:12 because: …".
std::string allowanceText(const Suppression& said);

/// The word in front of a finding: "error", "warning", "note", or "unconfirmed" where a run showed it once and not again.
const char* wordOf(const Finding& finding);

/// The finding's own hint, else its check's.
std::string helpOf(const Finding& finding);

/// The code of a check, as the report or else the registry has it; may be empty.
std::string codeOf(const Finding& finding);

/// "kernel.cu:41:5", as much of it as is known.
std::string placeOf(const SourceLocation& at);

/// The place itself of a location, without the calls that lead to it.
SourceLocation headOf(const FindingLocation& location);
SourceLocation primaryOf(const Finding& finding);

/// Where a kernel's error is: clang's text begins with it. Else the kernel's file, line 0.
SourceLocation placeOfError(const KernelReport& kernel);

/// One line, whatever is in it.
std::string flat(std::string text);

/// Which sizes and launches stand behind the tested outcomes, each text once.
std::vector<std::string> coveredBy(const KernelReport& kernel);

/// Every assumption of a proof once, with who makes it: "… (all proofs)", "… (proofs of race.*)"; then those of runs.
std::vector<std::string> assumptionsOf(const KernelReport& kernel);

} // namespace kverify::report
