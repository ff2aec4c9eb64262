#include "cli/loop/run.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "core/hash.h"
#include "core/tool_identity.h"
#include "core/write_file.h"

namespace kverify::loop {
namespace {

namespace fs = std::filesystem;
constexpr const char* kJournalFormat = "kverify.loop-journal/1";

Expected<std::string> textOf(const std::string& path, const char* flag) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  if (!in || fs::is_directory(path))
    return fail(ErrorKind::Input, fmt::format("'{}' cannot be read", path), flag);
  std::string text = bytes.str();
  bool utf8 = Json(text).dump(-1, ' ', false, Json::error_handler_t::ignore) == Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
  return utf8 ? Expected<std::string>(text) : fail(ErrorKind::Input, fmt::format("'{}' is no UTF-8 text", path), flag);
}

/// The contract of the kernel to begin with, where audit would look for it.
std::string contractBeside(const std::string& kernel) {
  fs::path own = fs::path(kernel).replace_extension(".contract.json"), common = fs::path(kernel).parent_path() / "contract.json";
  return fs::exists(own) ? own.string() : fs::exists(common) ? common.string() : "";
}

} // namespace

Expected<std::unique_ptr<Loop>> Loop::prepare(const LoopOptions& options) {
  std::unique_ptr<Loop> loop(new Loop(options));
  if (auto task = loop->readTask(); !task)
    return tl::unexpected(task.error());
  loop->history_.spec = loop->task_.spec_name;
  loop->history_.version = options.version;
  loop->history_.margin = options.margin;
  auto journal = ChainedLog::open(options.journal, options.afresh);
  if (!journal)
    return tl::unexpected(journal.error());
  loop->journal_ = std::move(*journal);
  if (auto read = loop->readJournal(); !read)
    return tl::unexpected(read.error());
  return loop;
}

Expected<void> Loop::readTask() {
  auto task = taskOf(options_.spec);
  if (!task)
    return tl::unexpected(task.error());
  task_ = std::move(*task);
  std::string path = options_.contract.empty() && !options_.start.empty() ? contractBeside(options_.start) : options_.contract;
  if (!options_.start.empty()) {
    auto source = textOf(options_.start, "--start");
    if (!source)
      return tl::unexpected(source.error());
    start_source_ = *source;
    if (path.empty())
      return fail(ErrorKind::Input, fmt::format("'{}' has no contract beside it", options_.start), "--start", "give --contract");
  }
  if (path.empty())
    return {};
  auto text = textOf(path, "--contract");
  if (!text)
    return tl::unexpected(text.error());
  auto contract = contractFor(task_, path, *text);
  if (!contract)
    return tl::unexpected(contract.error());
  task_.contract = *contract;
  start_contract_ = contract->dump(2) + "\n";
  if (fs::path shapes = fs::path(path).parent_path() / "shapes.json"; fs::exists(shapes)) {
    auto beside = textOf(shapes.string(), "--contract");
    if (!beside)
      return tl::unexpected(beside.error());
    shapes_ = *beside;
  }
  return {};
}

/// All that what is in the journal depends on.
Json Loop::settings() const {
  return {{"spec", task_.spec_name},
          {"spec_sha256", sha256Hex(task_.spec.dump())},
          {"propose", options_.proposer.command},
          {"bench", options_.judge.bench},
          {"contract_sha256", start_contract_.empty() ? "" : sha256Hex(start_contract_)},
          {"start_sha256", start_source_.empty() ? "" : sha256Hex(start_source_)},
          {"shapes_sha256", shapes_.empty() ? "" : sha256Hex(shapes_)},
          {"audit_flags", fmt::format("{}", fmt::join(options_.judge.audit_flags, " "))},
          {"clang_flags", fmt::format("{}", fmt::join(options_.judge.clang_flags, " "))},
          {"margin", fmt::format("{}", options_.margin)}};
}

