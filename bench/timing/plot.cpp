// The two figures of a timing report, as SVG without any library.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "bench/timing/render.h"
#include "core/hash.h"

namespace kverify::bench {
namespace {

constexpr double kWidth = 720, kHeight = 420, kLeft = 76, kRight = 24, kTop = 62, kBottom = 56;

std::string escaped(const std::string& text) {
  std::string out;
  for (char c : text)
    out += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
  return out;
}

std::string label(double x, double y, const std::string& text, const char* anchor, int size = 12) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" font-size=\"{}\" font-family=\"sans-serif\" fill=\"#333\">{}</text>\n",
                     x, y, anchor, size, escaped(text));
}

std::string line(double x1, double y1, double x2, double y2, const char* colour, double width = 1) {
  return fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\" stroke-width=\"{}\"/>\n", x1, y1, x2,
                     y2, colour, width);
}

std::string frame(const std::string& title, const std::string& body) {
  return fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\">\n"
                     "<rect width=\"{0}\" height=\"{1}\" fill=\"white\"/>\n",
                     kWidth, kHeight) +
         label(kWidth / 2, 24, title, "middle", 14) + body + "</svg>\n";
}

/// Logarithmic, from data to pixels.
struct LogAxis {
  double low, high, from, to;
  double at(double value) const { return from + (std::log(value) - std::log(low)) / (std::log(high) - std::log(low)) * (to - from); }
};

LogAxis axisOf(const std::vector<double>& values, double from, double to) {
  auto [least, most] = std::minmax_element(values.begin(), values.end());
  return {*least / 1.25, *most * 1.25, from, to};
}

std::string tickText(double value) {
  return value >= 1 ? fmt::format("{:g}", value) : fmt::format("{:.3g}", value);
}

std::string timeTicks(const LogAxis& y) {
  std::string svg;
  for (int power = -5; power <= 5; ++power)
    for (int digit : {1, 2, 5}) {
      const double value = digit * std::pow(10.0, power);
      if (value < y.low || value > y.high)
        continue;
      svg += line(kLeft, y.at(value), kWidth - kRight, y.at(value), "#eee");
      svg += label(kLeft - 6, y.at(value) + 4, tickText(value), "end");
    }
  return svg;
}

struct Series {
  std::vector<std::pair<double, double>> points;
  const char* colour;
  const char* dash;
  const char* name;
};

std::string drawn(const Series& series, const LogAxis& x, const LogAxis& y) {
  std::string path, dots;
  for (const auto& [at, value] : series.points) {
    path += fmt::format("{}{:.1f},{:.1f} ", path.empty() ? "" : "", x.at(at), y.at(value));
    dots += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\" fill=\"{}\"/>\n", x.at(at), y.at(value), series.colour);
  }
  return fmt::format("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\" stroke-dasharray=\"{}\"/>\n", path,
                     series.colour, series.dash) +
         dots;
}

/// The free size that takes the most different values.
std::string varyingSize(const std::vector<const ShapeReport*>& shapes) {
  std::string best;
  std::size_t most = 1;
  for (const std::string& name : shapes.front()->shape.free) {
    std::vector<std::int64_t> values;
    for (const ShapeReport* shape : shapes)
      values.push_back(shape->shape.sizes.at(name));
    std::sort(values.begin(), values.end());
    const auto distinct = static_cast<std::size_t>(std::unique(values.begin(), values.end()) - values.begin());
    if (distinct > most) {
      most = distinct;
      best = name;
    }
  }
  return best;
}

} // namespace

