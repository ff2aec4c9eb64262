// Bad input: one clear sentence, its place, the nearest valid thing, exit code 2, and nothing else is lost.
#include "tests/cli/cli_fixture.h"

namespace kverify::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST_F(Cli, NoSuchFileNamesTheNearest) {
  folder.write("twice.cu", kTwice);
  ProgramRun run = kverify({"audit", "twise.cu"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, AllOf(HasSubstr("'twise.cu'"), HasSubstr("did you mean 'twice.cu'?")));
}

TEST_F(Cli, AnEmptyFileSaysSo) {
  folder.write("empty.cu", "");
  ProgramRun run = kverify({"audit", "empty.cu", "--block", "32"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.out, AllOf(HasSubstr("empty.cu"), HasSubstr("empty")));
}

TEST_F(Cli, AFileWithoutAKernelSaysSo) {
  folder.write("host.cu", "int main() { return 0; }\n");
  ProgramRun run = kverify({"audit", "host.cu", "--block", "32"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.out, HasSubstr("kernel"));
}

TEST_F(Cli, AKernelThatIsNotThereNamesTheNearest) {
  folder.write("twice.cu", kTwice);
  ProgramRun run = kverify({"audit", "twice.cu", "--kernel", "twize", "--block", "32"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.out, AllOf(HasSubstr("twize"), HasSubstr("did you mean 'twice'?")));
}

TEST_F(Cli, AKernelThatTheContractDoesNotLaunchNamesTheNearest) {
  folder.write("twice.cu", kTwice);
  folder.write("twice.contract.json", kTwiceContract);
  ProgramRun run = kverify({"audit", "twice.cu", "--kernel", "twize"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.out, AllOf(HasSubstr("twize"), HasSubstr("did you mean 'twice'?")));
}

TEST_F(Cli, SeveralKernelsAndNoChoiceListsThem) {
  folder.write("two.cu", std::string(kTwice) + kRace);
  ProgramRun run = kverify({"audit", "two.cu", "--block", "32"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.out, AllOf(HasSubstr("twice, race"), HasSubstr("--kernel")));
}

TEST_F(Cli, NoContractAndNoLaunchSaysWhatToDo) {
  folder.write("twice.cu", kTwice);
  ProgramRun run = kverify({"mutate", "twice.cu"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.out + run.err, AllOf(HasSubstr("kverify init"), HasSubstr("--block")));
}

TEST_F(Cli, AContractThatDoesNotFitNamesTheArgumentAndItsType) {
  folder.write("twice.cu", kTwice);
  std::string contract = kTwiceContract;
  contract.replace(contract.find(R"("x", "y", "n"])"), 14, R"("x", "n", "y"])");
  folder.write("twice.contract.json", contract);
  ProgramRun run = kverify({"audit", "twice.cu"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.out, AllOf(HasSubstr("'y'"), HasSubstr("float"), HasSubstr("twice.contract.json:8")));
}

TEST_F(Cli, AContractWithAWrongKeyNamesTheNearest) {
  folder.write("twice.cu", kTwice);
  std::string contract = kTwiceContract;
  contract.replace(contract.find("launches"), 8, "lanches");
  folder.write("twice.contract.json", contract);
  ProgramRun run = kverify({"audit", "twice.cu"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.out, AllOf(HasSubstr("lanches"), HasSubstr("launches"), HasSubstr("twice.contract.json:8")));
}

TEST_F(Cli, SizesThatAllocateTooMuchSayHowMuch) {
  folder.write("twice.cu", kTwice);
  std::string contract = kTwiceContract;
  for (int tensor = 0; tensor < 2; ++tensor)
    contract.replace(contract.find("[\"n\"]"), 5, "[\"n*4294967296\"]");
  folder.write("twice.contract.json", contract);
  ProgramRun run = kverify({"audit", "twice.cu"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.out, testing::ContainsRegex("[0-9.e+]+ (bytes|[KMGTP]i?B)")) << "how much was asked for";
}

TEST_F(Cli, ACompileErrorIsShownAsClangShowsItAndStopsNoOtherFile) {
  folder.write("a/broken.cu", "__global__ void broken(float* x) { x[0] = undeclared; }\n");
  folder.write("a/broken.contract.json", R"({"contract": 1, "sizes": {}, "tensors": {
    "x": {"dtype": "f32", "shape": ["1"], "access": "write"}},
    "launches": [{"kernel": "broken", "args": ["x"], "grid": [1], "block": [1]}]})");
  folder.write("a/twice.cu", kTwice);
  folder.write("a/twice.contract.json", kTwiceContract);
  ProgramRun run = kverify({"audit", "a"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.out, HasSubstr("a/broken.cu:1:43: error: use of undeclared identifier 'undeclared'"));
  EXPECT_THAT(run.out, HasSubstr("1 not judged (error), 1 certified"));
}

TEST_F(Cli, AFlagThatDoesNotExistNamesTheNearest) {
  ProgramRun run = kverify({"audit", "x.cu", "--jbos", "2"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, AllOf(HasSubstr("--jbos"), HasSubstr("--jobs")));
}

TEST_F(Cli, ACommandThatDoesNotExistNamesTheNearest) {
  ProgramRun run = kverify({"audti"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("did you mean 'audit'?"));
}

TEST_F(Cli, AStageThatDoesNotExistNamesWhatDoes) {
  folder.write("twice.cu", kTwice);
  for (const char* stage : {"prove", "fizz"}) {
    ProgramRun run = kverify({"audit", "twice.cu", "--stages", stage});
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_THAT(run.err, AllOf(HasSubstr(stage), HasSubstr("what exists: static, fuzz, stability, formal, sanitizer, bench")));
  }
}

TEST_F(Cli, ValuesOfFlagsAreChecked) {
  folder.write("twice.cu", kTwice);
  EXPECT_THAT(kverify({"audit", "twice.cu", "--block", "32,0"}).err, HasSubstr("'32,0'"));
  EXPECT_THAT(kverify({"audit", "twice.cu", "--block", "1,1,1,1"}).err, HasSubstr("'1,1,1,1'"));
  EXPECT_THAT(kverify({"audit", "twice.cu", "--time-budget", "soon"}).err, HasSubstr("'soon'"));
  EXPECT_THAT(kverify({"audit", "twice.cu", "--block", "32", "--cuda-headers", "buildin"}).err, HasSubstr("builtin"));
  EXPECT_THAT(kverify({"audit", "twice.cu", "--block", "32", "--arg", "n"}).err, HasSubstr("name=value"));
  EXPECT_THAT(kverify({"audit", "twice.cu", "--block", "32", "--arg", "m=3"}).out, HasSubstr("'m'"));
  EXPECT_EQ(kverify({"audit", "twice.cu", "--block", "32", "--arg", "m=3"}).exit_code, 2);
}

TEST_F(Cli, AReplayFileThatIsNoneSaysSo) {
  EXPECT_EQ(kverify({"replay", "out/none.json"}).exit_code, 2);
  folder.write("odd.json", "{}");
  ProgramRun run = kverify({"replay", "odd.json"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("'odd.json' is not a replay file"));
}

TEST_F(Cli, AnOptionGivenTwiceIsSaidInOurWords) {
  ProgramRun run = kverify({"audit", "k.cu", "--format", "json", "--format", "text"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("--format is given 2 times"));
}

} // namespace
} // namespace kverify::tests
