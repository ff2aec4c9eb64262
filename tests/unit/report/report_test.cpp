#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/json.h"
#include "report/outcome_table.h"
#include "report/progress.h"
#include "report/text.h"
#include "sample_report.h"
#include "tests/support/json_schema.h"

namespace kverify::report {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

/// Compares with a golden file; KVERIFY_UPDATE_GOLDENS=1 writes it instead.
void expectGolden(const std::string& name, const std::string& text) {
  std::string path = std::string(GOLDEN_DIR) + "/" + name;
  if (std::getenv("KVERIFY_UPDATE_GOLDENS")) {
    std::ofstream(path) << text;
    GTEST_SKIP() << "wrote " << path;
  }
  std::ifstream in(path);
  std::ostringstream golden;
  golden << in.rdbuf();
  EXPECT_EQ(golden.str(), text) << "if the new text is right, run this test with KVERIFY_UPDATE_GOLDENS=1 and look at "
                                << "the difference in " << path;
}

LineReader twoLines() {
  return [](const std::string& file, unsigned line) -> std::optional<std::string> {
    if (file == "kernel.cu" && line == 41)
      return "    smem[t] = v;";
    if (file == "kernel.cu" && line == 47)
      return "\tfloat m = smem[t ^ 32];\r";
    return std::nullopt;
  };
}

TEST(TextReport, LooksLikeTheGolden) {
  expectGolden("report.txt", renderText(sampleReport(), {.lines = twoLines()}));
}

TEST(TextReport, LooksLikeTheGoldenInColour) {
  expectGolden("finding.color.txt", renderFinding(sampleRace(), {.color = true, .lines = twoLines()}));
}

TEST(TextReport, FindingHasTheLookOfTheDesign) {
  Finding finding = sampleRace();
  finding.locations[0].stack.resize(1);
  EXPECT_EQ(renderFinding(finding, {}),
            "error[race.shared-read-write]: two threads touch smem[32] with no barrier between\n"
            "  --> kernel.cu:41:5   thread (0,0,0) of block (0,0,0) writes 4 bytes\n"
            "  ::: kernel.cu:47:12  thread (32,0,0) of block (0,0,0) reads 4 bytes\n"
            "  = launch: grid=1 block=64, seq_len=33 (head_dim: any)\n"
            "  = help: a __syncthreads() is needed between lines 41 and 47\n"
            "  = replay: kverify replay out/KV1202-a91f03bc.json\n");
}

TEST(TextReport, AFindingThatWasNotSeenAgainIsNoAccusation) {
  Finding finding = sampleRace();
  finding.confirmed = false;
  EXPECT_THAT(renderFinding(finding, {}), testing::StartsWith("unconfirmed[race.shared-read-write]"));
}

TEST(TextReport, TheVerdictIsTheLastLine) {
  std::string text = renderText(sampleReport(), {});
  EXPECT_THAT(text, EndsWith("verdict: refuted (4 kernels: 1 refuted, 1 not judged (error), 2 certified) in 2.5 s\n"));
}

TEST(TextReport, APartialReportSaysSo) {
  Report report = sampleReport();
  EXPECT_THAT(renderSummary(report, {}), Not(HasSubstr("partial")));
  report.partial = true;
  EXPECT_THAT(renderSummary(report, {}), HasSubstr("interrupted: this report is partial"));
}

TEST(TextReport, NothingJudgedIsNeverCertified) {
  Report report;
  EXPECT_EQ(report.exit_code, kExitError) << "an empty report must not exit with 0";
  EXPECT_THAT(renderSummary(report, {}), HasSubstr("verdict: error (0 kernels: none judged)"));
}

TEST(OutcomeTable, EqualOutcomesShareARow) {
  auto rows = outcomeRows(sampleRefuted().outcomes, false);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].label, "race.shared-read-write");
  EXPECT_EQ(rows[0].outcome, "refuted");
  EXPECT_EQ(rows[1].outcome, "unknown");
  EXPECT_EQ(rows[2].label, "3 other checks");
}

TEST(OutcomeTable, OneReasonForAllIsSaidOnce) {
  std::vector<CheckOutcome> outcomes = {{"bounds.global-read", "fuzz", Unknown{"unsupported", "wgmma"}},
                                        {"race.blocks-write-write", "fuzz", Unknown{"unsupported", "wgmma"}}};
  auto rows = outcomeRows(outcomes, false);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].label, "all 2 checks");
  EXPECT_EQ(rows[0].detail, "unsupported: wgmma");
  EXPECT_EQ(outcomeRows(outcomes, true).size(), 2u) << "--verbose shows every check";
}

TEST(JsonReport, LooksLikeTheGolden) {
  expectGolden("report.json", renderJson(sampleReport()));
}

TEST(JsonReport, FitsItsSchema) {
  std::ifstream in(SCHEMA_DIR "/report.schema.json");
  auto schema = nlohmann::json::parse(in);
  auto document = nlohmann::json::parse(renderJson(sampleReport()));
  EXPECT_THAT(tests::violations(schema, document), testing::IsEmpty());
  document["kernels"][0].erase("verdict");
  document["kernels"][1]["surprise"] = 1;
  EXPECT_EQ(tests::violations(schema, document).size(), 2u) << "the validator must see what is wrong";
}

TEST(JsonReport, AKernelSurvivesTheRoundTrip) {
  for (const KernelReport& kernel : sampleReport().kernels) {
    std::string once = kernelToJson(kernel);
    auto back = kernelFromJson(once);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(kernelToJson(*back), once) << "of " << kernel.file;
    EXPECT_EQ(renderKernel(*back, {}), renderKernel(kernel, {})) << "of " << kernel.file;
  }
}

TEST(JsonReport, BrokenInputIsAnErrorAndNotAReport) {
  EXPECT_FALSE(kernelFromJson("{\"file\": \"x.cu\"}"));
  EXPECT_FALSE(kernelFromJson("not json"));
}

TEST(JsonReport, AnOutcomeOfAnUnknownKindIsNotReadAsAPass) {
  std::string text = kernelToJson(sampleCertified());
  for (std::size_t at; (at = text.find("\"tested\"")) != std::string::npos;)
    text.replace(at, 8, "\"guessed\"");
  EXPECT_FALSE(kernelFromJson(text));
}

TEST(JsonReport, BytesThatAreNotTextDoNotStopIt) {
  KernelReport kernel = sampleRefuted();
  kernel.findings[0].message = "broken \xff\xfe bytes";
  EXPECT_TRUE(kernelFromJson(kernelToJson(kernel)));
}

TEST(ProgressReport, AHeartbeatIsOneLineAtATime) {
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* stream = open_memstream(&text, &size);
  {
    Progress progress(Progress::Mode::Heartbeat, stream, 0);
    progress.show(1, 4, "a.cu");
  }
  std::fclose(stream);
  EXPECT_STREQ(text, "kverify: 0 s, 1 of 4 done, now a.cu\n");
  std::free(text);
}

TEST(ProgressReport, OffSaysNothing) {
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* stream = open_memstream(&text, &size);
  {
    Progress progress(Progress::Mode::Off, stream, 0);
    progress.show(1, 4, "a.cu");
    progress.clear();
  }
  std::fclose(stream);
  EXPECT_EQ(size, 0u);
  std::free(text);
}

} // namespace
} // namespace kverify::report
