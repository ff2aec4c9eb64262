// Audits of folders: a kernel that breaks the judge costs its own verdict, an audit that was killed goes on, and shards put
// together are the audit that one machine would have done.
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <thread>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/cli/cli_fixture.h"
#include "tests/support/json_schema.h"

namespace kverify::tests {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

class Farm : public Cli {
protected:
  /// y = a x, each file another a; the last one is a race.
  void writeCorpus(int kernels) const {
    for (int i = 0; i < kernels; ++i) {
      std::string source = kTwice;
      source.replace(source.find("2.0f"), 4, std::to_string(i + 2) + ".0f");
      folder.write("corpus/k" + std::to_string(i) + ".cu", source);
      folder.write("corpus/k" + std::to_string(i) + ".contract.json", kTwiceContract);
    }
    folder.write("corpus/race.cu", kRace);
    folder.write("corpus/race.contract.json", R"json({
      "contract": 1, "sizes": {},
      "tensors": { "y": { "dtype": "f32", "shape": [32], "access": "write" } },
      "launches": [ { "kernel": "race", "args": ["y"], "grid": [1], "block": [32] } ] })json");
  }

  std::vector<std::string> audit(std::vector<std::string> more) const {
    std::vector<std::string> words = {"audit", "corpus", "--stages", "static,fuzz", "--quick", "--cases", "2",
                                      "--format", "json", "--jobs", "2"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  ProgramRun run(const std::vector<std::string>& words) const {
    return kverify(words, {.environment = {{"XDG_STATE_HOME", folder.path() + "/state"}}});
  }

  /// Starts it, and kills it with all its might once `seen` says so.
  void runAndKill(std::vector<std::string> words, const std::function<bool()>& seen) const {
    words.insert(words.begin(), KVERIFY_PROGRAM);
    pid_t pid = fork();
    if (pid == 0) {
      setenv("XDG_STATE_HOME", (folder.path() + "/state").c_str(), 1);
      setenv("XDG_CACHE_HOME", (folder.path() + "/cache").c_str(), 1);
      int null = open("/dev/null", O_RDWR);
      dup2(null, 1);
      dup2(null, 2);
      std::vector<char*> arguments;
      for (std::string& word : words)
        arguments.push_back(word.data());
      arguments.push_back(nullptr);
      if (chdir(folder.path().c_str()) == 0)
        execv(arguments[0], arguments.data());
      _exit(127);
    }
    auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!seen() && std::chrono::steady_clock::now() < end && waitpid(pid, nullptr, WNOHANG) == 0)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
  }

  std::vector<Json> journal(const std::string& name) const {
    std::vector<Json> lines;
    std::istringstream in(fs::exists(folder.path() + "/" + name) ? folder.read(name) : "");
    for (std::string line; std::getline(in, line);)
      if (Json j = Json::parse(line, nullptr, false); !j.is_discarded())
        lines.push_back(j);
    return lines;
  }

  static std::map<std::string, Json> verdicts(const Json& report) {
    std::map<std::string, Json> all;
    for (const Json& kernel : report["kernels"]) {
      EXPECT_FALSE(all.count(kernel["file"])) << kernel["file"] << " has two verdicts";
      all[kernel["file"]] = kernel["verdict"];
    }
    return all;
  }

  static Json reasonsOf(const Json& report, const std::string& file) {
    for (const Json& kernel : report["kernels"])
      if (kernel["file"] == file)
        return kernel["outcomes"][0]["reason"];
    return nullptr;
  }
};

TEST_F(Farm, ShardsMergeToWhatOneMachineSays) {
  writeCorpus(6);
  ProgramRun alone = run(audit({}));
  ASSERT_EQ(alone.exit_code, 1) << alone.err;
  std::vector<std::string> merge = {"merge", "--format", "json"};
  std::size_t kernels = 0;
  for (std::string i : {"1", "2", "3"}) {
    ProgramRun shard = run(audit({"--shard", i + "/3"}));
    kernels += reportOf(shard)["kernels"].size();
    merge.push_back(folder.write("shard" + i + ".json", shard.out));
  }
  EXPECT_EQ(kernels, 7u);
  ProgramRun merged = run(merge);
  EXPECT_EQ(merged.exit_code, 1) << merged.err;
  Json report = reportOf(merged), whole = reportOf(alone);
  EXPECT_EQ(verdicts(report), verdicts(whole));
  EXPECT_EQ(report["summary"], whole["summary"]);
  EXPECT_EQ(report["corpus"], whole["corpus"]);
  std::ifstream schema(std::string(SCHEMA_DIR) + "/report.schema.json");
  EXPECT_THAT(violations(Json::parse(schema), report), testing::IsEmpty());
  merge[2] = "text";
  EXPECT_THAT(run(merge).out, AllOf(HasSubstr("certified        6"), HasSubstr("refuted          1  race.shared-write-write 1"),
                                    HasSubstr("merged: 3 shards"), HasSubstr("verdict: refuted (7 kernels:")));
}

TEST_F(Farm, MergeRefusesAHoleAndAnOverlap) {
  writeCorpus(3);
  for (std::string i : {"1", "2"})
    folder.write("shard" + i + ".json", run(audit({"--shard", i + "/2"})).out);
  ProgramRun hole = run({"merge", "shard1.json"});
  EXPECT_EQ(hole.exit_code, 2);
  EXPECT_THAT(hole.err, AllOf(HasSubstr("1 of 2 shards is missing: 2"), HasSubstr("--shard 2/2")));
  ProgramRun overlap = run({"merge", "shard1.json", "shard2.json", "shard1.json"});
  EXPECT_EQ(overlap.exit_code, 2);
  EXPECT_THAT(overlap.err, HasSubstr("shard 1 is there twice"));
  folder.write("other.json", run(audit({"--shard", "2/2", "--seed", "5"})).out);
  ProgramRun flags = run({"merge", "shard1.json", "other.json"});
  EXPECT_EQ(flags.exit_code, 2);
  EXPECT_THAT(flags.err, HasSubstr("seed is 1 in one and 5 in the other"));
}

TEST_F(Farm, AShardWithoutKernelsIsNoPass) {
  writeCorpus(0);
  std::set<int> codes;
  for (std::string i : {"1", "2"})
    codes.insert(run(audit({"--shard", i + "/2"})).exit_code);
  EXPECT_EQ(codes, (std::set<int>{1, 3}));
}

TEST_F(Farm, AnAuditThatWasKilledGoesOnWhereItWas) {
  writeCorpus(12);
  std::string first_half;
  runAndKill(audit({"--journal", "j.jsonl"}), [&] { return journal("j.jsonl").size() >= 5; });
  std::size_t before = journal("j.jsonl").size() - 1;
  ASSERT_GE(before, 4u);
  ASSERT_LT(before, 13u) << "it ended before it was killed: the test shows nothing";
  ProgramRun again = run(audit({"--journal", "j.jsonl"}));
  EXPECT_EQ(again.exit_code, 1) << again.err;
  Json report = reportOf(again);
  EXPECT_EQ(verdicts(report).size(), 13u);
  EXPECT_EQ(report["environment"]["resumed"], before);
  std::set<std::string> keys;
  for (const Json& line : journal("j.jsonl"))
    if (line["entry"].contains("key") && !keys.insert(line["entry"]["key"]).second)
      ADD_FAILURE() << "judged twice";
  EXPECT_EQ(keys.size(), 13u);
  EXPECT_EQ(verdicts(report), verdicts(reportOf(run(audit({"--no-resume"})))));
}

TEST_F(Farm, WithoutAskingTheSameCommandGoesOnToo) {
  writeCorpus(12);
  auto entries = [&] {
    std::size_t lines = 0;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder.path() + "/state/kverify/journals", ignored)) {
      std::ifstream in(entry.path());
      for (std::string line; std::getline(in, line);)
        ++lines;
    }
    return lines;
  };
  runAndKill(audit({}), [&] { return entries() >= 4; });
  Json report = reportOf(run(audit({})));
  EXPECT_GE(report["environment"]["resumed"], 3);
  EXPECT_EQ(verdicts(report).size(), 13u);
  EXPECT_EQ(entries(), 0u) << "a journal of an audit that is over is of no use";
  EXPECT_EQ(reportOf(run(audit({})))["environment"]["resumed"], 0);
}

