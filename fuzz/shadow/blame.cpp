#include "fuzz/shadow/blame.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <sstream>
#include <tuple>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/half.h"
#include "simt/shadow/interval.h"

namespace kverify::shadow {
namespace {

using simt::ShadowDomain;
using simt::shadow::doubleOf;
using LineKey = std::tuple<std::string, unsigned>;

double valueAt(const Buffer& buffer, const std::vector<std::uint8_t>& bytes, std::size_t element) {
  std::uint32_t word = 0;
  std::memcpy(&word, bytes.data() + element * sizeOf(buffer.dtype), sizeOf(buffer.dtype));
  switch (buffer.dtype) {
  case DType::F16: return doubleFromHalf(static_cast<std::uint16_t>(word));
  case DType::BF16: return doubleFromBfloat16(static_cast<std::uint16_t>(word));
  case DType::E4M3: return doubleFromE4m3(static_cast<std::uint8_t>(word));
  case DType::E5M2: return doubleFromE5m2(static_cast<std::uint8_t>(word));
  default: return static_cast<double>(__builtin_bit_cast(float, word));
  }
}

class Blame {
public:
  Blame(ShadowDomain domain, const LaunchPlan& plan, const simt::RunResult& run) : plan_(plan), run_(run) {
    report_.domain = domain;
  }

  ShadowReport take() {
    for (const simt::shadow::Place& place : run_.shadow->places)
      if (place.record.runs > 0 || place.record.third > 0)
        addPlace(place);
    for (std::size_t i = 0; i < plan_.buffers.size(); ++i)
      if (plan_.buffers[i].access == Access::Write || plan_.buffers[i].access == Access::ReadWrite)
        addOutputs(i);
    for (auto& [key, line] : lines_) {
      line.share = total_ > 0 ? line.share / total_ : 0;
      report_.lines.push_back(line);
    }
    if (report_.outputs > 0) {
      auto count = static_cast<double>(report_.outputs);
      report_.mean_error = total_ / count;
      report_.signed_mean_error /= count;
      report_.mean_width /= count;
    }
    for (const simt::shadow::Note& note : run_.shadow->notes) {
      unsigned line = note.site < run_.shadow->places.size() ? run_.shadow->places[note.site].location.line : 0;
      report_.notes.push_back(fmt::format("line {}: {} ({} times)", line, note.text, note.count));
    }
    return std::move(report_);
  }

private:
  bool intervals() const { return report_.domain == ShadowDomain::Interval; }

  LineReport& lineOf(const SourceLocation& location) {
    LineReport& line = lines_[{location.file, location.line}];
    line.location = {location.file, location.line, 0, location.function};
    return line;
  }

  void addPlace(const simt::shadow::Place& place) {
    LineReport& line = lineOf(place.location);
    const simt::shadow::SiteRecord& record = place.record;
    line.operations += record.runs;
    if (intervals()) {
      line.worst_width = std::max(line.worst_width, record.first);
      line.worst_relative_width = std::max(line.worst_relative_width, record.second);
      line.undecided += static_cast<std::uint64_t>(record.third);
    } else {
      line.worst_rounding = std::max(line.worst_rounding, record.first);
      line.cancelled_bits = std::max(line.cancelled_bits, record.second);
      line.worst_error = std::max(line.worst_error, record.third);
      line.rounding += record.fourth;
    }
  }

  void addOutputs(std::size_t index) {
    const Buffer& buffer = plan_.buffers[index];
    const auto& elements = run_.shadow->buffers[index];
    if (elements.empty())
      return;
    forEachElement(buffer, [&](std::int64_t element) {
      const auto at = static_cast<std::size_t>(element);
      if (!elements[at].valid) {
        ++report_.lost;
        return;
      }
      ++report_.outputs;
      OutputError output{buffer.name, element, valueAt(buffer, run_.buffers[index], at)};
      if (intervals())
        addEnclosure(output, elements[at].words);
      else
        addError(output, elements[at].words);
    });
  }

