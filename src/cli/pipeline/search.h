#pragma once
// The search that coverage guides: a case that reaches a branch, or a class of a loop's trips, that no case before it did is
// kept, and cases near the kept ones are tried next. The same seed and the same kept cases give the same search, with any
// number of workers; with a limit in seconds, how far it comes is the machine's to say.
#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "cli/pipeline/audit.h"
#include "cli/pipeline/case_run.h"
#include "fuzz/generate/vary.h"
#include "kverify/report.h"
#include "simt/coverage.h"

namespace kverify::pipeline {

class CoverageSearch {
public:
  /// All must outlive this. The subject has a contract.
  CoverageSearch(const Subject& subject, const simt::CoverageMap& map, const AuditOptions& options,
                 const generate::CaseBudget& budget);

  /// What these runs reached counts as reached; cases that were first are where the search starts.
  void note(const std::vector<CaseRun>& runs);

  /// Tries cases until the budget is used up, nothing new was seen for a while, or something is wrong. Returns all that
  /// ran, in their order, explained.
  std::vector<CaseRun> run(simt::Program& program);

  /// The cases of run() that reached something new.
  const std::vector<generate::Case>& kept() const { return kept_; }
  /// How many ran, were kept or were refused, why it ended. What was drawn before is the caller's to add.
  Search told() const;

private:
  struct Entry {
    generate::Case one_case;
    std::vector<std::uint32_t> points;
    std::uint64_t chosen = 0; ///< how often cases near it were tried
  };

  bool reachesNew(const CaseRun& run);
  const generate::Case& choose(generate::Random& random);
  std::vector<generate::Case> nextBatch(generate::Random& random);
  bool isOver();

  const Subject& subject_;
  const AuditOptions& options_;
  generate::CaseBudget budget_;
  generate::Varier varier_;
  std::vector<std::uint64_t> hits_; ///< of each point: how many cases reached it
  std::vector<Entry> pool_;
  std::set<std::string> tried_;
  std::vector<generate::Case> kept_;
  double work_left_ = 0;
  std::uint64_t ran_ = 0, since_new_ = 0;
  std::chrono::steady_clock::time_point start_;
  std::string why_over_;
};

/// What the points that were reached mean in the source. Headers of the system and lines that are but a brace are left out.
Coverage describeCoverage(const simt::CoverageMap& map, const std::vector<std::uint8_t>& reached, const Subject& subject);

/// The points of all these runs together.
std::vector<std::uint8_t> reachedBy(const simt::CoverageMap& map, const std::vector<CaseRun>& runs);

} // namespace kverify::pipeline