Expected<void> Loop::readJournal() {
  Json first = {{"format", kJournalFormat}, {"tool_version", options_.version}, {"tool_build", toolIdentity()}, {"settings", settings()}};
  const std::vector<Json>& entries = journal_->entries();
  if (entries.empty())
    return journal_->append(first);
  constexpr const char* kHint = "--no-resume starts it afresh";
  if (entries[0].value("format", Json()) != kJournalFormat)
    return fail(ErrorKind::Input, fmt::format("'{}' is no {}", journal_->path(), kJournalFormat), journal_->path() + ":1", kHint);
  if (entries[0].value("tool_build", Json()) != first["tool_build"])
    return fail(ErrorKind::Input, fmt::format("the journal '{}' was written by another build of kverify", journal_->path()),
                journal_->path() + ":1", kHint);
  const Json then = entries[0].value("settings", Json::object());
  for (const auto& [name, value] : first["settings"].items())
    if (then.value(name, Json()) != value)
      return fail(ErrorKind::Input, fmt::format("the journal '{}' is of a loop with another {}", journal_->path(), name),
                  journal_->path() + ":1", kHint);
  for (std::size_t i = 1; i < entries.size(); ++i)
    if (auto taken = takeEntry(entries[i], i + 1); !taken)
      return taken;
  if (!history_.rounds.empty())
    options_.say(fmt::format("goes on after round {} of the journal '{}'", history_.rounds.back().number, journal_->path()));
  return {};
}

Expected<void> Loop::takeEntry(const Json& entry, std::size_t line) {
  auto wrong = [&] {
    return fail(ErrorKind::Input, fmt::format("line {} of the journal '{}' does not follow from those before", line, journal_->path()),
                fmt::format("{}:{}", journal_->path(), line), "--no-resume starts it afresh");
  };
  if (!entry.contains("round") || !entry["round"].is_number_unsigned())
    return wrong();
  unsigned number = entry["round"].get<unsigned>();
  std::vector<Round>& rounds = history_.rounds;
  if (entry.contains("proposed")) {
    auto proposal = proposalFrom(entry["proposed"]);
    bool next = rounds.empty() ? number <= 1 : number == rounds.back().number + 1 && nextStep(rounds.back()) == Step::Over;
    if (!proposal || !next)
      return wrong();
    rounds.push_back({.number = number, .proposal = std::move(*proposal)});
    settle(rounds.back());
    return {};
  }
  if (rounds.empty() || rounds.back().number != number)
    return wrong();
  Round& round = rounds.back();
  if (entry.contains("judged") && nextStep(round) == Step::Judge)
    round.judgement = judgementFrom(entry["judged"]);
  else if (entry.contains("timed") && nextStep(round) == Step::Time)
    round.timing = timingFrom(entry["timed"]);
  else
    return wrong();
  if (entry.contains("judged") ? !round.judgement : !round.timing)
    return wrong();
  settle(round);
  return {};
}

/// What follows from a round's parts, in the same way when it is read from the journal.
void Loop::settle(Round& round) {
  for (const Round& before : history_.rounds)
    if (&before != &round && !before.same_as && before.proposal.hasKernel() && round.proposal.hasKernel() &&
        digestOf(before.proposal) == digestOf(round.proposal))
      round.same_as = before.number;
  if (task_.contract.is_null() && round.certified() && round.timing)
    task_.contract = Json::parse(round.proposal.contract); // from here on all proposals share it
}

Place Loop::placeOf(const Round& round) const {
  return {fmt::format("{}/rounds/{:03}", options_.output, round.number)};
}

bool Loop::stopped() {
  interrupted_ |= options_.judge.stop();
  return interrupted_;
}

bool Loop::wantsMore() const {
  const std::vector<Round>& rounds = history_.rounds;
  if (rounds.empty())
    return true;
  if (nextStep(rounds.back()) != Step::Over)
    return true;
  if (rounds.back().proposal.done || rounds.back().number >= options_.rounds)
    return false;
  std::size_t without = 0;
  for (auto round = rounds.rbegin(); round != rounds.rend() && !round->proposal.problem.empty(); ++round)
    ++without;
  return without < options_.give_up;
}

