#pragma once
// Cases near a case that was worth keeping: what a search that is guided by coverage tries next.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fuzz/generate/cases.h"
#include "fuzz/generate/random.h"
#include "fuzz/generate/sizes.h"

namespace kverify::generate {

class Varier {
public:
  /// `budget` says what a case may cost and which extents the kernel works in. Both must outlive this.
  Varier(const Contract& contract, const CaseBudget& budget);

  /// A case that differs from `base` in some of: one or two sizes (+-1, doubled, halved, next to an extent that the kernel
  /// works in), the family of values, the seed, the values of a few elements. Nothing where the draw is outside of what
  /// the contract allows or the budget affords: that is counted.
  std::optional<Case> vary(const Case& base, Random& random);

  std::uint64_t rejectedRequires() const { return rejected_requires_; }
  std::uint64_t rejectedWork() const { return rejected_work_; }

private:
  bool varySizes(Case& one, Random& random);
  std::int64_t nearby(const FreeSize& size, std::int64_t value, Random& random) const;
  void varyElements(Case& one, Random& random) const;

  const Contract& contract_;
  const CaseBudget& budget_;
  std::vector<FreeSize> free_;
  std::vector<std::string> families_;
  std::uint64_t rejected_requires_ = 0, rejected_work_ = 0;
};

} // namespace kverify::generate
