#include "verifier/smt/second_opinion.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace kverify::verifier {

namespace {

/// What the program prints, nothing where it cannot be run. `input` is its standard input's file.
std::string outputOf(std::vector<std::string> words, const std::string& input) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    return {};
  std::vector<char*> arguments;
  for (std::string& word : words)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, input.c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  pid_t pid = 0;
  int failed = posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  std::string text;
  std::array<char, 4096> bytes{};
  for (ssize_t n = 0; !failed && (n = read(ends[0], bytes.data(), bytes.size())) > 0;)
    text.append(bytes.data(), static_cast<std::size_t>(n));
  close(ends[0]);
  if (!failed)
    waitpid(pid, nullptr, 0);
  return text;
}

} // namespace

SecondOpinion askProgram(const std::string& program, const std::string& smt2, unsigned timeout_ms) {
  auto begin = std::chrono::steady_clock::now();
  SecondOpinion opinion;
  const char* tmp = std::getenv("TMPDIR"); // a sandboxed process has one of its own
  std::string path = std::string(tmp && *tmp ? tmp : "/tmp") + "/kverify-query-XXXXXX";
  int file = mkstemp(path.data());
  if (file < 0)
    return opinion;
  std::string text = "(set-logic QF_LIA)\n" + smt2;
  bool written = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  close(file);
  if (written) {
    std::string output =
        outputOf({program, "--lang=smt2", "--tlimit=" + std::to_string(timeout_ms)}, path);
    if (output.starts_with("unsat"))
      opinion.answer = Answer::Unsatisfiable;
    else if (output.starts_with("sat"))
      opinion.answer = Answer::Satisfiable;
  }
  unlink(path.c_str());
  opinion.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return opinion;
}

std::string versionOfProgram(const std::string& program) {
  std::istringstream output(outputOf({program, "--version"}, "/dev/null"));
  // "This is cvc5 version 1.0.3" or so, somewhere in the first lines.
  for (std::string word, before; output >> word; before = word)
    if (before == "version")
      return program + " " + word;
  return {};
}

} // namespace kverify::verifier
