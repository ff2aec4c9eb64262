// The source, line by line: what was proved of each line, what stayed open, what was found.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "report/digest.h"
#include "report/escape.h"
#include "report/highlight.h"
#include "report/html_parts.h"

namespace kverify::report {
namespace {

constexpr unsigned kAround = 8, kWholeFile = 4000;

struct LineMarks {
  std::set<std::string> proved, open;
  std::vector<std::pair<std::size_t, const FindingLocation*>> findings; ///< number, and its place here
};

using FileMarks = std::map<unsigned, LineMarks>;

std::map<std::string, FileMarks> marksOf(const KernelReport& kernel) {
  std::map<std::string, FileMarks> files;
  for (const CheckOutcome& o : kernel.outcomes)
    for (const JudgedLine& at : o.lines) {
      if (std::holds_alternative<Proved>(o.outcome))
        files[at.file][at.line].proved.insert(o.check);
      if (std::holds_alternative<Unknown>(o.outcome))
        files[at.file][at.line].open.insert(o.check);
    }
  for (std::size_t i = 0; i < kernel.findings.size(); ++i)
    for (const FindingLocation& location : kernel.findings[i].locations) {
      if (SourceLocation at = headOf(location); at.line)
        files[at.file][at.line].findings.emplace_back(i, &location);
      for (std::size_t call = 1; call < location.stack.size(); ++call)
        files[location.stack[call].file][location.stack[call].line]; // shown, so that it can be linked to
    }
  return files;
}

/// A sign with a number, which opens to the names.
std::string mark(const char* cls, const char* sign, const char* word, const std::set<std::string>& checks) {
  if (checks.empty())
    return {};
  return fmt::format("<details class=\"mark {0}\"><summary><span aria-hidden=\"true\">{1}</span><span class=\"hidden\">{2} </span>{3}</summary><span "
                     "class=\"names\">{2}: {4}</span></details>",
                     cls, sign, word, checks.size(), escapeXml(fmt::format("{}", fmt::join(checks, ", "))));
}

std::string row(const HtmlKernel& page, const std::string& file, unsigned line, const std::string& code, const LineMarks* marks) {
  const char* cls = !marks ? "" : !marks->findings.empty() ? " class=\"bad\"" : !marks->open.empty() ? " class=\"open\"" : !marks->proved.empty() ? " class=\"good\"" : "";
  std::string gutter;
  if (marks) {
    if (!marks->findings.empty())
      gutter += "<span class=\"mark no\"><span aria-hidden=\"true\">✗</span><span class=\"hidden\">finding</span></span>";
    gutter += mark("maybe", "?", "not known", marks->open) + mark("yes", "✓", "proved", marks->proved);
  }
  std::string html = fmt::format("<tr id=\"{}\"{}><th scope=\"row\">{}</th><td class=\"gutter\">{}</td><td><code>{}</code></td></tr>\n",
                                 lineId(page, file, line), cls, line, gutter, code.empty() ? " " : code);
  if (!marks)
    return html;
  for (const auto& [number, location] : marks->findings) {
    const Finding& finding = page.kernel.findings[number];
    html += fmt::format("<tr class=\"said {}\"><td></td><td></td><td><a href=\"#{}-f{}\">{}: {}</a>{}{}</td></tr>\n", wordOf(finding), page.id, number,
                        wordOf(finding), escapeXml(finding.message), location->what.empty() ? "" : " — ", escapeXml(location->what));
  }
  return html;
}

bool isShown(unsigned line, const FileMarks& marks) {
  auto next = marks.lower_bound(line > kAround ? line - kAround : 1);
  return next != marks.end() && next->first <= line + kAround;
}

/// The whole of a kernel's own file; of others, and of very long ones, what is near something.
std::string table(const HtmlKernel& page, const std::string& file, const std::vector<std::string>& lines, const FileMarks& marks) {
  bool whole = file == page.kernel.file && lines.size() <= kWholeFile;
  std::vector<std::string> code = highlight(lines);
  std::string rows;
  bool gap = false;
  for (unsigned line = 1; line <= lines.size(); ++line) {
    if (!whole && !isShown(line, marks)) {
      gap = true;
      continue;
    }
    if (gap)
      rows += "<tr class=\"gap\"><td colspan=\"3\">…</td></tr>\n";
    gap = false;
    auto found = marks.find(line);
    rows += row(page, file, line, code[line - 1], found == marks.end() ? nullptr : &found->second);
  }
  return fmt::format("<table class=\"source\"><caption>{}</caption><thead class=\"hidden\"><tr><th scope=\"col\">Line</th><th "
                     "scope=\"col\">Judged</th><th scope=\"col\">Source</th></tr></thead><tbody>\n{}</tbody></table>\n",
                     escapeXml(file), rows);
}

std::string whyNot(const HtmlKernel& page, const std::string& file) {
  bool changed = page.options.sources && page.options.sources->state(file) == Sources::State::Changed;
  return fmt::format("<p class=\"alert\"><code>{}</code> is not shown: {}.</p>\n", escapeXml(file),
                     changed ? "it has changed since it was judged (its SHA-256 is another)" : "it is not here");
}

} // namespace

HtmlKernel makePage(const Report& report, const RenderOptions& options, const KernelReport& kernel, std::size_t index,
                    bool with_source) {
  HtmlKernel page{report, options, kernel, fmt::format("k{}", index), with_source, {kernel.file}};
  for (const Finding& finding : kernel.findings)
    for (const FindingLocation& location : finding.locations)
      for (const SourceLocation& at : location.stack)
        if (!at.file.empty() && std::find(page.files.begin(), page.files.end(), at.file) == page.files.end())
          page.files.push_back(at.file);
  return page;
}

std::string lineId(const HtmlKernel& page, const std::string& file, unsigned line) {
  auto at = std::find(page.files.begin(), page.files.end(), file);
  return fmt::format("{}-s{}-L{}", page.id, at - page.files.begin(), line);
}

std::string htmlSource(const HtmlKernel& page) {
  if (!page.with_source)
    return {};
  auto marks = marksOf(page.kernel);
  std::string text;
  for (const std::string& file : page.files) {
    const std::vector<std::string>* lines = page.options.sources ? page.options.sources->lines(file) : nullptr;
    text += lines ? scrollable("Source of " + file, table(page, file, *lines, marks[file])) : whyNot(page, file);
  }
  return fmt::format("<section aria-labelledby=\"{0}-source\">\n<h3 id=\"{0}-source\">Source</h3>\n<p class=\"legend\"><span class=\"mark "
                     "yes\">✓ 3</span> three checks were proved of this line, for the launches under “what it covers”; <span "
                     "class=\"mark maybe\">? 1</span> a question about it stayed open; <span class=\"mark no\">✗</span> a finding. No "
                     "mark: no stage says anything about the line.</p>\n{1}</section>\n",
                     page.id, text);
}

} // namespace kverify::report
