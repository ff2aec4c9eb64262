// kverify bench K.cu: times one kernel on the GPU, beside the roof and beside a baseline.
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "bench/timing/bench.h"
#include "bench/timing/google.h"
#include "bench/timing/render.h"
#include "bench/timing/shapes.h"
#include "cli/bench_stage.h"
#include "cli/options.h"
#include "cli/subcommand.h"
#include "kverify/verdict.h"
#include "report/progress.h"

namespace kverify::cli {
namespace {

struct BenchFlags {
  std::string path;
  pipeline::JobQuery query;
  std::vector<std::string> shapes;
  std::string shapes_file, baseline, baseline_contract, seconds = "5s", format = "text", output = "out", benchmark_out,
      cuda_headers = "auto";
  std::uint64_t seed = 1;
  unsigned rounds = 12;
  bool no_held_back = false, quiet = false;
};

bool isCuda(const std::string& path) {
  return path.ends_with(".cu");
}

/// The kernel with its contract, compiled. The file is one; there is nothing to time without a contract.
Expected<pipeline::Subject> subjectOf(const std::string& path, const std::string& contract, const std::string& kernel,
                                      const frontend::CompileOptions& compile) {
  pipeline::JobQuery query{.paths = {path}, .contract = contract, .kernel = kernel, .launch = std::nullopt};
  auto jobs = pipeline::findJobs(query);
  if (!jobs)
    return tl::unexpected(jobs.error());
  if (jobs->size() != 1)
    return fail(ErrorKind::Usage, fmt::format("'{}' has {} kernels with contracts; one is timed at a time", path, jobs->size()));
  if (jobs->front().error)
    return tl::unexpected(*jobs->front().error);
  if (jobs->front().contract.empty())
    return fail(ErrorKind::Input, fmt::format("'{}' has no contract: which sizes and launches should be timed?", path), path,
                "write one beside it (specs/schema/contract.schema.json), or give --contract");
  return pipeline::prepare(jobs->front(), compile);
}

Expected<std::vector<bench::Shape>> shapesFrom(const BenchFlags& flags, const pipeline::Subject& subject) {
  std::vector<bench::Shape> shapes;
  for (const std::string& text : flags.shapes) {
    auto shape = bench::parseShape(text, *subject.contract);
    if (!shape)
      return tl::unexpected(shape.error());
    shapes.push_back(std::move(*shape));
  }
  if (!flags.shapes_file.empty()) {
    auto more = bench::readShapes(flags.shapes_file, *subject.contract);
    if (!more)
      return more;
    shapes.insert(shapes.end(), more->begin(), more->end());
  }
  return shapes.empty() ? shapesFor(subject, flags.seed, !flags.no_held_back) : std::move(shapes);
}

/// A kernel with a contract of its own, or a command.
Expected<std::unique_ptr<bench::Contender>> baselineFrom(const BenchFlags& flags, const pipeline::Subject& subject,
                                                         const frontend::CompileOptions& compile,
                                                         std::unique_ptr<pipeline::Subject>& baseline_subject) {
  if (flags.baseline.empty())
    return std::unique_ptr<bench::Contender>();
  if (flags.baseline.ends_with(".so") && access(flags.baseline.c_str(), R_OK) == 0) {
    std::string runner = cuda::workerPath();
    runner.erase(runner.find_last_of('/') + 1).append("kverify-so-baseline");
    return bench::commandContender(fmt::format("'{}' '{}'", runner, std::filesystem::absolute(flags.baseline).string()), subject,
                                   flags.seed);
  }
  if (!isCuda(flags.baseline))
    return bench::commandContender(flags.baseline, subject, flags.seed);
  auto other = subjectOf(flags.baseline, flags.baseline_contract, "", compile);
  if (!other)
    return tl::unexpected(other.error());
  baseline_subject = std::make_unique<pipeline::Subject>(std::move(*other));
  const std::string a = subject.contract->spec ? subject.contract->spec->name : "",
                    b = baseline_subject->contract->spec ? baseline_subject->contract->spec->name : "";
  if (a != b)
    return fail(ErrorKind::Usage, fmt::format("the baseline does '{}' and the kernel '{}'", b, a), "--baseline");
  return bench::kernelContender(*baseline_subject, flags.seed, 20000);
}

int exitCodeOf(const bench::BenchReport& report) {
  if (!report.problem.empty())
    return kExitInconclusive;
  bool bad = false, untimed = report.shapes.empty();
  for (const bench::ShapeReport& shape : report.shapes) {
    bad |= shape.impossible();
    untimed |= !shape.problem.empty();
    for (const bench::Recheck& recheck : shape.rechecks) {
      bad |= recheck.judgement && !(recheck.judgement->worst_ratio <= 1);
      untimed |= !recheck.judgement;
    }
  }
  return bad ? kExitRefuted : untimed ? kExitInconclusive : kExitCertified;
}

int runBenchCommand(const BenchFlags& flags, const Invocation& invocation) {
  auto headers = parseHeaders(flags.cuda_headers);
  if (!headers)
    return complain(headers.error());
  auto seconds = parseDuration(flags.seconds, "--seconds");
  if (!seconds)
    return complain(seconds.error());
  const frontend::CompileOptions compile{.headers = *headers, .extra_flags = invocation.clang_flags};
  auto subject = subjectOf(flags.path, flags.query.contract, flags.query.kernel, compile);
  if (!subject)
    return complain(subject.error());
  auto shapes = shapesFrom(flags, *subject);
  if (!shapes)
    return complain(shapes.error());
  bench::BenchReport report{.file = subject->job.source, .kernel = subject->displayName(), .contract = subject->job.contract};
  std::unique_ptr<pipeline::Subject> baseline_subject;
  // Without a device nothing is started: importing a framework to say so would take long.
  auto device = pipeline::sharedGpu()->device();
  Expected<std::unique_ptr<bench::Contender>> baseline = std::unique_ptr<bench::Contender>();
  if (device)
    baseline = baselineFrom(flags, *subject, compile, baseline_subject);
  if (!baseline)
    return complain(baseline.error());
  if (!device) {
    report.problem = device.error().message;
    report.no_device = true;
  } else {
    bench::writeBenchmarksTo(flags.benchmark_out);
    report::Progress progress(flags.quiet ? report::Progress::Mode::Off : report::Progress::modeFor(stderr), stderr);
    std::size_t done = 0;
    bench::BenchOptions options{.rule = {.seconds = *seconds}, .rounds = flags.rounds, .seed = flags.seed};
    options.progress = [&](const std::string& what) { progress.show(done++, shapes->size() + 1, what); };
    report = bench::runBench(*subject, *shapes, baseline->get(), options);
    progress.clear();
    bench::finishBenchmarks();
    bench::writePlots(flags.output, report);
  }
  fmt::print("{}", flags.format == "json" ? bench::renderJson(report, KVERIFY_VERSION, invocation.command) : bench::renderText(report));
  return exitCodeOf(report);
}

constexpr const char* kExamples = R"(Examples:
  kverify bench flash.cu --shape B=4,H=16,N=4096              one shape
  kverify bench flash.cu --baseline other.cu                  set against another kernel with a contract
  kverify bench flash.cu --baseline "python3 bench/baselines/torch_sdpa.py flash"
  kverify bench flash.cu --shapes shapes.json --format json   declared and held-back shapes

Exit codes: 0 timed, 1 a timing or a result that cannot be, 2 usage or tool error, 3 inconclusive: without a GPU and nvcc, always.)";

} // namespace

