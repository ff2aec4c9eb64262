#include "report/format.h"

#include <algorithm>

#include "report/concise.h"
#include "report/feedback.h"
#include "report/github.h"
#include "report/html.h"
#include "report/json.h"
#include "report/junit.h"
#include "report/markdown.h"
#include "report/sarif.h"
#include "report/text.h"

namespace kverify::report {
namespace {

std::string asText(const Report& report, const RenderOptions& options) {
  return renderText(report, {.color = options.color,
                             .all_checks = options.all_checks,
                             .lines = options.sources ? options.sources->lineReader() : LineReader()});
}

std::string asJson(const Report& report, const RenderOptions&) {
  return renderJson(report);
}

constexpr Format kFormats[] = {
    {"text", ".txt", "for a terminal: findings, proofs, scopes, the verdict last", asText},
    {"concise", "", "a line a finding as compilers print it, a line a kernel, the verdict last", renderConcise},
    {"json", ".json", "everything (kverify.report/1); kverify report renders it later", asJson},
    {"sarif", ".sarif", "SARIF 2.1.0, for GitHub code scanning and editors", renderSarif},
    {"junit", ".xml", "JUnit XML: a suite a kernel, a case a check", renderJunit},
    {"github", "", "annotations of a GitHub workflow: ten at most", renderGithub},
    {"markdown", ".md", "for a step summary or a comment, under 1 MiB", renderMarkdown},
    {"html", ".html", "one page with sources, pictures and plots; needs no network and no script", renderHtml},
    {"feedback", "", "short JSON for the model that wrote the kernel (kverify.feedback/1)", renderFeedback},
};

} // namespace

std::span<const Format> formats() {
  return kFormats;
}

const Format* findFormat(std::string_view name) {
  auto found = std::find_if(std::begin(kFormats), std::end(kFormats), [&](const Format& one) { return name == one.name; });
  return found == std::end(kFormats) ? nullptr : found;
}

const Format* formatOfFile(std::string_view path) {
  if (path.ends_with(".sarif.json"))
    return findFormat("sarif");
  auto owns = [&](const Format& one) { return *one.extension && path.ends_with(one.extension); };
  auto found = std::find_if(std::begin(kFormats), std::end(kFormats), owns);
  return found == std::end(kFormats) ? nullptr : found;
}

std::vector<std::string> formatNames() {
  std::vector<std::string> names;
  for (const Format& one : kFormats)
    names.push_back(one.name);
  return names;
}

} // namespace kverify::report
