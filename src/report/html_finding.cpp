// One finding: what happened where, the picture of it, the numbers, and how to mend it.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "kverify/check.h"
#include "report/digest.h"
#include "report/escape.h"
#include "report/html_parts.h"
#include "report/picture.h"

namespace kverify::report {
namespace {

std::string codeText(const std::string& text) {
  return text.empty() ? "" : "<code>" + escapeXml(text) + "</code>";
}

/// The place, as a link where its line is on the page.
std::string placeLink(const HtmlKernel& page, const SourceLocation& at) {
  std::string text = escapeXml(placeOf(at));
  bool shown = page.with_source && page.options.sources && at.line && page.options.sources->line(at.file, at.line);
  return shown ? fmt::format("<a href=\"#{}\"><code>{}</code></a>", lineId(page, at.file, at.line), text) : "<code>" + text + "</code>";
}

std::string places(const HtmlKernel& page, const Finding& finding) {
  std::string text = "<ol class=\"places\">\n";
  for (const FindingLocation& location : finding.locations) {
    SourceLocation at = headOf(location);
    text += fmt::format("<li>{} {}", placeLink(page, at), escapeXml(location.what));
    auto line = page.options.sources && at.line ? page.options.sources->line(at.file, at.line) : std::nullopt;
    if (line)
      text += fmt::format("<pre tabindex=\"0\">{}</pre>", escapeXml(line->substr(std::min(line->find_first_not_of(" \t"), line->size()))));
    for (std::size_t i = 1; i < location.stack.size(); ++i)
      text += fmt::format("<div class=\"path\">called at {}</div>", placeLink(page, location.stack[i]));
    text += "</li>\n";
  }
  return text + "</ol>\n";
}

std::string launchText(const LaunchFacts& launch) {
  auto dims = [](const Dim3& d) { return d.z > 1 ? fmt::format("{}×{}×{}", d.x, d.y, d.z) : d.y > 1 ? fmt::format("{}×{}", d.x, d.y) : std::to_string(d.x); };
  std::string text = fmt::format("{} with a grid of {} and blocks of {}", launch.kernel, dims(launch.grid), dims(launch.block));
  if (launch.shared_bytes)
    text += fmt::format(", {} bytes of dynamic shared memory", launch.shared_bytes);
  std::string separator = "; ";
  for (const auto& [name, value] : launch.sizes) {
    text += fmt::format("{}{}={}", separator, name, value);
    separator = ", ";
  }
  if (!launch.family.empty())
    text += fmt::format("; values: {}", launch.family);
  if (launch.seed)
    text += fmt::format("; seed {}", *launch.seed);
  return text;
}

std::string number(double value) {
  return std::isfinite(value) ? fmt::format("{:.6g}", value) : std::isnan(value) ? "NaN" : value > 0 ? "∞" : "−∞";
}

std::string violationText(const Violation& v) {
  std::string unit = v.unit.empty() ? "" : " " + v.unit + (v.actual == 1 ? "" : "s");
  std::string text = fmt::format("{}: {}{} where {} is allowed", v.what, number(v.actual), unit, number(v.allowed));
  if (v.allowed > 0 && std::isfinite(v.actual / v.allowed) && v.actual / v.allowed >= 1.005)
    text += fmt::format(", {:.3g} times that", v.actual / v.allowed);
  return text;
}

std::string valueTable(const ValueFacts& value) {
  std::string index;
  for (const auto& [axis, position] : value.index)
    index += fmt::format("{}{}={}", index.empty() ? "" : ", ", axis, position);
  double error = std::fabs(value.got - value.want);
  std::string table = fmt::format("<table class=\"small\"><caption>The worst element, {}[{}]; {} of {} elements are wrong</caption><thead><tr>"
                                  "<th scope=\"col\">The kernel wrote</th><th scope=\"col\">The reference</th><th scope=\"col\">Error</th><th "
                                  "scope=\"col\">A correct kernel keeps</th></tr></thead><tbody><tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr></tbody></table>\n",
                                  escapeXml(value.tensor), escapeXml(index), value.wrong, value.compared, number(value.got),
                                  number(value.want), std::isfinite(error) ? fmt::format("{:.3g}", error) : number(error),
                                  std::isfinite(value.bound) ? fmt::format("{:.3g}", value.bound) : number(value.bound));
  return scrollable("The worst element", table);
}

/// What the signs in a tile mean, of those that are in it.
std::string tileCaption(const Tile& tile) {
  auto has = [](const std::vector<std::int32_t>& list, auto what) { return std::any_of(list.begin(), list.end(), what); };
  auto writes = [&](std::int32_t code) { return has(tile.writers, [code](std::int32_t one) { return one == code; }); };
  bool blocks = std::any_of(tile.threads.begin(), tile.threads.end(), [&](const ThreadId& one) { return one.block != tile.threads[0].block; });
  const char* thread = blocks ? "block:thread" : "the thread";
  std::string text = tile.ratios.empty() ? fmt::format("Each cell is {}, with {} that wrote it last; colours are warps.", tile.step > 1 ? fmt::format("{} bytes", tile.step) : "an element", thread)
                     : tile.writers.empty() ? "Each cell is an element, with its error as a share of the bound: above 1 it is wrong."
                                            : fmt::format("Each cell is an element, with its error as a share of the bound (above 1 it is wrong) and {} that wrote it.", thread);
  if (has(tile.others, [](std::int32_t one) { return one >= 0; }))
    text += " ✗: a thread that touches it too, with nothing to order the two, or that touches what is not there.";
  if (writes(Tile::Host))
    text += " in: it came initialised.";
  if (writes(Tile::Earlier))
    text += " pre: an earlier launch wrote it.";
  if (writes(Tile::Nobody))
    text += " –: nobody wrote it.";
  return tile.focus ? text + " Framed: the element of this finding." : text;
}

std::string tileFigure(const FindingFacts& facts, const std::string& id) {
  std::string picture = tilePicture(facts, id);
  if (picture.empty())
    return {};
  std::string words;
  for (const std::string& run : tileInWords(facts))
    words += "<li>" + escapeXml(run) + "</li>\n";
  return fmt::format("<figure>\n{}<figcaption>{}</figcaption>\n<details><summary>The same in words</summary><ul>\n{}</ul></details>\n</figure>\n",
                     scrollable("Picture: who wrote which element", picture), tileCaption(*facts.tile), words);
}

std::string help(const Finding& finding) {
  const CheckInfo* check = findCheck(finding.check);
  if (!check)
    return {};
  std::string text = fmt::format("<details><summary>About this check</summary>\n<dl class=\"facts\">\n{}{}{}{}</dl>\n",
                                 item("looks for", escapeXml(check->summary)), item("why it matters", escapeXml(check->why)),
                                 item("how to mend it", escapeXml(check->fix)), item("how far to trust it", escapeXml(check->soundness)));
  if (check->example)
    text += fmt::format("<pre tabindex=\"0\">{}</pre>\n", escapeXml(check->example));
  return text + "</details>\n";
}

} // namespace

std::string htmlFinding(const HtmlKernel& page, std::size_t index) {
  const Finding& finding = page.kernel.findings[index];
  std::string id = fmt::format("{}-f{}", page.id, index), word = wordOf(finding), number = codeOf(finding);
  std::string text = fmt::format("<section id=\"{0}\" class=\"finding {1}\" aria-labelledby=\"{0}-h\">\n<h4 id=\"{0}-h\"><span "
                                 "class=\"word\">{1}</span> {2}</h4>\n<p class=\"path\">{3}{4}</p>\n",
                                 id, word, escapeXml(finding.message), escapeXml(finding.check), number.empty() ? "" : " · " + escapeXml(number));
  text += places(page, finding);
  if (std::string picture = threadsPicture(finding, page.options, id + "-p"); !picture.empty())
    text += fmt::format("<figure>\n{}<figcaption>{}</figcaption>\n</figure>\n", scrollable("Picture: the two threads", picture),
                        finding.facts.interval ? fmt::format("Barrier interval {} of the block, counted from 0.", finding.facts.interval->number)
                                               : "Where the two threads are.");
  if (finding.facts.value)
    text += valueTable(*finding.facts.value);
  text += tileFigure(finding.facts, id + "-t");
  std::string items;
  if (finding.facts.violation)
    items += item("violated", escapeXml(violationText(*finding.facts.violation)));
  items += item("launch", escapeXml(finding.facts.launch ? launchText(*finding.facts.launch) : finding.launch));
  if (auto example = page.kernel.examples.find(finding.replay); example != page.kernel.examples.end() && !finding.replay.empty())
    items += item("smallest inputs", escapeXml(example->second));
  items += item("to mend it", escapeXml(helpOf(finding)));
  items += item("to see it again", codeText(finding.replay.empty() ? "" : "kverify replay " + finding.replay));
  items += item("fingerprint", codeText(finding.fingerprint));
  return text + "<dl class=\"facts\">\n" + items + "</dl>\n" + help(finding) + "</section>\n";
}

} // namespace kverify::report
