// The plot: time over rounds, the best so far as a line of steps, and what was not certified as marks below.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "cli/loop/history.h"
#include "report/escape.h"

namespace kverify::loop {
namespace {

constexpr double kWidth = 720, kHeight = 360, kLeft = 70, kRight = 20, kTop = 40, kBottom = 100;
constexpr double kBase = kHeight - kBottom; ///< where the axis of rounds lies

constexpr const char* kStyle =
    "<style>text{font:12px sans-serif;fill:#222}.axis,.grid{stroke:#888;stroke-width:1}.grid{stroke-opacity:.3}"
    ".best{fill:none;stroke:#0b6e4f;stroke-width:2}.ok{fill:#0b6e4f}.bad{stroke:#b00020;stroke-width:2}.none{fill:#777}"
    ".paper{fill:#fff}@media (prefers-color-scheme:dark){text{fill:#eee}.paper{fill:#181818}.best{stroke:#5fd3a6}.ok{fill:#5fd3a6}"
    ".bad{stroke:#ff7b7b}.none{fill:#aaa}}</style>\n";

struct Frame {
  double low = 1, high = 10; ///< milliseconds
  std::size_t rounds = 1;

  double x(std::size_t index) const {
    return kLeft + (kWidth - kLeft - kRight) * (static_cast<double>(index) + 0.5) / static_cast<double>(rounds);
  }
  /// Logarithmic: twice as fast is the same step everywhere.
  double y(double ms) const { return kBase - (kBase - kTop) * (std::log(ms / low) / std::log(high / low)); }
};

Frame frameOf(const std::vector<Round>& rounds, bool& timed) {
  Frame frame{.low = INFINITY, .high = 0, .rounds = std::max<std::size_t>(1, rounds.size())};
  for (const Round& round : rounds)
    if (round.timing && round.timing->ms) {
      frame.low = std::min(frame.low, *round.timing->ms);
      frame.high = std::max(frame.high, *round.timing->ms);
    }
  timed = frame.high > 0;
  frame.low = timed ? frame.low / 1.15 : 1;
  frame.high = timed ? frame.high * 1.15 : 10;
  return frame;
}

std::string label(double x, double y, const char* anchor, const std::string& text) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n", x, y, anchor, report::escapeXml(text));
}

std::string axes(const Frame& frame, bool timed) {
  std::string out = fmt::format("<line class=\"axis\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>\n", kLeft, kBase, kWidth - kRight, kBase);
  for (int i = 0; timed && i <= 4; ++i) {
    double ms = frame.low * std::pow(frame.high / frame.low, i / 4.0), y = frame.y(ms);
    out += fmt::format("<line class=\"grid\" x1=\"{}\" y1=\"{:.1f}\" x2=\"{}\" y2=\"{:.1f}\"/>\n", kLeft, y, kWidth - kRight, y);
    out += label(kLeft - 8, y + 4, "end", fmt::format("{:.3g} ms", ms));
  }
  if (!timed)
    out += label((kLeft + kWidth) / 2, (kTop + kBase) / 2, "middle", "nothing was timed");
  return out + label((kLeft + kWidth - kRight) / 2, kHeight - 8, "middle", "round");
}

/// One round: a dot where it was timed, else a mark in the strip below: a cross what is wrong, a ring what is not known.
std::string mark(const Frame& frame, std::size_t index, const Round& round) {
  double x = frame.x(index), strip = kBase + 44;
  std::string title = fmt::format("<title>round {}: {}{}{}</title>", round.number, report::escapeXml(statusOf(round)),
                                  round.proposal.note.empty() ? "" : ", ", report::escapeXml(round.proposal.note));
  if (round.certified() && round.timing && round.timing->ms)
    return fmt::format("<circle class=\"ok\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4.5\">{}</circle>\n", x, frame.y(*round.timing->ms), title);
  if (round.certified())
    return fmt::format("<circle class=\"ok\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4.5\">{}</circle>\n", x, strip, title);
  bool refuted = round.judgement && (round.judgement->verdict == "refuted" || (round.timing && round.timing->refused));
  if (refuted)
    return fmt::format("<path class=\"bad\" d=\"M{:.1f} {:.1f}l8 8m0 -8l-8 8\">{}</path>\n", x - 4, strip - 4, title);
  return fmt::format("<rect class=\"none\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"7\" height=\"7\">{}</rect>\n", x - 3.5, strip - 3.5, title);
}

std::string bestLine(const Frame& frame, const History& history) {
  std::string path;
  const Round* best = nullptr;
  for (std::size_t i = 0; i < history.rounds.size(); ++i) {
    if (better(history.rounds[i], best, history.margin))
      best = &history.rounds[i];
    if (best && best->timing->ms)
      path += fmt::format("{}{:.1f}{}{:.1f}", path.empty() ? "M" : "H", frame.x(i), path.empty() ? " " : "V", frame.y(*best->timing->ms));
  }
  return path.empty() ? "" : fmt::format("<path class=\"best\" d=\"{}\"/>\n", path);
}

} // namespace

std::string historyPlot(const History& history) {
  bool timed = false;
  Frame frame = frameOf(history.rounds, timed);
  std::string body = axes(frame, timed) + bestLine(frame, history);
  std::size_t every = history.rounds.size() / 24 + 1;
  for (std::size_t i = 0; i < history.rounds.size(); ++i) {
    body += mark(frame, i, history.rounds[i]);
    if (i % every == 0)
      body += label(frame.x(i), kBase + 18, "middle", std::to_string(history.rounds[i].number));
  }
  body += label(kLeft, kHeight - 30, "start", "dot: certified   cross: refuted   square: no kernel, or not known   line: the best so far");
  return fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" height=\"{1:.0f}\" role=\"img\" "
                     "aria-labelledby=\"t d\"><title id=\"t\">{2}</title><desc id=\"d\">{3}</desc>\n{4}"
                     "<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n{5}{6}</svg>\n",
                     kWidth, kHeight, report::escapeXml("kverify loop: " + history.spec), report::escapeXml(conclusionOf(history)), kStyle,
                     label(kLeft, 22, "start", history.spec + ", " + conclusionOf(history)), body);
}

} // namespace kverify::loop
