#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "report/escape.h"
#include "report/picture.h"

namespace kverify::report {
namespace {

constexpr double kWidth = 680, kHeight = 360, kLeft = 70, kRight = 170, kTop = 16, kBottom = 48;

/// From a logarithm's range to a coordinate's.
struct Scale {
  double low, high, from, to;
  double at(double value) const {
    return high > low ? from + (std::log10(value) - low) / (high - low) * (to - from) : (from + to) / 2;
  }
};

std::string text(double x, double y, const char* cls, const std::string& what, const char* anchor) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" class=\"{}\" text-anchor=\"{}\">{}</text>\n", x, y, cls, anchor, escapeXml(what));
}

std::string line(double x1, double y1, double x2, double y2, const char* cls) {
  return fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" class=\"{}\"/>\n", x1, y1, x2, y2, cls);
}

std::string svg(const char* cls, double width, double height, const std::string& id, const std::string& title,
                const std::string& words, const std::string& body) {
  return fmt::format("<svg class=\"picture {}\" viewBox=\"0 0 {:.0f} {:.0f}\" width=\"{:.0f}\" height=\"{:.0f}\" role=\"img\" "
                     "aria-labelledby=\"{}-t {}-d\"><title id=\"{}-t\">{}</title><desc id=\"{}-d\">{}</desc>\n{}</svg>\n",
                     cls, width, height, width, height, id, id, id, escapeXml(title), id, escapeXml(words), body);
}

bool drawable(double value) {
  return std::isfinite(value) && value > 0;
}

struct Series {
  const char* name;
  const char* cls;   ///< also tells the mark's shape: round, square, triangle
  double GrowthRow::*value;
};

constexpr Series kSeries[] = {{"bound", "s-bound", &GrowthRow::bound},
                              {"naive fp32", "s-naive", &GrowthRow::naive},
                              {"this kernel", "s-error", &GrowthRow::error}};

std::string mark(const Series& series, double x, double y) {
  if (series.value == &GrowthRow::bound)
    return fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"8\" height=\"8\" class=\"{} dot\"/>", x - 4, y - 4, series.cls);
  if (series.value == &GrowthRow::naive)
    return fmt::format("<path d=\"M{:.1f} {:.1f}l5 9h-10z\" class=\"{} dot\"/>", x, y - 5, series.cls);
  return fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4.5\" class=\"{} dot\"/>", x, y, series.cls);
}

std::string curve(const Series& series, const Stability& stability, const Scale& x, const Scale& y) {
  std::string path, marks;
  for (const GrowthRow& row : stability.growth) {
    if (!drawable(row.*series.value) || row.n < 1)
      continue;
    double px = x.at(static_cast<double>(row.n)), py = y.at(row.*series.value);
    path += fmt::format("{}{:.1f},{:.1f}", path.empty() ? "" : " ", px, py);
    marks += mark(series, px, py);
  }
  return path.empty() ? "" : fmt::format("<polyline points=\"{}\" class=\"{} curve\"/>\n{}\n", path, series.cls, marks);
}

std::string legend(const Stability& stability) {
  std::string body;
  double y = kTop + 14;
  for (const Series& series : kSeries) {
    body += mark(series, kWidth - kRight + 22, y - 4) + text(kWidth - kRight + 36, y, "label", series.name, "start");
    double exponent = series.value == &GrowthRow::error   ? stability.error_exponent
                      : series.value == &GrowthRow::bound ? stability.bound_exponent
                                                          : std::nan("");
    if (!std::isnan(exponent))
      body += text(kWidth - kRight + 36, y + 16, "small", fmt::format("{} like {}^{:.2f}", exponent < 0 ? "falls" : "grows", stability.growth_size, exponent), "start");
    y += std::isnan(exponent) ? 26 : 42;
  }
  return body;
}

std::string axes(const Stability& stability, const Scale& x, const Scale& y) {
  std::string body;
  for (const GrowthRow& row : stability.growth) {
    double at = x.at(static_cast<double>(row.n));
    body += line(at, kTop, at, kHeight - kBottom, "grid") + text(at, kHeight - kBottom + 17, "small", std::to_string(row.n), "middle");
  }
  double step = y.high - y.low > 8 ? 2 : 1;
  for (double power = y.low; power <= y.high; power += step) {
    double at = y.at(std::pow(10, power));
    body += line(kLeft, at, kWidth - kRight, at, "grid") + text(kLeft - 8, at + 4, "small", fmt::format("1e{:.0f}", power), "end");
  }
  return body + text((kLeft + kWidth - kRight) / 2, kHeight - 8, "label", stability.growth_size + " (length of the reduction)", "middle");
}

