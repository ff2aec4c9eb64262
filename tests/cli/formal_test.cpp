// The formal stage as a user meets it: proofs, their cache, a second solver, what a policy asks for.
#include <filesystem>
#include <fstream>
#include <map>

#include "tests/cli/cli_fixture.h"
#include "tests/support/json_schema.h"

namespace kverify::tests {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class Formal : public Cli {
protected:
  void SetUp() override {
    folder.write("twice.cu", kTwice);
    folder.write("twice.contract.json", kTwiceContract);
  }

  ProgramRun prove(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {"audit", "twice.cu", "--stages", "formal", "--format", "json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return kverify(arguments);
  }

  /// How many outcomes are proved, and how many of these from the cache.
  std::pair<int, int> proofs(const ProgramRun& run) const {
    std::pair<int, int> count;
    auto report = reportOf(run);
    for (const auto& outcome : report["kernels"][0]["outcomes"]) {
      bool proved = outcome["outcome"] == "proved";
      count.first += proved;
      count.second += proved && outcome["cached"];
    }
    return count;
  }

  std::vector<std::filesystem::path> cacheEntries() const {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path() + "/cache/kverify/proofs"))
      if (entry.is_regular_file())
        files.push_back(entry.path());
    return files;
  }
};

TEST_F(Formal, ACorrectKernelIsProvedForAllSizes) {
  ProgramRun run = prove();
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("n in [1, 100]"));
  EXPECT_GE(proofs(run).first, 4);
  std::ifstream in(SCHEMA_DIR "/report.schema.json");
  EXPECT_THAT(violations(nlohmann::json::parse(in), reportOf(run)), IsEmpty());
}

// A certificate names what was asked by its hash, so that anyone can ask again.
TEST_F(Formal, AKernelIsAskedTheSameQuestionsEveryTime) {
  auto hashes = [&] {
    auto report = reportOf(kverify({"audit", CORPUS_DIR "/softmax", CORPUS_DIR "/attention/tiled_f32", "--stages",
                                    "formal", "--no-cache", "--format", "json"}));
    std::map<std::string, std::string> of;
    for (const auto& kernel : report["kernels"])
      for (const auto& outcome : kernel["outcomes"])
        if (outcome["outcome"] == "proved")
          of[kernel["file"].get<std::string>() + " " + outcome["check"].get<std::string>()] = outcome["query_hash"];
    return of;
  };
  auto first = hashes(), second = hashes();
  EXPECT_GE(first.size(), 30u);
  std::size_t both = 0; // a busy machine may leave one of them unknown
  for (const auto& [check, hash] : first)
    if (auto again = second.find(check); again != second.end()) {
      ++both;
      EXPECT_EQ(hash, again->second) << check << ": some order depends on where the heap put things";
    }
  EXPECT_GE(both, 20u);
}

TEST_F(Formal, ASecondRunTakesItsProofsFromTheCache) {
  auto first = proofs(prove());
  EXPECT_EQ(first.second, 0);
  EXPECT_EQ(proofs(prove()), (std::pair{first.first, first.first}));
  EXPECT_EQ(proofs(prove({"--no-cache"})).second, 0) << "--no-cache proves again";
}

TEST_F(Formal, AChangedKernelIsProvedAgain) {
  prove();
  folder.write("twice.cu", std::string(kTwice) + "__global__ void other(float* x) { x[1] = 0; }\n");
  folder.write("twice.contract.json", std::string(kTwiceContract));
  auto same_questions = proofs(prove());
  EXPECT_GE(same_questions.first, 4);
  std::string wrong = kTwice;
  wrong.replace(wrong.find("i < n"), 5, "i<= n");
  folder.write("twice.cu", wrong);
  EXPECT_EQ(prove().exit_code, 1) << "no proof of the old text may vouch for the new one";
}

TEST_F(Formal, ADamagedCacheEntryIsIgnored) {
  auto first = proofs(prove());
  auto entries = cacheEntries();
  ASSERT_EQ(entries.size(), 1u);
  std::ifstream in(entries[0], std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(in), {});
  for (std::string damaged : {std::string(), text.substr(0, text.size() / 2), text + "x", std::string(4096, '\0')}) {
    std::ofstream(entries[0], std::ios::binary | std::ios::trunc) << damaged;
    ProgramRun run = prove();
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_EQ(proofs(run), (std::pair{first.first, 0}));
  }
}

TEST_F(Formal, ACacheThatCannotBeWrittenChangesNothing) {
  ProgramRun run =
      kverify({"audit", "twice.cu", "--stages", "formal"}, {.environment = {{"XDG_CACHE_HOME", "/dev/null"}}});
  EXPECT_EQ(run.exit_code, 0) << run.err;
}

