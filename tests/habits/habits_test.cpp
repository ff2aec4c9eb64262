// Help with examples that can be typed, no colour where none is wanted, environment variables that the manual names.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/cli/cli_fixture.h"

namespace kverify::tests {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Habits : public Cli {
protected:
  std::vector<std::string> commands() const {
    std::vector<std::string> names;
    std::istringstream help(kverify({"--help"}).out);
    bool within = false;
    for (std::string line; std::getline(help, line);) {
      if (line == "Subcommands:")
        within = true;
      else if (within && line.starts_with("  ") && line[2] != ' ')
        names.push_back(line.substr(2, line.find(' ', 2) - 2));
      else if (within && !line.starts_with("  "))
        break;
    }
    return names;
  }
};

/// The lines of the paragraph "Examples:" that are commands.
std::vector<std::string> examplesIn(const std::string& help) {
  std::vector<std::string> examples;
  std::istringstream lines(help);
  bool within = false;
  for (std::string line; std::getline(lines, line); within = within && !line.empty())
    if (line == "Examples:")
      within = true;
    else if (within && line.find("kverify ") != std::string::npos)
      examples.push_back(line);
  return examples;
}

/// Long options in a line, up to ` -- `, behind which they are clang's; what is quoted is another command's.
std::set<std::string> optionsIn(std::string line) {
  static const std::regex quoted("'[^']*'");
  line = std::regex_replace(line.substr(0, line.find(" -- ")), quoted, "''");
  std::set<std::string> options;
  static const std::regex option("(^|[ ,])(--[a-z][a-z0-9-]*)");
  for (std::sregex_iterator at(line.begin(), line.end(), option), end; at != end; ++at)
    options.insert((*at)[2]);
  return options;
}

TEST_F(Habits, EveryCommandHasExamplesThatUseOptionsItHas) {
  std::vector<std::string> names = commands();
  ASSERT_GE(names.size(), 11u);
  std::map<std::string, std::set<std::string>> known;
  std::map<std::string, std::vector<std::string>> examples;
  for (const std::string& name : names) {
    ProgramRun help = kverify({name, "--help"});
    EXPECT_EQ(help.exit_code, 0) << name;
    for (std::istringstream lines(help.out); lines;)
      if (std::string line; std::getline(lines, line) && line.starts_with("  -"))
        known[name].merge(optionsIn(line.substr(0, line.find("  ", 2))));
    examples[name] = examplesIn(help.out);
    EXPECT_THAT(examples[name], Not(IsEmpty())) << "kverify " << name << " --help has no 'Examples:': give it a footer";
  }
  static const std::regex called("kverify ([a-z-]+)([^|>;&]*)");
  for (const auto& [of, lines] : examples) {
    bool of_this = false;
    for (const std::string& line : lines)
      for (std::sregex_iterator at(line.begin(), line.end(), called), end; at != end; ++at) {
        std::string name = (*at)[1];
        of_this |= name == of;
        ASSERT_TRUE(known.count(name)) << "no command is called '" << name << "': " << line;
        for (const std::string& option : optionsIn((*at)[2]))
          EXPECT_TRUE(known[name].count(option)) << "kverify " << name << " has no " << option << ": " << line;
      }
    EXPECT_TRUE(of_this) << "the examples of kverify " << of << " never call it";
  }
}

TEST_F(Habits, TheManualNamesEveryEnvironmentVariableThatIsRead) {
  std::string manual = kverify({"man"}).out;
  static const std::regex read_variable("getenv\\(\"([A-Z0-9_]+)\"\\)");
  const std::set<std::string> everybody_knows = {"PATH", "HOME"};
  std::set<std::string> seen;
  for (const char* folder : {"src", "verifier", "fuzz", "bench/timing", "bench/stats"})
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(SOURCE_DIR) / folder)) {
      if (entry.path().extension() != ".cpp" && entry.path().extension() != ".h")
        continue;
      std::ifstream in(entry.path());
      std::string text(std::istreambuf_iterator<char>(in), {});
      for (std::sregex_iterator at(text.begin(), text.end(), read_variable), end; at != end; ++at) {
        std::string name = (*at)[1];
        seen.insert(name);
        if (!everybody_knows.count(name)) {
          EXPECT_THAT(manual, HasSubstr(name)) << entry.path() << " reads it: add it to environment() in src/cli/manual.cpp";
        }
      }
    }
  EXPECT_TRUE(seen.count("NO_COLOR"));
}

