#include "cli/pipeline/search.h"

#include <algorithm>
#include <chrono>
#include <iterator>

#include <fmt/format.h>

#include "cli/pipeline/fold.h"
#include "cli/pipeline/run_cases.h"

namespace kverify::pipeline {
namespace {

/// Cases that are drawn together, whatever number of them runs at a time: what was learned is learned between batches.
constexpr std::size_t kBatch = 8;
/// Draws for one place in a batch; many are outside of what a narrow contract allows.
constexpr int kDraws = 24;
/// Of how many entries of the pool the most promising one is taken.
constexpr int kRivals = 3;

} // namespace

CoverageSearch::CoverageSearch(const Subject& subject, const simt::CoverageMap& map, const AuditOptions& options,
                               const generate::CaseBudget& budget)
    : subject_(subject), options_(options), budget_(budget), varier_(*subject.contract, budget_), hits_(map.points, 0) {}

bool CoverageSearch::reachesNew(const CaseRun& run) {
  if (run.coverage.size() != hits_.size())
    return false;
  Entry entry{.one_case = run.one_case};
  bool is_new = false;
  for (std::uint32_t point = 0; point < hits_.size(); ++point)
    if (run.coverage[point]) {
      is_new |= hits_[point]++ == 0;
      entry.points.push_back(point);
    }
  if (is_new)
    pool_.push_back(std::move(entry));
  return is_new;
}

void CoverageSearch::note(const std::vector<CaseRun>& runs) {
  for (const CaseRun& run : runs) {
    tried_.insert(run.one_case.describe());
    reachesNew(run);
    work_left_ += run.one_case.work * options_.search.work_share;
  }
}

/// The case whose rarest point is the rarest, and that was not chosen often, of a few.
const generate::Case& CoverageSearch::choose(generate::Random& random) {
  auto cost = [&](const Entry& entry) {
    std::uint64_t rarest = UINT64_MAX;
    for (std::uint32_t point : entry.points)
      rarest = std::min(rarest, hits_[point]);
    return static_cast<double>(rarest) * static_cast<double>(entry.chosen + 1);
  };
  Entry* best = nullptr;
  for (int i = 0; i < kRivals; ++i) {
    Entry& rival = pool_[random.below(pool_.size())];
    if (!best || cost(rival) < cost(*best))
      best = &rival;
  }
  ++best->chosen;
  return best->one_case;
}

std::vector<generate::Case> CoverageSearch::nextBatch(generate::Random& random) {
  const SearchBudget& budget = options_.search;
  const std::size_t room = budget.seconds > 0 ? kBatch : std::min<std::size_t>(kBatch, budget.cases - ran_);
  std::vector<generate::Case> batch;
  for (int draw = 0; draw < kDraws * static_cast<int>(room) && batch.size() < room; ++draw) {
    auto one = varier_.vary(choose(random), random);
    if (!one || !tried_.insert(one->describe()).second)
      continue;
    work_left_ -= one->work;
    batch.push_back(std::move(*one));
  }
  return batch;
}

bool CoverageSearch::isOver() {
  const SearchBudget& budget = options_.search;
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  if (options_.stop && options_.stop->stop)
    why_over_ = "the audit was stopped";
  else if (pool_.empty())
    why_over_ = "no case reached anything";
  else if (budget.seconds > 0 ? seconds >= budget.seconds : ran_ >= budget.cases)
    why_over_ = "its budget is used up";
  else if (budget.seconds == 0 && work_left_ <= 0)
    why_over_ = "it may cost no more than a part of the drawn cases";
  else if (budget.patience && since_new_ >= budget.patience)
    why_over_ = fmt::format("nothing new in {} cases", since_new_);
  return !why_over_.empty();
}

std::vector<CaseRun> CoverageSearch::run(simt::Program& program) {
  start_ = std::chrono::steady_clock::now();
  generate::Random random(generate::mix(options_.seed, "search"));
  AuditOptions silent = options_;
  silent.progress = nullptr;
  std::vector<CaseRun> all;
  while (!isOver()) {
    std::vector<generate::Case> batch = nextBatch(random);
    if (batch.empty()) {
      why_over_ = "no case is left that was not tried";
      break;
    }
    std::vector<CaseRun> runs = runCases(subject_, batch, program, silent);
    explainCases(subject_, runs, program, silent);
    std::erase_if(runs, [](const CaseRun& run) { return !run.ran || run.status == simt::RunStatus::Stopped; });
    for (const CaseRun& run : runs) {
      ++ran_;
      ++since_new_;
      if (!reachesNew(run))
        continue;
      since_new_ = 0;
      kept_.push_back(run.one_case);
    }
    const bool wrong = shortfall(runs, std::nullopt) || !distinctFindings(runs).empty();
    std::move(runs.begin(), runs.end(), std::back_inserter(all));
    if (wrong) {
      why_over_ = "something is wrong";
      break;
    }
    if (options_.progress)
      options_.progress(ran_, std::max<std::size_t>(ran_ + 1, options_.search.cases));
  }
  return all;
}

Search CoverageSearch::told() const {
  return {.guided = ran_,
          .kept = kept_.size(),
          .rejected_requires = varier_.rejectedRequires(),
          .rejected_work = varier_.rejectedWork(),
          .ended = why_over_};
}

} // namespace kverify::pipeline
