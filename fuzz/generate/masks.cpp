#include "fuzz/generate/masks.h"

#include "fuzz/generate/random.h"

namespace kverify::generate {

MaskedScores maskedScores(const Contract& contract) {
  auto given = contract.options.find("masked_scores");
  if (given == contract.options.end() || given->second.choice == "none")
    return MaskedScores::None;
  return given->second.choice == "rows" ? MaskedScores::Rows : MaskedScores::Entries;
}

bool isMasked(MaskedScores allowed, std::uint64_t seed, std::uint64_t row, std::int64_t at, std::int64_t count) {
  const std::uint64_t hash = mix(seed ^ mix(row));
  switch (hash % (allowed == MaskedScores::Rows ? 4 : 3)) {
  case 0: return at < count / 2;
  case 1: return at >= (count + 1) / 2;
  case 2: {
    const std::int64_t shown = static_cast<std::int64_t>((hash >> 8) % static_cast<std::uint64_t>(count));
    return at != shown && mix(hash ^ static_cast<std::uint64_t>(at)) % 2 == 0;
  }
  default: return true;
  }
}

} // namespace kverify::generate
