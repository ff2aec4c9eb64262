// kernels/wrong: every kernel there passes what popular benchmarks check (one shape, uniform inputs, a tolerance of
// 1e-2), is refuted by the check that it names, and the counterexample replays bit for bit.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cli/pipeline/audit.h"
#include "cli/pipeline/job.h"
#include "cli/pipeline/replay.h"
#include "fuzz/judge/references.h"
#include "fuzz/properties/property.h"
#include "tests/support/run_program.h"

namespace kverify {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFolder = "kernels/wrong";

struct WrongKernel {
  std::string name, check, stage, note;
  Sizes shape;
};

/// "// key: value" of the first lines.
std::string comment(const std::string& path, const std::string& key) {
  std::ifstream in(path);
  for (std::string line; std::getline(in, line) && line.starts_with("//");)
    if (line.starts_with("// " + key + ": "))
      return line.substr(key.size() + 5);
  return {};
}

WrongKernel read(const std::string& name) {
  std::string path = fmt::format("{}/{}/kernel.cu", kFolder, name);
  WrongKernel kernel{.name = name, .note = comment(path, "wrong")};
  std::istringstream by(comment(path, "refuted-by")), shape(comment(path, "passes-at"));
  by >> kernel.check >> kernel.stage; // "numerics.bound (fuzz)"
  for (std::string entry; shape >> entry;)
    kernel.shape[entry.substr(0, entry.find('='))] = std::stoll(entry.substr(entry.find('=') + 1));
  return kernel;
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(fs::path(KVERIFY_SOURCE) / kFolder, missing))
    all.push_back(entry.path().filename().string());
  std::sort(all.begin(), all.end());
  return all;
}

pipeline::Job jobOf(const WrongKernel& kernel) {
  std::string folder = fmt::format("{}/{}", kFolder, kernel.name);
  return {.source = folder + "/kernel.cu", .contract = folder + "/contract.json"};
}

/// |got - want| <= 1e-2 + 1e-2 |want|, as torch.allclose with the tolerances of such benchmarks.
std::string benchmarkProblem(const WrongKernel& kernel) {
  auto subject = pipeline::prepare(jobOf(kernel), {});
  if (!subject)
    return subject.error().message;
  auto sizes = completeSizes(*subject->contract, kernel.shape);
  if (!sizes)
    return sizes.error().message;
  auto plan = pipeline::planOf(*subject, {.seed = 3, .family = "uniform", .sizes = *sizes}, std::uint64_t{1} << 30);
  auto program = simt::Program::create(subject->module, {.checks = false});
  if (!plan || !program)
    return plan ? program.error().message : plan.error().message;
  auto run = (*program)->run(*plan);
  auto references = judge::askReferences(*subject->contract, *plan);
  auto setting = properties::settingAt(*subject->contract, *sizes, 0);
  if (!run || !references || !setting)
    return "the kernel can't be run or has no reference";
  if (run->status != simt::RunStatus::Completed)
    return "the run did not end: " + run->reason;
  for (const auto& [role, got] : properties::denseOutputs(*subject->contract, *plan, setting->axes, run->buffers))
    for (std::size_t i = 0; i < got.size(); ++i) {
      double want = references->at(role).value[i];
      if (!(std::fabs(got[i] - want) <= 1e-2 + 1e-2 * std::fabs(want)))
        return fmt::format("element {} of {} is {}, not {}", i, role, got[i], want);
    }
  return {};
}

class WrongKernels : public ::testing::TestWithParam<std::string> {};

TEST_P(WrongKernels, PassesTheUsualCheckAndIsRefuted) {
  WrongKernel kernel = read(GetParam());
  ASSERT_FALSE(kernel.note.empty() || kernel.check.empty() || kernel.shape.empty())
      << "kernel.cu begins with '// wrong: ', '// refuted-by: CHECK (STAGE)' and '// passes-at: SIZES'";
  EXPECT_EQ(benchmarkProblem(kernel), "") << "a kernel that any test finds proves nothing here";

  tests::ScratchFolder out;
  pipeline::AuditOptions options;
  options.output = out.path();
  options.stages = {.fuzz = kernel.stage == "(fuzz)", .formal = kernel.stage == "(formal)"};
  KernelReport report = pipeline::auditJob(jobOf(kernel), options);
  ASSERT_FALSE(report.error) << report.error->message;
  EXPECT_EQ(report.verdict, Verdict::Refuted);
  auto named = std::find_if(report.findings.begin(), report.findings.end(),
                            [&](const Finding& f) { return f.check == kernel.check && f.confirmed; });
  ASSERT_NE(named, report.findings.end()) << kernel.check << " does not refute it";
  std::ifstream in(named->replay);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  auto file = pipeline::replayFromJson(named->replay, bytes.str());
  ASSERT_TRUE(file) << file.error().message;
  auto again = pipeline::replay(*file);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(again->reproduced) << fmt::format("{}", fmt::join(again->differences, "; "));
}

INSTANTIATE_TEST_SUITE_P(All, WrongKernels, ::testing::ValuesIn(names()), [](const auto& each) { return each.param; });

TEST(WrongKernelsTable, AreAtLeastTwentyAndAllInTheTable) {
  EXPECT_GE(names().size(), 20u);
  std::ifstream in("kernels/README.md");
  std::ostringstream table;
  table << in.rdbuf();
  for (const std::string& name : names())
    EXPECT_NE(table.str().find("wrong/" + name + "/kernel.cu"), std::string::npos)
        << "kernels/README.md has no row for " << name;
}

} // namespace
} // namespace kverify
