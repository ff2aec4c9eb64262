// Makes the formal stage's checks known. An object of its own, so that no linker drops it.
#include <deque>

#include "verifier/checks/catalogue.h"

namespace kverify::verifier {

namespace {

struct Registrations {
  Registrations() {
    for (const ProofInfo& info : proofs())
      proved.emplace_back(info);
  }
  std::deque<RegisterProof> proved;
};

const Registrations registrations;

} // namespace

} // namespace kverify::verifier
