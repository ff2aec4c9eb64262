#pragma once
// The stages of an audit, made ready to judge many mutants of one kernel.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cli/pipeline/audit.h"
#include "cli/pipeline/case_run.h"
#include "cli/pipeline/mutant_field.h"
#include "cli/pipeline/subject.h"

namespace kverify::pipeline {

/// A case that the kernel itself passes.
struct Witness {
  PreparedCase prepared;
  std::uint64_t steps = 0; ///< that a mutant may take in it
};

/// What becomes of a mutant.
struct JuryVerdict {
  std::string stage, check, detail; ///< who killed it, and how; `stage` is empty where nobody did
  std::string unjudged;             ///< why it could not be judged; else empty

  bool killed() const { return !stage.empty(); }
};

/// Not copied: its cases are large. All const members may be called from several threads at once.
class Jury {
public:
  Jury(const Subject& subject, const AuditOptions& options) : subject_(subject), options_(options) {}
  Jury(const Jury&) = delete;
  Jury& operator=(const Jury&) = delete;

  /// Draws the cases and runs the kernel in all of them. Errors: Input where it breaks a rule in one, or ends in none.
  Expected<void> seat();

  /// All stages, from cheap to dear, until one kills. `mutant` is the subject but for its module.
  JuryVerdict judge(Subject& mutant) const;

  /// Does a run of this module, which is the kernel's but for traps, end in some case otherwise than the kernel's? Also
  /// true where that is not known.
  bool stopsSomewhere(const frontend::DeviceModule& module) const;
  /// The plain cases in which it does. Empty also where the module cannot be run.
  std::vector<const PreparedCase*> stoppedCases(const frontend::DeviceModule& module) const;

  /// Field runs of a mutant in these cases.
  const FieldBench& field() const { return *field_; }

  std::size_t cases() const { return cases_.size() + properties_.size() + stress_.size(); }
  const std::vector<std::string>& notes() const { return notes_; }

private:
  Expected<void> seatAlgebra();
  Expected<void> admit(const std::vector<generate::Case>& drawn, simt::Program& program, std::vector<Witness>& to);
  std::optional<Witness> witness(const generate::Case& one_case, simt::Program& program, std::string& broken) const;
  simt::RunLimits limits(std::uint64_t steps, bool explain) const;
  CaseRun run(const Subject& subject, const Witness& witness, simt::Program& program, std::uint64_t steps) const;
  bool killedBy(const char* stage, std::span<const Witness> witnesses, const Subject& mutant, simt::Program& program,
                JuryVerdict& verdict) const;
  bool killedByAlgebra(const Subject& mutant, JuryVerdict& verdict) const;
  bool killedByFormal(Subject& mutant, JuryVerdict& verdict) const;
  std::vector<generate::Case> relatedCases(const std::vector<generate::Case>& drawn) const;

  const Subject& subject_;
  const AuditOptions& options_;
  std::vector<Witness> cases_, properties_, stress_;
  std::vector<CaseRun> passed_; ///< the kernel's, for the choice of the field's cases
  bool has_algebra_ = false;    ///< the kernel is equal to the operation in the field
  std::optional<FieldBench> field_;
  std::uint64_t most_steps_ = 0;
  std::vector<std::string> notes_;
};

} // namespace kverify::pipeline
