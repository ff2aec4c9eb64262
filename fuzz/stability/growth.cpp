#include "fuzz/stability/growth.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace kverify::stability {
namespace {

constexpr double kWidth = 640, kHeight = 400, kLeft = 70, kRight = 130, kTop = 40, kBottom = 50;

/// From a logarithm's range to a coordinate's.
struct Scale {
  double low, high, from, to;
  double at(double logarithm) const { return from + (logarithm - low) / (high - low) * (to - from); }
};

struct Series {
  const char* name;
  const char* colour;
  double GrowthPoint::*value;
};

constexpr Series kSeries[] = {{"error", "#1f77b4", &GrowthPoint::error},
                              {"bound", "#d62728", &GrowthPoint::bound},
                              {"naive fp32", "#7f7f7f", &GrowthPoint::naive}};

std::string escaped(const std::string& text) {
  std::string out;
  for (char c : text)
    out += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : std::string(1, c);
  return out;
}

std::string line(double x1, double y1, double x2, double y2, const char* colour) {
  return fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\"/>\n", x1, y1, x2, y2, colour);
}

std::string label(double x, double y, const std::string& text, const char* anchor) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n", x, y, anchor, escaped(text));
}

std::string axes(const Scale& x, const Scale& y, std::span<const GrowthPoint> points) {
  std::string svg;
  for (const GrowthPoint& point : points) {
    const double at = x.at(std::log2(static_cast<double>(point.n)));
    svg += line(at, kTop, at, kHeight - kBottom, "#eeeeee");
    svg += label(at, kHeight - kBottom + 18, std::to_string(point.n), "middle");
  }
  for (int power = static_cast<int>(std::ceil(y.low)); power <= static_cast<int>(std::floor(y.high)); ++power) {
    svg += line(kLeft, y.at(power), kWidth - kRight, y.at(power), "#eeeeee");
    svg += label(kLeft - 6, y.at(power) + 4, fmt::format("1e{}", power), "end");
  }
  return svg + label((kLeft + kWidth - kRight) / 2, kHeight - 10, "n", "middle");
}

std::string curve(const Series& series, const Scale& x, const Scale& y, std::span<const GrowthPoint> points, int place) {
  std::string path, dots;
  for (const GrowthPoint& point : points) {
    if (!(point.*series.value > 0))
      continue;
    const double px = x.at(std::log2(static_cast<double>(point.n))), py = y.at(std::log10(point.*series.value));
    path += fmt::format("{}{:.1f},{:.1f}", path.empty() ? "" : " ", px, py);
    dots += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\" fill=\"{}\"/>\n", px, py, series.colour);
  }
  if (path.empty())
    return {};
  const PowerLaw law = fit(points, series.value);
  std::string svg = fmt::format("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\"/>\n{}", path, series.colour, dots);
  const double py = kTop + 14 + 34 * place;
  svg += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"10\" height=\"10\" fill=\"{}\"/>\n", kWidth - kRight + 10, py - 9,
                     series.colour);
  svg += label(kWidth - kRight + 26, py, series.name, "start");
  return svg + label(kWidth - kRight + 26, py + 14, fmt::format("~ n^{:.2f}", law.exponent), "start");
}

} // namespace

PowerLaw fit(std::span<const GrowthPoint> points, double GrowthPoint::*value) {
  double x_sum = 0, y_sum = 0, xx = 0, xy = 0, count = 0;
  for (const GrowthPoint& point : points) {
    if (!(point.*value > 0) || !std::isfinite(point.*value))
      continue;
    const double x = std::log(static_cast<double>(point.n)), y = std::log(point.*value);
    x_sum += x, y_sum += y, xx += x * x, xy += x * y, count += 1;
  }
  const double spread = count * xx - x_sum * x_sum;
  if (count < 2 || spread <= 0)
    return {0, 0, static_cast<std::size_t>(count)};
  const double exponent = (count * xy - x_sum * y_sum) / spread;
  return {std::exp((y_sum - exponent * x_sum) / count), exponent, static_cast<std::size_t>(count)};
}

std::string plot(const std::string& title, std::span<const GrowthPoint> points) {
  double low = 1e300, high = 0;
  for (const GrowthPoint& point : points)
    for (const Series& series : kSeries)
      if (const double value = point.*series.value; value > 0 && std::isfinite(value)) {
        low = std::min(low, value);
        high = std::max(high, value);
      }
  std::string svg = fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" viewBox=\"0 0 "
                                "{0:.0f} {1:.0f}\" font-family=\"sans-serif\" font-size=\"12\">\n"
                                "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
                                kWidth, kHeight);
  svg += label(kLeft, 22, title, "start");
  if (points.size() < 2 || high == 0)
    return svg + label(kWidth / 2, kHeight / 2, "no error was seen at any length", "middle") + "</svg>\n";
  const Scale x{std::log2(static_cast<double>(points.front().n)), std::log2(static_cast<double>(points.back().n)), kLeft,
                kWidth - kRight};
  const Scale y{std::floor(std::log10(low)), std::ceil(std::log10(high * 1.0000001)), kHeight - kBottom, kTop};
  svg += axes(x, y, points);
  int place = 0;
  for (const Series& series : kSeries)
    svg += curve(series, x, y, points, place++);
  return svg + "</svg>\n";
}

} // namespace kverify::stability
