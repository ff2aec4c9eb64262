// Barriers and warp operations that are not met by everyone they need.
// Sound and complete for the run: the scheduler is deterministic and knows where every thread waits.
#include <fmt/format.h>

#include "simt/checks/checks.h"
#include "simt/machine/machine.h"

namespace kverify::simt {
namespace {

constexpr const char* kSound = "sound and complete for the inputs that were run";
const CheckInfo kBarrier{"barrier.divergent",
                         "KV1301",
                         "fuzz",
                         "a barrier that not all threads of the block reach",
                         "the block hangs, or threads go on with data that is not there yet",
                         "move the barrier out of the branch, so that every thread of the block reaches it",
                         kSound};
const CheckInfo kDeadlock{"barrier.deadlock",
                          "KV1302",
                          "fuzz",
                          "threads wait for each other for ever",
                          "the kernel never ends",
                          "make every waited-for thread arrive",
                          kSound};
const CheckInfo kWarp{
    "warp.divergent",
    "KV1303",
    "fuzz",
    "a warp operation whose mask does not match the lanes that execute it",
    "the result is undefined: lanes read what was never supplied, or the warp hangs",
    "compute the mask from the branch condition before branching (e.g. __ballot_sync), or call it with all lanes",
    kSound};
const RegisterCheck registrations[] = {RegisterCheck(kBarrier), RegisterCheck(kDeadlock), RegisterCheck(kWarp)};

class Convergence : public Observer {
public:
  explicit Convergence(CheckContext& context) : c_(context) {}

  void onConvergence(const ConvergenceEvent& event) override {
    using What = ConvergenceEvent::What;
    std::string operation = c_.machine->sites().sites[event.site].operation;
    switch (event.what) {
    case What::DifferentBarriers:
      return report(kBarrier, event, "threads of one block wait at different barriers", "waits here", "waits here");
    case What::ExitedBeforeBarrier:
      return report(kBarrier, event, "a barrier is waited at, but a thread of the block has already exited",
                    "waits here", "has exited");
    case What::MaskWithoutCaller:
      return report(kWarp, event,
                    fmt::format("lane {} calls {} with mask 0x{:08x}, which leaves the lane itself out",
                                event.thread.lane, operation, event.mask),
                    "calls it", "");
    case What::DifferentOperations:
      return report(kWarp, event, "lanes of one mask are at different warp operations", "is here", "is here");
    case What::LaneMissing:
      return report(kWarp, event,
                    fmt::format("{} waits for lane {} of mask 0x{:08x}, which never comes", operation,
                                event.other->lane, event.mask),
                    "waits here", "is here");
    case What::ReadsInactiveLane:
      return report(kWarp, event,
                    "a lane reads from a lane that has exited, does not exist or is not in the mask, "
                    "and the undefined value changes the result",
                    "reads", "");
    case What::Deadlock: return deadlock(event);
    }
  }

private:
  void deadlock(const ConvergenceEvent& event) {
    const auto& sites = c_.machine->sites().sites;
    bool at_barrier = event.thread.state() == Thread::State::Barrier;
    bool other_in_barrier = event.other && event.other->state() == Thread::State::NamedBarrier;
    if (at_barrier && event.other && !other_in_barrier)
      return report(
          kBarrier, event,
          fmt::format("threads wait at a barrier while another waits at {}", sites[event.other_site].operation),
          "waits here", "waits here");
    report(kDeadlock, event, "every thread of the block waits and none can go on", "waits here", "waits here");
  }

  void report(const CheckInfo& check, const ConvergenceEvent& event, std::string message, const char* what,
              const char* other) {
    std::vector<FindingLocation> locations{c_.reporter.location(event.site, ThreadName::of(event.thread), what)};
    if (event.other && event.other->state() != Thread::State::Exited)
      locations.push_back(c_.reporter.location(event.other_site, ThreadName::of(*event.other), other));
    else if (event.other)
      message += " (" + ThreadName::of(*event.other).text() + ")";
    c_.reporter.report(check, std::move(message), std::move(locations),
                       {.facts = {.interval = c_.reporter.scene().openInterval()}});
  }

  CheckContext c_;
};

} // namespace

std::unique_ptr<Observer> makeConvergenceCheck(CheckContext& context) {
  return std::make_unique<Convergence>(context);
}

} // namespace kverify::simt
