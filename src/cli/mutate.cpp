// kverify mutate PATH…: breaks each kernel in every small way it knows, and says which of them nobody notices.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cli/interrupt.h"
#include "cli/mutate_report.h"
#include "cli/options.h"
#include "cli/pipeline/mutate.h"
#include "cli/subcommand.h"
#include "core/near_name.h"
#include "core/thread_pool.h"
#include "kverify/verdict.h"
#include "report/progress.h"

namespace kverify::cli {
namespace {

struct MutateFlags {
  pipeline::JobQuery query;
  std::string block, grid, format = "text", cuda_headers = "auto", target = "sm_80";
  std::vector<std::string> stages{"fuzz", "stability"}, operators;
  unsigned jobs = 0, cases = 36;
  std::size_t sample = 0;
  std::uint64_t seed = 1;
  double floor = 1;
  bool verbose = false, quiet = false;
};

std::vector<std::string> knownOperators() {
  std::vector<std::string> known;
  for (std::size_t i = 0; i < mutate::kOperators; ++i)
    known.emplace_back(mutate::nameOf(static_cast<mutate::Operator>(i)));
  return known;
}

/// As --help shows a set, and completions read it.
std::string operatorNames() {
  return fmt::format("{{{}}}", fmt::join(knownOperators(), ","));
}

Expected<std::vector<mutate::Operator>> operatorsFrom(const std::vector<std::string>& names) {
  std::vector<std::string> known = knownOperators();
  std::vector<mutate::Operator> operators;
  for (const std::string& name : names) {
    auto op = mutate::parseOperator(name);
    if (!op) {
      std::string near = didYouMean(name, known);
      return fail(ErrorKind::Usage, fmt::format("there is no operator '{}'", name), "--operators",
                  near.empty() ? fmt::format("{}", fmt::join(known, ", ")) : near);
    }
    operators.push_back(*op);
  }
  return operators;
}

Expected<pipeline::Stages> stagesFrom(const std::vector<std::string>& names) {
  pipeline::Stages stages{.fuzz = true, .formal = false, .lint = false};
  for (const std::string& name : names) {
    if (name != "fuzz" && name != "stability" && name != "formal")
      return fail(ErrorKind::Usage, fmt::format("mutants cannot be judged by the stage '{}'", name), "--stages",
                  "fuzz, stability, formal: mutants have no source of their own to be read");
    stages.stability |= name == "stability";
    stages.formal |= name == "formal";
  }
  return stages;
}

Expected<std::optional<contract::AssumeOptions>> launchFrom(const MutateFlags& flags) {
  if (flags.block.empty() && flags.grid.empty())
    return std::nullopt;
  contract::AssumeOptions launch;
  auto block = parseDim(flags.block.empty() ? "1" : flags.block, "--block");
  if (!block)
    return tl::unexpected(block.error());
  auto grid = parseDim(flags.grid.empty() ? "1" : flags.grid, "--grid");
  if (!grid)
    return tl::unexpected(grid.error());
  launch.block = *block;
  launch.grid = *grid;
  return launch;
}

Expected<pipeline::MutationOptions> optionsFrom(const MutateFlags& flags, const Invocation& invocation) {
  pipeline::MutationOptions options;
  auto headers = parseHeaders(flags.cuda_headers);
  if (!headers)
    return tl::unexpected(headers.error());
  auto stages = stagesFrom(flags.stages);
  if (!stages)
    return tl::unexpected(stages.error());
  auto operators = operatorsFrom(flags.operators);
  if (!operators)
    return tl::unexpected(operators.error());
  options.audit.stages = *stages;
  options.audit.compile = {.headers = *headers, .target = flags.target, .extra_flags = invocation.clang_flags};
  options.audit.budget.cases = flags.cases;
  options.audit.seed = flags.seed;
  options.audit.workers = flags.jobs ? flags.jobs : availableCores();
  options.operators = std::move(*operators);
  options.sample = flags.sample;
  return options;
}

int exitCodeOf(const pipeline::MutationReport& report, double floor) {
  if (report.error)
    return kExitError;
  return report.scoreOfOtherFunctions() < floor ? kExitInconclusive : kExitCertified;
}

int mutateAll(MutateFlags flags, const Invocation& invocation) {
  auto launch = launchFrom(flags);
  if (!launch)
    return complain(launch.error());
  flags.query.launch = *launch;
  auto options = optionsFrom(flags, invocation);
  if (!options)
    return complain(options.error());
  auto jobs = pipeline::findJobs(flags.query);
  if (!jobs)
    return complain(jobs.error());
  report::Progress progress(flags.quiet ? report::Progress::Mode::Off : report::Progress::modeFor(stderr), stderr);
  options->audit.stop = &stopOnInterrupt();
  std::vector<pipeline::MutationReport> reports;
  std::vector<int> codes;
  for (const pipeline::Job& job : *jobs) {
    options->progress = [&](std::size_t done, std::size_t total) {
      progress.show(reports.size(), jobs->size(), fmt::format("{} (mutant {} of {})", job.source, done, total));
    };
    reports.push_back(pipeline::mutateJob(job, *options));
    codes.push_back(exitCodeOf(reports.back(), flags.floor));
    progress.clear();
    if (flags.format == "text")
      fmt::print("{}\n", renderMutation(reports.back(), flags.verbose));
    std::fflush(stdout);
  }
  int code = worstExitCode(codes);
  if (flags.format == "json")
    fmt::print("{}", mutationToJson(reports, flags.floor, code));
  return code;
}

constexpr const char* kExamples = R"(Examples:
  kverify mutate flash.cu                                 every mutant of one kernel with a contract
  kverify mutate kernels/softmax --sample 20              twenty a kernel, spread evenly
  kverify mutate flash.cu --stages stability,formal       more judges than the fuzz stage
  kverify mutate flash.cu --floor 0.9 --format json       what a CI keeps)";

} // namespace

