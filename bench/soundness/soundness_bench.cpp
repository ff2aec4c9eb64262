// Prover against executor for as long as one likes: the kernels of tests/soundness, from any seed on.
#include <chrono>
#include <cstdio>
#include <fstream>
#include <sstream>

#include <CLI/CLI.hpp>

#include "tests/soundness/campaign.h"

using namespace kverify::soundness;

namespace {

/// One kernel from a file, under the contract of a profile: for a kernel that someone thought up.
int judgeFile(const std::string& path, const Profile& profile, const JudgeOptions& options) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  auto judgement = judge(text.str(), profile.contract, profile.boxes, options);
  if (!judgement) {
    std::printf("%s: %s\n", path.c_str(), judgement.error().message.c_str());
    return 2;
  }
  for (const auto& [check, outcome] : judgement->formal) {
    auto broken = judgement->broken.find(check);
    std::printf("  %-26s %s%s%s\n", check.c_str(), outcome.c_str(),
                broken == judgement->broken.end() ? "" : " | BROKEN ",
                broken == judgement->broken.end() ? "" : broken->second.c_str());
  }
  for (const std::string& what : judgement->unsound())
    std::printf("UNSOUND %s: %s\n", path.c_str(), what.c_str());
  return judgement->unsound().empty() ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app("Random kernels: what was proved and breaks in the executor");
  double minutes = 1;
  std::uint64_t seed = 1;
  unsigned profile = 0;
  JudgeOptions options;
  std::vector<std::string> files;
  app.add_option("--minutes", minutes, "how long");
  app.add_option("--seed", seed, "of the first kernel");
  app.add_option("--contents", options.contents, "buffer contents per launch");
  app.add_option("--obligation-ms", options.obligation_ms, "the solver's time for a question");
  app.add_option("--kernel-seconds", options.kernel_seconds, "the solver's time for a kernel");
  app.add_option("--profile", profile, "of --file: 0 line, 1 plane, 2 warps")->check(CLI::Range(0u, 2u));
  app.add_option("--file", files, "judge these kernels ('random', of the profile's signature) instead");
  CLI11_PARSE(app, argc, argv);

  int worst = 0;
  for (const std::string& file : files)
    worst = std::max(worst, judgeFile(file, profiles()[profile], options));
  if (!files.empty())
    return worst;

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
