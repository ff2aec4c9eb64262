#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "report/escape.h"
#include "report/picture.h"

namespace kverify::report {
namespace {

constexpr int kCellHeight = 34, kTop = 22;
constexpr double kDigit = 7.7, kLetter = 7.4; ///< widths of a character in a cell and of one in front of a row

/// What the pictures and the words need to know of a tile's cells.
class Cells {
public:
  explicit Cells(const FindingFacts& facts) : facts_(facts), tile_(*facts.tile) {
    for (const ThreadId& thread : tile_.threads)
      several_blocks_ = several_blocks_ || thread.block != tile_.threads[0].block;
  }

  std::size_t count() const { return std::size_t{tile_.rows} * tile_.columns; }
  bool exists(std::size_t i) const { return i >= tile_.writers.size() || tile_.writers[i] != Tile::Outside; }
  const ThreadId* writer(std::size_t i) const { return at(tile_.writers, i); }
  const ThreadId* other(std::size_t i) const { return at(tile_.others, i); }
  bool hasRatios() const { return !tile_.ratios.empty(); }
  double ratio(std::size_t i) const { return tile_.ratios[i]; }
  bool isFocus(std::size_t i) const {
    return tile_.focus && i == std::size_t{tile_.focus->first} * tile_.columns + tile_.focus->second;
  }

  /// "63", or "3:63" where several blocks take part.
  std::string shortName(const ThreadId& thread) const {
    auto linear = linearThread(thread, facts_);
    std::string name = linear ? std::to_string(*linear) : fmt::format("{}", fmt::join(thread.thread, ","));
    return several_blocks_ ? fmt::format("{}:{}", linearBlock(thread), name) : name;
  }

  std::string name(std::size_t i) const {
    std::vector<std::int64_t> index = indexOf(i);
    bool global = facts_.object && facts_.object->space == MemorySpace::Global;
    return fmt::format("{}[{}]", tile_.object, fmt::join(index, global ? "," : "]["));
  }

  std::vector<std::int64_t> indexOf(std::size_t i) const {
    std::vector<std::int64_t> index = tile_.first;
    if (index.size() < 2)
      return {(index.empty() ? 0 : index[0]) + static_cast<std::int64_t>(i) * tile_.step};
    index[index.size() - 2] += static_cast<std::int64_t>(i / tile_.columns);
    index.back() += static_cast<std::int64_t>(i % tile_.columns);
    return index;
  }

  /// Of what kind: cells next to each other are said together where they are alike.
  std::string state(std::size_t i) const {
    if (other(i))
      return exists(i) ? "conflict" : "missed";
    if (!exists(i))
      return "outside";
    if (hasRatios())
      return std::isfinite(ratio(i)) ? ratio(i) > 1 ? "over" : "within" : "broken";
    if (writer(i))
      return "written";
    std::int32_t word = i < tile_.writers.size() ? tile_.writers[i] : std::int32_t{Tile::Nobody};
    return word == Tile::Host ? "host" : word == Tile::Earlier ? "earlier" : "nobody";
  }

  const Tile& tile() const { return tile_; }
  const FindingFacts& facts() const { return facts_; }
  bool severalBlocks() const { return several_blocks_; }

private:
  const ThreadId* at(const std::vector<std::int32_t>& list, std::size_t i) const {
    return i < list.size() && list[i] >= 0 ? &tile_.threads[static_cast<std::size_t>(list[i])] : nullptr;
  }

  std::string linearBlock(const ThreadId& thread) const {
    if (!facts_.launch)
      return fmt::format("{}", fmt::join(thread.block, ","));
    const Dim3& grid = facts_.launch->grid;
    return std::to_string(thread.block[0] + grid.x * (thread.block[1] + std::uint64_t{grid.y} * thread.block[2]));
  }

