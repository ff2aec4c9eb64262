// Each format against its golden, its schema, and what its reader must be able to rely on.
#include <algorithm>
#include <chrono>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/hash.h"
#include "report/concise.h"
#include "report/feedback.h"
#include "report/format.h"
#include "report/github.h"
#include "report/html.h"
#include "report/json.h"
#include "report/junit.h"
#include "report/markdown.h"
#include "report/sarif.h"
#include "tests/report/golden.h"
#include "tests/report/rich_report.h"
#include "tests/support/json_schema.h"

namespace kverify::report::tests {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

nlohmann::json schema(const std::string& name) {
  std::ifstream in(std::string(SCHEMA_DIR) + "/" + name + ".schema.json");
  return nlohmann::json::parse(in);
}

class Formats : public testing::Test {
protected:
  Formats() {
    registerSampleChecks();
    sources.expect(report);
  }
  std::string render(const std::string& format, const Report& what) { return findFormat(format)->render(what, options); }
  std::string render(const std::string& format) { return render(format, report); }

  Report report = richReport();
  Sources sources{sourceText};
  RenderOptions options{.sources = &sources};
};

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t n = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + what.size()))
    ++n;
  return n;
}

TEST_F(Formats, LookLikeTheirGoldens) {
  for (auto [format, file] : {std::pair("text", "rich.txt"), {"concise", "rich.concise.txt"}, {"json", "rich.json"}, {"sarif", "rich.sarif"},
                              {"junit", "rich.junit.xml"}, {"github", "rich.github.txt"}, {"markdown", "rich.md"}, {"html", "rich.html"},
                              {"feedback", "rich.feedback.json"}})
    expectGolden(file, render(format));
}

TEST_F(Formats, AreNamedAndFoundByEnding) {
  EXPECT_EQ(findFormat("pdf"), nullptr);
  EXPECT_STREQ(formatOfFile("out/r.html")->name, "html");
  EXPECT_STREQ(formatOfFile("k.sarif")->name, "sarif");
  EXPECT_STREQ(formatOfFile("k.sarif.json")->name, "sarif");
  EXPECT_STREQ(formatOfFile("k.xml")->name, "junit");
  EXPECT_EQ(formatOfFile("k"), nullptr);
}

TEST_F(Formats, EachTakesAnEmptyReport) {
  Report empty{.tool_version = "0.1.0"};
  for (const Format& format : formats())
    EXPECT_FALSE(format.render(empty, options).empty()) << format.name;
  EXPECT_THAT(render("junit", empty), HasSubstr("errors=\"1\"")) << "nothing judged is no pass";
  EXPECT_THAT(render("github", empty), HasSubstr("verdict: error"));
}

// --- JSON -----------------------------------------------------------------------------------------------------------

TEST_F(Formats, JsonFitsItsSchemaAndComesBackWhole) {
  EXPECT_THAT(kverify::tests::violations(schema("report"), nlohmann::json::parse(render("json"))), IsEmpty());
  report.kernels[3].outcomes[1].outcome = Unknown{"unsupported", "bytes that JSON can hold"};
  std::string once = render("json");
  auto back = reportFromJson("r.json", once);
  ASSERT_TRUE(back) << back.error().message << " " << back.error().place;
  for (const char* format : {"json", "text", "concise", "sarif", "junit", "github", "markdown", "html", "feedback"})
    EXPECT_TRUE(render(format, *back) == render(format)) << format << " of the report that was read back is another";
}

std::string messageOf(const std::string& text) {
  auto read = reportFromJson("r.json", text);
  return read ? "it was read" : read.error().message + " | " + read.error().place;
}

TEST_F(Formats, JsonThatIsNoReportIsRefusedInOneSentence) {
  std::string whole = render("json");
  auto with = [&](const std::string& from, const std::string& to) {
    std::string text = whole;
    text.replace(text.find(from), from.size(), to);
    return messageOf(text);
  };
  EXPECT_THAT(messageOf(""), StartsWith("'r.json' is not a kverify report: parse error"));
  EXPECT_THAT(messageOf(whole.substr(0, whole.size() / 2)), StartsWith("'r.json' is not a kverify report: parse error"));
  EXPECT_THAT(messageOf("[]"), StartsWith("'r.json' is not a kverify report: it has no \"format\""));
  EXPECT_THAT(messageOf("{\"format\": \"kverify.replay/1\"}"), HasSubstr("its format is 'kverify.replay/1'"));
  EXPECT_THAT(with("kverify.report/1", "kverify.report/2"), StartsWith("'r.json' is of format kverify.report/2, and this kverify"));
  EXPECT_THAT(with("\"kernels\"", "\"kernals\""), HasSubstr("key 'kernels' not found"));
  EXPECT_THAT(with("\"outcome\": \"unknown\"", "\"outcome\": \"guessed\""), AllOf(HasSubstr("no outcome is called guessed"), HasSubstr("/kernels/0/outcomes/1")));
  EXPECT_THAT(with("\"notes\"", "\"novelty\": 1,\n      \"notes\""), AllOf(HasSubstr("does not know"), HasSubstr("/kernels/0/novelty")));
  EXPECT_THAT(with("\"cases\": 36", "\"cases\": -36"), AllOf(HasSubstr("does not know"), HasSubstr("/kernels/0/outcomes/0/cases")));
  EXPECT_THAT(with("\"cases\": 36", "\"cases\": \"many\""), AllOf(HasSubstr("type must be number"), HasSubstr("/kernels/0/outcomes/0/cases")));
  EXPECT_THAT(with("\"verdict\": \"refuted\"", "\"verdict\": \"fine\""), HasSubstr("/kernels/0/verdict"));
  EXPECT_THAT(with("\"rows\": 2", "\"rows\": 3"), HasSubstr("a tile has one entry a cell"));
}