TEST_F(Formal, EveryQuestionCanBeWrittenDown) {
  prove({"--dump-smt2", "questions"});
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path() + "/questions")) {
    if (entry.path().filename() == "index.txt") // which check rests on which
      continue;
    ++files;
    EXPECT_THAT(folder.read("questions/" + entry.path().filename().string()), HasSubstr("(check-sat)"));
  }
  EXPECT_GT(files, 0u);
}

TEST_F(Formal, ASecondSolverAgrees) {
  ProgramRun run = prove({"--cross-check", "cvc5"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("agreed by cvc5"));
}

TEST_F(Formal, ATimeThatIsTooShortIsSaid) {
  ProgramRun run = kverify({"audit", "twice.cu", "--stages", "formal", "--formal-budget", "0.000001s"});
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_THAT(run.out, HasSubstr("time budget"));
}

TEST_F(Formal, WhatIsRequiredDecides) {
  ProgramRun proofs_only = kverify({"audit", "twice.cu", "--require", "proof"});
  EXPECT_EQ(proofs_only.exit_code, 0) << proofs_only.out;
  EXPECT_EQ(kverify({"audit", "twice.cu", "--stages", "fuzz", "--require", "proof"}).exit_code, 2);
  EXPECT_THAT(kverify({"audit", "twice.cu", "--require", "luck"}).err, HasSubstr("unbounded-proof"));
}

TEST_F(Formal, AProofForListedSizesOnlySaysSo) {
  // A permutation while 7 and n have no common factor: the remainder is only followed where n is a number.
  folder.write("spread.cu", R"(__global__ void spread(const float *x, float *y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n)
    y[i * 7 % n] = x[i];
}
)");
  folder.write("spread.contract.json", R"json({ "contract": 1, "sizes": { "N": { "list": [16, 32] } },
  "tensors": { "x": {"dtype": "f32", "shape": ["N"], "access": "read"}, "y": {"dtype": "f32", "shape": ["N"], "access": "read_write"} },
  "launches": [ {"kernel": "spread", "args": ["x", "y", "N"], "grid": ["ceildiv(N, 16)"], "block": [16]} ] })json");
  ProgramRun run = kverify({"audit", "spread.cu", "--stages", "formal", "--format", "json", "--no-cache"});
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  std::map<std::string, std::string> scopes;
  auto report = reportOf(run);
  for (const auto& outcome : report["kernels"][0]["outcomes"])
    scopes[outcome["check"]] = outcome["scope"];
  EXPECT_EQ(scopes["race.global-write-write"], "bounded: N in {16, 32}");
  EXPECT_THAT(scopes["bounds.global-write"], HasSubstr("all sizes: N in"));
  EXPECT_EQ(kverify({"audit", "spread.cu", "--stages", "formal", "--require", "proof"}).exit_code, 0);
  ProgramRun for_all = kverify({"audit", "spread.cu", "--stages", "formal", "--require", "unbounded-proof"});
  EXPECT_EQ(for_all.exit_code, 3) << for_all.out;
}

TEST_F(Formal, ACandidateIsRunAndBecomesAFindingWithAReplayFile) {
  folder.write("race.cu", kRace);
  ProgramRun run = kverify({"audit", "race.cu", "--block", "32", "--stages", "formal"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.out, HasSubstr("error[race.shared-write-write]"));
  auto at = run.out.find("kverify replay ");
  ASSERT_NE(at, std::string::npos) << run.out;
  std::string path = run.out.substr(at + 15, run.out.find('\n', at) - at - 15);
  EXPECT_EQ(kverify({"replay", path}).exit_code, 1) << "the replay shows it again";
}

TEST_F(Formal, TheReplayFileHasTheLaunchThatTheFindingShows) {
  folder.write("sum.cu", R"(__global__ void sum(const float* k, float* o, int n) {
  __shared__ float tile[64];
  float total = 0;
  for (int first = 0; first < n; first += 64) {
    tile[threadIdx.x] = k[first + threadIdx.x];
    __syncthreads();
    for (int j = 0; j < 64; ++j) total += tile[j];
  }
  o[threadIdx.x] = total;
}
)");
  // Both stages find it, at other sizes each.
  ProgramRun run = kverify({"audit", "sum.cu", "--block", "64", "--arg", "n=640"});
  EXPECT_EQ(run.exit_code, 1);
  auto lineAfter = [](const std::string& text, const std::string& words) {
    auto at = text.find(words);
    return at == std::string::npos ? "" : text.substr(at, text.find('\n', at) - at);
  };
  std::string path = lineAfter(run.out, "kverify replay ");
  ASSERT_FALSE(path.empty()) << run.out;
  ProgramRun again = kverify({"replay", path.substr(15)});
  EXPECT_EQ(again.exit_code, 1) << again.err;
  EXPECT_EQ(lineAfter(run.out, "= launch:"), lineAfter(again.out, "= launch:"));
}

} // namespace
} // namespace kverify::tests
