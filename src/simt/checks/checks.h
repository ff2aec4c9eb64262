#pragma once
// The checks of the executor, in the order in which they see an access: what makes an access meaningless comes first.
#include <memory>
#include <optional>
#include <vector>

#include "simt/checks/observer.h"
#include "simt/checks/reporter.h"

namespace kverify::simt {

class Machine;
struct WatchedByte;

/// What a check may look at.
struct CheckContext {
  Reporter& reporter;
  Arena& arena;
  MemoryMap& map;
  Machine*& machine;
  const LaunchPlan& plan;
  const std::vector<SourceLocation>& kernels; ///< where the kernel of each launch is declared
};

/// The check that RunLimits::equal_writes is about.
inline constexpr const char* kSameValueWrites = "race.same-value-write";

std::unique_ptr<Observer> makeBoundsCheck(CheckContext& context);
std::unique_ptr<Observer> makeAlignmentCheck(CheckContext& context);
std::unique_ptr<Observer> makeReadOnlyCheck(CheckContext& context);
std::unique_ptr<Observer> makeRaceCheck(CheckContext& context);
std::unique_ptr<Observer> makeInitialisedCheck(CheckContext& context);
std::unique_ptr<Observer> makeConvergenceCheck(CheckContext& context);
std::unique_ptr<Observer> makeFaultCheck(CheckContext& context);
std::unique_ptr<Observer> makeOutputCheck(CheckContext& context);
std::unique_ptr<Observer> makeArithmeticCheck(CheckContext& context);

/// All of them.
std::vector<std::unique_ptr<Observer>> makeChecks(CheckContext& context);
/// For LaunchPlan::only_block: what is watched, and that no access leaves the memory that there is.
std::vector<std::unique_ptr<Observer>> makeArithmeticChecks(CheckContext& context);

/// No check: tells the reporter's scene which barriers are passed, and draws what had to wait for them.
std::unique_ptr<Observer> makeScene(CheckContext& context);

/// No check: remembers who stored to a byte last (RunLimits::watched_byte).
std::unique_ptr<Observer> makeLastStore(CheckContext& context, const WatchedByte& byte,
                                        std::optional<FindingLocation>& last_store);

struct LimitProblem {
  std::string text; ///< one sentence
  std::optional<Violation> violation;
};

/// limits.launch: what the device would refuse to launch, or nothing.
std::optional<LimitProblem> launchLimitProblem(const KernelLaunch& launch, std::uint64_t static_shared_bytes,
                                               const std::string& target);
const CheckInfo& launchLimitCheck();

} // namespace kverify::simt