// --- SARIF ----------------------------------------------------------------------------------------------------------

TEST_F(Formats, SarifHasWhatCodeScanningAsksFor) {
  auto log = nlohmann::json::parse(render("sarif"));
  EXPECT_EQ(log["version"], "2.1.0");
  ASSERT_EQ(log["runs"].size(), 1u);
  const auto& run = log["runs"][0];
  const auto& rules = run["tool"]["driver"]["rules"];
  for (const auto& rule : rules)
    for (const char* key : {"id", "name", "shortDescription", "fullDescription", "help", "defaultConfiguration", "properties"})
      EXPECT_TRUE(rule.contains(key)) << rule["id"] << " lacks " << key;
  std::set<std::string> prints;
  for (const auto& result : run["results"]) {
    EXPECT_EQ(rules[result["ruleIndex"].get<std::size_t>()]["id"], result["ruleId"]);
    ASSERT_EQ(result["locations"].size(), 1u);
    const auto& place = result["locations"][0]["physicalLocation"];
    for (const char* key : {"startLine", "startColumn", "endLine", "endColumn"})
      EXPECT_TRUE(place["region"].contains(key)) << result["ruleId"];
    EXPECT_GT(place["region"]["endColumn"], place["region"]["startColumn"]);
    EXPECT_FALSE(place["artifactLocation"]["uri"].get<std::string>().starts_with("/"));
    auto index = place["artifactLocation"]["index"].get<std::size_t>();
    EXPECT_EQ(run["artifacts"][index]["location"]["uri"], place["artifactLocation"]["uri"]);
    EXPECT_TRUE(prints.insert(result["partialFingerprints"]["primaryLocationLineHash"]).second) << "two alerts would be one";
  }
}

TEST_F(Formats, SarifShowsARaceAsTwoThreads) {
  auto run = nlohmann::json::parse(render("sarif"))["runs"][0];
  const auto& race = run["results"][0];
  ASSERT_EQ(race["ruleId"], "race.shared-read-write");
  ASSERT_EQ(race["codeFlows"].size(), 1u);
  const auto& flows = race["codeFlows"][0]["threadFlows"];
  ASSERT_EQ(flows.size(), 2u);
  EXPECT_EQ(flows[0]["id"], "thread (63,0,0) of block (0,0,0)");
  EXPECT_EQ(flows[0]["locations"].size(), 3u) << "the barrier, the call, the place";
  EXPECT_EQ(race["relatedLocations"].size(), 1u);
  EXPECT_THAT(race["message"]["text"].get<std::string>(), HasSubstr("[thread (0,0,0) of block (0,0,0) reads 4 bytes](1)"));
  EXPECT_EQ(race["relatedLocations"][0]["id"], 1);
}

TEST_F(Formats, SarifCountsColumnsInUtf16) {
  Finding& finding = report.kernels[0].findings[0];
  finding.locations.resize(1);
  constexpr unsigned kLine = 22;
  std::size_t micro = sources.line("kernels/softmax/row/kernel.cu", kLine)->find("\xc2\xb5");
  ASSERT_NE(micro, std::string::npos) << "the sample's line " << kLine << " has a character of two bytes";
  auto column = static_cast<unsigned>(micro) + 4; // in bytes, from 1: behind the character and the colon
  finding.locations[0].stack = {{"kernels/softmax/row/kernel.cu", kLine, column, ""}};
  auto run = nlohmann::json::parse(render("sarif"))["runs"][0];
  EXPECT_EQ(run["results"][0]["locations"][0]["physicalLocation"]["region"]["startColumn"], column - 1);
}

