// kverify rerun RUNS: what verify-cert --recheck has done in a process of its own. Prints JSON for it; not for people.
#include <memory>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "attest/bundle.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/pipeline/isolate.h"
#include "cli/pipeline/rerun.h"
#include "cli/shut_in.h"
#include "cli/subcommand.h"
#include "core/thread_pool.h"
#include "kverify/verdict.h"
#include "report/json.h"

namespace kverify::cli {
namespace {

struct RerunFlags {
  std::string runs, kernel, contract, cuda_headers = "auto", target = "sm_80";
  unsigned jobs = 0;
};

/// What to run again, and how.
struct Work {
  pipeline::RecordedRuns recorded;
  pipeline::Job job;
  frontend::CompileOptions compile;
  unsigned workers = 1;
};

Expected<Work> workOf(const RerunFlags& flags, const Invocation& invocation) {
  auto headers = parseHeaders(flags.cuda_headers);
  if (!headers)
    return tl::unexpected(headers.error());
  auto text = attest::readBounded(flags.runs, attest::kLargestBundleFile);
  if (!text)
    return tl::unexpected(text.error());
  auto recorded = pipeline::runsFromJson(flags.runs, *text);
  if (!recorded)
    return tl::unexpected(recorded.error());
  Work work{.recorded = std::move(*recorded), .workers = flags.jobs ? flags.jobs : availableCores()};
  work.job = {.source = flags.kernel, .contract = flags.contract, .launch = work.recorded.launch, .compile_commands = false};
  if (flags.contract.empty() && !work.recorded.kernels.empty())
    work.job.kernel = work.recorded.kernels[0];
  work.compile = {.headers = *headers, .target = flags.target, .extra_flags = invocation.clang_flags};
  return work;
}

/// One line of JSON, or what went wrong.
Expected<std::string> runWork(const Work& work, pipeline::StopSwitch& stop) {
  auto result = pipeline::rerun(work.job, work.compile, work.recorded, {.workers = work.workers, .stop = &stop});
  if (!result)
    return tl::unexpected(result.error());
  KernelReport report{.file = work.job.source, .contract = work.job.contract, .outcomes = result->outcomes};
  nlohmann::ordered_json json = {{"runs", result->runs},
                                 {"differences", result->differences},
                                 {"system_headers_sha256", result->system_headers_sha256},
                                 {"report", nlohmann::ordered_json::parse(report::kernelToJson(report))}};
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

/// The kernel and its compilation are shut in as in an audit.
int rerun(const RerunFlags& flags, const Invocation& invocation) {
  auto work = workOf(flags, invocation);
  if (!work)
    return complain(work.error());
  auto shut_in = ShutIn::prepare({});
  if (!shut_in)
    return complain(shut_in.error());
  std::string told;
  pipeline::IsolateOptions isolate;
  isolate.stop = &stopOnInterrupt();
  isolate.cage = (*shut_in)->cage();
  isolate.tmp = (*shut_in)->tmp();
  isolate.keep = [&](std::size_t, const std::string& text) { told = text; };
  KernelReport known{.file = work->job.source, .contract = work->job.contract};
  auto job = [&](std::size_t, pipeline::JobLink& link) {
    auto line = runWork(*work, link.stop);
    KernelReport report = known;
    if (line)
      link.keep(*line);
    else
      report.error = line.error();
    return report;
  };
  std::vector<KernelReport> reports = pipeline::runIsolated({known}, job, isolate);
  if (reports[0].error)
    return complain(*reports[0].error);
  if (told.empty())
    return complain({ErrorKind::Internal, "the runs ended early", flags.kernel});
  fmt::print("{}\n", told);
  return 0;
}

} // namespace

void addRerun(CLI::App& app, Action& chosen) {
  CLI::App* sub = app.add_subcommand("rerun", "the runs behind a certificate, once more (for verify-cert)");
  sub->group(""); // not in the help
  auto flags = std::make_shared<RerunFlags>();
  sub->add_option("RUNS", flags->runs, "runs.json of a bundle")->required();
  sub->add_option("--kernel", flags->kernel, "the source")->required();
  sub->add_option("--contract", flags->contract, "its contract");
  sub->add_option("--cuda-headers", flags->cuda_headers, "auto, builtin or toolkit");
  sub->add_option("--target", flags->target, "sm_80 … sm_90");
  sub->add_option("-j,--jobs", flags->jobs, "threads");
  sub->callback([flags, &chosen] {
    chosen = [flags](const Invocation& invocation) { return rerun(*flags, invocation); };
  });
}

} // namespace kverify::cli
