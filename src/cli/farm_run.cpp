#include "cli/farm_run.h"

#include <filesystem>

#include <fmt/format.h>

#include "core/hash.h"
#include "core/tool_identity.h"
#include "farm/shard.h"

namespace kverify::cli {
namespace {

std::string launchText(const pipeline::Job& job) {
  if (!job.launch)
    return {};
  const contract::AssumeOptions& l = *job.launch;
  std::string text = fmt::format("grid {},{},{} block {},{},{} shared {}", l.grid.x, l.grid.y, l.grid.z, l.block.x, l.block.y,
                                 l.block.z, l.dynamic_shared_bytes);
  for (const auto& [name, value] : l.args)
    text += fmt::format(" {}={}", name, value);
  return text;
}

farm::JobParts partsOf(const pipeline::Job& job) {
  return {job.source, job.contract, job.kernel, launchText(job)};
}

/// Of the settings, those that change what a source is compiled to.
std::string compileText(const Settings& settings) {
  std::string text;
  for (const char* name : {"target", "cuda-headers", "clang-flags"})
    if (auto at = settings.find(name); at != settings.end())
      text += fmt::format("{}={}\n", name, at->second);
  return text;
}

} // namespace

Expected<std::unique_ptr<FarmRun>> FarmRun::prepare(const FarmFlags& flags, const FarmPlan& plan,
                                                    std::vector<pipeline::Job>& jobs) {
  std::unique_ptr<FarmRun> run(new FarmRun);
  if (!flags.shard.empty()) {
    auto shard = farm::parseShard(flags.shard);
    if (!shard)
      return tl::unexpected(shard.error());
    run->shard_ = *shard;
  }
  run->settings_ = plan.settings;
  run->sources_change_ = plan.sources_change;
  run->compile_ = compileText(plan.settings);
  std::vector<farm::JobParts> all;
  for (const pipeline::Job& job : jobs)
    all.push_back(partsOf(job));
  std::vector<farm::JobIdentity> identities = farm::identify(all);
  run->corpus_ = farm::corpusOf(all, identities);
  std::vector<pipeline::Job> kept;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (run->shard_.count && farm::shardOf(identities[i].content_sha256, run->shard_.count) != run->shard_.index)
      continue;
    run->parts_.push_back(all[i]);
    run->identities_.push_back(identities[i]);
    run->places_.push_back(i);
    kept.push_back(std::move(jobs[i]));
  }
  jobs = std::move(kept);
  if (auto opened = run->openJournal(flags, plan); !opened)
    return tl::unexpected(opened.error());
  std::unique_ptr<farm::Porter> porter;
  if (!flags.cache.empty()) {
    auto started = farm::Porter::start({flags.cache, flags.cache_key, flags.cache_headers});
    if (!started)
      return tl::unexpected(started.error());
    porter = std::move(*started);
  } else if (!flags.cache_key.empty() || !flags.cache_headers.empty()) {
    return fail(ErrorKind::Usage, "--cache-key and --cache-headers are for a cache", "", "add --cache DIR or --cache URL");
  }
  if (plan.local_cache || porter)
    run->shelf_ = std::make_unique<farm::ProofShelf>(plan.local_cache ? farm::ProofShelf::defaultFolder() : "", std::move(porter));
  return run;
}

Expected<void> FarmRun::openJournal(const FarmFlags& flags, const FarmPlan& plan) {
  if (plan.sources_change)
    return {};
  std::string path = flags.journal;
  own_journal_ = path.empty();
  if (own_journal_) {
    std::string folder = farm::defaultJournalFolder();
    if (folder.empty() || parts_.size() < 2)
      return {};
    std::error_code ignored;
    std::string who = fmt::format("{}\n{}\n{}\n{}/{}\n{}", std::filesystem::current_path(ignored).string(),
                                  fmt::join(plan.paths, "\n"), farm::hashOf(plan.settings), shard_.index, shard_.count,
                                  toolIdentity() + KVERIFY_VERSION);
    path = folder + "/" + sha256Hex(who).substr(0, 24) + ".jsonl";
  }
  auto journal = farm::Journal::open(path, {KVERIFY_VERSION, toolIdentity(), plan.settings}, flags.no_resume);
  if (!journal && own_journal_) { // nobody asked for one
    notes_.push_back("no journal is kept: " + journal.error().message);
    return {};
  }
  if (!journal)
    return tl::unexpected(journal.error());
  journal_ = std::move(*journal);
  if (!journal_->problem().empty())
    notes_.push_back(journal_->problem());
  for (std::size_t i = 0; i < identities_.size(); ++i)
    if (const KernelReport* report = journal_->find(identities_[i].key); report && farm::includesHold(*report))
      resumed_.insert(i);
  return {};
}

std::optional<KernelReport> FarmRun::known(std::size_t job) const {
  return resumed_.count(job) ? std::optional(*journal_->find(identities_[job].key)) : std::nullopt;
}

void FarmRun::settle(std::size_t job, KernelReport& report, bool whole, const pipeline::Stages& stages) {
  report.job = {identities_[job].content_sha256, places_[job]};
  whole_ = whole_ && whole;
  if (resumed_.count(job))
    return;
  if (!sources_change_ && farm::identify({parts_[job]})[0].content_sha256 != identities_[job].content_sha256) {
    report = pipeline::unjudged({.file = report.file, .kernel = report.kernel, .contract = report.contract, .job = report.job},
                                {unknown_reason::changed, "the source or its contract changed while it was judged"}, stages);
    whole_ = false;
    return;
  }
  if (!journal_ || !whole)
    return;
  bool again = journal_->find(identities_[job].key) != nullptr;
  if (auto added = journal_->add(identities_[job].key, report, again); !added) {
    notes_.push_back(added.error().message);
    journal_.reset(); // the audit is worth more than its journal
  }
}

std::string FarmRun::takeProofs(std::size_t job) {
  return shelf_ ? shelf_->take(parts_[job], identities_[job], compile_) : std::string();
}

void FarmRun::keepProofs(std::size_t job, const std::string& bundle) {
  if (shelf_)
    shelf_->keep(parts_[job], identities_[job], compile_, bundle);
}

void FarmRun::describe(Report& report, bool interrupted) {
  report.tool_build = toolIdentity();
  report.settings = settings_;
  report.corpus = corpus_;
  report.shard = shard_;
  report.environment.resumed = resumed_.size();
  report.environment.cache = !shelf_ ? "none" : shelf_->isShared() ? "shared" : "local";
  for (std::string& note : notes_)
    report.environment.notes.push_back(std::move(note));
  if (shelf_)
    for (std::string& problem : shelf_->problems())
      report.environment.notes.push_back(std::move(problem));
  if (journal_ && own_journal_ && whole_ && !interrupted)
    journal_->remove();
}

} // namespace kverify::cli
