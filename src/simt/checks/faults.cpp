// What ends or spoils a thread by itself: a failed assert, a broken annotation, a trap, an integer division by zero, a stack that overflows.
// Sound and complete for the run.
#include <fmt/format.h>

#include "simt/checks/checks.h"
#include "simt/machine/machine.h"

namespace kverify::simt {
namespace {

constexpr const char* kSound = "sound and complete for the inputs that were run";
const CheckInfo kAssert{"assert.failed",
                        "KV1501",
                        "fuzz",
                        "an assert of the kernel does not hold",
                        "the kernel's own author expected otherwise",
                        "mend what the assert is about",
                        kSound};
const CheckInfo kDivide{"arith.divide-by-zero",
                        "KV1502",
                        "fuzz",
                        "integer division or remainder by zero",
                        "undefined in C++; a GPU gives all ones and goes on",
                        "guard the division, or require the size to be positive",
                        kSound};
const CheckInfo kStack{"stack.overflow",
                       "KV1503",
                       "fuzz",
                       "a thread's stack overflows",
                       "unbounded recursion corrupts memory or faults",
                       "bound the recursion, or turn it into a loop",
                       "complete for the inputs that were run; the limit is the executor's own stack size"};
const CheckInfo kTrap{"exec.trap",
                      "KV1504",
                      "fuzz",
                      "the kernel executes a trap",
                      "the launch fails with an unspecified error",
                      "mend the condition that leads to __trap()",
                      kSound};
const CheckInfo kRequires{"requires.broken",
                          "KV1506",
                          "fuzz",
                          "a launch breaks what the kernel requires of it (kv_requires)",
                          "the kernel is written for other launches: whatever it does in this one means nothing",
                          "narrow the contract (\"requires\") or the launch, or make the kernel take this case",
                          kSound};
const CheckInfo kInvariant{"invariant.broken",
                           "KV1507",
                           "fuzz",
                           "a loop invariant does not hold at the head of its loop (kv_invariant)",
                           "the loop does not do what its author thinks, and nothing may be concluded from it",
                           "mend the loop, or say what it really keeps",
                           kSound};
const RegisterCheck registrations[] = {RegisterCheck(kAssert), RegisterCheck(kDivide),   RegisterCheck(kStack),
                                       RegisterCheck(kTrap),   RegisterCheck(kRequires), RegisterCheck(kInvariant)};

class Faults : public Observer {
public:
  explicit Faults(Reporter& reporter) : reporter_(reporter) {}
  void onDivideByZero(Thread& thread, std::uint32_t site) override {
    report(kDivide, thread, site, "an integer is divided by zero", "divides");
  }
  void onAssert(Thread& thread, std::uint32_t site, const char* text) override {
    report(kAssert, thread, site, fmt::format("assert failed: {}", text), "asserts");
  }
  void onBroken(Thread& thread, std::uint32_t site, abi::Annotation kind, const char* text) override {
    switch (kind) {
    case abi::kRequires:
      return report(kRequires, thread, site, fmt::format("the launch breaks what the kernel requires: {}", text),
                    "requires");
    case abi::kInvariant:
      return report(kInvariant, thread, site, fmt::format("the invariant does not hold: {}", text), "claims");
    default: return report(kAssert, thread, site, fmt::format("assert failed: {}", text), "asserts");
    }
  }
  void onTrap(Thread& thread, std::uint32_t site, const char* what) override {
    report(kTrap, thread, site, what, "traps");
  }
  void onStackOverflow(Thread& thread, std::uint32_t site) override {
    report(kStack, thread, site, "the stack of a thread is full", "is in this function");
  }

private:
  void report(const CheckInfo& check, const Thread& thread, std::uint32_t site, std::string message, const char* what) {
    reporter_.report(check, std::move(message), {reporter_.location(site, ThreadName::of(thread), what)});
  }

  Reporter& reporter_;
};

} // namespace

std::unique_ptr<Observer> makeFaultCheck(CheckContext& context) {
  return std::make_unique<Faults>(context.reporter);
}

} // namespace kverify::simt
