// kverify loop with proposers that do everything a proposer can do: good, better and wrong kernels, crashes, garbage, hangs.
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
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
using testing::Not;

/// Plays MOVES[round - 1] of moves.json: {"ms": …, "wrong": …} makes a softmax that says how fast it is, {"text": …} is printed
/// as it is, "crash" and "hang" are what they say. Keeps what it read in asked-ROUND.json.
constexpr const char* kProposer = R"(import json, os, signal, sys, time
request = json.load(sys.stdin)
json.dump(request, open("asked-%d.json" % request["round"], "w"))
moves = json.load(open("moves.json"))
if request["round"] > len(moves):
    print(json.dumps({"done": True}))
    sys.exit(0)
move = moves[request["round"] - 1]
if move == "crash":
    print("the model is not at home", file=sys.stderr)
    os.kill(os.getpid(), signal.SIGSEGV)
if move == "hang":
    os.spawnlp(os.P_NOWAIT, "sleep", "sleep", "600")
    time.sleep(600)
if "text" in move:
    print(move["text"])
    sys.exit(0)
kernel = "// ms: %s\n" % move["ms"] + open("softmax.cu").read()
if move.get("wrong"):
    kernel = kernel.replace("scratch[t] += scratch[t + half]", "scratch[t] = scratch[t + half]")
contract = json.load(open("softmax.contract.json"))
contract.update(move.get("contract", {}))
print(json.dumps({"kernel": kernel, "contract": contract, "note": move.get("note", ""), "state": move}))
)";

constexpr const char* kContract = R"json({
  "contract": 1, "spec": "softmax",
  "sizes": { "R": { "range": [1, 4] }, "N": { "range": [1, 200] } },
  "tensors": {
    "x": { "dtype": "f32", "shape": ["R", "N"], "access": "read" },
    "y": { "dtype": "f32", "shape": ["R", "N"], "access": "write" }
  },
  "launches": [ { "kernel": "softmax_row_block", "args": ["x", "y", "N"], "grid": ["R"], "block": [128] } ]
})json";

class LoopCli : public Cli {
protected:
  void SetUp() override {
    std::ifstream in(std::string(CORPUS_DIR) + "/softmax/row_block_f32/kernel.cu");
    std::ostringstream text;
    text << in.rdbuf();
    folder.write("softmax.cu", text.str());
    folder.write("softmax.contract.json", kContract);
    folder.write("propose.py", kProposer);
    folder.write("bench.sh", "sed -n 's|^// ms: ||p' \"$1\"\n");
  }

  void moves(const char* json) const { folder.write("moves.json", json); }

