#include "report/html.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "report/digest.h"
#include "report/escape.h"
#include "report/html_parts.h"

namespace kverify::report {
namespace {

struct Sign {
  const char *word, *sign, *shown;
};

constexpr Sign kVerdictSigns[] = {{"certified", "✓", "Certified"},
                                  {"refuted", "✗", "Refuted"},
                                  {"inconclusive", "?", "Inconclusive"},
                                  {"error", "!", "Not judged"}};
constexpr Sign kOutcomeSigns[] = {{"proved", "✓✓", "proved"},
                                  {"tested", "✓", "tested"},
                                  {"refuted", "✗", "refuted"},
                                  {"unknown", "?", "not known"}};

template <std::size_t N>
std::string badge(const Sign (&signs)[N], std::string_view word) {
  for (const Sign& one : signs)
    if (word == one.word)
      return fmt::format("<span class=\"badge {}\"><span aria-hidden=\"true\">{}</span> {}</span>", one.word, one.sign, one.shown);
  return fmt::format("<span class=\"badge\">{}</span>", escapeXml(word));
}

std::string nameOf(const KernelReport& kernel) {
  return kernel.kernel.empty() ? kernel.file : kernel.kernel;
}

int rankOf(const KernelReport& kernel) {
  std::string_view verdict = verdictOf(kernel);
  return verdict == "refuted" ? 0 : verdict == "error" ? 1 : verdict == "inconclusive" ? 2 : 3;
}

/// What the verdict means, for who reads one for the first time.
const char* meaningOf(std::string_view verdict) {
  if (verdict == "certified")
    return "Every check that applies was proved, or passed on every case that was run. Tested is not proved: it holds for "
           "the sizes under “what it covers”, no further.";
  if (verdict == "refuted")
    return "A launch that breaks a check was run, and run again to be sure. The replay command runs it once more.";
  if (verdict == "error")
    return "A file, a contract or a flag is wrong. There is no verdict on the kernel, and that is no pass.";
  return "Something kept kverify from knowing. That is never a pass.";
}

std::string header(const Report& report) {
  std::string_view verdict = verdictOf(report);
  std::size_t count = report.kernels.size();
  std::string text = "<header class=\"top\">\n<p class=\"brand\">kverify report</p>\n";
  text += fmt::format("<h1>{}</h1>\n<p class=\"lead\">{} kernel{}: {}. The audit took {:.1f} s.</p>\n<p class=\"meaning\">{}</p>\n",
                      verdictBadge(verdict), count, count == 1 ? "" : "s", escapeXml(countVerdicts(report).text()), report.seconds,
                      meaningOf(verdict));
  if (report.partial)
    text += "<p class=\"alert\"><strong>Interrupted.</strong> What is here is true, but not all was done.</p>\n";
  return text + "</header>\n";
}

std::string index(const std::vector<const KernelReport*>& kernels, const Report& report) {
  std::string rows;
  for (const KernelReport* kernel : kernels)
    rows += fmt::format("<tr><th scope=\"row\"><a href=\"#k{}\">{}</a><br><span class=\"path\">{}</span></th><td>{}</td><td>{}</td>"
                        "<td class=\"num\">{:.1f} s</td></tr>\n",
                        kernel - report.kernels.data(), escapeXml(nameOf(*kernel)), escapeXml(kernel->file),
                        verdictBadge(verdictOf(*kernel)), escapeXml(kernel->error ? kernel->error->message : groundsOf(*kernel)),
                        kernel->seconds);
  std::string table = "<table><caption>Kernels, the worst first</caption><thead><tr><th scope=\"col\">Kernel</th><th "
                      "scope=\"col\">Verdict</th><th scope=\"col\">What stands behind it</th><th scope=\"col\" class=\"num\">Time</th></tr></thead>"
                      "<tbody>\n" + rows + "</tbody></table>\n";
  return "<nav aria-label=\"Kernels\" class=\"index\">\n" + scrollable("Kernels", table) + "</nav>\n";
}

std::string subtitle(const KernelReport& kernel) {
  std::vector<std::string> facts;
  facts.push_back(kernel.contract.empty() ? "no contract" : "contract " + kernel.contract);
  if (!kernel.spec.empty())
    facts.push_back("operation " + kernel.spec);
  if (!kernel.target.empty())
    facts.push_back(kernel.target);
  if (!kernel.headers.empty())
    facts.push_back((kernel.headers == "builtin" ? "built-in" : kernel.headers) + " headers");
  return fmt::format("<p class=\"path\">{}</p>\n<p class=\"facts\">{}</p>\n", escapeXml(kernel.file),
                     escapeXml(fmt::format("{}", fmt::join(facts, " · "))));
}

std::string findings(const HtmlKernel& page) {
  if (page.kernel.findings.empty())
    return {};
  std::string text = fmt::format("<section aria-labelledby=\"{0}-findings\">\n<h3 id=\"{0}-findings\">Findings</h3>\n", page.id);
  for (std::size_t i = 0; i < page.kernel.findings.size(); ++i)
    text += htmlFinding(page, i);
  return text + "</section>\n";
}

std::string failure(const ToolError& error) {
  std::string text = fmt::format("<div class=\"alert\"><p><strong>It could not be judged.</strong></p><pre tabindex=\"0\">{}</pre>", escapeXml(error.message));
  if (!error.place.empty())
    text += fmt::format("<p>At <code>{}</code></p>", escapeXml(error.place));
  if (!error.hint.empty())
    text += fmt::format("<p>{}</p>", escapeXml(error.hint));
  return text + "</div>\n";
}

std::string article(const HtmlKernel& page, bool folded) {
  const KernelReport& kernel = page.kernel;
  std::string head = fmt::format("<h2 id=\"{}-name\">{} {}</h2>\n", page.id, escapeXml(nameOf(kernel)), verdictBadge(verdictOf(kernel)));
  std::string body = subtitle(kernel);
  if (kernel.error)
    body += failure(*kernel.error);
  else
    body += fmt::format("<p class=\"grounds\">{}.</p>\n", escapeXml(groundsOf(kernel))) + htmlScope(page) + findings(page) + htmlChecks(page) +
            htmlSource(page) + htmlStability(page) + htmlTiming(page) + htmlAssumptions(page);
  std::string open = fmt::format("<article id=\"{0}\" class=\"kernel\" aria-labelledby=\"{0}-name\">\n", page.id);
  if (!folded)
    return open + head + body + "</article>\n";
  return open + fmt::format("<details{}><summary>{}</summary>\n", std::string_view(verdictOf(kernel)) == "certified" ? "" : " open", head) +
         body + "</details></article>\n";
}

std::string footer(const Report& report) {
  std::string items = item("kverify", escapeXml(report.tool_version)) + item("seed", std::to_string(report.seed)) +
                      item("started", escapeXml(report.started));
  if (!report.command.empty())
    items += item("command", "<code>" + escapeXml(report.command) + "</code>");
  items += item("folder", escapeXml(report.folder));
  for (const auto& [name, value] : report.platform)
    items += item(escapeXml(name), escapeXml(value));
  return "<footer>\n<h2 id=\"environment\">Environment</h2>\n<dl class=\"facts\">\n" + items +
         "</dl>\n<p>The command above, on the sources with the hashes above, gives this report again.</p>\n</footer>\n";
}

} // namespace

std::string verdictBadge(std::string_view verdict) {
  return badge(kVerdictSigns, verdict);
}

std::string outcomeBadge(std::string_view outcome) {
  return badge(kOutcomeSigns, outcome);
}

std::string item(std::string_view term, std::string_view html) {
  return html.empty() ? std::string() : fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", term, html);
}

std::string scrollable(std::string_view label, std::string_view html) {
  return fmt::format("<div class=\"scroll\" role=\"region\" aria-label=\"{}\" tabindex=\"0\">{}</div>\n", escapeXml(label), html);
}

std::string renderHtml(const Report& report, const RenderOptions& options) {
  std::vector<const KernelReport*> kernels;
  for (const KernelReport& kernel : report.kernels)
    kernels.push_back(&kernel);
  std::stable_sort(kernels.begin(), kernels.end(), [](const auto* a, const auto* b) { return rankOf(*a) < rankOf(*b); });
  bool many = kernels.size() > kManyKernels;
  std::string title = fmt::format("{}: kverify report{}", verdictOf(report), kernels.size() == 1 ? " on " + nameOf(*kernels[0]) : "");
  std::string html = fmt::format("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
                                 "content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n"
                                 "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
                                 "img-src data:\">\n<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n"
                                 "<a class=\"skip\" href=\"#main\">Skip to the kernels</a>\n",
                                 escapeXml(title), kHtmlStyle);
  html += header(report);
  if (kernels.size() > 1)
    html += index(kernels, report);
  html += "<main id=\"main\">\n";
  if (many)
    html += fmt::format("<p>There are more than {} kernels: the sources of certified ones are left out.</p>\n", kManyKernels);
  for (const KernelReport* kernel : kernels) {
    bool certified = std::string_view(verdictOf(*kernel)) == "certified";
    auto number = static_cast<std::size_t>(kernel - report.kernels.data());
    html += article(makePage(report, options, *kernel, number, !(many && certified)), kernels.size() > 3);
  }
  return html + "</main>\n" + footer(report) + "</body>\n</html>\n";
}

} // namespace kverify::report