Expected<void> Loop::run() {
  while (wantsMore() && !stopped()) {
    std::vector<Round>& rounds = history_.rounds;
    bool fresh = rounds.empty() || nextStep(rounds.back()) == Step::Over;
    auto done = fresh ? begin(rounds.empty() ? (start_source_.empty() ? 1 : 0) : rounds.back().number + 1) : step(rounds.back());
    if (!done)
      return done;
  }
  const Round* last = history_.rounds.empty() ? nullptr : &history_.rounds.back();
  history_.ended = interrupted_                                      ? "interrupted: the same command goes on"
                   : last && last->proposal.done                     ? "the proposer has nothing more"
                   : last && last->number < options_.rounds          ? fmt::format("{} rounds without a proposal", options_.give_up)
                                                                     : "all rounds are done";
  return publish();
}

Expected<void> Loop::begin(unsigned number) {
  Proposal proposal{.source = start_source_, .contract = start_contract_, .note = "the kernel to begin with"};
  if (number > 0) {
    options_.say(fmt::format("round {} of {}: asks the proposer", number, options_.rounds));
    auto got = propose(options_.proposer, task_, proposeInput(task_, history_.rounds, number, options_.rounds, options_.margin),
                       options_.judge.stop);
    if (!got)
      return tl::unexpected(got.error());
    if (stopped())
      return {}; // what an ended proposer said is nothing
    proposal = std::move(*got);
  }
  if (auto kept = keep(number, "proposed", toJson(proposal)); !kept)
    return kept;
  history_.rounds.push_back({.number = number, .proposal = std::move(proposal)});
  settle(history_.rounds.back());
  return publish();
}

Expected<void> Loop::step(Round& round) {
  if (auto written = writeFiles(placeOf(round), round.proposal, shapes_); !written)
    return written;
  auto done = nextStep(round) == Step::Judge ? judgeRound(round) : timeRound(round);
  if (!done || interrupted_)
    return done;
  settle(round);
  return publish();
}

Expected<void> Loop::judgeRound(Round& round) {
  options_.say(fmt::format("round {} of {}: audits", round.number, options_.rounds));
  auto judged = judge(placeOf(round), options_.judge);
  if (!judged)
    return tl::unexpected(judged.error());
  if (stopped())
    return {};
  if (!filesHold(placeOf(round), round.proposal)) {
    judged->verdict = "inconclusive";
    judged->problem = "the files of the round were changed while they were audited";
  }
  if (auto kept = keep(round.number, "judged", toJson(*judged)); !kept)
    return kept;
  round.judgement = std::move(*judged);
  return {};
}

Expected<void> Loop::timeRound(Round& round) {
  options_.say(fmt::format("round {} of {}: times", round.number, options_.rounds));
  const Round* best = bestOf(history_.rounds, options_.margin);
  std::optional<Place> against;
  if (best && best->timing->ms) {
    against = placeOf(*best);
    if (auto written = writeFiles(*against, best->proposal, shapes_); !written)
      return written;
  }
  auto timed = timeIt(placeOf(round), against ? &*against : nullptr, options_.judge);
  if (!timed)
    return tl::unexpected(timed.error());
  if (stopped())
    return {};
  if (!filesHold(placeOf(round), round.proposal) || (best && against && !filesHold(*against, best->proposal)))
    *timed = {.ms = std::nullopt, .problem = "the files of the round were changed while it was timed", .refused = true};
  if (auto kept = keep(round.number, "timed", toJson(*timed)); !kept)
    return kept;
  round.timing = std::move(*timed);
  return {};
}

Expected<void> Loop::keep(unsigned number, const char* what, const Json& value) {
  return journal_->append({{"round", number}, {what, value}});
}

Expected<void> Loop::publish() {
  const Round* best = bestOf(history_.rounds, options_.margin);
  const std::string& folder = options_.output;
  std::vector<std::pair<std::string, std::string>> files = {
      {"history.md", historyTable(history_)}, {"history.svg", historyPlot(history_)}, {"loop.json", historyJson(history_)}};
  if (best) {
    files.push_back({"best.cu", best->proposal.source});
    files.push_back({"best.contract.json", best->proposal.contract});
  }
  for (const auto& [name, text] : files)
    if (auto written = writeWhole(folder + "/" + name, text); !written)
      return written;
  std::error_code ignored;
  for (const char* name : {"best.cu", "best.contract.json"})
    if (!best) // of a loop before, in the same folder
      fs::remove(fs::path(folder) / name, ignored);
  return {};
}

} // namespace kverify::loop