  static std::vector<std::string> words(const std::vector<std::string>& more = {}, const std::string& format = "json") {
    std::vector<std::string> all = {"loop", "--propose", "python3 propose.py", "--spec", "softmax", "--rounds", "9", "--bench", "sh bench.sh",
                                    "--audit=--stages=fuzz", "--audit=--quick", "--audit=--cases=4", "--audit=--jobs=1", "--format", format};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  ProgramRun loop(const std::vector<std::string>& more = {}, const std::string& format = "json") const {
    return kverify(words(more, format), {.timeout_seconds = 280});
  }

  Json checked(const ProgramRun& run) const {
    Json report = reportOf(run);
    EXPECT_THAT(violations(schema("loop.schema.json"), report), testing::IsEmpty()) << run.err;
    return report;
  }

  static Json schema(const std::string& name) { return Json::parse(std::ifstream(std::string(SCHEMA_DIR) + "/" + name)); }

  std::vector<Json> journal() const {
    std::vector<Json> lines;
    std::istringstream in(fs::exists(folder.path() + "/out/loop/journal.jsonl") ? folder.read("out/loop/journal.jsonl") : "");
    for (std::string line; std::getline(in, line);)
      if (Json j = Json::parse(line, nullptr, false); !j.is_discarded())
        lines.push_back(j);
    return lines;
  }

  /// Starts it, and kills it with all its might once `seen` says so.
  void runAndKill(const std::function<bool()>& seen) const {
    std::vector<std::string> all = words();
    all.insert(all.begin(), KVERIFY_PROGRAM);
    pid_t pid = fork();
    if (pid == 0) {
      setenv("XDG_CACHE_HOME", (folder.path() + "/cache").c_str(), 1);
      int null = open("/dev/null", O_RDWR);
      dup2(null, 1);
      dup2(null, 2);
      std::vector<char*> arguments;
      for (std::string& word : all)
        arguments.push_back(word.data());
      arguments.push_back(nullptr);
      if (chdir(folder.path().c_str()) == 0)
        execv(arguments[0], arguments.data());
      _exit(127);
    }
    auto end = std::chrono::steady_clock::now() + std::chrono::seconds(240);
    while (!seen() && std::chrono::steady_clock::now() < end && waitpid(pid, nullptr, WNOHANG) == 0)
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
  }
};

TEST_F(LoopCli, EndsWithAFasterVerifiedKernelThanItBeganWith) {
  moves(R"([{"ms": 8, "note": "plain"}, {"ms": 1, "wrong": true, "note": "fast and wrong"}, {"ms": 4}, {"ms": 6}, {"ms": 8, "note": "again"}])");
  ProgramRun run = loop();
  Json report = checked(run);
  EXPECT_EQ(run.exit_code, 0) << run.err;
  std::vector<std::string> status;
  for (const Json& round : report["rounds"])
    status.push_back(round["status"]);
  EXPECT_THAT(status, testing::ElementsAre("certified", "refuted", "certified", "certified", "the same as round 1", "nothing more to propose"))
      << report["conclusion"];
  EXPECT_EQ(report["began"], 1);
  EXPECT_EQ(report["best"], 3) << "round 2 is faster, and wrong";
  EXPECT_FALSE(report["rounds"][1].contains("timed")) << "what is refuted is not timed";
  EXPECT_THAT(folder.read("out/loop/best.cu"), HasSubstr("// ms: 4\n"));
  EXPECT_THAT(folder.read("out/loop/history.md"),
              AllOf(HasSubstr("| 3 | certified | 4 | yes, from here |"), HasSubstr("2.00 times as fast as round 1"), HasSubstr("numerics.")));
  EXPECT_THAT(folder.read("out/loop/history.svg"), AllOf(HasSubstr("class=\"best\""), HasSubstr("round 2: refuted, fast and wrong")));

  for (int round = 1; round <= 6; ++round)
    EXPECT_THAT(violations(schema("propose.schema.json"), Json::parse(folder.read("asked-" + std::to_string(round) + ".json"))),
                testing::IsEmpty());
  Json third = Json::parse(folder.read("asked-3.json"));
  EXPECT_EQ(third["best"]["round"], 1);
  EXPECT_EQ(third["history"][1]["feedback"]["verdict"], "refuted");
  EXPECT_EQ(third["history"][0]["state"]["note"], "plain");
  EXPECT_EQ(third["contract"]["sizes"]["N"]["range"][1], 200) << "the first certified contract is everybody's";
  for (const Json& line : journal())
    EXPECT_THAT(violations(schema("loop-journal.schema.json"), line), testing::IsEmpty());
}

TEST_F(LoopCli, KilledItGoesOnWhereItWas) {
  moves(R"([{"ms": 8}, {"ms": 4}, {"ms": 2}])");
  // In the middle of the second round, whose proposal must not be asked for again.
  runAndKill([&] { return journal().size() >= 5; });
  std::vector<Json> before = journal();
  ASSERT_GE(before.size(), 5u);
  ASSERT_LT(before.size(), 10u) << "it ended before it was killed: the test shows nothing";
  unsigned asked = before.back()["entry"]["round"];
  fs::remove(folder.path() + "/asked-1.json");
  fs::remove(folder.path() + "/asked-2.json");
  ProgramRun run = loop();
  Json report = checked(run);
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("goes on after round " + std::to_string(asked)));
  EXPECT_FALSE(fs::exists(folder.path() + "/asked-1.json")) << "round 1 was asked for twice";
  EXPECT_EQ(fs::exists(folder.path() + "/asked-2.json"), asked < 2);
  EXPECT_EQ(report["best"], 3);
  std::vector<Json> after = journal();
  ASSERT_GT(after.size(), before.size());
  EXPECT_TRUE(std::equal(before.begin(), before.end(), after.begin())) << "a journal only grows";

  // Over: the same command has nothing to do, and a line that is cut off costs that step only.
  fs::remove(folder.path() + "/asked-3.json");
  EXPECT_EQ(checked(loop())["best"], 3);
  EXPECT_FALSE(fs::exists(folder.path() + "/asked-3.json"));
}

TEST_F(LoopCli, AJournalThatWasChangedIsRefused) {
  moves(R"([{"ms": 8}])");
  ASSERT_EQ(loop().exit_code, 0);
  std::string text = folder.read("out/loop/journal.jsonl");
  std::string forged = text;
  forged.replace(forged.find("\"ms\":8"), 6, "\"ms\":1");
  folder.write("out/loop/journal.jsonl", forged);
  ProgramRun run = loop();
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, AllOf(HasSubstr("damaged"), HasSubstr("--no-resume")));
  folder.write("out/loop/journal.jsonl", text);
  ProgramRun other = loop({"--margin", "0.5"});
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_THAT(other.err, HasSubstr("another margin"));
  folder.write("out/loop/journal.jsonl", text.substr(0, text.size() - 20));
  EXPECT_EQ(loop().exit_code, 0) << "a last line that was cut off is done again";
}

