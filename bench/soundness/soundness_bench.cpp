// Prover against executor for as long as one likes: the kernels of tests/soundness, from any seed on.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <sstream>

#include <CLI/CLI.hpp>

#include "tests/soundness/campaign.h"
#include "tests/soundness/thought_up.h"

using namespace kverify::soundness;

namespace {

/// What is said of one kernel that somebody thought up.
int judgeOne(const ThoughtUp& one, const JudgeOptions& options) {
  auto judgement = judge(one.source, one.profile->contract, one.profile->boxes, options);
  if (!judgement) {
    std::printf("%s: %s\n", one.name.c_str(), judgement.error().message.c_str());
    return 2;
  }
  std::printf("%s\n", one.name.c_str());
  for (const auto& [check, outcome] : judgement->formal) {
    auto broken = judgement->broken.find(check);
    std::printf("  %-26s %s%s%s\n", check.c_str(), outcome.c_str(),
                broken == judgement->broken.end() ? "" : " | BROKEN ",
                broken == judgement->broken.end() ? "" : broken->second.c_str());
  }
  for (const std::string& what : judgement->unsound())
    std::printf("UNSOUND %s: %s\n", one.name.c_str(), what.c_str());
  std::fflush(stdout);
  return judgement->unsound().empty() ? 0 : 1;
}

int judgeFile(const std::string& path, const std::string& only, const JudgeOptions& options) {
  auto kernels = readThoughtUp(path);
  if (!kernels) {
    std::fprintf(stderr, "%s: %s\n", path.c_str(), kernels.error().message.c_str());
    return 2;
  }
  int worst = 0;
  for (const ThoughtUp& one : *kernels)
    if (one.name.find(only) != std::string::npos)
      worst = std::max(worst, judgeOne(one, options));
  return worst;
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app("Random kernels: what was proved and breaks in the executor");
  double minutes = 1;
  std::uint64_t seed = 1;
  JudgeOptions options;
  std::string kernels, only;
  app.add_option("--minutes", minutes, "how long");
  app.add_option("--seed", seed, "of the first kernel");
  app.add_option("--contents", options.contents, "buffer contents per launch");
  app.add_option("--obligation-ms", options.obligation_ms, "the solver's time for a question");
  app.add_option("--kernel-seconds", options.kernel_seconds, "the solver's time for a kernel");
  app.add_option("--kernels", kernels, "judge the kernels of this file instead (tests/soundness/thought_up.kernels)");
  app.add_option("--only", only, "of --kernels: those whose name contains this");
  CLI11_PARSE(app, argc, argv);

  if (!kernels.empty())
    return judgeFile(kernels, only, options);
  auto begin = std::chrono::steady_clock::now();
  auto last = begin;
  std::size_t told = 0;
  Campaign campaign = run(seed, options, [&](const Campaign& so_far) {
    auto now = std::chrono::steady_clock::now();
    for (; told < so_far.hits.size(); ++told)
      std::printf("UNSOUND (seed %llu): %s\n%s\n", static_cast<unsigned long long>(so_far.hits[told].seed),
                  so_far.hits[told].what.c_str(), so_far.hits[told].source.c_str());
    if (now - last > std::chrono::seconds(60)) {
      last = now;
      std::fprintf(stderr, "%s\n", inWords(so_far.counts).c_str());
    }
    std::fflush(stdout);
    return std::chrono::duration<double>(now - begin).count() < minutes * 60;
  });
  std::printf("%s; %zu unsound\n", inWords(campaign.counts).c_str(), campaign.hits.size());
  if (campaign.counts.failed)
    std::printf("last failure: %s\n", campaign.counts.why_failed.c_str());
  return campaign.hits.empty() && campaign.counts.failed == 0 ? 0 : 1;
}
