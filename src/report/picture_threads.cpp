#include <algorithm>

#include <fmt/format.h>

#include "report/digest.h"
#include "report/escape.h"
#include "report/picture.h"

namespace kverify::report {
namespace {

constexpr int kWidth = 780, kLane = 350, kLeft = 12, kRight = kWidth - kLeft - kLane;
constexpr std::size_t kCodeLength = 44, kTextLength = 52;

/// At most so many characters; code points, so that nothing is cut in the middle.
std::string cut(const std::string& text, std::size_t most) {
  std::string out;
  std::size_t count = 0;
  for (char c : text) {
    bool starts = (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    if (starts && ++count > most)
      return out + "…";
    out += c;
  }
  return out;
}

std::string text(int x, int y, const char* cls, const std::string& what, const char* anchor = "start") {
  return fmt::format("<text x=\"{}\" y=\"{}\" class=\"{}\" text-anchor=\"{}\">{}</text>\n", x, y, cls, anchor, escapeXml(what));
}

std::string box(int x, int y, int width, int height, const char* cls) {
  return fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"5\" class=\"{}\"/>\n", x, y, width, height, cls);
}

/// A line of its own across both lanes.
std::string barrier(int y, const std::string& what) {
  return "<g class=\"barrier\">" + box(1, y, kWidth - 2, 24, "fill") + text(kWidth / 2, y + 16, "label", what, "middle") + "</g>\n";
}

std::string laneHead(int x, const FindingLocation& location, const FindingFacts& facts, std::size_t number) {
  std::string who = number == 0 ? "one thread" : "another thread", more;
  if (const auto& thread = location.thread) {
    who = threadName(*thread);
    more = blockName(*thread);
    if (auto linear = linearThread(*thread, facts))
      more += fmt::format(" · warp {}, lane {}", *linear / 32, *linear % 32);
  }
  return "<g class=\"lane\">" + box(x, 0, kLane, 46, "fill") + text(x + 12, 19, "strong", who) + text(x + 12, 37, "small", more) +
         "</g>\n";
}

/// What the thread does, where, and the code of it.
std::string event(int x, int y, const FindingLocation& location, const FindingFacts& facts, const RenderOptions& options) {
  SourceLocation at = headOf(location);
  std::string what = location.what;
  if (location.thread && facts.object && location.access) {
    const char* verb = location.access->kind == AccessKind::Read     ? "reads"
                       : location.access->kind == AccessKind::Write  ? "writes"
                       : location.access->kind == AccessKind::Atomic ? "updates atomically"
                                                                     : "copies to or from";
    what = fmt::format("{} {}, {} bytes", verb, elementName(*facts.object, *location.access), location.access->bytes);
  } else if (location.thread) {
    // The sentence begins with the thread, which stands above already.
    std::size_t end = what.rfind(") ");
    what = end == std::string::npos ? what : what.substr(end + 2);
  }
  auto line = options.sources && at.line ? options.sources->line(at.file, at.line) : std::nullopt;
  std::string code = line ? line->substr(std::min(line->find_first_not_of(" \t"), line->size())) : placeOf(at);
  return "<g class=\"event\">" + box(x, y, kLane, 74, "fill") +
         text(x + 12, y + 20, "strong", cut(what, kTextLength)) +
         text(x + 12, y + 41, "code", cut(code, kCodeLength)) +
         text(x + 12, y + 62, "small", cut(at.line ? fmt::format("line {}", at.line) : placeOf(at), kTextLength)) + "</g>\n";
}

bool isRace(const Finding& finding) {
  return finding.check.starts_with("race.");
}

/// What stands between the two.
std::string connector(int y, const std::string& what) {
  int from = kLeft + kLane, to = kRight;
  return fmt::format("<g class=\"conflict\"><line x1=\"{0}\" y1=\"{2}\" x2=\"{1}\" y2=\"{2}\" class=\"stroke\"/>"
                     "<path d=\"M{0} {2}l9 -5v10zM{1} {2}l-9 -5v10z\" class=\"fill\"/></g>\n",
                     from, to, y) +
         "<g class=\"verdictline\">" + text(kWidth / 2, y + 66, "label", what, "middle") + "</g>\n";
}

std::string barrierText(const std::optional<SourceLocation>& at, const char* without, const char* with) {
  return at ? fmt::format("barrier at line {}: {}", at->line, with) : std::string(without);
}

} // namespace

std::string threadName(const ThreadId& thread) {
  return fmt::format("thread ({})", fmt::join(thread.thread, ","));
}

std::string blockName(const ThreadId& thread) {
  return fmt::format("block ({})", fmt::join(thread.block, ","));
}

std::optional<std::uint32_t> linearThread(const ThreadId& thread, const FindingFacts& facts) {
  if (!facts.launch)
    return std::nullopt;
  const Dim3& block = facts.launch->block;
  return thread.thread[0] + block.x * (thread.thread[1] + block.y * thread.thread[2]);
}

std::string elementName(const MemoryObject& object, const MemoryAccess& access) {
  if (access.index.empty())
    return fmt::format("{} at byte {}", object.name, access.offset);
  return object.space == MemorySpace::Global ? fmt::format("{}[{}]", object.name, fmt::join(access.index, ","))
                                             : fmt::format("{}[{}]", object.name, fmt::join(access.index, "]["));
}

std::string threadsPicture(const Finding& finding, const RenderOptions& options, const std::string& id) {
  bool meets = finding.check.starts_with("barrier.") || finding.check.starts_with("warp.");
  if (finding.locations.size() < 2 || !(isRace(finding) || meets))
    return {};
  const FindingLocation &a = finding.locations[0], &b = finding.locations[1];
  const FindingFacts& facts = finding.facts;
  bool blocks = a.thread && b.thread && a.thread->block != b.thread->block;
  bool one_warp = a.thread && b.thread && !blocks && linearThread(*a.thread, facts) && linearThread(*b.thread, facts) &&
                  *linearThread(*a.thread, facts) / 32 == *linearThread(*b.thread, facts) / 32;
  std::string between = meets      ? "these two never meet"
                        : blocks   ? "blocks run in any order: nothing orders these two"
                        : one_warp ? "nothing orders these two: not even being in one warp"
                                   : "nothing orders these two";
  std::string body = laneHead(kLeft, a, facts, 0) + laneHead(kRight, b, facts, 1);
  int y = 58;
  const auto& interval = facts.interval;
  bool bars = interval && !blocks;
  if (bars) {
    body += barrier(y, barrierText(interval->opened_by, "no barrier came before: the block starts", "both have passed it"));
    y += 40;
  }
  int events = y;
  body += event(kLeft, events, a, facts, options) + event(kRight, events, b, facts, options) + connector(events + 37, between);
  y += 118;
  if (bars) {
    body += barrier(y, barrierText(interval->closed_by, "no barrier comes after", "neither has reached it"));
    y += 30;
  }
  int height = y + 2;
  std::string lanes = fmt::format("<g class=\"rail\"><line x1=\"{0}\" y1=\"46\" x2=\"{0}\" y2=\"{2}\" class=\"stroke\"/><line x1=\"{1}\" "
                                  "y1=\"46\" x2=\"{1}\" y2=\"{2}\" class=\"stroke\"/></g>\n",
                                  kLeft + kLane / 2, kRight + kLane / 2, height);
  std::string words = fmt::format("{}; {}. {}: {}. {}: {}.", finding.message, between, placeOf(headOf(a)), a.what,
                                  placeOf(headOf(b)), b.what);
  return fmt::format("<svg class=\"picture threads\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" role=\"img\" "
                     "aria-labelledby=\"{2}-t {2}-d\"><title id=\"{2}-t\">The two threads</title><desc id=\"{2}-d\">{3}</desc>\n{4}{5}"
                     "</svg>\n",
                     kWidth, height, id, escapeXml(words), lanes, body);
}

} // namespace kverify::report