TEST_F(LoopCli, AProposerThatCrashesHangsOrPrintsGarbageCostsItsRound) {
  moves(R"(["crash", {"text": "Here is your kernel:"}, {"text": "{\"kernle\": \"x\"}"}, {"ms": 3}, "hang", {"text": "{\"kernel\": \"\"}"}, {"ms": 2}])");
  ProgramRun run = loop({"--propose-limit", "9s", "--give-up", "4"});
  Json report = checked(run);
  EXPECT_EQ(run.exit_code, 0) << run.err;
  auto problem = [&](int round) { return report["rounds"][round - 1]["proposal"].value("problem", ""); };
  EXPECT_THAT(problem(1), AllOf(HasSubstr("signal 11"), HasSubstr("not at home")));
  EXPECT_THAT(problem(2), HasSubstr("no JSON object"));
  EXPECT_THAT(problem(3), HasSubstr("did you mean 'kernel'?"));
  EXPECT_THAT(problem(5), HasSubstr("ended after 9 s"));
  EXPECT_THAT(problem(6), HasSubstr("'kernel' is empty"));
  EXPECT_EQ(report["best"], 7);
  EXPECT_EQ(Json::parse(folder.read("asked-7.json"))["history"][0]["status"], "no proposal");
}

TEST_F(LoopCli, ItGivesUpOnAProposerThatNeverProposes) {
  moves(R"(["crash", "crash", "crash", "crash"])");
  ProgramRun run = loop({"--give-up", "2"});
  Json report = checked(run);
  EXPECT_EQ(run.exit_code, 3) << "nothing was certified";
  EXPECT_EQ(report["rounds"].size(), 2u);
  EXPECT_EQ(report["ended"], "2 rounds without a proposal");
  EXPECT_FALSE(fs::exists(folder.path() + "/out/loop/best.cu"));
}

TEST_F(LoopCli, AProposerMayNotMakeTheTaskEasier) {
  moves(R"([{"ms": 1, "contract": {"sizes": {"R": {"range": [1, 1]}, "N": {"range": [1, 2]}}}},
            {"ms": 1, "contract": {"precision": {"exp": "fast"}}},
            {"ms": 1, "contract": {"spec": "log_softmax"}}])");
  Json report = checked(loop({"--contract", "softmax.contract.json"}));
  auto problem = [&](int round) { return report["rounds"][round - 1]["proposal"].value("problem", ""); };
  EXPECT_THAT(problem(1), HasSubstr("differs from the given one at /sizes/"));
  EXPECT_THAT(problem(2), HasSubstr("/precision"));
  EXPECT_THAT(problem(3), HasSubstr("'log_softmax' and not of 'softmax'"));
  EXPECT_EQ(report["best"], nullptr);
}

TEST_F(LoopCli, WithoutATimeNothingIsCalledFaster) {
  moves(R"([{"ms": "soon"}, {"ms": -1}])");
  ProgramRun run = loop({}, "text");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("best: round 1, the first that was certified; nothing was timed"), HasSubstr("printed 'soon'"), Not(HasSubstr("times as fast"))));
}

TEST_F(LoopCli, BeginsWithAGivenKernel) {
  moves(R"([{"ms": 4}])");
  folder.write("begin.cu", "// ms: 5\n" + folder.read("softmax.cu"));
  folder.write("begin.contract.json", kContract);
  Json report = checked(loop({"--start", "begin.cu"}));
  EXPECT_EQ(report["began"], 0);
  EXPECT_EQ(report["best"], 1);
}

TEST_F(LoopCli, TheTemplateThatShipsProposesUntilItsNeighboursAreTried) {
  const std::string command = std::string(PROPOSERS) + "/flash_template.py";
  // Not certified, since nothing is judged but the source: what is tested is that it always proposes something new.
  ProgramRun run = kverify({"loop", "--propose", "python3 -B " + command, "--spec", "attention.forward", "--rounds", "30", "--audit=--stages=static",
                            "--bench", "false", "--format", "json"},
                           {.timeout_seconds = 280});
  Json report = checked(run);
  EXPECT_EQ(report["ended"], "the proposer has nothing more") << run.err;
  EXPECT_EQ(report["rounds"].size(), 7u) << "the plainest, one step in each of five choices, and that it is done";
  for (const Json& round : report["rounds"])
    if (!round["proposal"].contains("done")) {
      EXPECT_TRUE(round.contains("judged") && round["judged"]["verdict"] != "error") << round.dump(2);
    }
}

} // namespace
} // namespace kverify::tests
