#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fuzz/stability/growth.h"

namespace kverify::stability {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::vector<GrowthPoint> law(double exponent) {
  std::vector<GrowthPoint> points;
  for (std::int64_t n = 16; n <= 8192; n *= 2)
    points.push_back({n, 1e-7 * std::pow(static_cast<double>(n), exponent), 1e-6 * static_cast<double>(n), 0});
  return points;
}

TEST(Growth, TheExponentOfAPowerLawIsFound) {
  for (double exponent : {0.0, 0.5, 1.0, 2.0}) {
    auto points = law(exponent);
    PowerLaw fitted = fit(points, &GrowthPoint::error);
    EXPECT_NEAR(fitted.exponent, exponent, 1e-9);
    EXPECT_NEAR(fitted.scale, 1e-7, 1e-15);
    EXPECT_EQ(fitted.points, points.size());
  }
}

TEST(Growth, PointsWithoutErrorTakeNoPart) {
  auto points = law(1);
  points[2].error = 0;
  points[3].error = INFINITY;
  EXPECT_NEAR(fit(points, &GrowthPoint::error).exponent, 1, 1e-9);
  EXPECT_EQ(fit(points, &GrowthPoint::error).points, points.size() - 2);
  EXPECT_EQ(fit(points, &GrowthPoint::naive).points, 0u);
}

TEST(Growth, ThePlotHasACurveForEachSeriesThatIsThere) {
  auto points = law(0.5);
  std::string svg = plot("a < b", "N", points);
  EXPECT_THAT(svg, HasSubstr("a &lt; b"));
  EXPECT_THAT(svg, HasSubstr(">this kernel<"));
  EXPECT_THAT(svg, HasSubstr(">0.50</tspan>"));
  EXPECT_THAT(svg, HasSubstr("N (length of the reduction)"));
  EXPECT_THAT(svg, HasSubstr(">8192<"));
  EXPECT_THAT(svg, Not(HasSubstr("naive"))) << "nothing is drawn where there are no numbers";
  EXPECT_EQ(svg, plot("a < b", "N", points)) << "equal points, equal bytes";
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
}

TEST(Growth, APlotOfNothingSaysSo) {
  EXPECT_THAT(plot("t", "N", {}), HasSubstr("no error was seen"));
}

} // namespace
} // namespace kverify::stability
