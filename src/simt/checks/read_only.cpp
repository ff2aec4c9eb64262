// Writes to what the contract calls an input, to __constant__ variables and to kernel parameters.
// Sound and complete for the run.
#include <fmt/format.h>

#include "simt/checks/checks.h"

namespace kverify::simt {
namespace {

const CheckInfo kInfo{"access.readonly-write",
                      "KV1401",
                      "fuzz",
                      "write to a tensor that the contract declares read-only",
                      "a kernel that changes its inputs corrupts the caller's data, and can make a comparison pass by "
                      "changing both sides",
                      "write to an output or a temporary, or declare the tensor read_write if that is intended",
                      "sound and complete for the inputs that were run"};
const RegisterCheck registration(kInfo);

class ReadOnly : public Observer {
public:
  explicit ReadOnly(Reporter& reporter) : reporter_(reporter) {}

  Next onAccess(const AccessEvent& event) override {
    if (event.kind == abi::kRead)
      return Next::Continue;
    Place place = reporter_.map().find(event.address);
    if (!place.inside(event.bytes) || place.region->access != Access::Read)
      return Next::Continue;
    reporter_.report(
        kInfo, fmt::format("{} is an input and is written at {}", place.region->name, MemoryMap::element(place)),
        {reporter_.location(event)}, {.drawing = Drawing::of(event)});
    return Next::Continue;
  }

private:
  Reporter& reporter_;
};

} // namespace

std::unique_ptr<Observer> makeReadOnlyCheck(CheckContext& context) {
  return std::make_unique<ReadOnly>(context.reporter);
}

} // namespace kverify::simt
