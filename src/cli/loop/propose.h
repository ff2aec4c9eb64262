#pragma once
// Asks the proposer: any command, JSON in on its standard input, a kernel out as JSON.
// (specs/schema/propose.schema.json, specs/schema/proposal.schema.json)
#include <functional>
#include <string>
#include <vector>

#include "cli/loop/round.h"
#include "cli/loop/task.h"

namespace kverify::loop {

inline constexpr const char* kProposeFormat = "kverify.propose/1";
inline constexpr const char* kProposalFormat = "kverify.proposal/1";

struct Proposer {
  std::string command; ///< for /bin/sh
  double seconds = 300; ///< it is ended then
};

/// What the proposer reads about round `number` of `rounds`. Every round before is in its history; the kernels and the
/// feedback are there of the last few and of the best, which keeps the text small.
Json proposeInput(const Task& task, const std::vector<Round>& history, unsigned number, unsigned rounds, double margin);

/// Runs the command. Whatever it does, there is a proposal: one with a problem where it crashed, hung, or wrote something
/// that is none. Errors: only what is no fault of the proposer's (Environment).
Expected<Proposal> propose(const Proposer& proposer, const Task& task, const Json& input, const std::function<bool()>& stop);

/// What it wrote, read. Errors: Input.
Expected<Proposal> readProposal(const Task& task, const std::string& text);

} // namespace kverify::loop