TEST_F(Formats, SarifOfAnUndecidedAuditIsNotEmpty) {
  report.kernels = {unknownKernel(), brokenKernel()};
  report.kernels[0].findings.clear();
  report.exit_code = kExitError;
  auto run = nlohmann::json::parse(render("sarif"))["runs"][0];
  ASSERT_EQ(run["results"].size(), 2u);
  EXPECT_EQ(run["results"][0]["ruleId"], "verdict.inconclusive");
  EXPECT_EQ(run["results"][1]["ruleId"], "verdict.not-judged");
  EXPECT_EQ(run["invocations"][0]["executionSuccessful"], false);
}

TEST_F(Formats, PathsAreRelativeToTheTopOfTheRepository) {
  EXPECT_EQ(repositoryPath(report, "", "a/../k.cu"), "sub dir/k.cu");
  EXPECT_EQ(repositoryPath(report, "/top", "/top/x/k.cu"), "x/k.cu");
  EXPECT_EQ(repositoryPath(report, "/top", "/topmost/k.cu"), "/topmost/k.cu");
  EXPECT_EQ(repositoryPath(report, "", "../k.cu"), "k.cu");
  EXPECT_EQ(uriOf("sub dir/100%#1.cu"), "sub%20dir/100%25%231.cu");
}

// --- JUnit ----------------------------------------------------------------------------------------------------------

TEST_F(Formats, JunitCountsAddUpAndNothingIsSkipped) {
  std::string xml = render("junit");
  EXPECT_EQ(count(xml, "<testsuite "), report.kernels.size());
  EXPECT_EQ(count(xml, "<skipped"), 0u);
  std::string head = xml.substr(xml.find("<testsuites"), xml.find('>', xml.find("<testsuites")) - xml.find("<testsuites"));
  EXPECT_THAT(head, HasSubstr("tests=\"" + std::to_string(count(xml, "<testcase ")) + "\""));
  EXPECT_THAT(head, HasSubstr("failures=\"" + std::to_string(count(xml, "<failure ")) + "\""));
  EXPECT_THAT(head, HasSubstr("errors=\"" + std::to_string(count(xml, "<error ")) + "\""));
}

TEST_F(Formats, JunitOfAKernelWithoutOutcomesIsAnError) {
  report.kernels = {KernelReport{.file = "k.cu", .kernel = "k"}};
  EXPECT_THAT(render("junit"), HasSubstr("tests=\"1\" failures=\"0\" errors=\"1\""));
  report.kernels = {provedKernel()};
  EXPECT_THAT(render("junit"), HasSubstr("failures=\"0\" errors=\"0\""));
  report.partial = true;
  EXPECT_THAT(render("junit"), HasSubstr("errors=\"1\"")) << "an interrupted audit is no pass";
}

// --- GitHub annotations ---------------------------------------------------------------------------------------------

TEST_F(Formats, GithubAnnotationsAreEscaped) {
  EXPECT_EQ(escapeData("100%\r\nof: a, b"), "100%25%0D%0Aof: a, b");
  EXPECT_EQ(escapeProperty("100%\r\nof: a, b"), "100%25%0D%0Aof%3A a%2C b");
  std::string text = render("github");
  EXPECT_EQ(count(text, "\n::"), count(text, "::error ") + count(text, "::warning ") + count(text, "::notice ") - 1) << "one command a line";
  EXPECT_THAT(text, Not(HasSubstr("\n::error::no")));
}

TEST_F(Formats, GithubShowsTenAtMostAndSaysHowManyMore) {
  report.kernels = {racyKernel()};
  Finding one = report.kernels[0].findings[0];
  report.kernels[0].findings.assign(25, one);
  std::string text = render("github");
  EXPECT_EQ(count(text, "::error "), 10u);
  EXPECT_THAT(text, HasSubstr("::notice title=kverify::15 more"));
  for (Finding& finding : report.kernels[0].findings)
    finding.severity = Severity::Note;
  EXPECT_EQ(count(render("github"), "::notice "), 10u) << "GitHub shows ten of a kind: what says that there are more must be among them";
}

// --- Markdown -------------------------------------------------------------------------------------------------------

TEST_F(Formats, MarkdownSaysTheVerdictFirstAndEscapesText) {
  std::string text = render("markdown");
  EXPECT_THAT(text, StartsWith("## ✗ kverify: refuted\n"));
  EXPECT_THAT(text, Not(HasSubstr("\n<script>")));
  EXPECT_EQ(count(text, "<script>"), count(text, "`evil<'<script>alert(1)</script>'>`")) << "only inside of code";
  EXPECT_EQ(escapeMarkdown("a|b <i> *c* `d` [e]\nf"), "a\\|b &lt;i&gt; \\*c\\* \\`d\\` \\[e\\] f");
}

TEST_F(Formats, MarkdownStaysBelowItsLimitAndCountsWhatIsLeftOut) {
  KernelReport one = racyKernel();
  report.kernels.assign(3000, one);
  std::string text = render("markdown");
  EXPECT_LT(text.size(), kMarkdownLimit);
  EXPECT_THAT(text, HasSubstr("more kernels"));
  for (std::size_t limit : {200u, 2000u, 20000u})
    EXPECT_LT(renderMarkdownWithin(report, options, limit).size(), std::max<std::size_t>(limit, 512));
}