TEST_F(Farm, AChangedFileIsJudgedAgain) {
  writeCorpus(2);
  run(audit({"--journal", "j.jsonl"}));
  folder.write("corpus/k0.cu", kTwice + std::string("// edited\n"));
  Json report = reportOf(run(audit({"--journal", "j.jsonl"})));
  EXPECT_EQ(report["environment"]["resumed"], 2);
  EXPECT_EQ(verdicts(report).size(), 3u);
}

TEST_F(Farm, AChangedHeaderIsSeenToo) {
  writeCorpus(2);
  folder.write("corpus/factor.cuh", "#define FACTOR 2.0f\n");
  std::string source = kTwice;
  source.replace(source.find("2.0f"), 4, "FACTOR");
  folder.write("corpus/k0.cu", "#include \"factor.cuh\"\n" + source);
  Json first = reportOf(run(audit({"--journal", "j.jsonl"})));
  EXPECT_EQ(first["kernels"][0]["includes"].size(), 1u) << first["kernels"][0]["includes"];
  folder.write("corpus/factor.cuh", "#define FACTOR x[i + n]\n");
  Json second = reportOf(run(audit({"--journal", "j.jsonl"})));
  EXPECT_EQ(second["environment"]["resumed"], 2);
  EXPECT_EQ(verdicts(first)["corpus/k0.cu"], "certified");
  EXPECT_EQ(verdicts(second)["corpus/k0.cu"], "refuted") << "a verdict on code that is no longer there";
  Json third = reportOf(run(audit({"--journal", "j.jsonl"})));
  EXPECT_EQ(third["environment"]["resumed"], 3);
  EXPECT_EQ(verdicts(third), verdicts(second));
}

