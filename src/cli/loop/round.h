#pragma once
// What became of one proposal, and which of all is best.
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace kverify::loop {

using Json = nlohmann::ordered_json;

/// A kernel, or why there is none.
struct Proposal {
  std::string problem;          ///< the proposer crashed, hung, or wrote something else; empty: there is a kernel
  std::string source, contract; ///< texts
  std::string note;             ///< of the proposer's, for the table
  Json state;                   ///< of the proposer's own: it gets it back
  bool done = false;            ///< the proposer has nothing more; there is no kernel
  double seconds = 0;

  bool hasKernel() const { return problem.empty() && !done; }
};

/// What the audit said.
struct Judgement {
  std::string verdict; ///< certified, refuted, error, inconclusive
  std::string problem; ///< why there is none from the audit itself
  Json feedback;       ///< kverify.feedback/1, or null
  double seconds = 0;
};

/// How fast it is, of a kernel that was certified.
struct Timing {
  std::optional<double> ms;
  std::string problem;     ///< why there is none
  bool refused = false;    ///< the timing showed that the kernel is wrong
  std::string claim;       ///< faster, slower, inconclusive: against the best so far, measured in turns; empty: not compared
  double seconds = 0;
};

struct Round {
  unsigned number = 0; ///< 0 is the kernel that the loop was given to begin with
  Proposal proposal;
  std::optional<unsigned> same_as; ///< the round that proposed the same before: judged once
  std::optional<Judgement> judgement;
  std::optional<Timing> timing;

  bool certified() const;
};

/// What happens next in a round; the journal has one entry for each.
enum class Step { Judge, Time, Over };
Step nextStep(const Round& round);

/// Is `round` better than `best`? Only a certified kernel ever is. A kernel that was timed is better than one that was
/// not; of two that were, the one that is faster: by the comparison in turns where there is one, else by more than `margin`
/// of the time. Without timings the first certified kernel stays: nothing shows that another is better.
bool better(const Round& round, const Round* best, double margin);

/// The best of all, in order; null where none is certified.
const Round* bestOf(const std::vector<Round>& rounds, double margin);
/// The first certified kernel: what the loop began with.
const Round* firstOf(const std::vector<Round>& rounds);

/// What its row in the table says: "certified", "refuted", "no proposal", "the same as round 2", …
std::string statusOf(const Round& round);

/// The identity of a proposal: of its kernel's and its contract's bytes.
std::string digestOf(const Proposal& proposal);

/// The parts, as the journal and the proposer's input have them; from JSON: nothing where it is something else.
Json toJson(const Proposal& proposal);
Json toJson(const Judgement& judgement);
Json toJson(const Timing& timing);
std::optional<Proposal> proposalFrom(const Json& json);
std::optional<Judgement> judgementFrom(const Json& json);
std::optional<Timing> timingFrom(const Json& json);

} // namespace kverify::loop
