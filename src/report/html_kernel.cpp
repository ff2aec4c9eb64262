// Of one kernel: what the verdict covers, the table of checks, what it stands on, and how long it took.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>

#include "kverify/check.h"
#include "report/digest.h"
#include "report/escape.h"
#include "report/html_parts.h"
#include "report/outcome_table.h"
#include "report/picture.h"
#include "report/proof_text.h"

namespace kverify::report {
namespace {

std::string section(const HtmlKernel& page, const char* name, const char* title, const std::string& body) {
  return body.empty() ? "" : fmt::format("<section aria-labelledby=\"{0}-{1}\">\n<h3 id=\"{0}-{1}\">{2}</h3>\n{3}</section>\n", page.id, name, title, body);
}

std::string scopeText(const Outcome& outcome) {
  if (const auto* proved = std::get_if<Proved>(&outcome))
    return fmt::format("proved{} {}", proved->scope.starts_with("bounded") ? "," : " for", proved->scope);
  const auto* tested = std::get_if<Tested>(&outcome);
  return tested && !tested->scope.empty() ? "tested on " + tested->scope : "";
}

std::string letterOf(const std::vector<std::string>& scopes, const Outcome& outcome) {
  auto at = std::find(scopes.begin(), scopes.end(), scopeText(outcome));
  return at == scopes.end() ? "" : scopeLetter(static_cast<std::size_t>(at - scopes.begin()));
}

/// What an outcome says beside its name.
std::string detailOf(const HtmlKernel& page, const CheckOutcome& o, const std::vector<std::string>& scopes) {
  std::string letter = letterOf(scopes, o.outcome), scope;
  if (!letter.empty())
    scope = fmt::format("scope <a href=\"#{}-scope-{}\">{}</a>", page.id, letter, letter);
  if (const auto* proved = std::get_if<Proved>(&o.outcome))
    return scope + (proved->cached ? ", from the cache" : "");
  if (const auto* tested = std::get_if<Tested>(&o.outcome)) {
    std::string text = fmt::format("{} case{}", tested->cases, tested->cases == 1 ? "" : "s");
    if (tested->worst_ratio)
      text += fmt::format(", worst error {:.3g} of the bound", *tested->worst_ratio);
    return text + (scope.empty() ? "" : ", " + scope);
  }
  if (const auto* refuted = std::get_if<Refuted>(&o.outcome))
    return escapeXml(refuted->summary);
  const auto& unknown = std::get<Unknown>(o.outcome);
  return escapeXml(unknown.detail.empty() ? unknown.code : unknown.code + ": " + unknown.detail);
}

std::string checkRow(const HtmlKernel& page, const Obligation& one, const std::vector<std::string>& scopes) {
  const CheckInfo* info = findCheck(one.check);
  std::string first, others;
  double seconds = 0;
  for (const CheckOutcome* o : one.all) {
    bool decisive = o == one.decisive;
    (decisive ? first : others) += fmt::format("<div class=\"by{}\"><span class=\"stage\">{}</span><span>{}{}</span></div>", decisive ? "" : " lesser",
                                               escapeXml(o->stage), decisive ? "" : outcomeName(o->outcome) + ": ", detailOf(page, *o, scopes));
    seconds += o->stage == "formal" ? o->seconds : 0; // the runs share theirs
  }
  return fmt::format("<tr><th scope=\"row\"><span class=\"id\">{}</span>{}</th><td>{}</td><td>{}</td><td class=\"num\">{}</td></tr>\n",
                     escapeXml(one.check), info ? fmt::format("<br><span class=\"about\">{} · {}</span>", info->code, escapeXml(info->summary)) : "",
                     outcomeBadge(one.outcome), first + others, seconds > 0 ? durationText(seconds) : "");
}

std::string idle(const KernelReport& kernel) {
  std::map<std::string, std::vector<std::string>> reasons;
  for (const NothingToJudge& one : kernel.idle)
    reasons[one.why].push_back(one.check);
  std::string text;
  for (const auto& [why, checks] : reasons)
    text += fmt::format("<li>{}: {}</li>\n", escapeXml(why), escapeXml(fmt::format("{}", fmt::join(checks, ", "))));
  return text.empty() ? "" : fmt::format("<details><summary>Nothing to judge: {} checks</summary><ul>\n{}</ul></details>\n", kernel.idle.size(), text);
}

std::string besides(const KernelReport& kernel) {
  std::string text;
  for (const CheckOutcome& o : kernel.outcomes)
    if (const auto* unknown = std::get_if<Unknown>(&o.outcome); unknown && isBesides(o))
      text += fmt::format("<li>{}: {}</li>\n", escapeXml(o.check), escapeXml(unknown->detail.empty() ? unknown->code : unknown->detail));
  return text.empty() ? "" : fmt::format("<details><summary>What reading the source alone could not tell</summary><ul>\n{}</ul></details>\n", text);
}

std::string list(const char* title, const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines)
    text += "<li>" + escapeXml(line) + "</li>\n";
  return text.empty() ? "" : fmt::format("<h4>{}</h4>\n<ul>\n{}</ul>\n", title, text);
}

std::string stressTable(const Stability& stability) {
  std::string rows;
  for (const StressRow& row : stability.rows) {
    bool judged = row.outcome == "pass" || row.outcome == "fail";
    rows += fmt::format("<tr><th scope=\"row\">{}<br><span class=\"about\">{}</span></th><td>{}</td><td class=\"num\">{}</td><td class=\"num\">{}</td><td>{}</td>"
                        "<td class=\"num\">{} of {}</td></tr>\n",
                        escapeXml(row.name), escapeXml(row.finds), escapeXml(row.outcome), judged ? fmt::format("{:.3g}", row.worst_ratio) : "",
                        judged ? fmt::format("{:+.2e}", row.signed_mean_error) : "", escapeXml(row.where), row.impostors_rejected, row.impostors);
  }
  if (rows.empty())
    return {};
  return "<details><summary>The stress cases as a table</summary>\n" +
         scrollable("Stress cases", "<table class=\"small\"><caption>Stress cases</caption><thead><tr><th scope=\"col\">Case</th><th scope=\"col\">Outcome</th><th "
                                    "scope=\"col\" class=\"num\">Error / bound</th><th scope=\"col\" class=\"num\">Mean error</th><th scope=\"col\">Worst at</th><th scope=\"col\" "
                                    "class=\"num\">Wrong results told apart</th></tr></thead><tbody>\n" + rows + "</tbody></table>\n") +
         "</details>\n";
}

std::string figure(const char* label, const std::string& picture, const char* caption) {
  return picture.empty() ? "" : "<figure>\n" + scrollable(label, picture) + fmt::format("<figcaption>{}</figcaption>\n</figure>\n", caption);
}

std::string adequacyText(const Adequacy& adequacy) {
  std::string text = fmt::format("rejects {} of {} wrong results at these inputs (at least {:.0f} % are wanted)", adequacy.rejected, adequacy.total,
                                 100 * adequacy.floor);
  if (!adequacy.survivors.empty())
    text += fmt::format("; it does not tell from a right one: {}", fmt::join(adequacy.survivors, ", "));
  return text;
}

} // namespace

