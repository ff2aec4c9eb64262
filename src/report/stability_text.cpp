#include "report/stability_text.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "report/ink.h"

namespace kverify::report {
namespace {

std::string attribute(std::string_view name, std::string_view value, bool color) {
  return fmt::format("  {} {}: {}\n", inked("=", Ink::Blue, color), name, value);
}

/// A case that broke another rule first has no error to speak of.
const StressRow* worstOf(const Stability& stability) {
  const StressRow* worst = nullptr;
  for (const StressRow& row : stability.rows)
    if ((row.outcome == "pass" || (row.outcome == "fail" && row.worst_ratio > 0)) && (!worst || row.worst_ratio > worst->worst_ratio))
      worst = &row;
  return worst;
}

std::string rowText(const StressRow& row) {
  std::string judged = row.outcome == "pass" || row.outcome == "fail"
                           ? fmt::format("{:8.3g} of the bound, mean error {:+.2e}", row.worst_ratio, row.signed_mean_error)
                           : "";
  std::string nonfinite;
  if (row.nonfinite_due > 0 || row.nonfinite_wrong > 0)
    nonfinite = fmt::format("; {} results are NaN or infinite by the reference, {} disagree", row.nonfinite_due, row.nonfinite_wrong);
  std::string could_fail = row.impostors == 0 ? "; no wrong result to tell apart: it could not have failed"
                                              : fmt::format("; {} of {} wrong results told apart", row.impostors_rejected, row.impostors);
  return fmt::format("    {:<15} {:<5} {}{}{}{}{}{}\n", row.name, row.outcome, judged, row.where.empty() ? "" : " at ", row.where,
                     nonfinite, could_fail, row.finds.empty() ? "" : " (" + row.finds + ")");
}

} // namespace

std::string renderAdequacy(const KernelReport& kernel, const TextOptions& options) {
  if (!kernel.adequacy)
    return {};
  const Adequacy& adequacy = *kernel.adequacy;
  std::string text = fmt::format("rejects {} of {} wrong results", adequacy.rejected, adequacy.total);
  if (const auto& mutants = adequacy.mutants; mutants && mutants->total + mutants->undecided > 0) {
    text += fmt::format(", and {} of {} of the kernel's own mutants", mutants->rejected, mutants->total);
    if (mutants->undecided)
      text += fmt::format(" ({} more pass, and nothing tells whether they are wrong)", mutants->undecided);
  }
  if (!adequacy.survivors.empty())
    text += fmt::format("; not told from a right one: {}", fmt::join(adequacy.survivors, ", "));
  return attribute("oracle", text, options.color);
}

std::string renderStability(const KernelReport& kernel, const TextOptions& options) {
  if (!kernel.stability)
    return {};
  const Stability& stability = *kernel.stability;
  auto passed = std::count_if(stability.rows.begin(), stability.rows.end(),
                              [](const StressRow& row) { return row.outcome == "pass"; });
  std::string text = fmt::format("{} of {} stress cases passed", passed, stability.rows.size());
  auto not_run = std::count_if(stability.rows.begin(), stability.rows.end(),
                               [](const StressRow& row) { return row.outcome == "not run"; });
  if (not_run > 0)
    text += fmt::format(", {} not run", not_run);
  if (const StressRow* worst = worstOf(stability))
    text += fmt::format(", worst error {:.3g} of the bound ({})", worst->worst_ratio, worst->name);
  if (!stability.order_dependent.empty())
    text += "; the bits depend on the order of blocks: " + stability.order_dependent;
  else if (stability.schedules > 0)
    text += fmt::format("; the same bits in {} other orders of blocks and warps", stability.schedules);
  if (stability.growth.size() > 1)
    text += fmt::format("; error grows like {0}^{1:.2f}, {2}the bound like {0}^{3:.2f}", stability.growth_size,
                        stability.error_exponent,
                        stability.naive_exponent == 0 ? "" : fmt::format("naive fp32 like {}^{:.2f}, ", stability.growth_size, stability.naive_exponent),
                        stability.bound_exponent);
  if (!stability.nonfinite.empty())
    text += "; a NaN " + stability.nonfinite;
  std::string all = attribute("stability", text, options.color);
  if (!stability.plot.empty())
    all += attribute("plot", stability.plot, options.color);
  if (!options.all_checks)
    return all;
  for (const StressRow& row : stability.rows)
    all += rowText(row);
  for (const GrowthRow& row : stability.growth)
    all += fmt::format("    {}={:<6} error {:.2e}, bound {:.2e}, naive fp32 {:.2e}\n", stability.growth_size, row.n,
                       row.error, row.bound, row.naive);
  return all;
}

} // namespace kverify::report
