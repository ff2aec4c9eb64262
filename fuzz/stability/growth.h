#pragma once
// How an error grows with the length of a reduction: a power law fitted to the points, and a plot of them.
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace kverify::stability {

/// Largest absolute errors over all outputs at one length.
struct GrowthPoint {
  std::int64_t n = 0;
  double error = 0; ///< of the kernel
  double bound = 0; ///< that a correct kernel keeps, at the element that is closest to it
  double naive = 0; ///< of the operation in plain fp32 loops, one sum from first to last; 0 where there is none
};

/// error ~ scale * n^exponent, by least squares on the logarithms.
struct PowerLaw {
  double scale = 0, exponent = 0;
  std::size_t points = 0; ///< that took part: errors of 0 have no logarithm
};

PowerLaw fit(std::span<const GrowthPoint> points, double GrowthPoint::*value);

/// A plot with both axes logarithmic: error, bound and naive over `size`, each with the power law that fits it. A whole SVG
/// document; equal points, equal bytes.
std::string plot(const std::string& title, const std::string& size, std::span<const GrowthPoint> points);

} // namespace kverify::stability