void addBench(CLI::App& app, Action& chosen) {
  CLI::App* sub = app.add_subcommand("bench", "time a kernel on the GPU, beside the roof and beside a baseline");
  auto flags = std::make_shared<BenchFlags>();
  sub->add_option("KERNEL", flags->path, "a .cu file")->required();
  sub->add_option("--contract", flags->query.contract, "its contract, if it does not lie beside it")->type_name("FILE");
  sub->add_option("--kernel", flags->query.kernel, "the kernel, where the contract launches several");
  sub->add_option("--baseline", flags->baseline,
                  "what it is set against: another .cu with a contract, a .so (kverify/baseline.h), or a command that speaks kverify.baseline/1 "
                  "(\"python3 bench/baselines/torch_sdpa.py flash\")");
  sub->add_option("--baseline-contract", flags->baseline_contract, "the contract of a baseline that is a .cu file")->type_name("FILE");
  sub->add_option("--shape", flags->shapes, "a shape, B=4,H=16,N=4096 (may be repeated)")->allow_extra_args(false);
  sub->add_option("--shapes", flags->shapes_file, "a file of declared and held-back shapes (default: shapes.json beside the contract)")->type_name("FILE");
  sub->add_flag("--no-held-back", flags->no_held_back, "where no shapes are declared: hold none back either");
  sub->add_option("--seconds", flags->seconds, "time for one shape, cold or hot, if its median is not sure before")->capture_default_str();
  sub->add_option("--rounds", flags->rounds, "of the interleaved comparison")->check(CLI::Range(3u, 1000u))->capture_default_str();
  sub->add_option("--seed", flags->seed, "of the inputs and of the shapes held back")->capture_default_str();
  sub->add_option("--format", flags->format, "text or json")->check(CLI::IsMember({"text", "json"}))->capture_default_str();
  sub->add_option("--output", flags->output, "folder of the plots")->type_name("DIR")->capture_default_str();
  sub->add_option("--benchmark-out", flags->benchmark_out, "a file for Google Benchmark's own JSON")->type_name("FILE");
  sub->add_option("--cuda-headers", flags->cuda_headers, "whose CUDA headers")->type_name("{auto,builtin,toolkit}")->capture_default_str();
  sub->add_flag("-q,--quiet", flags->quiet, "no progress on stderr");
  sub->footer(kExamples);
  sub->callback([flags, &chosen] {
    chosen = [flags](const Invocation& invocation) { return runBenchCommand(*flags, invocation); };
  });
}

} // namespace kverify::cli
