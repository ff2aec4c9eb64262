#include "fuzz/shadow/listing.h"

#include <cmath>
#include <sstream>

#include <fmt/format.h>

namespace kverify::shadow {
namespace {

constexpr unsigned kContext = 2; // lines shown around a line with numbers

/// "1.2e-07"; "all" where nothing of a result is right; nothing for 0.
std::string relative(double x) {
  return x > 1e300 ? "all" : x > 0 ? fmt::format("{:.1e}", x) : std::string();
}

/// 950, 12k, 3.4M
std::string counted(std::uint64_t n) {
  const auto x = static_cast<double>(n);
  return n == 0 ? "" : n < 10000 ? fmt::format("{}", n) : n < 1000000 ? fmt::format("{:.0f}k", x / 1e3)
                                                                      : fmt::format("{:.1f}M", x / 1e6);
}

struct Columns {
  bool intervals = false;

  std::string heading() const {
    return intervals ? fmt::format("  {:>8} {:>8} {:>5} {:>5} |", "width", "relative", "open", "ops")
                     : fmt::format("  {:>6} {:>8} {:>8} {:>4} {:>5} |", "share", "rounding", "error", "bits", "ops");
  }
  /// `largest`: the line that is to blame.
  std::string of(const LineReport* line, bool largest) const {
    if (!line)
      return std::string(heading().size() - 1, ' ') + "|";
    const std::string mark = largest ? "> " : "  ", operations = counted(line->operations);
    if (intervals)
      return mark + fmt::format("{:>8} {:>8} {:>5} {:>5} |", std::isinf(line->worst_width) ? "all" : relative(line->worst_width),
                                relative(line->worst_relative_width), counted(line->undecided), operations);
    return mark + fmt::format("{:>6} {:>8} {:>8} {:>4} {:>5} |",
                              line->share > 0.0005 ? fmt::format("{:.1f}%", 100 * line->share) : "",
                              relative(line->worst_rounding), relative(line->worst_error),
                              line->cancelled_bits > 0 ? fmt::format("{:.0f}", line->cancelled_bits) : "", operations);
  }
  const char* legend() const {
    return intervals ? "width: of the widest enclosure that the line made, and the same over its magnitude; open: comparisons that\n"
                       "the exact run might decide otherwise; ops: operations of floats\n"
                     : "share: of the outputs' error, by the line that brought most of each (>: the largest); rounding: of one\n"
                       "operation, and error: what a result has gathered, both the largest and relative to the result; bits: lost\n"
                       "where operands with an error cancel; ops: operations of floats\n";
  }
};

std::string summaryOf(const ShadowReport& report) {
  const OutputError& worst = report.worst;
  std::string text;
  if (report.outputs == 0)
    text = "no output has a shadow value\n";
  else if (report.domain == simt::ShadowDomain::Interval)
    text = fmt::format("{} outputs; mean width {:.3g}, widest {:.3g}:\n  {}[{}] = {:.9g}, exactly within [{:.17g}, {:.17g}]\n",
                       report.outputs, report.mean_width, report.worst_width, worst.buffer, worst.element, worst.value,
                       worst.low, worst.high);
  else
    text = fmt::format("{} outputs; mean error {:.3g} (signed {:.3g}), worst {:.3g}:\n  {}[{}] = {:.9g}, exactly {:.17g}\n",
                       report.outputs, report.mean_error, report.signed_mean_error, report.worst_error, worst.buffer,
                       worst.element, worst.value, worst.exact);
  if (report.lost > 0)
    text += fmt::format("{} outputs have no shadow value: integer code made their bits\n", report.lost);
  if (const LineReport* line = report.largestShare())
    text += fmt::format("line {} brings {:.0f} % of the error\n", line->location.line, 100 * line->share);
  if (const LineReport* line = report.worstCancellation())
    text += fmt::format("line {} cancels up to {:.0f} bits\n", line->location.line, line->cancelled_bits);
  for (const std::string& note : report.notes)
    text += "note: " + note + "\n";
  return text;
}

} // namespace

std::string annotatedListing(const ShadowReport& report, const std::string& path, const std::string& bytes,
                             const ListingOptions& options) {
  const Columns columns{report.domain == simt::ShadowDomain::Interval};
  const LineReport* blamed = report.largestShare();
  std::map<unsigned, const LineReport*> here;
  std::string elsewhere;
  for (const LineReport& line : report.lines)
    if (line.location.file == path)
      here[line.location.line] = &line;
    else if (line.location.line > 0)
      elsewhere += fmt::format("{} {}:{}\n", columns.of(&line, &line == blamed), line.location.file, line.location.line);
  auto isNear = [&](unsigned number) {
    auto next = here.lower_bound(number > kContext ? number - kContext : 0);
    return options.all_lines || (next != here.end() && next->first <= number + kContext);
  };
  std::string text = columns.heading() + "\n";
  std::istringstream lines(bytes);
  unsigned number = 0;
  bool skipped = false;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (!isNear(number)) {
      skipped = true;
      continue;
    }
    if (std::exchange(skipped, false))
      text += columns.of(nullptr, false) + "  ...\n";
    auto found = here.find(number);
    const LineReport* numbers = found == here.end() ? nullptr : found->second;
    text += fmt::format("{} {:>4} {}\n", columns.of(numbers, numbers && numbers == blamed), number, line);
  }
  if (!elsewhere.empty())
    text += columns.of(nullptr, false) + " in other files:\n" + elsewhere;
  return text + "\n" + columns.legend() + "\n" + summaryOf(report);
}

} // namespace kverify::shadow