/// The axis that holds all values and the bound itself.
Scale stressScale(const Stability& stability, double from, double to) {
  double low = -2, high = 1;
  for (const StressRow& row : stability.rows)
    if (drawable(row.worst_ratio)) {
      low = std::min(low, std::floor(std::log10(row.worst_ratio)));
      high = std::max(high, std::ceil(std::log10(row.worst_ratio)));
    }
  return {std::max(low, -6.0), std::min(high, 6.0), from, to};
}

} // namespace

std::string growthPicture(const Stability& stability, const std::string& id) {
  double low = INFINITY, high = 0;
  std::string words = fmt::format("error of this kernel, the bound, and plain fp32 loops, over {}", stability.growth_size);
  for (const GrowthRow& row : stability.growth) {
    for (const Series& series : kSeries)
      if (drawable(row.*series.value)) {
        low = std::min(low, row.*series.value);
        high = std::max(high, row.*series.value);
      }
    words += fmt::format("; {}={}: error {:.2e}, bound {:.2e}, naive {:.2e}", stability.growth_size, row.n, row.error, row.bound, row.naive);
  }
  if (stability.growth.size() < 2 || high == 0)
    return {};
  const Scale x{std::log10(static_cast<double>(std::max<std::int64_t>(1, stability.growth.front().n))),
                std::log10(static_cast<double>(std::max<std::int64_t>(1, stability.growth.back().n))), kLeft + 8, kWidth - kRight - 8};
  const Scale y{std::floor(std::log10(low)), std::ceil(std::log10(high * 1.0000001)), kHeight - kBottom, kTop};
  std::string body = axes(stability, x, y);
  for (const Series& series : kSeries)
    body += curve(series, stability, x, y);
  return svg("plot", kWidth, kHeight, id, "Growth of the error", words, body + legend(stability));
}

std::string stressPicture(const Stability& stability, const std::string& id) {
  if (stability.rows.empty())
    return {};
  constexpr double kRow = 22, kNames = 130, kValues = 90;
  double height = kTop + kRow * static_cast<double>(stability.rows.size()) + 34;
  const Scale x = stressScale(stability, kNames, kWidth - kValues);
  std::string body, words = "worst error of each stress case as a share of the bound";
  for (double power = x.low; power <= x.high; power += x.high - x.low > 8 ? 2 : 1) {
    double at = x.at(std::pow(10, power));
    body += line(at, kTop - 6, at, height - 30, "grid") + text(at, height - 14, "small", power == 0 ? "the bound" : fmt::format("1e{:.0f}", power), "middle");
  }
  body += line(x.at(1), kTop - 6, x.at(1), height - 30, "limit");
  double y = kTop + 8;
  for (const StressRow& row : stability.rows) {
    bool judged = row.outcome == "pass" || row.outcome == "fail", over = row.worst_ratio > 1 || row.outcome == "fail";
    std::string value = !judged ? "not judged" : row.worst_ratio == 0 ? row.outcome == "pass" ? "exact" : "fails" : std::isfinite(row.worst_ratio) ? fmt::format("{:.3g}", row.worst_ratio) : "not finite";
    body += text(kNames - 10, y + 4, "label", row.name, "end") + text(kWidth - kValues + 14, y + 4, over && judged ? "small bad" : "small", value, "start");
    if (judged && row.worst_ratio > 0) {
      double at = x.at(std::clamp(row.worst_ratio, std::pow(10, x.low), std::pow(10, x.high)));
      const char* cls = over ? "s-over" : "s-error";
      body += fmt::format("<line x1=\"{0:.1f}\" y1=\"{1:.1f}\" x2=\"{2:.1f}\" y2=\"{1:.1f}\" class=\"{3} stem\"/>", kNames, y, at, cls);
      body += over ? fmt::format("<path d=\"M{0:.1f} {1:.1f}l8 -8m-8 0l8 8\" class=\"s-over stem\"/>\n", at - 4, y + 4)
                   : fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4.5\" class=\"{} dot\"/>\n", at, y, cls);
    }
    words += fmt::format("; {}: {}", row.name, value);
    y += kRow;
  }
  return svg("plot", kWidth, height, id, "Stress cases against the bound", words, body);
}

} // namespace kverify::report