TEST_F(Habits, AManualPageOfNothingSaysWhatIsNear) {
  ProgramRun run = kverify({"man", "adit"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, testing::AllOf(HasSubstr("there is no command 'adit'"), HasSubstr("did you mean 'audit'?")));
  EXPECT_EQ(kverify({"completions", "tcsh"}).exit_code, 2);
  folder.write("taken", "");
  EXPECT_EQ(kverify({"man", "--output", "taken"}).exit_code, 2);
}

/// Runs kverify with a terminal as stdin, stdout and stderr; what came on it, and the exit code.
ProgramRun onTerminal(const std::string& folder, std::vector<std::string> arguments, const char* no_color) {
  arguments.insert(arguments.begin(), KVERIFY_PROGRAM);
  std::vector<char*> words;
  for (std::string& word : arguments)
    words.push_back(word.data());
  words.push_back(nullptr);
  int terminal = -1;
  pid_t pid = forkpty(&terminal, nullptr, nullptr, nullptr);
  if (pid == 0) {
    unsetenv("NO_COLOR");
    unsetenv("CI");
    setenv("TERM", "xterm-256color", 1);
    setenv("XDG_CACHE_HOME", (folder + "/cache").c_str(), 1);
    if (no_color)
      setenv("NO_COLOR", no_color, 1);
    if (chdir(folder.c_str()) == 0)
      execv(words[0], words.data());
    _exit(127);
  }
  ProgramRun run;
  char bytes[4096];
  for (ssize_t n; (n = read(terminal, bytes, sizeof(bytes))) > 0;) // ends with EIO when the program has ended
    run.out.append(bytes, static_cast<std::size_t>(n));
  close(terminal);
  int status = 0;
  waitpid(pid, &status, 0);
  run.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return run;
}

/// Colours are "select graphic rendition": ESC [ numbers m.
bool hasColor(const std::string& text) {
  return std::regex_search(text, std::regex("\x1b\\[[0-9;]*m"));
}

TEST_F(Habits, NoColorIsHonouredWhereverColourIs) {
  folder.write("race.cu", kRace);
  ProgramRun saved = kverify({"audit", "race.cu", "--block", "32", "--stages", "fuzz", "--report", "json=r.json"});
  ASSERT_EQ(saved.exit_code, 1) << saved.err;
  std::string replay = fs::directory_iterator(folder.path() + "/out")->path().filename().string();
  for (const auto& entry : fs::directory_iterator(folder.path() + "/out"))
    if (entry.path().extension() == ".json")
      replay = "out/" + entry.path().filename().string();
  const std::vector<std::vector<std::string>> coloured = {
      {"audit", "race.cu", "--block", "32", "--stages", "static,fuzz"},
      {"report", "r.json"},
      {"replay", replay},
      {"diff", "r.json", "r.json", "--verbose"},
      {"audit", "nothing.cu"}, // an error message
  };
  for (const std::vector<std::string>& command : coloured) {
    EXPECT_TRUE(hasColor(onTerminal(folder.path(), command, nullptr).out)) << command[0] << " shows no colour on a terminal";
    EXPECT_TRUE(hasColor(onTerminal(folder.path(), command, "").out)) << command[0] << ": an empty NO_COLOR counts as none";
    EXPECT_FALSE(hasColor(onTerminal(folder.path(), command, "1").out)) << command[0] << " does not honour NO_COLOR";
  }
  const std::vector<std::vector<std::string>> plain = {
      {"--help"}, {"audit", "--help"}, {"list-checks"}, {"explain", "race.shared-write-write"}, {"doctor"}, {"nonsense"},
      {"shadow", "race.cu", "--block", "32"}, {"mutate", "race.cu", "--block", "32", "--sample", "1", "--cases", "1"}};
  for (const std::vector<std::string>& command : plain)
    EXPECT_FALSE(hasColor(onTerminal(folder.path(), command, "1").out)) << command[0] << " does not honour NO_COLOR";
  // A flag is nearer than the environment.
  EXPECT_TRUE(hasColor(onTerminal(folder.path(), {"report", "r.json", "--color", "always"}, "1").out));
  EXPECT_FALSE(hasColor(onTerminal(folder.path(), {"report", "r.json", "--color", "never"}, nullptr).out));
}

} // namespace
} // namespace kverify::tests