TEST_F(Farm, BadJournalsAreRefusedInWords) {
  writeCorpus(1);
  run(audit({"--journal", "j.jsonl"}));
  ProgramRun flags = run(audit({"--journal", "j.jsonl", "--seed", "2"}));
  EXPECT_EQ(flags.exit_code, 2);
  EXPECT_THAT(flags.err, AllOf(HasSubstr("is of an audit with seed = 1"), HasSubstr("--no-resume")));
  std::string text = folder.read("j.jsonl");
  text[text.find('\n') + 60] ^= 1;
  folder.write("j.jsonl", text);
  ProgramRun damaged = run(audit({"--journal", "j.jsonl"}));
  EXPECT_EQ(damaged.exit_code, 2);
  EXPECT_THAT(damaged.err, HasSubstr("line 2 of the journal 'j.jsonl' is damaged"));
  EXPECT_EQ(run(audit({"--journal", "/proc/none/j.jsonl"})).exit_code, 2);
}

TEST_F(Farm, BadShardsCachesAndLimitsAreRefusedInWords) {
  writeCorpus(1);
  struct {
    std::vector<std::string> flags;
    const char* words;
  } bad[] = {
      {{"--shard", "5/4"}, "there is no shard 5 of 4"},
      {{"--shard", "x"}, "'x' is no part of a whole"},
      {{"--cache", "/proc/none"}, "is no folder that can be made"},
      {{"--cache", "http://127.0.0.1:9/"}, "needs a key"},
      {{"--cache-key", "k"}, "are for a cache"},
      {{"--memory-limit", "lots"}, "'lots' is no amount of memory"},
      {{"--kernel-timeout", "soon"}, "'soon' is not a length of time"},
  };
  for (const auto& one : bad) {
    ProgramRun refused = run(audit(one.flags));
    EXPECT_EQ(refused.exit_code, 2) << one.flags[1];
    EXPECT_THAT(refused.err, HasSubstr(one.words));
    EXPECT_EQ(refused.out, "") << one.flags[1];
  }
}

TEST_F(Farm, AFrontEndThatCrashesCostsOneVerdict) {
  writeCorpus(1);
  folder.write("corpus/crash.cu", "__global__ void k(float* x) { x[0] = 1; }\n#pragma clang __debug crash\n");
  folder.write("corpus/crash.contract.json", folder.read("corpus/race.contract.json"));
  ProgramRun audited = run(audit({}));
  EXPECT_EQ(audited.exit_code, 1) << "the race is still found";
  Json report = reportOf(audited);
  EXPECT_EQ(verdicts(report)["corpus/k0.cu"], "certified");
  EXPECT_EQ(verdicts(report)["corpus/crash.cu"], "inconclusive");
  EXPECT_EQ(reasonsOf(report, "corpus/crash.cu"), "crash");
  EXPECT_EQ(report["summary"]["inconclusive_because"], Json::parse(R"([{"reason": "crash", "kernels": 1}])"));
}

TEST_F(Farm, AFrontEndThatEatsMemoryCostsOneVerdict) {
  writeCorpus(1);
  folder.write("corpus/hog.cu", R"(
template <int N, long M> struct Tree { Tree<N - 1, 2 * M> left; Tree<N - 1, 2 * M + 1> right; };
template <long M> struct Tree<0, M> { char leaf; };
__global__ void race(float* y) { y[threadIdx.x] = sizeof(Tree<30, 1>); }
)");
  folder.write("corpus/hog.contract.json", folder.read("corpus/race.contract.json"));
  Json report = reportOf(run(audit({"--memory-limit", "400M"})));
  EXPECT_EQ(verdicts(report)["corpus/k0.cu"], "certified");
  EXPECT_EQ(verdicts(report)["corpus/hog.cu"], "inconclusive");
  EXPECT_EQ(reasonsOf(report, "corpus/hog.cu"), "memory limit");
}