std::string scopeLetter(std::size_t index) {
  std::string letter(1, static_cast<char>('A' + index % 26));
  return index < 26 ? letter : letter + std::to_string(index / 26);
}

std::vector<std::string> scopesOf(const KernelReport& kernel) {
  std::vector<std::string> scopes;
  for (bool proofs : {true, false})
    for (const CheckOutcome& o : kernel.outcomes) {
      std::string text = scopeText(o.outcome);
      bool wanted = std::holds_alternative<Proved>(o.outcome) == proofs && !text.empty();
      if (wanted && std::find(scopes.begin(), scopes.end(), text) == scopes.end())
        scopes.push_back(text);
    }
  return scopes;
}

std::string htmlScope(const HtmlKernel& page) {
  std::vector<std::string> scopes = scopesOf(page.kernel);
  std::string items;
  for (std::size_t i = 0; i < scopes.size(); ++i)
    items += fmt::format("<div id=\"{0}-scope-{1}\"><dt>{1}</dt><dd>{2}</dd></div>\n", page.id, scopeLetter(i), escapeXml(scopes[i]));
  std::string body = items.empty() ? "<p>Nothing was run to its end and nothing was proved.</p>\n" : "<dl class=\"scopes\">\n" + items + "</dl>\n";
  for (const std::string& note : page.kernel.notes)
    if (note.starts_with("too large to be covered") || note.starts_with("values were not judged") || note.starts_with("nothing was run"))
      body += fmt::format("<p class=\"alert\">Not covered: {}</p>\n", escapeXml(note));
  return section(page, "scope", "What it covers", body);
}

