// Integer arithmetic on the lines that are watched, where a proof failed: a signed result that leaves its type, a shift
// by an amount that the type does not have. Both are undefined in C++ whatever becomes of the result. Unsigned results
// may wrap. Sound and complete for the run and for these lines.
#include "simt/checks/checks.h"
#include "simt/machine/machine.h"

namespace kverify::simt {
namespace {

const CheckInfo kOverflow{"index.overflow",
                          "KV1601",
                          "formal",
                          "index arithmetic leaves its integer type",
                          "a product such as B*H*N*D in int wraps at sizes that no test has memory for, and the access "
                          "goes elsewhere",
                          "compute the index in size_t or int64_t: convert a factor before the multiplication, not its "
                          "result",
                          "proved for every launch of the contract, or unknown; refuted where the block of a candidate, "
                          "run by itself, shows signed arithmetic that overflows (unsigned wraps are shown by what they "
                          "lead to)"};
const CheckInfo kShift{"index.shift",
                       "KV1602",
                       "formal",
                       "a shift by a negative amount, or by the width of the type or more",
                       "undefined in C++: the compiler may assume that it does not happen; a GPU gives 0 or clamps the "
                       "amount",
                       "bound the amount, or shift a wider type",
                       "proved for every launch of the contract, or unknown; refuted where a run of a candidate shows it"};
const RegisterCheck registrations[] = {RegisterCheck(kOverflow), RegisterCheck(kShift)};

class Arithmetic : public Observer {
public:
  explicit Arithmetic(Reporter& reporter) : reporter_(reporter) {}
  void onLeavesType(Thread& thread, std::uint32_t site) override {
    report(kOverflow, thread, site, "a signed integer overflows", "computes it");
  }
  void onBadShift(Thread& thread, std::uint32_t site) override {
    report(kShift, thread, site, "a shift's amount is negative, or the width of its type or more", "shifts");
  }

private:
  void report(const CheckInfo& check, const Thread& thread, std::uint32_t site, const char* message, const char* what) {
    reporter_.report(check, message, {reporter_.location(site, ThreadName::of(thread), what)});
  }

  Reporter& reporter_;
};

/// Nothing is reported: what goes on after such an access would be another program.
class Extents : public Observer {
public:
  explicit Extents(const MemoryMap& map) : map_(map) {}
  Next onAccess(const AccessEvent& event) override {
    return map_.inside(event.address, event.bytes) ? Next::Continue : Next::Fault;
  }

private:
  const MemoryMap& map_;
};

} // namespace

std::unique_ptr<Observer> makeArithmeticCheck(CheckContext& context) {
  return std::make_unique<Arithmetic>(context.reporter);
}

std::vector<std::unique_ptr<Observer>> makeArithmeticChecks(CheckContext& context) {
  std::vector<std::unique_ptr<Observer>> checks;
  checks.push_back(std::make_unique<Extents>(context.map));
  checks.push_back(makeArithmeticCheck(context));
  return checks;
}

} // namespace kverify::simt