  void addEnclosure(OutputError& output, const simt::shadow::Words& words) {
    output.low = doubleOf(words.w[0]), output.high = doubleOf(words.w[1]);
    const double width = output.high - output.low;
    report_.mean_width += width;
    if (report_.worst.buffer.empty() || !(width <= report_.worst_width)) {
      report_.worst_width = width;
      report_.worst = output;
    }
  }

  void addError(OutputError& output, const simt::shadow::Words& words) {
    const double hi = doubleOf(words.w[0]), lo = doubleOf(words.w[1]);
    output.exact = hi + lo;
    output.error = (output.value - hi) - lo;
    const double size = std::fabs(output.error);
    if (!std::isfinite(size))
      return;
    report_.signed_mean_error += output.error;
    total_ += size;
    const std::uint32_t site = simt::shadow::shareOf(words.w[2]).site;
    if (size > 0 && site < run_.shadow->places.size())
      lineOf(run_.shadow->places[site].location).share += size;
    if (report_.worst.buffer.empty() || size > report_.worst_error) {
      report_.worst_error = size;
      report_.worst = output;
    }
  }

  const LaunchPlan& plan_;
  const simt::RunResult& run_;
  ShadowReport report_;
  std::map<LineKey, LineReport> lines_;
  double total_ = 0;
};

std::string columnsOf(const ShadowReport& report, const LineReport* line) {
  if (report.domain == ShadowDomain::Interval) {
    if (!line)
      return fmt::format("{:>10} {:>10} {:>6}", "", "", "");
    return fmt::format("{:>10.2e} {:>10.2e} {:>6}", line->worst_width, line->worst_relative_width,
                       line->undecided ? fmt::format("{}", line->undecided) : "");
  }
  if (!line)
    return fmt::format("{:>6} {:>9} {:>9} {:>6}", "", "", "", "");
  auto number = [](double x) { return x > 0 ? fmt::format("{:.1e}", x) : std::string(); };
  return fmt::format("{:>6} {:>9} {:>9} {:>6}", line->share > 0 ? fmt::format("{:.1f}%", 100 * line->share) : "",
                     number(line->worst_rounding), number(line->worst_error),
                     line->cancelled_bits > 0 ? fmt::format("{:.0f}", line->cancelled_bits) : "");
}

std::string headingOf(const ShadowReport& report) {
  return report.domain == ShadowDomain::Interval
             ? fmt::format("{:>10} {:>10} {:>6}", "width", "relative", "open")
             : fmt::format("{:>6} {:>9} {:>9} {:>6}", "share", "rounding", "error", "lost");
}

std::string summaryOf(const ShadowReport& report) {
  const OutputError& worst = report.worst;
  if (report.outputs == 0)
    return "no output has a shadow value\n";
  std::string text;
  if (report.domain == ShadowDomain::Interval)
    text = fmt::format("{} outputs; widest enclosure {:.3g}: {}[{}] = {:.9g} in [{:.17g}, {:.17g}]; mean width {:.3g}\n",
                       report.outputs, report.worst_width, worst.buffer, worst.element, worst.value, worst.low,
                       worst.high, report.mean_width);
  else
    text = fmt::format("{} outputs; worst error {:.3g}: {}[{}] = {:.9g}, exactly {:.17g}; mean |error| {:.3g}, signed "
                       "{:.3g}\n",
                       report.outputs, report.worst_error, worst.buffer, worst.element, worst.value, worst.exact,
                       report.mean_error, report.signed_mean_error);
  if (report.lost > 0)
    text += fmt::format("{} outputs have no shadow value: integer code made their bits\n", report.lost);
  if (const LineReport* line = report.largestShare())
    text += fmt::format("line {} brings {:.0f} % of the error\n", line->location.line, 100 * line->share);
  if (const LineReport* line = report.worstCancellation())
    text += fmt::format("line {} cancels up to {:.0f} bits\n", line->location.line, line->cancelled_bits);
  for (const std::string& note : report.notes)
    text += note + "\n";
  return text;
}

template <class Value>
const LineReport* largest(const std::vector<LineReport>& lines, Value value) {
  auto found = std::max_element(lines.begin(), lines.end(),
                                [&](const LineReport& a, const LineReport& b) { return value(a) < value(b); });
  return found == lines.end() || !(value(*found) > 0) ? nullptr : &*found;
}

/// JSON has no infinity.
nlohmann::json number(double x) {
  return std::isfinite(x) ? nlohmann::json(x) : nlohmann::json(std::isnan(x) ? "nan" : x > 0 ? "inf" : "-inf");
}

} // namespace

const LineReport* ShadowReport::largestShare() const {
  return largest(lines, [](const LineReport& line) { return line.share; });
}

const LineReport* ShadowReport::worstCancellation() const {
  return largest(lines, [](const LineReport& line) { return line.cancelled_bits; });
}

ShadowReport blameLines(ShadowDomain domain, const LaunchPlan& plan, const simt::RunResult& run) {
  ShadowReport nothing;
  nothing.domain = domain;
  return run.shadow ? Blame(domain, plan, run).take() : nothing;
}

std::string annotatedListing(const ShadowReport& report, const std::string& path, const std::string& bytes) {
  std::map<unsigned, const LineReport*> here;
  std::string text = headingOf(report) + "\n", elsewhere;
  for (const LineReport& line : report.lines)
    if (line.location.file == path)
      here[line.location.line] = &line;
    else if (line.location.line > 0)
      elsewhere += fmt::format("{} | {}:{}\n", columnsOf(report, &line), line.location.file, line.location.line);
  std::istringstream lines(bytes);
  unsigned number_of_line = 0;
  for (std::string line; std::getline(lines, line);) {
    auto found = here.find(++number_of_line);
    text += fmt::format("{} | {:>4} {}\n", columnsOf(report, found == here.end() ? nullptr : found->second),
                        number_of_line, line);
  }
  return text + elsewhere + "\n" + summaryOf(report);
}

std::string toJson(const ShadowReport& report) {
  const bool intervals = report.domain == ShadowDomain::Interval;
  nlohmann::json lines = nlohmann::json::array();
  for (const LineReport& line : report.lines) {
    nlohmann::json one = {{"file", line.location.file}, {"line", line.location.line}, {"operations", line.operations}};
    if (intervals)
      one.update({{"worst_width", number(line.worst_width)},
                  {"worst_relative_width", number(line.worst_relative_width)},
                  {"undecided_comparisons", line.undecided}});
    else
      one.update({{"share_of_error", number(line.share)},
                  {"worst_rounding", number(line.worst_rounding)},
                  {"sum_of_roundings", number(line.rounding)},
                  {"worst_error", number(line.worst_error)},
                  {"cancelled_bits", number(line.cancelled_bits)}});
    lines.push_back(std::move(one));
  }
  nlohmann::json worst = {{"buffer", report.worst.buffer},
                          {"element", report.worst.element},
                          {"value", number(report.worst.value)}};
  nlohmann::json out = {{"format", "kverify.shadow/1"},
                        {"domain", intervals ? "interval" : "double-double"},
                        {"outputs", report.outputs},
                        {"outputs_without_shadow", report.lost},
                        {"lines", std::move(lines)},
                        {"notes", report.notes}};
  if (intervals) {
    worst.update({{"low", number(report.worst.low)}, {"high", number(report.worst.high)}});
    out.update({{"worst_width", number(report.worst_width)}, {"mean_width", number(report.mean_width)}});
  } else {
    worst.update({{"exact", number(report.worst.exact)}, {"error", number(report.worst.error)}});
    out.update({{"worst_error", number(report.worst_error)},
                {"mean_error", number(report.mean_error)},
                {"signed_mean_error", number(report.signed_mean_error)}});
  }
  out["worst"] = std::move(worst);
  return out.dump(2) + "\n";
}

} // namespace kverify::shadow
