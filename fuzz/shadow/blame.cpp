#include "fuzz/shadow/blame.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <tuple>

#include <fmt/format.h>

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
      report_.notes.push_back(line ? fmt::format("line {}: {} ({} times)", line, note.text, note.count)
                                   : fmt::format("{} ({} times)", note.text, note.count));
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
    // exact - value; where the value is not finite, the exact value itself (simt/shadow/double_double.h)
    const double difference = doubleOf(words.w[0]);
    output.exact = std::isfinite(output.value) ? output.value + difference : difference;
    output.error = std::isfinite(output.value) ? -difference : output.value - difference;
    const double size = std::fabs(output.error);
    if (!std::isfinite(size)) { // no mean includes it
      if (std::isfinite(report_.worst_error) || report_.worst.buffer.empty())
        report_.worst = output;
      report_.worst_error = std::numeric_limits<double>::infinity();
      return;
    }
    report_.signed_mean_error += output.error;
    total_ += size;
    const auto site = static_cast<std::size_t>(words.w[2]);
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

template <class Value>
const LineReport* largest(const std::vector<LineReport>& lines, Value value) {
  auto found = std::max_element(lines.begin(), lines.end(),
                                [&](const LineReport& a, const LineReport& b) { return value(a) < value(b); });
  return found == lines.end() || !(value(*found) > 0) ? nullptr : &*found;
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

} // namespace kverify::shadow