std::string htmlChecks(const HtmlKernel& page) {
  std::vector<std::string> scopes = scopesOf(page.kernel);
  std::string rows;
  auto obligations = obligationsOf(page.kernel);
  for (const Obligation& one : obligations)
    rows += checkRow(page, one, scopes);
  std::string body;
  if (!rows.empty())
    body = scrollable("Checks", fmt::format("<table class=\"checks\"><caption>{} checks, bad news first</caption><thead><tr><th scope=\"col\">Check</th><th "
                                            "scope=\"col\">Outcome</th><th scope=\"col\">By which stage, and how far</th><th scope=\"col\" class=\"num\">Proof time</th></tr></thead><tbody>\n{}</tbody></table>\n",
                                            obligations.size(), rows));
  if (page.kernel.static_checks)
    body += fmt::format("<p>{} more checks read the source; what they warn of is under the findings.</p>\n", page.kernel.static_checks);
  return section(page, "checks", "Checks", body + idle(page.kernel) + besides(page.kernel));
}

std::string htmlStability(const HtmlKernel& page) {
  const KernelReport& kernel = page.kernel;
  std::string items;
  if (kernel.adequacy)
    items += item("the oracle", escapeXml(adequacyText(*kernel.adequacy)));
  std::string body;
  if (kernel.stability) {
    const Stability& s = *kernel.stability;
    if (!s.order_dependent.empty())
      items += item("order of blocks", escapeXml("the bits depend on it: " + s.order_dependent));
    else if (s.schedules)
      items += item("order of blocks", fmt::format("the same bits in {} other orders of blocks and warps", s.schedules));
    if (!s.nonfinite.empty())
      items += item("a NaN", escapeXml(s.nonfinite));
    body += figure("Picture: stress cases", stressPicture(s, page.id + "-stress"), "The worst error of each stress case, as a share of what a correct kernel keeps; the axis is logarithmic.");
    body += figure("Picture: growth of the error", growthPicture(s, page.id + "-growth"),
                   "How the error grows with the length of the reduction, beside the bound and plain fp32 loops. Both axes are logarithmic.");
    body += stressTable(s);
  }
  if (!items.empty())
    body = "<dl class=\"facts\">\n" + items + "</dl>\n" + body;
  return section(page, "stability", "Oracle and stability", body);
}

std::string htmlTiming(const HtmlKernel& page) {
  // The runs of a stage share their time: it is the longest of its checks; proofs have each their own.
  std::map<std::string, double> stages;
  for (const CheckOutcome& o : page.kernel.outcomes)
    stages[o.stage] = o.stage == "formal" ? stages[o.stage] + o.seconds : std::max(stages[o.stage], o.seconds);
  std::erase_if(stages, [](const auto& one) { return one.second <= 0; });
  double longest = 0;
  for (const auto& [stage, seconds] : stages)
    longest = std::max(longest, seconds);
  std::string rows;
  for (const auto& [stage, seconds] : stages)
    rows += fmt::format("<tr><th scope=\"row\">{}</th><td class=\"num\">{}</td><td><span class=\"bar\" style=\"width:{:.1f}%\"></span></td></tr>\n",
                        escapeXml(stage), durationText(seconds), 100 * seconds / longest);
  if (rows.empty())
    return {};
  return section(page, "timing", "Timing of the audit",
                 fmt::format("<table class=\"timing\"><caption>Time of each stage; the audit of this kernel took {}</caption><thead><tr><th scope=\"col\">Stage</th><th "
                             "scope=\"col\" class=\"num\">Time</th><th scope=\"col\"><span class=\"hidden\">As a bar</span></th></tr></thead><tbody>\n{}</tbody></table>\n",
                             durationText(page.kernel.seconds), rows));
}

std::string htmlAssumptions(const HtmlKernel& page) {
  const KernelReport& kernel = page.kernel;
  std::vector<std::string> allowed;
  for (const Suppression& said : kernel.suppressions)
    allowed.push_back(allowanceText(said));
  std::string body = list("Assumed", assumptionsOf(kernel)) + list("Allowed by comments in the source", allowed) + list("Notes", kernel.notes) +
                     list("Profile of the source", kernel.profile);
  std::set<std::string> solvers;
  for (const CheckOutcome& o : kernel.outcomes)
    if (const auto* proved = std::get_if<Proved>(&o.outcome); proved && !proved->solver.empty())
      solvers.insert(proved->solver);
  std::string items = item("source", kernel.source_sha256.empty() ? "" : "<code>sha256 " + escapeXml(kernel.source_sha256) + "</code>") +
                      item("contract", kernel.contract_sha256.empty() ? "" : "<code>sha256 " + escapeXml(kernel.contract_sha256) + "</code>") +
                      item("solver", escapeXml(fmt::format("{}", fmt::join(solvers, "; "))));
  if (!items.empty())
    body += "<h4>Identity</h4>\n<dl class=\"facts\">\n" + items + "</dl>\n";
  return section(page, "assumptions", "Assumptions, suppressions, notes", body);
}

} // namespace kverify::report
