// The static stage on the command line: alone, beside the prover, with suppressions and with repairs.
#include <fstream>

#include "tests/cli/cli_fixture.h"
#include "tests/support/json_schema.h"

namespace kverify::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// A barrier under a condition that depends on the thread: fine for blocks of at most 64 threads.
constexpr const char* kHalf = R"(__global__ void half(const float* x, float* y) {
  __shared__ float s[64];
  if (threadIdx.x < 64) {
    s[threadIdx.x] = x[threadIdx.x];
    __syncthreads();
    y[threadIdx.x] = s[63 - threadIdx.x];
  }
}
)";

constexpr const char* kWide = R"(__global__ void wide(const float* x, float* y, int columns) {
  const size_t row = blockIdx.x * columns;
  if (threadIdx.x < columns) y[row + threadIdx.x] = x[row + threadIdx.x];
}
)";

TEST_F(Cli, TheStaticStageNeedsNoContractAndCertifiesNothing) {
  folder.write("half.cu", kHalf);
  ProgramRun run = kverify({"audit", "half.cu", "--stages", "static"});
  EXPECT_EQ(run.exit_code, 3) << run.out << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("warning[sync.divergent-barrier]"), HasSubstr("half.cu:5"),
                             HasSubstr("nothing was run or proved")));
}

TEST_F(Cli, AWarningIsDroppedWhenItIsProvedAndMergedWhenARunShowsIt) {
  folder.write("half.cu", kHalf);
  ProgramRun proved = kverify({"audit", "half.cu", "--stages", "static,formal", "--block", "64"});
  EXPECT_THAT(proved.out, AllOf(Not(HasSubstr("warning[sync.divergent-barrier]")),
                                HasSubstr("sync.divergent-barrier dropped: proved not to happen")))
      << proved.err;
  ProgramRun refuted = kverify({"audit", "half.cu", "--stages", "static,formal", "--block", "128"});
  EXPECT_EQ(refuted.exit_code, 1);
  EXPECT_THAT(refuted.out, AllOf(HasSubstr("error[barrier.divergent]"), Not(HasSubstr("warning[sync.divergent-barrier]")),
                                 HasSubstr("warned of what barrier.divergent shows")));
}

TEST_F(Cli, ARaceThatARunShowsIsSaidOnce) {
  folder.write("reverse.cu", "__global__ void reverse(const float* x, float* y) {\n"
                             "  __shared__ float s[64];\n"
                             "  s[threadIdx.x] = x[threadIdx.x];\n"
                             "  y[threadIdx.x] = s[63 - threadIdx.x];\n"
                             "}\n");
  EXPECT_THAT(kverify({"audit", "reverse.cu", "--stages", "static"}).out, HasSubstr("warning[sync.missing-barrier]"));
  ProgramRun run = kverify({"audit", "reverse.cu", "--block", "64"});
  EXPECT_EQ(run.exit_code, 1) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("error[race.shared-read-write]"), Not(HasSubstr("warning[sync.missing-barrier]")),
                             HasSubstr("sync.missing-barrier at line 4 warned of what race.shared-read-write shows")))
      << "the static stage is on by default, and settled after the others";
}

TEST_F(Cli, TheProfileIsForReadersOfTheSource) {
  folder.write("wide.cu", kWide);
  ProgramRun alone = kverify({"audit", "wide.cu", "--stages", "static"});
  EXPECT_THAT(alone.out, HasSubstr("profile: wide: "));
  EXPECT_THAT(kverify({"audit", "wide.cu", "--block", "32"}).out, Not(HasSubstr("profile:")));
}

TEST_F(Cli, ASuppressionIsListedInEveryReport) {
  std::string text = kHalf;
  text.insert(text.find("    __syncthreads"), "    // kverify-allow(sync.divergent-barrier): blocks have 64 threads\n");
  folder.write("half.cu", text);
  ProgramRun run = kverify({"audit", "half.cu", "--stages", "static"});
  EXPECT_THAT(run.out, AllOf(Not(HasSubstr("warning[sync.divergent-barrier]")), HasSubstr("allowed: sync.divergent-barrier"),
                             HasSubstr("blocks have 64 threads")));
  ProgramRun as_json = kverify({"audit", "half.cu", "--stages", "static", "--format", "json"});
  auto report = reportOf(as_json);
  std::ifstream in(SCHEMA_DIR "/report.schema.json");
  auto schema = nlohmann::json::parse(in);
  EXPECT_THAT(violations(schema, report), testing::IsEmpty());
  const auto& said = report["kernels"][0]["suppressions"];
  ASSERT_EQ(said.size(), 1u);
  EXPECT_EQ(said[0]["state"], "used");
  EXPECT_EQ(said[0]["reason"], "blocks have 64 threads");
}

TEST_F(Cli, ASuppressionWithoutReasonRefutes) {
  std::string text = kHalf;
  text.insert(text.find("    __syncthreads"), "    // kverify-allow(sync.divergent-barrier)\n");
  folder.write("half.cu", text);
  ProgramRun run = kverify({"audit", "half.cu", "--stages", "static"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.out, AllOf(HasSubstr("error[allow.no-reason]"), HasSubstr("warning[sync.divergent-barrier]")));
}

TEST_F(Cli, ASuppressionDoesNotSilenceARun) {
  std::string text = kHalf;
  text.insert(text.find("    __syncthreads"), "    // kverify-allow(barrier.divergent): we know\n");
  folder.write("half.cu", text);
  ProgramRun run = kverify({"audit", "half.cu", "--stages", "static,formal", "--block", "128"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.out, AllOf(HasSubstr("error[barrier.divergent]"), HasSubstr("refused: a run showed it")));
}

TEST_F(Cli, RepairsAreMadeOnlyWhenAskedFor) {
  folder.write("wide.cu", kWide);
  kverify({"audit", "wide.cu", "--stages", "static"});
  EXPECT_EQ(folder.read("wide.cu"), kWide);
  EXPECT_EQ(kverify({"audit", "wide.cu", "--stages", "fuzz", "--fix", "--block", "32"}).exit_code, 2);
  ProgramRun run = kverify({"audit", "wide.cu", "--stages", "static", "--fix"});
  EXPECT_THAT(run.out, HasSubstr("1 repair made in 'wide.cu'"));
  EXPECT_THAT(folder.read("wide.cu"), HasSubstr("size_t row = static_cast<size_t>(blockIdx.x) * columns;"));
  EXPECT_THAT(kverify({"audit", "wide.cu", "--stages", "static"}).out, Not(HasSubstr("index.int-product")));
}

TEST_F(Cli, AFileThatDoesNotParseIsAnError) {
  folder.write("broken.cu", "__global__ void k(float* y) { y[0] = ; }\n");
  ProgramRun run = kverify({"audit", "broken.cu", "--stages", "static"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.out + run.err, HasSubstr("expected expression"));
}

} // namespace
} // namespace kverify::tests
