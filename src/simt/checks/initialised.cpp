// Reads of what nobody has written: shared memory of this block, local arrays, outputs and temporaries.
// Complete for the run; sound at the granularity of the program's narrowest access. A shared element that another
// thread writes later in the same barrier interval is a race, and is left to that check.
#include <unordered_map>

#include <fmt/format.h>

#include "simt/checks/checks.h"
#include "simt/machine/machine.h"

namespace kverify::simt {
namespace {

constexpr const char* kSound = "complete; sound at the width of the program's narrowest access";
const CheckInfo kShared{"init.shared-read",
                        "KV1101",
                        "fuzz",
                        "read of shared memory that no thread of the block has written",
                        "the value is whatever an earlier block left there: right in a test, wrong in production",
                        "write the element (or zero it) before the barrier that precedes this read",
                        kSound};
const CheckInfo kLocal{"init.local-read",
                       "KV1102",
                       "fuzz",
                       "read of an uninitialised local variable",
                       "the value is whatever the register or the stack held",
                       "initialise it",
                       kSound};
const CheckInfo kGlobal{"init.global-read",
                        "KV1103",
                        "fuzz",
                        "read of an output or temporary that has not been written",
                        "outputs and temporaries come uninitialised: the value is left over from something else",
                        "write it first, or declare the tensor read_write",
                        kSound};
const RegisterCheck registrations[] = {RegisterCheck(kShared), RegisterCheck(kLocal), RegisterCheck(kGlobal)};

class Initialised : public Observer {
public:
  explicit Initialised(CheckContext& context) : c_(context) {}

  void onBlock(std::uint32_t, std::span<Thread*>) override { tellPending(); }
  void onMeet(std::span<Thread*>, bool whole_block) override {
    if (whole_block)
      tellPending();
  }
  void onStop() override { tellPending(); }
  void onUndefined(Thread& thread, std::uint32_t site) override {
    const std::string& name = c_.machine->sites().sites[site].object;
    report(kLocal, {fmt::format("{}{} is used uninitialised, and the result depends on it",
                                name.starts_with("a ") ? "" : "variable ", name),
                    c_.reporter.location(site, ThreadName::of(thread), "declares it")});
  }

  Next onAccess(const AccessEvent& event) override {
    // One story for one defect: where the writer races with the read, the race is told.
    if (event.kind != abi::kRead && c_.reporter.event_raced)
      writtenLater(event);
    if (event.kind == abi::kWrite)
      return Next::Continue;
    std::uint64_t slot = (event.address - c_.arena.base()) >> abi::kSlotShift;
    bool shared = slot == abi::kSharedSlot;
    std::uint32_t oldest = shared ? c_.machine->blockStart() : abi::kHostEpoch;
    const abi::Cell* last = &c_.arena.cell(event.address + event.bytes - 1);
    for (const abi::Cell* cell = &c_.arena.cell(event.address); cell <= last; ++cell) {
      if (cell->write >= oldest || cell->write == abi::kPadding)
        continue;
      if (shared)
        keepPending(event);
      else
        report(slot == abi::kStackSlot ? kLocal : kGlobal, describe(event));
      break;
    }
    return Next::Continue;
  }

private:
  struct Description {
    std::string message;
    FindingLocation location;
    Details details = {};
  };
  struct Pending {
    std::uint64_t address, bytes;
    std::uint32_t thread;
    Description description;
    bool raced = false;
  };
  static constexpr std::uint64_t kGranule = 16; ///< bytes: no access is wider

  static std::uint64_t firstGranule(const AccessEvent& event) { return event.address / kGranule; }
  static std::uint64_t lastGranule(const AccessEvent& event) { return (event.address + event.bytes - 1) / kGranule; }

  void keepPending(const AccessEvent& event) {
    for (std::uint64_t granule = firstGranule(event); granule <= lastGranule(event); ++granule)
      reads_of_[granule].push_back(pending_.size());
    pending_.push_back({event.address, event.bytes, event.thread.linear, describe(event)});
  }

  /// A kernel without its barrier has as many such reads as writes: a search of all for each would never end.
  void writtenLater(const AccessEvent& event) {
    for (std::uint64_t granule = firstGranule(event); granule <= lastGranule(event); ++granule)
      if (auto reads = reads_of_.find(granule); reads != reads_of_.end())
        std::erase_if(reads->second, [&](std::size_t i) {
          Pending& read = pending_[i];
          read.raced |= read.thread != event.thread.linear && read.address < event.address + event.bytes &&
                        event.address < read.address + read.bytes;
          return read.raced;
        });
  }

  void tellPending() {
    for (Pending& read : pending_)
      if (!read.raced)
        report(kShared, std::move(read.description));
    pending_.clear();
    reads_of_.clear();
  }

  Description describe(const AccessEvent& event) const {
    Place place = c_.map.find(event.address);
    std::string element = place.region ? MemoryMap::element(place) : "memory";
    return {fmt::format("{} is read before anything was written to it", element),
            c_.reporter.location(event),
            {.facts = {.interval = c_.reporter.scene().openInterval()}, .drawing = Drawing::of(event)}};
  }

  void report(const CheckInfo& check, Description description) {
    c_.reporter.report(check, std::move(description.message), {std::move(description.location)},
                       std::move(description.details));
  }

  std::vector<Pending> pending_;                                        ///< in the order in which they were made
  std::unordered_map<std::uint64_t, std::vector<std::size_t>> reads_of_; ///< by granule, those that did not race so far
  CheckContext c_;
};

} // namespace

std::unique_ptr<Observer> makeInitialisedCheck(CheckContext& context) {
  return std::make_unique<Initialised>(context);
}

} // namespace kverify::simt
