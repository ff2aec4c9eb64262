// Who stored to one byte last: what a difference between two runs is blamed on. Accuses nobody by itself.
#include "simt/checks/checks.h"
#include "simt/executor.h"
#include "simt/machine/machine.h"

namespace kverify::simt {
namespace {

class LastStore : public Observer {
public:
  LastStore(CheckContext& context, const WatchedByte& byte, std::optional<FindingLocation>& last_store)
      : c_(context), address_(context.arena.base() + bufferOffset(byte.buffer) + byte.offset), last_store_(last_store) {}

  Next onAccess(const AccessEvent& event) override {
    bool covers = event.address <= address_ && address_ < event.address + event.bytes;
    if (covers && (event.kind != abi::kRead || event.atomic))
      last_store_ = c_.reporter.location(event);
    return Next::Continue;
  }

private:
  CheckContext c_;
  std::uint64_t address_;
  std::optional<FindingLocation>& last_store_;
};

} // namespace

std::unique_ptr<Observer> makeLastStore(CheckContext& context, const WatchedByte& byte,
                                        std::optional<FindingLocation>& last_store) {
  return std::make_unique<LastStore>(context, byte, last_store);
}

} // namespace kverify::simt
