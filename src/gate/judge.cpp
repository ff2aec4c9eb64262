#include "gate/judge.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "gate/standing.h"
#include "report/digest.h"

namespace kverify::gate {
namespace {

class Judge {
public:
  explicit Judge(const Evidence& evidence) : evidence_(evidence), kernel_(*evidence.kernel), demands_(evidence.demands) {}

  Decision decision() {
    if (kernel_.error)
      keepOut({Result::Error, "", report::placeOfError(kernel_), kernel_.error->message});
    for (const Finding& finding : kernel_.findings)
      judgeFinding(finding);
    for (const CheckOutcome& o : kernel_.outcomes)
      judgeRefutation(o);
    for (const Suppression& said : kernel_.suppressions)
      judgeSuppression(said);
    if (!kernel_.error)
      judgeOpen();
    judgeCertificate();
    judgeKill();
    judgeGap();
    return settled();
  }

private:
  void keepOut(Reason reason) { decision_.reasons.push_back(std::move(reason)); }

  bool isRefuted(const std::string& check) const {
    return std::any_of(kernel_.outcomes.begin(), kernel_.outcomes.end(), [&](const CheckOutcome& o) {
      return o.check == check && std::holds_alternative<Refuted>(o.outcome);
    });
  }

  bool fails(const std::string& check, Severity own) const {
    return static_cast<int>(demands_.severityOf(check, own)) <= static_cast<int>(demands_.fail_on);
  }

  void judgeFinding(const Finding& finding) {
    if (std::string_view(report::wordOf(finding)) == "unconfirmed")
      return; // its check's outcome says what is known
    bool refuted = finding.confirmed && isRefuted(finding.check);
    Severity own = refuted ? Severity::Error : finding.severity;
    if (!fails(finding.check, own))
      return;
    Reason reason{Result::Failed, finding.check, report::primaryOf(finding), finding.message, &finding};
    if (refuted)
      blocked_.insert(finding.check);
    if (evidence_.known.count(&finding)) {
      decision_.known.push_back(std::move(reason));
      return;
    }
    if (refuted)
      new_.insert(finding.check);
    keepOut(std::move(reason));
  }

  /// A refutation that no finding stands for must not be lost; one that is let in must be said.
  void judgeRefutation(const CheckOutcome& o) {
    const auto* refuted = std::get_if<Refuted>(&o.outcome);
    if (!refuted || seen_.count(o.check))
      return;
    seen_.insert(o.check);
    if (!fails(o.check, Severity::Error)) {
      accepted_.insert(o.check);
      decision_.let_through.push_back(fmt::format("{} is refuted ({}), and the policy calls it a {}", o.check, refuted->summary,
                                                  nameOf(demands_.severityOf(o.check, Severity::Error))));
    } else if (!blocked_.count(o.check)) {
      keepOut({Result::Failed, o.check, {}, refuted->summary});
    } else if (!new_.count(o.check)) {
      accepted_.insert(o.check);
    }
  }

  void judgeSuppression(const Suppression& said) {
    if (said.state == Suppression::State::Used && !demands_.maySilence(said.check))
      keepOut({Result::Failed, said.check, said.at,
               fmt::format("a kverify-allow({}) comment silences '{}', and the policy does not allow that", said.check, said.silenced)});
  }

  void judgeOpen() {
    if (demands_.gpu == Gpu::Required && !evidence_.gpu_here)
      keepOut({Result::Inconclusive, "", {}, "the policy requires a GPU, and there is none here"});
    for (OpenQuestion& question : openQuestions(kernel_, demands_, accepted_)) {
      Reason reason{Result::Inconclusive, question.check, {}, std::move(question.text), nullptr, question.key};
      bool known = !question.key.empty() && evidence_.known_open.count(question.key);
      (known ? decision_.known : decision_.reasons).push_back(std::move(reason));
    }
  }

  void judgeCertificate() {
    if (!demands_.certificate.asked() || kernel_.error)
      return;
    const auto& seen = evidence_.certificate;
    if (!seen)
      return keepOut({Result::Failed, "", {}, "a certificate is asked for, and nobody looked for one"});
    if (!seen->refused.empty())
      keepOut({Result::Failed, "", {}, fmt::format("certificate refused[{}]: {}", seen->refused, seen->message)});
  }

  void judgeKill() {
    if (demands_.kill.floor <= 0 || kernel_.error)
      return;
    const auto& kill = evidence_.kill;
    if (!kill || !kill->score || !std::isfinite(*kill->score))
      return keepOut({Result::Inconclusive, "", {}, fmt::format("no kill score: {}", kill && !kill->problem.empty() ? kill->problem : "no mutant was judged")});
    if (*kill->score < demands_.kill.floor)
      keepOut({Result::Inconclusive, "", {},
               fmt::format("{:.1f} % of {} mutants are noticed, and {:.1f} % must be: the tests are too weak to trust", 100 * *kill->score,
                           kill->mutants, 100 * demands_.kill.floor)});
  }

  /// Slower for certain fails; not for certain fast enough is open.
  void judgeGap() {
    if (demands_.gap.floor <= 0 || kernel_.error)
      return;
    const auto& gap = evidence_.gap;
    if (!gap || !gap->value || !gap->low || !gap->high) {
      if (evidence_.gpu_here || demands_.gpu == Gpu::Required)
        keepOut({Result::Inconclusive, "", {}, fmt::format("no kernel gap: {}", gap && !gap->problem.empty() ? gap->problem : "nothing was timed")});
      return;
    }
    std::string figures = fmt::format("kernel gap {:.3f} [{:.3f}, {:.3f}] against {}, and the floor is {:.3f}", *gap->value, *gap->low,
                                      *gap->high, demands_.gap.baseline, demands_.gap.floor);
    if (*gap->high < demands_.gap.floor)
      keepOut({Result::Failed, "", {}, figures});
    else if (!(*gap->low >= demands_.gap.floor))
      keepOut({Result::Inconclusive, "", {}, figures + ", which is within what the measurement leaves open"});
  }

  Decision settled() {
    auto rank = [](const Reason& reason) { return reason.result == Result::Failed ? 0 : reason.result == Result::Error ? 1 : 2; };
    std::stable_sort(decision_.reasons.begin(), decision_.reasons.end(), [&](const Reason& a, const Reason& b) { return rank(a) < rank(b); });
    decision_.result = decision_.reasons.empty() ? Result::Passed : decision_.reasons.front().result;
    return std::move(decision_);
  }

  const Evidence& evidence_;
  const KernelReport& kernel_;
  const Demands& demands_;
  Decision decision_;
  std::set<std::string> blocked_;  ///< refuted, with a finding that counts
  std::set<std::string> new_;      ///< of these, with one that the baseline does not have
  std::set<std::string> seen_, accepted_;
};

} // namespace

std::string_view nameOf(Result result) {
  switch (result) {
  case Result::Passed: return "passed";
  case Result::Failed: return "failed";
  case Result::Error: return "error";
  case Result::Inconclusive: return "inconclusive";
  }
  return "error";
}

int exitCodeOf(Result result) {
  switch (result) {
  case Result::Passed: return kExitCertified;
  case Result::Failed: return kExitRefuted;
  case Result::Error: return kExitError;
  case Result::Inconclusive: return kExitInconclusive;
  }
  return kExitError;
}

Decision decide(const Evidence& evidence) {
  return Judge(evidence).decision();
}

} // namespace kverify::gate
