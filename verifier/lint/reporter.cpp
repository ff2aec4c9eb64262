#include <algorithm>

#include "verifier/lint/check.h"

namespace kverify::verifier::lint {

LintFinding& Reporter::report(const Place& place, std::string message, std::string what) {
  if (!place.is_users || place.stack.empty()) {
    nowhere_ = {};
    return nowhere_;
  }
  for (LintFinding& known : result_.findings) {
    if (known.finding.check != check_->id || known.finding.locations[0].stack[0].line != place.stack[0].line ||
        known.finding.locations[0].stack[0].column != place.stack[0].column ||
        known.finding.locations[0].stack[0].file != place.stack[0].file)
      continue;
    for (const std::string& kernel : place.kernels)
      if (std::find(known.kernels.begin(), known.kernels.end(), kernel) == known.kernels.end())
        known.kernels.push_back(kernel);
    nowhere_ = {};
    return nowhere_;
  }
  LintFinding finding;
  finding.finding.check = check_->id;
  finding.finding.severity = check_->severity;
  finding.finding.message = std::move(message);
  finding.finding.locations.push_back({place.stack, std::move(what)});
  finding.kernels = place.kernels;
  result_.findings.push_back(std::move(finding));
  return result_.findings.back();
}

void Reporter::unknown(const Place& place, std::string reason) {
  if (place.is_users && !place.stack.empty())
    result_.unknowns.push_back({check_->id, place.stack[0], std::move(reason)});
}

void also(LintFinding& finding, const Place& place, std::string what) {
  if (!place.stack.empty())
    finding.finding.locations.push_back({place.stack, std::move(what)});
}

} // namespace kverify::verifier::lint
