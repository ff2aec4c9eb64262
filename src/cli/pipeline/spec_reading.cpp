#include "cli/pipeline/spec_reading.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/pipeline/fold.h"
#include "cli/pipeline/from_host.h"
#include "frontend/arithmetic_used.h"
#include "frontend/compile_commands.h"
#include "kverify/check.h"

namespace kverify::pipeline {
namespace {

using frontend::host::HostPath;
using frontend::host::Reading;

Expected<frontend::DeviceModule> compiled(const HostPath& path, const Job& job, const frontend::CompileOptions& options) {
  frontend::CompileOptions compile = options;
  auto flags = job.compile_commands ? frontend::flagsFromCompileCommands(job.source) : Expected<std::vector<std::string>>{};
  if (!flags)
    return tl::unexpected(flags.error());
  compile.extra_flags = std::move(*flags);
  compile.extra_flags.insert(compile.extra_flags.end(), options.extra_flags.begin(), options.extra_flags.end());
  compile.kernels.clear();
  for (const auto& launch : path.launches)
    if (std::find(compile.kernels.begin(), compile.kernels.end(), launch.kernel) == compile.kernels.end())
      compile.kernels.push_back(launch.kernel);
  return frontend::compileFile(job.source, compile);
}

/// The coarsest that the device code shows, wherever it may matter: a bound that is too wide accuses nobody.
std::map<std::string, std::string> precisionOf(const frontend::ArithmeticUsed& used) {
  std::map<std::string, std::string> precision = {{"variance", "one-pass"}};
  for (const char* sum : {"qk", "pv", "sum"})
    precision[sum] = nameOf(used.accumulates);
  for (const char* operand : {"p", "kv"})
    precision[operand] = nameOf(used.rounds);
  if (used.fast_exp)
    precision["exp"] = "fast";
  return precision;
}

} // namespace

Expected<std::vector<Reading>> readingsOf(const HostPath& path, const Job& job, const AuditOptions& options) {
  auto spec = loadSpec(options.spec);
  if (!spec)
    return tl::unexpected(spec.error());
  auto readings = frontend::host::bindSpec(path, **spec, options.spec_options);
  if (!readings)
    return readings;
  auto module = compiled(path, job, options.compile);
  if (!module)
    return tl::unexpected(module.error());
  auto used = frontend::arithmeticUsed(*module);
  if (!used)
    return tl::unexpected(used.error());
  if (!used->approximations.empty())
    return fail(ErrorKind::Input, fmt::format("the device code uses {}, whose error no reference bounds", fmt::join(used->approximations, ", ")), "--spec");
  std::optional<ToolError> bad;
  for (Reading& reading : *readings)
    reading.path.precision = precisionOf(*used);
  std::erase_if(*readings, [&](const Reading& reading) {
    auto contract = parseContract(job.source, contractText(reading.path, job.source));
    if (!contract)
      bad = contract.error();
    return !contract;
  });
  if (readings->empty())
    return fail(ErrorKind::Input, fmt::format("it does not fit {}: {}", (*spec)->name, bad->message), "--spec", "write the contract: kverify init begins it");
  if (readings->size() == 1)
    readings->front().open.clear();
  return readings;
}

std::vector<std::string> bindingSentences(const HostPath& path) {
  std::vector<std::string> all;
  for (const auto& tensor : path.tensors)
    if (!tensor.role.empty())
      all.push_back(fmt::format("'{}' is {}{} of {}, as [{}] (by names and shapes)", tensor.name, tensor.role,
                                tensor.output_role.empty() ? "" : ", afterwards " + tensor.output_role, path.spec, fmt::join(tensor.axes, ", ")));
  for (const auto& [name, value] : path.options)
    all.push_back(fmt::format("{} of {} is {}", name, path.spec, value));
  std::string precision;
  for (const auto& [name, value] : path.precision)
    precision += fmt::format("{}{} {}", precision.empty() ? "" : ", ", name, value);
  all.push_back(fmt::format("the reference allows what the device code's own arithmetic may make: {}", precision));
  return all;
}

ReadingFit fitOf(const KernelReport& report) {
  bool tested = false, open = report.error.has_value();
  for (const CheckOutcome& one : report.outcomes) {
    const CheckInfo* check = findCheck(one.check);
    if (!check || one.stage != "fuzz" || !one.check.starts_with("numerics.")) // properties need cases of their own
      continue;
    if (std::holds_alternative<Refuted>(one.outcome))
      return ReadingFit::Disagrees;
    tested |= std::holds_alternative<Tested>(one.outcome);
    open |= std::holds_alternative<Unknown>(one.outcome);
  }
  return tested && !open ? ReadingFit::Agrees : ReadingFit::Open;
}

AuditOptions probeOptions(const AuditOptions& options) {
  AuditOptions probe = options;
  probe.stages = {.fuzz = true, .formal = false};
  probe.budget.cases = std::min<std::size_t>(probe.budget.cases, 6);
  probe.budget.work = std::min(probe.budget.work, 2e5);
  probe.budget.large_work = std::min(probe.budget.large_work, 4e5);
  probe.search = {.cases = 0};
  probe.oracle_floor = 0;
  probe.schedules = 0;
  probe.quick = true;
  probe.saved_cases.clear();
  probe.record = nullptr;
  probe.checkpoint = {};
  return probe;
}

void addUnbound(KernelReport& report, const std::string& why) {
  for (const CheckInfo* check : allChecks())
    if (needsReference(*check) && std::string_view(check->stage) == "fuzz")
      report.outcomes.push_back({check->id, check->stage, Unknown{kHostFact, why}, 0});
  report.notes.push_back(why);
}

} // namespace kverify::pipeline
