#include "tests/soundness/campaign.h"

#include <fmt/format.h>

namespace kverify::soundness {

namespace {

/// Every kernel that is one step smaller.
void smaller(std::vector<Node>& nodes, const std::function<bool()>& try_this, bool& improved) {
  for (std::size_t i = 0; i < nodes.size() && !improved; ++i) {
    Node whole = nodes[i];
    nodes.erase(nodes.begin() + static_cast<std::ptrdiff_t>(i));
    if (try_this()) {
      improved = true;
      return;
    }
    if (!whole.children.empty()) {
      nodes.insert(nodes.begin() + static_cast<std::ptrdiff_t>(i), whole.children.begin(), whole.children.end());
      if (try_this()) {
        improved = true;
        return;
      }
      nodes.erase(nodes.begin() + static_cast<std::ptrdiff_t>(i),
                  nodes.begin() + static_cast<std::ptrdiff_t>(i + whole.children.size()));
    }
    nodes.insert(nodes.begin() + static_cast<std::ptrdiff_t>(i), std::move(whole));
    smaller(nodes[i].children, try_this, improved);
  }
}

void count(const Judgement& judgement, Counts& counts) {
  bool refuted = false;
  for (const auto& [check, outcome] : judgement.formal) {
    bool broken = judgement.broken.count(check) > 0;
    refuted = refuted || broken;
    counts.checks_proved += outcome == "proved";
    counts.checks_refuted += outcome != "proved" && broken;
    counts.checks_unknown += outcome != "proved" && !broken;
    if (check != "output.unwritten")
      continue;
    counts.outputs_proved += outcome == "proved";
    counts.outputs_refuted += outcome != "proved" && broken;
    counts.outputs_unknown += outcome != "proved" && !broken;
  }
  counts.refuted += refuted;
  counts.proved += !refuted && judgement.allProved();
  counts.unknown += !refuted && !judgement.allProved();
  counts.runs += judgement.runs;
  counts.unfinished += judgement.unfinished;
}

} // namespace

RandomKernel shrink(RandomKernel kernel, const std::function<bool(const RandomKernel&)>& fails) {
  for (bool improved = true; improved;) {
    improved = false;
    smaller(
        kernel.body, [&] { return fails(kernel); }, improved);
  }
  return kernel;
}

Campaign run(std::uint64_t first, const JudgeOptions& options,
             const std::function<bool(const Campaign& so_far)>& go_on) {
  Campaign campaign;
  for (std::uint64_t seed = first; go_on(campaign); ++seed) {
    RandomKernel kernel = generate(seed);
    const Profile& profile = *kernel.profile;
    auto judgement = judge(kernel.source(), profile.contract, profile.boxes, options);
    ++campaign.counts.kernels;
    if (!judgement) {
      ++campaign.counts.failed;
      campaign.counts.why_failed = judgement.error().message + "\n" + kernel.source();
      continue;
    }
    count(*judgement, campaign.counts);
    if (judgement->unsound().empty())
      continue;
    RandomKernel small = shrink(kernel, [&](const RandomKernel& one) {
      auto again = judge(one.source(), profile.contract, profile.boxes, options);
      return again && !again->unsound().empty();
    });
    auto last = judge(small.source(), profile.contract, profile.boxes, options);
    std::string what = last && !last->unsound().empty() ? last->unsound().front() : judgement->unsound().front();
    campaign.hits.push_back({seed, what, small.source() + "/* " + profile.contract + " */\n"});
  }
  return campaign;
}

std::string inWords(const Counts& counts) {
  return fmt::format(
      "{} kernels: {} proved, {} refuted, {} unknown; checks: {} proved, {} refuted, {} unknown; outputs: {} "
      "proved, {} refuted, {} unknown; {} launches, {} of them not run to an end; {} kernels failed",
      counts.kernels, counts.proved, counts.refuted, counts.unknown, counts.checks_proved, counts.checks_refuted,
      counts.checks_unknown, counts.outputs_proved, counts.outputs_refuted, counts.outputs_unknown, counts.runs,
      counts.unfinished, counts.failed);
}

} // namespace kverify::soundness
