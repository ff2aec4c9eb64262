#pragma once
// One audit as a part of a larger one: which jobs are its own, what is known of them already, where their verdicts and
// proofs are kept.
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/farm_flags.h"
#include "cli/pipeline/audit.h"
#include "cli/pipeline/job.h"
#include "farm/identity.h"
#include "farm/journal.h"
#include "farm/proof_shelf.h"
#include "kverify/report.h"

namespace kverify::cli {

struct FarmPlan {
  Settings settings;
  std::vector<std::string> paths; ///< as given: an audit of other paths is another one
  bool local_cache = true;        ///< false: --no-cache
  bool sources_change = false;    ///< --fix: no journal can say what was judged
};

class FarmRun {
public:
  /// Keeps of `jobs` those of the shard. Errors: Usage, Input, Environment: of the flags, the journal and the cache.
  static Expected<std::unique_ptr<FarmRun>> prepare(const FarmFlags& flags, const FarmPlan& plan,
                                                    std::vector<pipeline::Job>& jobs);

  /// The verdict that an earlier run reached, if the headers that it read are as they were.
  std::optional<KernelReport> known(std::size_t job) const;
  std::size_t resumed() const { return resumed_.size(); }
  /// Notes the verdict; a source that changed meanwhile makes it Unknown. `whole`: nothing cut it short.
  void settle(std::size_t job, KernelReport& report, bool whole, const pipeline::Stages& stages);

  std::string takeProofs(std::size_t job);
  void keepProofs(std::size_t job, const std::string& bundle);

  /// What the report says of all this, once all is done. A journal that is of no more use is taken away.
  void describe(Report& report, bool interrupted);

private:
  FarmRun() = default;
  Expected<void> openJournal(const FarmFlags& flags, const FarmPlan& plan);

  std::vector<farm::JobParts> parts_;
  std::vector<farm::JobIdentity> identities_;
  std::vector<std::uint64_t> places_; ///< of this shard's jobs among all
  Corpus corpus_;
  Shard shard_;
  Settings settings_;
  std::string compile_; ///< settings that decide what the source means
  std::unique_ptr<farm::Journal> journal_;
  bool own_journal_ = false; ///< not named by the user
  bool whole_ = true, sources_change_ = false;
  std::set<std::size_t> resumed_; ///< jobs
  std::unique_ptr<farm::ProofShelf> shelf_;
  std::vector<std::string> notes_;
};

} // namespace kverify::cli
