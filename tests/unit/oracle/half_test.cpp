#include <bit>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "core/half.h"
#include "fuzz/generate/random.h"

namespace kverify {
namespace {

template <class Decode, class Encode>
void everyPatternRoundTrips(Decode decode, Encode encode) {
  for (unsigned bits = 0; bits < 0x10000; ++bits) {
    const double value = decode(static_cast<std::uint16_t>(bits));
    if (std::isnan(value))
      EXPECT_TRUE(std::isnan(decode(encode(value))));
    else
      ASSERT_EQ(encode(value), bits) << "value " << value;
  }
}

/// Halfway between neighbours goes to the even one; anything beyond goes up.
template <class Decode, class Encode>
void roundsToNearestEven(Decode decode, Encode encode, unsigned infinity) {
  for (unsigned bits = 0; bits + 1 < infinity; ++bits) {
    const double low = decode(static_cast<std::uint16_t>(bits)), high = decode(static_cast<std::uint16_t>(bits + 1));
    const double middle = low + (high - low) / 2;
    ASSERT_EQ(encode(middle), bits + (bits & 1)) << middle;
    ASSERT_EQ(encode(std::nextafter(middle, high)), bits + 1);
    ASSERT_EQ(encode(std::nextafter(middle, low)), bits);
    ASSERT_EQ(encode(-middle), 0x8000 + bits + (bits & 1));
  }
}

TEST(Half, EveryPatternRoundTrips) {
  everyPatternRoundTrips(doubleFromHalf, halfFromDouble);
  everyPatternRoundTrips(doubleFromBfloat16, bfloat16FromDouble);
}

TEST(Half, RoundsToNearestEven) {
  roundsToNearestEven(doubleFromHalf, halfFromDouble, 0x7c00);
  roundsToNearestEven(doubleFromBfloat16, bfloat16FromDouble, 0x7f80);
}

TEST(Half, OverflowsToInfinityAtTheMiddle) {
  EXPECT_EQ(halfFromDouble(65519.999), 0x7bff);
  EXPECT_EQ(halfFromDouble(65520), 0x7c00);
  EXPECT_EQ(halfFromDouble(1e300), 0x7c00);
  EXPECT_EQ(halfFromDouble(-std::numeric_limits<double>::infinity()), 0xfc00);
  EXPECT_EQ(bfloat16FromDouble(0x1.ffp127), 0x7f80);
  EXPECT_EQ(bfloat16FromDouble(1e300), 0x7f80);
}

TEST(Half, UnderflowsToSignedZero) {
  EXPECT_EQ(halfFromDouble(0x1p-25), 0) << "half the smallest subnormal goes to even";
  EXPECT_EQ(halfFromDouble(0x1.0001p-25), 1);
  EXPECT_EQ(halfFromDouble(-1e-300), 0x8000);
  EXPECT_EQ(bfloat16FromDouble(std::numeric_limits<double>::denorm_min()), 0);
}

TEST(Half, AgreesWithTheCompilersBfloat16Truncation) {
  generate::Random random(1);
  for (int i = 0; i < 100000; ++i) {
    const float value = std::bit_cast<float>(static_cast<std::uint32_t>(random.bits()));
    if (std::isnan(value))
      continue;
    // The usual trick: add half a step, ties to even, and cut.
    const auto bits = std::bit_cast<std::uint32_t>(value);
    ASSERT_EQ(bfloat16FromFloat(value), (bits + 0x7fff + ((bits >> 16) & 1)) >> 16) << value;
  }
}

} // namespace
} // namespace kverify