// --- Feedback -------------------------------------------------------------------------------------------------------

TEST_F(Formats, FeedbackFitsItsSchemaAndItsLimit) {
  auto document = nlohmann::json::parse(render("feedback"));
  EXPECT_THAT(kverify::tests::violations(schema("feedback"), document), IsEmpty());
  KernelReport one = wrongKernel();
  for (Finding& finding : one.findings)
    finding.message = std::string(5000, '\x01');
  one.findings.resize(20, one.findings[0]);
  report.kernels.assign(500, one);
  std::string text = render("feedback");
  EXPECT_LE(text.size(), kFeedbackLimit);
  auto many = nlohmann::json::parse(text);
  EXPECT_THAT(kverify::tests::violations(schema("feedback"), many), IsEmpty());
  EXPECT_EQ(many["kernels"].size() + many["kernels_left_out"].get<std::size_t>(), 500u);
}

TEST_F(Formats, FeedbackBeginsWithTheFirstStageThatFails) {
  report.kernels = {wrongKernel()};
  auto first = nlohmann::json::parse(render("feedback"))["kernels"][0]["first"];
  EXPECT_EQ(first["stage"], "fuzz");
  EXPECT_EQ(first["code"], "KV2101");
  EXPECT_EQ(first["at"]["line"], 2);
  EXPECT_EQ(first["violated"]["allowed"], 1e-6);
  EXPECT_EQ(first["violated"]["ratio"], 250000);
  EXPECT_EQ(first["counterexample"]["value"]["index"]["nq"], 3);
  EXPECT_EQ(first["counterexample"]["launch"]["seed"], 7);
}

TEST_F(Formats, FeedbackOfACertifiedKernelHasNoFailure) {
  report.kernels = {provedKernel()};
  report.exit_code = kExitCertified;
  auto kernel = nlohmann::json::parse(render("feedback"))["kernels"][0];
  EXPECT_FALSE(kernel.contains("first"));
  EXPECT_EQ(kernel["passed"]["proved"].size(), 2u);
  EXPECT_EQ(kernel["passed"]["tested"], nlohmann::json::array({"numerics.bound"}));
}

// --- HTML -----------------------------------------------------------------------------------------------------------

TEST_F(Formats, HtmlHasNoScriptAndNothingFromElsewhere) {
  std::string html = render("html");
  for (const char* what : {"<script", "onclick", "javascript:", "src=", "@import", "url("})
    EXPECT_EQ(html.find(what), std::string::npos) << what;
  EXPECT_EQ(count(html, "http"), count(html, "http-equiv")) << "nothing is fetched";
  EXPECT_THAT(html, HasSubstr("default-src 'none'"));
}

TEST_F(Formats, HtmlShowsASourceOnlyAsItWasJudged) {
  EXPECT_THAT(render("html"), HasSubstr("id=\"k0-s0-L17\" class=\"bad\""));
  report.kernels[0].source_sha256 = std::string(64, '0');
  Sources changed{sourceText};
  changed.expect(report);
  options.sources = &changed;
  EXPECT_THAT(render("html"), AllOf(Not(HasSubstr("id=\"k0-s0-L17\"")), HasSubstr("has changed since it was judged")));
  options.sources = nullptr;
  EXPECT_THAT(render("html"), HasSubstr("it is not here"));
}

TEST_F(Formats, HtmlMarksALineAsProvedOnlyWhereItsCheckIsProved) {
  report.kernels = {provedKernel()};
  std::string html = render("html"), row = html.substr(html.find("id=\"k0-s0-L4\""));
  row = row.substr(0, row.find("</tr>"));
  EXPECT_THAT(row, HasSubstr("proved: bounds.global-write, index.overflow"));
  EXPECT_THAT(row, HasSubstr("not known: numerics.bound"));
  EXPECT_THAT(html.substr(html.find("id=\"k0-s0-L3\""), 120), Not(HasSubstr("proved")));
}

TEST_F(Formats, FiveHundredKernelsTakeSeconds) {
  report.kernels.clear();
  for (int i = 0; i < 100; ++i)
    for (KernelReport kernel : richReport().kernels) {
      kernel.file = std::to_string(i) + "/" + kernel.file;
      report.kernels.push_back(std::move(kernel));
    }
  for (const Format& format : formats()) {
    auto start = std::chrono::steady_clock::now();
    std::string text = format.render(report, options);
    double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    RecordProperty(format.name, std::to_string(seconds));
    EXPECT_LT(seconds, 10) << format.name << ": " << text.size() << " bytes";
  }
}

} // namespace
} // namespace kverify::report::tests