std::string plotTimes(const BenchReport& report) {
  std::vector<const ShapeReport*> shapes;
  for (const ShapeReport& shape : report.shapes)
    if (shape.problem.empty() && shape.cold.summary.median > 0)
      shapes.push_back(&shape);
  const std::string along = shapes.size() < 2 ? "" : varyingSize(shapes);
  if (along.empty())
    return {};
  std::sort(shapes.begin(), shapes.end(), [&](const auto* a, const auto* b) { return a->shape.sizes.at(along) < b->shape.sizes.at(along); });
  Series kernel{{}, "#1f77b4", "", "kernel, cold"}, roof{{}, "#888888", "5,4", "floor (roof)"}, baseline{{}, "#d62728", "", "baseline"};
  std::vector<double> xs, ys;
  for (const ShapeReport* shape : shapes) {
    const auto x = static_cast<double>(shape->shape.sizes.at(along));
    xs.push_back(x);
    auto put = [&](Series& series, double ms) {
      if (ms > 0) {
        series.points.emplace_back(x, ms);
        ys.push_back(ms);
      }
    };
    put(kernel, shape->cold.summary.median);
    put(roof, shape->floor_ms);
    put(baseline, shape->baseline ? shape->baseline->median : 0);
  }
  const LogAxis x = axisOf(xs, kLeft, kWidth - kRight), y = axisOf(ys, kHeight - kBottom, kTop);
  std::string body = timeTicks(y);
  std::sort(xs.begin(), xs.end());
  double last = -1e9;
  for (double value : xs) {
    body += line(x.at(value), kHeight - kBottom, x.at(value), kHeight - kBottom + 4, "#333");
    if (x.at(value) - last > 44) { // else the numbers would run into each other
      body += label(x.at(value), kHeight - kBottom + 18, fmt::format("{:.0f}", value), "middle");
      last = x.at(value);
    }
  }
  body += line(kLeft, kHeight - kBottom, kWidth - kRight, kHeight - kBottom, "#333") + line(kLeft, kTop, kLeft, kHeight - kBottom, "#333");
  body += label(kWidth / 2, kHeight - 14, along, "middle") + label(16, kTop - 8, "ms", "start");
  double at = kLeft + 40; // above the axes, where no curve runs
  for (const Series* series : {&kernel, &baseline, &roof}) {
    if (series->points.empty())
      continue;
    body += drawn(*series, x, y) + line(at, 40, at + 30, 40, series->colour, 2) + label(at + 36, 44, series->name, "start");
    at += 170;
  }
  return frame(fmt::format("{} on {}", report.kernel, report.device.name), body);
}

std::string plotGaps(const BenchReport& report) {
  struct Bar {
    std::string name;
    double gap;
    bool held_back;
  };
  std::vector<Bar> bars;
  for (const ShapeReport& shape : report.shapes)
    if (shape.problem.empty() && shape.baseline)
      bars.push_back({shape.shape.text(), shape.baseline->median / shape.cold.summary.median, shape.shape.held_back});
  if (bars.empty())
    return {};
  double most = 1.1;
  for (const Bar& bar : bars)
    most = std::max(most, bar.gap * 1.1);
  constexpr double kNames = 250;
  const double step = (kHeight - kTop - kBottom) / static_cast<double>(bars.size());
  auto x = [&](double gap) { return kNames + gap / most * (kWidth - kRight - kNames - 40); };
  std::string body;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const double y = kTop + step * static_cast<double>(i), thick = std::min(26.0, step * 0.7);
    body += label(kNames - 8, y + step / 2 + 4, bars[i].name, "end", 11);
    body += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\"/>\n", kNames, y + (step - thick) / 2,
                        x(bars[i].gap) - kNames, thick, bars[i].held_back ? "#9ecae1" : "#1f77b4");
    body += label(x(bars[i].gap) + 6, y + step / 2 + 4, fmt::format("{:.2f}", bars[i].gap), "start", 11);
  }
  body += line(x(1), kTop - 6, x(1), kHeight - kBottom + 4, "#d62728", 1.5) + label(x(1), kHeight - kBottom + 20, "1 = baseline", "middle", 11);
  body += label(kWidth / 2, kHeight - 14, "dark: declared shapes, light: held back", "middle", 11);
  return frame(fmt::format("Kernel Gap: {} against {}", report.kernel, report.baseline.substr(0, 48)), body);
}

void writePlots(const std::string& folder, BenchReport& report) {
  namespace fs = std::filesystem;
  const std::string id = sha256Hex(report.file + "\n" + report.contract + "\n" + report.baseline).substr(0, 8);
  std::error_code error;
  for (const auto& [name, svg] : {std::pair("times", plotTimes(report)), std::pair("gaps", plotGaps(report))}) {
    if (svg.empty())
      continue;
    fs::create_directories(folder, error);
    const fs::path path = fs::path(folder) / fmt::format("bench-{}-{}.svg", name, id);
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << svg;
    if (out.flush())
      report.plots.push_back(path.string());
    else
      report.notes.push_back(fmt::format("the plot can't be written to '{}'", path.string()));
  }
}

} // namespace kverify::bench
