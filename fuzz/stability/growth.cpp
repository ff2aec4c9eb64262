#include "fuzz/stability/growth.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace kverify::stability {
namespace {

constexpr double kWidth = 760, kHeight = 440, kLeft = 84, kRight = 190, kTop = 48, kBottom = 62;

/// From a logarithm's range to a coordinate's.
struct Scale {
  double low, high, from, to;
  double at(double logarithm) const { return from + (logarithm - low) / (high - low) * (to - from); }
};

struct Axes {
  Scale x, y; ///< of log2 n and log10 of an error
  double xOf(std::int64_t n) const { return x.at(std::log2(static_cast<double>(n))); }
  double yOf(double error) const { return y.at(std::log10(error)); }
};

struct Series {
  const char* name;
  const char* colour;
  double GrowthPoint::*value;
};

// Colours that the colour-blind tell apart (Okabe and Ito).
constexpr Series kSeries[] = {{"bound", "#d55e00", &GrowthPoint::bound},
                              {"naive fp32", "#666666", &GrowthPoint::naive},
                              {"this kernel", "#0072b2", &GrowthPoint::error}};

std::string escaped(const std::string& text) {
  std::string out;
  for (char c : text)
    out += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : std::string(1, c);
  return out;
}

std::string line(double x1, double y1, double x2, double y2, const char* colour, const char* more = "") {
  return fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\"{}/>\n", x1, y1, x2, y2,
                     colour, more);
}

/// `text` is SVG already.
std::string label(double x, double y, const std::string& text, const char* anchor, const char* more = "") {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\"{}>{}</text>\n", x, y, anchor, more, text);
}

std::string raised(const std::string& base, const std::string& exponent) {
  return fmt::format("{}<tspan dy=\"-5\" font-size=\"9\">{}</tspan>", base, exponent);
}

std::string frame(const Axes& axes, const std::string& size, std::span<const GrowthPoint> points) {
  std::string svg;
  for (const GrowthPoint& point : points) {
    const double at = axes.xOf(point.n);
    svg += line(at, kTop, at, kHeight - kBottom, "#ececec");
    svg += label(at, kHeight - kBottom + 18, std::to_string(point.n), "middle");
  }
  for (int power = static_cast<int>(std::ceil(axes.y.low)); power <= static_cast<int>(std::floor(axes.y.high)); ++power) {
    svg += line(kLeft, axes.y.at(power), kWidth - kRight, axes.y.at(power), "#ececec");
    svg += label(kLeft - 8, axes.y.at(power) + 4, raised("10", std::to_string(power)), "end");
  }
  svg += line(kLeft, kTop, kLeft, kHeight - kBottom, "#999999");
  svg += line(kLeft, kHeight - kBottom, kWidth - kRight, kHeight - kBottom, "#999999");
  const double middle = (kTop + kHeight - kBottom) / 2;
  svg += label((kLeft + kWidth - kRight) / 2, kHeight - 18, escaped(size) + " (length of the reduction)", "middle");
  return svg + label(24, middle, "absolute error", "middle", fmt::format(" transform=\"rotate(-90 24 {:.1f})\"", middle).c_str());
}

std::string curve(const Series& series, const Axes& axes, std::span<const GrowthPoint> points, int place) {
  std::string path, dots;
  for (const GrowthPoint& point : points) {
    if (!(point.*series.value > 0) || !std::isfinite(point.*series.value))
      continue;
    const double px = axes.xOf(point.n), py = axes.yOf(point.*series.value);
    path += fmt::format("{}{:.1f},{:.1f}", path.empty() ? "" : " ", px, py);
    dots += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\" fill=\"{}\"/>\n", px, py, series.colour);
  }
  if (path.empty())
    return {};
  const PowerLaw law = fit(points, series.value);
  auto fitted = [&](std::int64_t n) {
    const double error = law.scale * std::pow(static_cast<double>(n), law.exponent);
    return std::clamp(axes.yOf(error), kTop, kHeight - kBottom);
  };
  const std::int64_t first = points.front().n, last = points.back().n;
  std::string svg;
  if (law.points > 1)
    svg += line(axes.xOf(first), fitted(first), axes.xOf(last), fitted(last), series.colour,
                " stroke-dasharray=\"5 4\" stroke-opacity=\"0.6\"");
  svg += fmt::format("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.6\"/>\n{}", path, series.colour, dots);
  const double x = kWidth - kRight + 20, y = kTop + 14 + 44 * place;
  svg += line(x, y - 4, x + 22, y - 4, series.colour, " stroke-width=\"1.6\"");
  svg += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\" fill=\"{}\"/>\n", x + 11, y - 4, series.colour);
  svg += label(x + 30, y, series.name, "start");
  return law.points > 1 ? svg + label(x + 30, y + 17, "grows like " + raised("n", fmt::format("{:.2f}", law.exponent)), "start",
                                      " fill=\"#555555\"")
                        : svg;
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

std::string plot(const std::string& title, const std::string& size, std::span<const GrowthPoint> points) {
  double low = 1e300, high = 0;
  for (const GrowthPoint& point : points)
    for (const Series& series : kSeries)
      if (const double value = point.*series.value; value > 0 && std::isfinite(value)) {
        low = std::min(low, value);
        high = std::max(high, value);
      }
  std::string svg = fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" viewBox=\"0 0 "
                                "{0:.0f} {1:.0f}\" font-family=\"sans-serif\" font-size=\"12\">\n"
                                "<title>{2}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
                                kWidth, kHeight, escaped(title));
  svg += label(kLeft, 26, escaped(title), "start", " font-size=\"14\" font-weight=\"bold\"");
  if (points.size() < 2 || high == 0)
    return svg + label(kWidth / 2, kHeight / 2, "no error was seen at any length", "middle") + "</svg>\n";
  const Axes axes{{std::log2(static_cast<double>(points.front().n)), std::log2(static_cast<double>(points.back().n)), kLeft,
                   kWidth - kRight},
                  {std::floor(std::log10(low)), std::ceil(std::log10(high * 1.0000001)), kHeight - kBottom, kTop}};
  svg += frame(axes, size, points);
  int place = 0;
  for (const Series& series : kSeries)
    if (std::string part = curve(series, axes, points, place); !part.empty()) {
      svg += part;
      ++place;
    }
  return svg + "</svg>\n";
}

} // namespace kverify::stability