void addMutate(CLI::App& app, Action& chosen) {
  CLI::App* sub = app.add_subcommand("mutate", "break kernels in small ways, and show what nobody notices");
  auto flags = std::make_shared<MutateFlags>();
  sub->add_option("PATH", flags->query.paths, "a .cu file, or a folder: every .cu file below it with its contract")->required();
  sub->add_option("--contract", flags->query.contract, "the contract of a single file, if it does not lie beside it")->type_name("FILE");
  sub->add_option("--kernel", flags->query.kernel, "only this kernel");
  sub->add_option("--block", flags->block, "without contract: threads, as X or X,Y or X,Y,Z");
  sub->add_option("--grid", flags->grid, "without contract: blocks, as X or X,Y or X,Y,Z (default 1)");
  sub->add_option("--stages", flags->stages, "who judges, beside fuzz: stability, formal")
      ->delimiter(',')
      ->type_name("{fuzz,stability,formal}")
      ->capture_default_str();
  sub->add_option("--operators", flags->operators, "only mutants of these kinds")->delimiter(',')->type_name(operatorNames());
  sub->add_option("--sample", flags->sample, "at most so many mutants a kernel, spread evenly (default: all)");
  sub->add_option("--floor", flags->floor, "least share of other functions that must be killed")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  sub->add_option("--cases", flags->cases, "at most so many cases a kernel")->check(CLI::Range(1u, 100000u))->capture_default_str();
  sub->add_option("--seed", flags->seed, "seed of the cases")->capture_default_str();
  sub->add_option("-j,--jobs", flags->jobs, "threads (default: all cores)")->check(CLI::Range(1u, 4096u));
  sub->add_option("--cuda-headers", flags->cuda_headers, "whose CUDA headers")->type_name("{auto,builtin,toolkit}")->capture_default_str();
  sub->add_option("--target", flags->target, "sm_80 … sm_90")->capture_default_str();
  sub->add_option("--format", flags->format, "text or json")->check(CLI::IsMember({"text", "json"}))->capture_default_str();
  sub->add_flag("-v,--verbose", flags->verbose, "every mutant, not only those that survive");
  sub->add_flag("-q,--quiet", flags->quiet, "no progress on stderr");
  sub->footer(kExamples);
  sub->callback(
      [flags, &chosen] { chosen = [flags](const Invocation& invocation) { return mutateAll(*flags, invocation); }; });
}

} // namespace kverify::cli
