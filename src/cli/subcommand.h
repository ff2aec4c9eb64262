#pragma once
// What the subcommands share. Each lives in a file of its own and adds itself to the command line.
#include <functional>
#include <string>
#include <vector>

#include <CLI/App.hpp>

#include "kverify/error.h"

namespace kverify::cli {

/// How kverify was called.
struct Invocation {
  std::vector<std::string> clang_flags; ///< everything after `--`
  std::string command;                  ///< the whole command line, for the report
};

/// What to do once the command line is understood; returns the exit code. Nothing heavy may run before it.
using Action = std::function<int(const Invocation&)>;

void addAudit(CLI::App& app, Action& chosen);
void addBench(CLI::App& app, Action& chosen);
void addReport(CLI::App& app, Action& chosen);
void addDiff(CLI::App& app, Action& chosen);
void addMerge(CLI::App& app, Action& chosen);
void addCertify(CLI::App& app, Action& chosen);
void addVerifyCert(CLI::App& app, Action& chosen);
void addKeygen(CLI::App& app, Action& chosen);
void addRerun(CLI::App& app, Action& chosen);
void addReplay(CLI::App& app, Action& chosen);
void addShadow(CLI::App& app, Action& chosen);
void addMutate(CLI::App& app, Action& chosen);
void addLoop(CLI::App& app, Action& chosen);
void addMcp(CLI::App& app, Action& chosen);
void addCompletions(CLI::App& app, Action& chosen);
void addMan(CLI::App& app, Action& chosen);
void addDoctor(CLI::App& app, Action& chosen);
void addExplain(CLI::App& app, Action& chosen);
void addListChecks(CLI::App& app, Action& chosen);

/// Prints the error on stderr and returns its exit code.
int complain(const ToolError& error);

} // namespace kverify::cli
