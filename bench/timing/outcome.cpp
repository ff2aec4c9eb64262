#include "bench/timing/outcome.h"

#include <fmt/format.h>

#include "cli/pipeline/audit.h"
#include "cli/pipeline/backend.h"

namespace kverify::bench {
namespace {

Finding findingOf(const pipeline::Subject& subject, const char* check, std::string message, const ShapeReport& shape) {
  Finding finding{.check = check, .message = std::move(message)};
  if (const auto* kernel = subject.kernelInfo(subject.kernels.back()))
    finding.locations = {{{kernel->location}, "on the GPU"}};
  finding.launch = shape.shape.text();
  finding.confirmed = true; // every figure is a median of many launches; every wrong row was launched for
  finding.fingerprint = pipeline::fingerprintOf(finding, subject.displayName(), subject.module.source.bytes);
  return finding;
}

/// The worst of a shape's rechecks, or null.
const Recheck* wrongRecheck(const ShapeReport& shape) {
  for (const Recheck& recheck : shape.rechecks)
    if (recheck.judgement && !(recheck.judgement->worst_ratio <= 1))
      return &recheck;
  return nullptr;
}

struct Seen {
  std::uint64_t timed = 0, with_floor = 0, rechecked = 0;
  std::string untimed, unchecked;
  double worst = 0;
};

Outcome outcomeOf(std::uint64_t cases, const std::string& gap, const Seen& seen, std::uint64_t seed, std::optional<double> worst) {
  if (!gap.empty())
    return Unknown{unknown_reason::unsupported, gap};
  if (cases == 0)
    return Unknown{unknown_reason::no_cases, "no shape was timed"};
  Tested tested{.cases = cases, .seed = seed, .scope = fmt::format("{} shapes", seen.timed)};
  tested.worst_ratio = worst;
  return tested;
}

} // namespace

void addUntimed(const Unknown& why, KernelReport& report) {
  for (const char* check : {kImpossible, kWrongResult})
    report.outcomes.push_back({check, "bench", why, 0});
}

void addOutcomes(const BenchReport& bench, const pipeline::Subject& subject, std::uint64_t seed, KernelReport& report) {
  if (!bench.problem.empty())
    return addUntimed({bench.no_device ? unknown_reason::no_device : unknown_reason::tool_error, bench.problem}, report);
  Seen seen;
  std::optional<Refuted> impossible, wrong;
  for (const ShapeReport& shape : bench.shapes) {
    if (!shape.problem.empty()) {
      seen.untimed = fmt::format("{}: {}", shape.shape.text(), shape.problem);
      continue;
    }
    ++seen.timed;
    seen.with_floor += shape.floor_ms > 0;
    if (shape.impossible() && !impossible) {
      report.findings.push_back(findingOf(subject, kImpossible,
                                          fmt::format("{:.4g} us is physically impossible: {:.3g} FLOP and {:.3g} bytes take "
                                                      "{:.4g} us on this card at least",
                                                      1e3 * shape.worstAgainstFloor().first, shape.work.flops, shape.work.bytes,
                                                      1e3 * shape.worstAgainstFloor().second),
                                          shape));
      impossible = Refuted{report.findings.back().message, ""};
    }
    for (const Recheck& recheck : shape.rechecks) {
      if (!recheck.judgement)
        seen.unchecked = fmt::format("{}: {}", shape.shape.text(), recheck.problem);
      else
        seen.worst = std::max(seen.worst, recheck.judgement->worst_ratio);
    }
    seen.rechecked += !shape.rechecks.empty();
    if (const Recheck* bad = wrongRecheck(shape); bad && !wrong) {
      const SampledJudgement& j = *bad->judgement;
      report.findings.push_back(findingOf(subject, kWrongResult,
                                          fmt::format("a timed launch left a wrong result: {} is {:.6g}, expected {:.6g} ({:.3g} of "
                                                      "the bound)",
                                                      j.where, j.got, j.want, j.worst_ratio),
                                          shape));
      wrong = Refuted{report.findings.back().message, ""};
    }
  }
  const double seconds = bench.seconds;
  Outcome time = impossible ? Outcome(*impossible) : outcomeOf(seen.with_floor, seen.untimed, seen, seed, std::nullopt);
  const std::string gap = seen.untimed.empty() ? seen.unchecked : seen.untimed;
  Outcome result = wrong ? Outcome(*wrong) : outcomeOf(seen.rechecked, gap, seen, seed, seen.worst);
  report.outcomes.push_back({kImpossible, "bench", time, seconds});
  report.outcomes.push_back({kWrongResult, "bench", result, seconds});
}

} // namespace kverify::bench
