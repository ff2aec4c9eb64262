// Misaligned accesses: the address against the alignment that the instruction promises.
// Sound and complete for the run.
#include <fmt/format.h>

#include "simt/checks/checks.h"

namespace kverify::simt {
namespace {

const CheckInfo kInfo{"align.access",
                      "KV1011",
                      "fuzz",
                      "address not aligned for the width of the access",
                      "a GPU faults on a misaligned vector access, or reads something else",
                      "align the address to the width, or use a narrower access where alignment isn't given",
                      "sound and complete for the inputs that were run"};
const RegisterCheck registration(kInfo);

class Alignment : public Observer {
public:
  explicit Alignment(Reporter& reporter) : reporter_(reporter) {}

  Next onAccess(const AccessEvent& event) override {
    if (event.address % event.align == 0)
      return Next::Continue;
    Place place = reporter_.map().find(event.address);
    std::string where = place.region ? fmt::format("byte {} of {}", place.offset, place.region->name)
                                     : fmt::format("address 0x{:x}", event.address);
    reporter_.report(
        kInfo,
        // A vector may be read part by part.
        fmt::format("{}{} needs {}-byte alignment at {}", describeAccess(event.kind, event.bytes),
                    event.bytes < event.align ? " of what" : "", event.align, where),
        {reporter_.location(event)}, {.drawing = Drawing::of(event)});
    return Next::Fault;
  }

private:
  Reporter& reporter_;
};

} // namespace

std::unique_ptr<Observer> makeAlignmentCheck(CheckContext& context) {
  return std::make_unique<Alignment>(context.reporter);
}

} // namespace kverify::simt