  const FindingFacts& facts_;
  const Tile& tile_;
  bool several_blocks_ = false;
};

/// Characters, not bytes.
std::size_t lengthOf(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

/// Three digits at most: cells are small.
std::string ratioText(double ratio) {
  if (std::isnan(ratio))
    return "NaN";
  if (std::isinf(ratio))
    return "inf";
  return ratio < 10 ? fmt::format("{:.1f}", ratio) : ratio < 1000 ? fmt::format("{:.0f}", ratio) : ">999";
}

const char* ratioClass(double ratio) {
  return !std::isfinite(ratio) ? "rx" : ratio <= 0.5 ? "r0" : ratio <= 1 ? "r1" : ratio <= 10 ? "r2" : "r3";
}

std::string classOf(const Cells& cells, std::size_t i) {
  std::string state = cells.state(i), cls = "cell " + state;
  if (cells.hasRatios())
    cls += fmt::format(" {}", ratioClass(cells.ratio(i)));
  else if (const ThreadId* who = cells.writer(i))
    cls += fmt::format(" w{}", linearThread(*who, cells.facts()).value_or(0) / 32 % 8);
  return cells.isFocus(i) ? cls + " focus" : cls;
}

/// Two lines: who wrote it, or how far off it is; and who else touched it.
std::pair<std::string, std::string> labelsOf(const Cells& cells, std::size_t i) {
  const ThreadId *who = cells.writer(i), *other = cells.other(i);
  std::string first = cells.hasRatios() ? cells.ratio(i) >= 1000 && std::isfinite(cells.ratio(i)) ? ">1k" : ratioText(cells.ratio(i)) : who ? cells.shortName(*who) : "";
  if (!who && !cells.hasRatios())
    first = cells.state(i) == "host" ? "in" : cells.state(i) == "earlier" ? "pre" : "–";
  if (!cells.exists(i))
    first = "";
  std::string second = other ? "✗" + cells.shortName(*other) : cells.hasRatios() && who ? cells.shortName(*who) : "";
  return {first, second};
}

/// Of a cell that no thread of this launch wrote.
const char* untouchedText(const std::string& state) {
  return state == "host" ? "as it came" : state == "earlier" ? "written by an earlier launch" : "never written";
}

std::string rowLabel(const Cells& cells, std::uint32_t row) {
  return cells.name(std::size_t{row} * cells.tile().columns);
}

std::string hover(const Cells& cells, std::size_t i) {
  std::string text = cells.name(i) + ": ";
  if (const ThreadId* missed = cells.exists(i) ? nullptr : cells.other(i))
    return text + "there is no such element; touched by " + threadName(*missed) + " of " + blockName(*missed);
  const ThreadId *who = cells.writer(i), *other = cells.other(i);
  auto full = [](const ThreadId& thread) { return threadName(thread) + " of " + blockName(thread); };
  text += who ? "written by " + full(*who) : cells.tile().writers.empty() ? "" : untouchedText(cells.state(i));
  if (other)
    text += ", and touched by " + full(*other) + " with nothing to order them";
  if (cells.hasRatios())
    text += fmt::format("{}{} of the bound", who ? ", " : "", ratioText(cells.ratio(i)));
  return text;
}

} // namespace

std::string tilePicture(const FindingFacts& facts, const std::string& id) {
  if (!facts.tile || facts.tile->rows == 0 || facts.tile->columns == 0)
    return {};
  Cells cells(facts);
  const Tile& tile = *facts.tile;
  std::size_t longest = 1, longest_row = 1;
  for (std::size_t i = 0; i < cells.count(); ++i) {
    auto [first, second] = labelsOf(cells, i);
    longest = std::max({longest, lengthOf(first), lengthOf(second)});
  }
  for (std::uint32_t row = 0; row < tile.rows; ++row)
    longest_row = std::max(longest_row, rowLabel(cells, row).size());
  int cell = std::max(26, static_cast<int>(kDigit * static_cast<double>(longest)) + 4);
  int left = static_cast<int>(kLetter * static_cast<double>(longest_row)) + 8;
  int width = left + cell * static_cast<int>(tile.columns) + 4, height = kTop + kCellHeight * static_cast<int>(tile.rows) + 4;
  std::string body;
  for (std::uint32_t column = 0; column < tile.columns; column += tile.columns > 16 ? 4 : 1)
    body += fmt::format("<text x=\"{}\" y=\"15\" class=\"small\" text-anchor=\"middle\">+{}</text>", left + cell * static_cast<int>(column) + cell / 2, column);
  for (std::uint32_t row = 0; row < tile.rows; ++row)
    body += fmt::format("<text x=\"{}\" y=\"{}\" class=\"small code\" text-anchor=\"end\">{}</text>\n", left - 6,
                        kTop + kCellHeight * static_cast<int>(row) + 21, escapeXml(rowLabel(cells, row)));
  for (std::size_t i = 0; i < cells.count(); ++i) {
    if (cells.state(i) == "outside")
      continue;
    int x = left + cell * static_cast<int>(i % tile.columns), y = kTop + kCellHeight * static_cast<int>(i / tile.columns);
    auto [first, second] = labelsOf(cells, i);
    body += fmt::format("<g class=\"{}\"><title>{}</title><rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>", classOf(cells, i),
                        escapeXml(hover(cells, i)), x + 1, y + 1, cell - 2, kCellHeight - 2);
    body += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>", x + cell / 2, y + (second.empty() ? 21 : 15),
                        escapeXml(first));
    if (!second.empty())
      body += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>", x + cell / 2, y + 28, escapeXml(second));
    body += "</g>\n";
  }
  return fmt::format("<svg class=\"picture tile\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" role=\"img\" "
                     "aria-labelledby=\"{2}-t {2}-d\"><title id=\"{2}-t\">{3}, cell by cell</title><desc id=\"{2}-d\">{4}</desc>\n{5}</svg>\n",
                     width, height, id, escapeXml(tile.object), escapeXml(fmt::format("{}", fmt::join(tileInWords(facts), "; "))), body);
}

namespace {

bool same(const ThreadId* a, const ThreadId* b) {
  return (!a && !b) || (a && b && *a == *b);
}

/// Does cell `at` go on with the run that begins at `first`? One state; one writer, or writers that count up by `step`.
bool continues(const Cells& cells, std::size_t first, std::size_t at, std::int64_t step) {
  if (at >= cells.count() || cells.state(at) != cells.state(first))
    return false;
  if (cells.hasRatios())
    return true;
  const ThreadId *a = cells.writer(first), *b = cells.writer(at);
  if (!same(cells.other(at), cells.other(first)) || (a == nullptr) != (b == nullptr))
    return false;
  if (!a || step == 0)
    return same(a, b);
  auto from = linearThread(*a, cells.facts()), to = linearThread(*b, cells.facts());
  return a->block == b->block && from && to && *to == *from + (at - first) * static_cast<std::size_t>(step);
}

std::string runText(const Cells& cells, std::size_t first, std::size_t end) {
  std::string run = cells.name(first) + (end > first + 1 ? " to " + cells.name(end - 1) : ""), state = cells.state(first);
  if (cells.hasRatios()) {
    double worst = 0;
    for (std::size_t i = first; i < end; ++i)
      worst = std::max(worst, cells.ratio(i));
    return run + (state == "within" ? ": within the bound" : state == "over" ? fmt::format(": over the bound, up to {} times", ratioText(worst)) : ": not finite where it should be");
  }
  const ThreadId *a = cells.writer(first), *b = cells.writer(end - 1), *other = cells.other(first);
  std::string who = cells.exists(first) ? untouchedText(state) : "no such element";
  if (a)
    who = same(a, b) ? fmt::format("written by {} of {}", threadName(*a), blockName(*a))
                     : fmt::format("written by {} to {} of {}, one each", threadName(*a), threadName(*b), blockName(*a));
  if (other)
    who += fmt::format(", {} by {} of {}{}", cells.exists(first) ? "and touched" : "touched", threadName(*other), blockName(*other),
                       cells.exists(first) ? " with nothing to order them" : "");
  return run + ": " + who;
}

} // namespace

std::vector<std::string> tileInWords(const FindingFacts& facts) {
  std::vector<std::string> words;
  if (!facts.tile)
    return words;
  Cells cells(facts);
  for (std::size_t i = 0; i < cells.count();) {
    std::size_t end = i + 1;
    bool alike = continues(cells, i, end, 0);
    while (continues(cells, i, end, alike ? 0 : 1))
      ++end;
    if (cells.state(i) != "outside")
      words.push_back(runText(cells, i, end));
    i = end;
  }
  return words;
}

} // namespace kverify::report
