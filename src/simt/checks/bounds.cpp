// Out of bounds: every access against its allocation, and against the declared shape inside it.
// Sound and complete for the run: each access is looked up in shadow memory, objects lie gigabytes (global), a megabyte
// (shared) or a red zone of 64 bytes (local) apart; only a local access that leaps over a red zone into another local
// array is missed. Inner dimensions are judged where the array's type shows them.
#include "simt/checks/checks.h"

#include <fmt/format.h>

#include "simt/machine/machine.h"

namespace kverify::simt {
namespace {

constexpr const char* kWhy = "the access reads or corrupts memory that belongs to something else, or faults on the GPU";
constexpr const char* kFix = "guard the access with the size it must stay below, or mend the index";
constexpr const char* kSound = "sound and complete for the inputs that were run";

const CheckInfo kGlobalRead{
    "bounds.global-read", "KV1001", "fuzz", "read outside a global allocation", kWhy, kFix, kSound};
const CheckInfo kGlobalWrite{
    "bounds.global-write", "KV1002", "fuzz", "write outside a global allocation", kWhy, kFix, kSound};
const CheckInfo kSharedRead{"bounds.shared-read", "KV1003", "fuzz", "read outside a shared array", kWhy, kFix, kSound};
const CheckInfo kSharedWrite{
    "bounds.shared-write", "KV1004", "fuzz", "write outside a shared array", kWhy, kFix, kSound};
const CheckInfo kLocal{"bounds.local",
                       "KV1005",
                       "fuzz",
                       "access outside a local array",
                       kWhy,
                       kFix,
                       "complete; sound but for leaps over a 64-byte red zone into another local array"};
const CheckInfo kLogicalRead{
    "bounds.logical-read",
    "KV1006",
    "fuzz",
    "read past a row inside an allocation",
    "the value belongs to another row or to padding: a wrong result that no memory checker sees",
    "mend the row stride or the column bound",
    kSound};
const CheckInfo kLogicalWrite{"bounds.logical-write",
                              "KV1007",
                              "fuzz",
                              "write past a row inside an allocation",
                              "the write lands in another row or in padding and corrupts it silently",
                              "mend the row stride or the column bound",
                              kSound};
const RegisterCheck registrations[] = {
    RegisterCheck(kGlobalRead), RegisterCheck(kGlobalWrite), RegisterCheck(kSharedRead),  RegisterCheck(kSharedWrite),
    RegisterCheck(kLocal),      RegisterCheck(kLogicalRead), RegisterCheck(kLogicalWrite)};

std::string miss(const Place& place, std::uint64_t bytes) {
  const Region& region = *place.region;
  auto size = static_cast<std::int64_t>(region.bytes);
  std::string object = fmt::format("{} ({} bytes)", region.name, region.bytes);
  if (place.offset < 0)
    return fmt::format("{} bytes before the start of {}", -place.offset, object);
  if (place.offset >= size)
    return fmt::format("{} bytes past the end of {}", place.offset - size, object);
  return fmt::format("across the end of {}, {} bytes too far", object,
                     place.offset + static_cast<std::int64_t>(bytes) - size);
}

/// The byte that is too far, against the object's own.
std::optional<Violation> violationOf(const Place& place, std::uint64_t bytes) {
  if (!place.region || place.inside(bytes))
    return std::nullopt;
  if (place.offset < 0)
    return Violation{"first byte of " + place.region->name, static_cast<double>(place.offset), 0, "byte"};
  return Violation{"bytes of " + place.region->name, static_cast<double>(place.offset) + static_cast<double>(bytes),
                   static_cast<double>(place.region->bytes), "byte"};
}

class Bounds : public Observer {
public:
  Bounds(Reporter& reporter, Arena& arena) : reporter_(reporter), arena_(arena) {}

  Next onAccess(const AccessEvent& event) override {
    // A length that was negative once wraps around the address space.
    if (event.bytes > abi::kArenaBytes || !arena_.contains(event.address) ||
        !arena_.contains(event.address + event.bytes))
      return outside(event);
    const abi::Cell* last = &arena_.cell(event.address + event.bytes - 1);
    for (const abi::Cell* cell = &arena_.cell(event.address); cell <= last; ++cell) {
      if (cell->write == abi::kUnallocated)
        return outside(event);
      if (cell->write == abi::kPadding)
        return padding(event);
    }
    return Next::Continue;
  }

  Next onLogicalIndex(const AccessEvent& event, std::int64_t index, std::int64_t extent) override {
    Place place = reporter_.map().find(event.address);
    std::string object = place.region ? place.region->name : "an array";
    report(event, event.kind == abi::kRead ? kLogicalRead : kLogicalWrite,
           fmt::format("index {} into an inner dimension of {}, which has {} elements", index, object, extent),
           Violation{"index into an inner dimension of " + object, static_cast<double>(index), static_cast<double>(extent - 1), ""});
    return Next::Continue;
  }

private:
  Next outside(const AccessEvent& event) {
    Place place = reporter_.map().find(event.address);
    std::uint64_t slot = (event.address - arena_.base()) >> abi::kSlotShift;
    bool read = event.kind == abi::kRead;
    const CheckInfo& check = slot == abi::kStackSlot    ? kLocal
                             : slot == abi::kSharedSlot ? (read ? kSharedRead : kSharedWrite)
                                                        : (read ? kGlobalRead : kGlobalWrite);
    std::string verb = read ? "reads" : "writes";
    std::string message;
    if (place.region && place.region->kind == Region::Kind::Local && place.inside(event.bytes))
      message = fmt::format("{} {} after its scope has ended", verb, place.region->name);
    else if (place.region)
      message = fmt::format("{} {}", verb, miss(place, event.bytes));
    else if (event.address < 4096)
      message = verb + " through a null pointer";
    else
      message = fmt::format("{} at an address that belongs to no allocation (0x{:x})", verb, event.address);
    report(event, check, message, violationOf(place, event.bytes));
    return Next::Fault;
  }

  Next padding(const AccessEvent& event) {
    Place place = reporter_.map().find(event.address);
    report(event, event.kind == abi::kRead ? kLogicalRead : kLogicalWrite,
           fmt::format("{} an element of {} that is outside its declared shape: {} is padding",
                       event.kind == abi::kRead ? "reads" : "writes", place.region->name, MemoryMap::element(place)));
    return Next::Continue;
  }

  void report(const AccessEvent& event, const CheckInfo& check, std::string message,
              std::optional<Violation> violation = std::nullopt) {
    Details details{.drawing = Drawing::of(event)};
    details.drawing->missed = ThreadName::of(event.thread).id();
    details.facts.violation = std::move(violation);
    reporter_.report(check, std::move(message), {reporter_.location(event)}, std::move(details));
  }

  Reporter& reporter_;
  Arena& arena_;
};

} // namespace

std::unique_ptr<Observer> makeBoundsCheck(CheckContext& context) {
  return std::make_unique<Bounds>(context.reporter, context.arena);
}

} // namespace kverify::simt
