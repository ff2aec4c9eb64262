// What a certificate says beside what the gate asks: how the kernel was compiled, how it was audited.
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gate/certified.h"

namespace kverify::gate {
namespace {

using testing::HasSubstr;

const std::vector<std::string> kFlags = {"-DHEAD=64", "-I", "include"};

Certificate certified() {
  Certificate c{.verdict = Verdict::Certified,
                .source = {"k.cu", "ab"},
                .kernel = "k",
                .target = "sm_80",
                .flags = {"-I/ci/include", "-DHEAD=64"}};
  c.cuda_headers = {"builtin", "cd"};
  c.includes = {{"a.h", "01"}, {"b.h", "02"}};
  c.contract = FileDigest{"k.contract.json", "ef"};
  c.settings = {.stages = {"formal", "fuzz", "static"}, .cases = 36, .oracle_floor = 0.9};
  c.obligations = {{"KV1", {"bounds.x", "formal", Proved{.scope = "all sizes"}}, {}, {}}};
  c.idle = {{"race.x", "no shared memory"}};
  return c;
}

KernelReport readHere() {
  KernelReport kernel{
      .file = "dir/k.cu", .kernel = "k", .source_sha256 = "ab", .headers = "builtin", .target = "sm_80"};
  kernel.contract = "dir/k.contract.json";
  kernel.includes = {
      {"dir/b.h", "02"}, {"elsewhere/a.h", "01"}, {"dir/k.contract.json", "ef"}, {"compile_commands.json", "99"}};
  return kernel;
}

TEST(CompiledOtherwise, WhereHeadersLieDoesNotMatterAndEverythingElseDoes) {
  EXPECT_EQ(compiledOtherwise(certified(), readHere(), kFlags), "");
  EXPECT_THAT(compiledOtherwise(certified(), readHere(), {"-DHEAD=128"}), HasSubstr("-DHEAD=128"));
  EXPECT_THAT(compiledOtherwise(certified(), readHere(), {"-DHEAD=64", "-include", "x.h"}), HasSubstr("x.h"));
  KernelReport read = readHere();
  read.target = "sm_90";
  EXPECT_THAT(compiledOtherwise(certified(), read, kFlags), HasSubstr("sm_90"));
  read = readHere();
  read.headers = "toolkit";
  EXPECT_THAT(compiledOtherwise(certified(), read, kFlags), HasSubstr("toolkit"));
  read = readHere();
  read.source_sha256 = "ba";
  EXPECT_THAT(compiledOtherwise(certified(), read, kFlags), HasSubstr("another text"));
  read = readHere();
  read.includes["dir/c.h"] = "03";
  EXPECT_THAT(compiledOtherwise(certified(), read, kFlags), HasSubstr("headers"));
  read = readHere();
  read.includes.erase("dir/b.h");
  EXPECT_THAT(compiledOtherwise(certified(), read, kFlags), HasSubstr("headers"));
}

TEST(AuditedLess, NamesWhatTheAuditWouldHaveBeenAskedFor) {
  const std::vector<std::string> provable = {"bounds.x", "race.x"};
  Demands demands;
  EXPECT_EQ(auditedLess(certified(), demands, provable, false), "");
  EXPECT_THAT(auditedLess(certified(), demands, {"bounds.x", "race.new"}, false), HasSubstr("race.new"));
  const std::pair<const char*, std::function<void(Demands&, Certificate&)>> less[] = {
      {"stability", [](Demands& d, Certificate&) { d.stages.push_back("stability"); }},
      {"37", [](Demands& d, Certificate&) { d.cases = 37; }},
      {"determinism", [](Demands& d, Certificate&) { d.determinism = true; }},
      {"oracle", [](Demands& d, Certificate&) { d.oracle_floor = 1; }},
      {"GPU", [](Demands& d, Certificate&) { d.gpu = Gpu::Required; }},
      {"quick", [](Demands&, Certificate& c) { c.settings.quick = true; }},
      {"one launch", [](Demands&, Certificate& c) { c.contract.reset(); }}};
  for (const auto& [word, change] : less) {
    Demands wanted;
    Certificate said = certified();
    change(wanted, said);
    EXPECT_THAT(auditedLess(said, wanted, provable, false), HasSubstr(word));
  }
  demands.gpu = Gpu::IfPresent;
  EXPECT_EQ(auditedLess(certified(), demands, provable, false), "");
  EXPECT_THAT(auditedLess(certified(), demands, provable, true), HasSubstr("GPU")) << "there is one here";
}

TEST(ReportOfACertificate, HasWhatWasSignedAndSaysThatNothingWasRunHere) {
  Certificate c = certified();
  c.findings = {{.check = "readable.names",
                 .severity = Severity::Warning,
                 .file = "a.h",
                 .line = 7,
                 .message = "x says nothing",
                 .fingerprint = "f"}};
  KernelReport report =
      reportOf(c, {.file = "k.intoto.jsonl", .key = "sha256:1", .issued = "2026-03-01T12:00:00Z"}, readHere());
  EXPECT_EQ(report.verdict, Verdict::Certified);
  ASSERT_EQ(report.outcomes.size(), 1u);
  EXPECT_EQ(report.outcomes[0].check, "bounds.x");
  ASSERT_EQ(report.findings.size(), 1u);
  EXPECT_EQ(report.findings[0].locations[0].stack[0].file, "dir/a.h");
  EXPECT_EQ(report.findings[0].locations[0].stack[0].line, 7u);
  EXPECT_THAT(report.notes.back(), HasSubstr("not audited here: k.intoto.jsonl, signed by sha256:1"));
}

} // namespace
} // namespace kverify::gate
