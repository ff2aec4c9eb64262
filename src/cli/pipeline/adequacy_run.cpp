#include "cli/pipeline/adequacy_run.h"

#include <iterator>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "cli/pipeline/mutant_sample.h"
#include "core/thread_pool.h"
#include "fuzz/adequacy/adequacy.h"

namespace kverify::pipeline {
namespace {

constexpr std::size_t kMostCases = 12;
constexpr double kMostWork = 3e5; ///< multiply-adds of a case: each impostor costs the oracle as much

struct Looked {
  std::optional<properties::Setting> setting;
  judge::References references;
  std::vector<adequacy::Impostor> impostors;
};

Looked lookAt(const Subject& subject, generate::Case one, std::uint64_t memory_bytes) {
  Looked looked;
  auto plan = planOf(subject, one, memory_bytes);
  one.seed = ~one.seed;
  auto other = planOf(subject, one, memory_bytes);
  if (!plan || !other)
    return looked;
  auto references = judge::askReferences(*subject.contract, *plan), stale = judge::askReferences(*subject.contract, *other);
  auto setting = properties::settingAt(*subject.contract, one.sizes, one.seed);
  if (!references || !stale || !setting)
    return looked;
  looked.references = std::move(*references);
  looked.impostors = adequacy::impostorsOf(*setting, *plan, looked.references, *stale);
  looked.setting.emplace(std::move(*setting));
  return looked;
}

} // namespace

std::vector<generate::Case> casesToLookAt(const std::vector<generate::Case>& cases) {
  std::vector<generate::Case> chosen;
  std::set<std::string> families;
  for (auto one = cases.rbegin(); one != cases.rend() && chosen.size() < kMostCases; ++one)
    if (one->work <= kMostWork && families.insert(one->family).second)
      chosen.push_back(*one);
  if (chosen.empty() && !cases.empty())
    chosen.push_back(cases.front());
  return chosen;
}

std::optional<Adequacy> judgeOracle(const Subject& subject, const std::vector<generate::Case>& cases,
                                    const AuditOptions& options, simt::Program* checked) {
  std::vector<generate::Case> chosen = casesToLookAt(cases);
  std::vector<std::optional<Looked>> looked(chosen.size());
  parallelFor(chosen.size(), options.workers, [&](std::size_t i) {
    if (!options.stop || !options.stop->stop)
      looked[i].emplace(lookAt(subject, chosen[i], options.memory_bytes));
  });
  adequacy::Score score;
  for (const std::optional<Looked>& one : looked)
    if (one && one->setting)
      score.add(*one->setting, one->references, one->impostors);
  if (score.total() == 0)
    return std::nullopt;
  Adequacy adequacy{.rejected = score.rejected(),
                    .total = score.total(),
                    .floor = options.oracle_floor,
                    .survivors = score.survivors()};
  if (options.quick)
    return adequacy;
  MutantSample mutants = judgeMutants(subject, cases, options, checked);
  adequacy.mutants = {mutants.rejected, mutants.total, mutants.undecided};
  std::move(mutants.survivors.begin(), mutants.survivors.end(), std::back_inserter(adequacy.survivors));
  return adequacy;
}

void distrust(KernelReport& report) {
  if (!report.adequacy || report.adequacy->suffices())
    return;
  const Adequacy& adequacy = *report.adequacy;
  for (CheckOutcome& outcome : report.outcomes) {
    bool by_value = std::string_view(outcome.check).starts_with("numerics.") && outcome.stage != "static";
    if (by_value && std::holds_alternative<Tested>(outcome.outcome))
      outcome.outcome = Unknown{
          unknown_reason::weak_oracle,
          fmt::format("these inputs and this bound reject {} of {} wrong results (the policy asks for "
                      "{:g} of them); not told from a right one: {}",
                      adequacy.allRejected(), adequacy.all(), adequacy.floor, fmt::join(adequacy.survivors, ", "))};
  }
}

} // namespace kverify::pipeline