TEST_F(Farm, AnEndlessKernelCostsOneVerdict) {
  writeCorpus(1);
  folder.write("corpus/forever.cu", "__global__ void race(float* y) { for (volatile int i = 0; i >= 0; i = i & 1023) y[threadIdx.x] = i; }\n");
  folder.write("corpus/forever.contract.json", folder.read("corpus/race.contract.json"));
  Json report = reportOf(run(audit({"--kernel-timeout", "3s", "--step-limit", "1000000000000000"})));
  EXPECT_EQ(verdicts(report)["corpus/k0.cu"], "certified");
  EXPECT_EQ(reasonsOf(report, "corpus/forever.cu"), "time limit");
}

TEST_F(Farm, WhatHeldTheProcessesIsInTheReport) {
  writeCorpus(0);
  Json auto_report = reportOf(run(audit({})));
  const Json& isolation = auto_report["environment"]["isolation"];
  EXPECT_EQ(isolation["processes"], true);
  EXPECT_GT(isolation["memory_bytes"], 0);
  EXPECT_EQ(isolation["seconds"], 600);
  EXPECT_FALSE(isolation["layers"].empty() && isolation["missing"].empty()) << "either is in force or is missed";
  Json none = reportOf(run(audit({"--isolation", "none"})))["environment"]["isolation"];
  EXPECT_EQ(none["writes_confined"], false);
  EXPECT_TRUE(none["layers"].empty());
  ProgramRun required = run(audit({"--isolation", "require"}));
  bool held = isolation["writes_confined"] == true && isolation["sockets_refused"] == true;
  EXPECT_EQ(required.exit_code, held ? 1 : 2) << required.err;
}

TEST_F(Farm, NothingIsLeftBehind) {
  writeCorpus(1);
  fs::create_directory(folder.path() + "/tmp");
  kverify(audit({"--output", "found"}), {.environment = {{"TMPDIR", folder.path() + "/tmp"}}});
  EXPECT_TRUE(fs::is_empty(folder.path() + "/tmp"));
  EXPECT_TRUE(fs::exists(folder.path() + "/found")) << "there was something to keep";
  fs::remove(folder.path() + "/corpus/race.cu");
  kverify(audit({"--output", "empty"}));
  EXPECT_FALSE(fs::exists(folder.path() + "/empty")) << "a folder that nothing was written to";
}

TEST_F(Farm, MachinesShareProofs) {
  writeCorpus(1);
  std::vector<std::string> words = {"audit", "corpus/k0.cu", "--stages", "formal", "--format", "json", "--cache", "shared"};
  auto cached = [&](const std::string& home) {
    Json report = reportOf(kverify(words, {.environment = {{"XDG_CACHE_HOME", folder.path() + "/" + home}}}));
    EXPECT_EQ(report["environment"]["cache"], "shared");
    EXPECT_EQ(report["environment"]["notes"], Json::array());
    std::size_t from_cache = 0;
    for (const Json& outcome : report["kernels"][0]["outcomes"])
      from_cache += outcome.value("cached", false);
    return from_cache;
  };
  EXPECT_EQ(cached("one"), 0u);
  EXPECT_GT(cached("another"), 5u);
}

TEST_F(Farm, TheScriptOfAShardSaysWhatAnEngineMustKnow) {
  writeCorpus(2);
  auto shard = [&](std::vector<std::string> words) {
    words.insert(words.begin(), FARM_SCRIPTS "/shard");
    return runProgram(words, {.folder = folder.path(),
                              .environment = {{"KVERIFY", KVERIFY_PROGRAM}, {"XDG_CACHE_HOME", folder.path() + "/cache"}}});
  };
  for (const char* i : {"1", "2"}) {
    ProgramRun done = shard({i, "2", "corpus", "results", "--stages", "static,fuzz", "--quick", "--cases", "2"});
    EXPECT_EQ(done.exit_code, 0) << done.err;
  }
  ProgramRun merged = run({"merge", "results/shard-1-of-2.json", "results/shard-2-of-2.json"});
  EXPECT_EQ(merged.exit_code, 1) << merged.err;
  EXPECT_EQ(shard({"3", "2", "corpus", "results"}).exit_code, 2);
  EXPECT_EQ(shard({"1", "2", "nowhere", "results"}).exit_code, 2);
  EXPECT_FALSE(fs::exists(folder.path() + "/results/shard-3-of-2.part"));
}

} // namespace
} // namespace kverify::tests
