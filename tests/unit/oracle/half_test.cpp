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

/// Of the formats of 8 bits: `end` is the first pattern that is no finite number.
template <class Decode, class Encode>
void isAFormatOf8Bits(Decode decode, Encode encode, unsigned end) {
  for (unsigned bits = 0; bits < 0x100; ++bits) {
    const double value = decode(static_cast<std::uint8_t>(bits));
    EXPECT_EQ((bits & 0x7f) < end, std::isfinite(value)) << bits;
    if (std::isnan(value))
      EXPECT_TRUE(std::isnan(decode(encode(value))));
    else
      ASSERT_EQ(encode(value), bits) << "value " << value;
  }
  for (unsigned bits = 0; bits + 1 < end; ++bits) {
    const double low = decode(static_cast<std::uint8_t>(bits)), high = decode(static_cast<std::uint8_t>(bits + 1));
    const double middle = low + (high - low) / 2;
    ASSERT_LT(low, high);
    ASSERT_EQ(encode(middle), bits + (bits & 1)) << middle;
    ASSERT_EQ(encode(std::nextafter(middle, high)), bits + 1);
    ASSERT_EQ(encode(-std::nextafter(middle, low)), 0x80 + bits);
  }
}

TEST(Float8, RoundTripsAndRoundsToNearestEven) {
  isAFormatOf8Bits(doubleFromE4m3, e4m3FromDouble, 0x7f);
  isAFormatOf8Bits(doubleFromE5m2, e5m2FromDouble, 0x7c);
}

TEST(Float8, EndsWhereTheFormatsEnd) {
  EXPECT_EQ(doubleFromE4m3(0x7e), 448);
  EXPECT_EQ(doubleFromE4m3(0x01), 0x1p-9);
  EXPECT_EQ(doubleFromE5m2(0x7b), 57344);
  EXPECT_EQ(doubleFromE5m2(0x01), 0x1p-16);
  EXPECT_EQ(e4m3FromDouble(464), 0x7e) << "halfway beyond the largest goes to the even one, as CUDA's conversion has it";
  EXPECT_EQ(e4m3FromDouble(464.001), 0x7f) << "there is no infinity";
  EXPECT_EQ(e4m3FromDouble(-std::numeric_limits<double>::infinity()), 0xff);
  EXPECT_EQ(e5m2FromDouble(61440), 0x7c);
  EXPECT_EQ(e5m2FromDouble(61439), 0x7b);
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
