#include "cli/pipeline/subject.h"

#include <algorithm>

#include <fmt/format.h>

#include "contract/fit.h"
#include "core/near_name.h"
#include "frontend/clang_flags.h"
#include "frontend/compile_commands.h"
#include "frontend/tile_extents.h"
#include "frontend/toolkit.h"

namespace kverify::pipeline {
namespace {

constexpr std::uint64_t kSeedsWithoutContract = 3;

std::vector<std::string> kernelsOf(const Contract& contract) {
  std::vector<std::string> names;
  for (const LaunchDecl& launch : contract.launches)
    if (std::find(names.begin(), names.end(), launch.kernel) == names.end())
      names.push_back(launch.kernel);
  return names;
}

std::vector<std::string> systemFolders() {
  std::vector<std::string> folders = {std::string(frontend::kBuiltinFolder) + "/"};
  if (auto clang = frontend::findClangResourceDir())
    folders.push_back(*clang + "/");
  if (auto toolkit = frontend::findToolkit())
    folders.push_back(toolkit->path + "/");
  return folders;
}

/// A kernel that was asked for by name must be one that the contract launches.
Expected<void> isLaunched(const Job& job, const std::vector<std::string>& kernels) {
  bool found = std::any_of(kernels.begin(), kernels.end(),
                           [&](const std::string& kernel) { return sameKernelName(kernel, job.kernel); });
  if (job.kernel.empty() || found)
    return {};
  std::string near = didYouMean(job.kernel, kernels);
  return fail(ErrorKind::Input, fmt::format("'{}' launches no kernel '{}'", job.contract, job.kernel), job.contract,
              near.empty() ? fmt::format("it launches {}", fmt::join(kernels, ", ")) : near);
}

/// Without a contract the file must leave no doubt about which kernel is meant.
Expected<std::string> onlyKernel(const frontend::DeviceModule& module) {
  if (module.kernels.size() == 1)
    return module.kernels[0].name;
  std::vector<std::string> names;
  for (const auto& kernel : module.kernels)
    names.push_back(kernel.name);
  return fail(ErrorKind::Usage,
              fmt::format("'{}' has {} kernels: {}", module.source.path, names.size(), fmt::join(names, ", ")), "",
              "choose one with --kernel");
}

} // namespace

std::string Subject::displayName() const {
  return fmt::format("{}", fmt::join(kernels, " + "));
}

const frontend::KernelInfo* Subject::kernelInfo(std::string_view written) const {
  return contract::findKernel(module.kernels, written);
}

namespace {

bool takesStructs(const frontend::KernelInfo& kernel) {
  return std::any_of(kernel.params.begin(), kernel.params.end(), [](const frontend::KernelParam& param) {
    return param.kind == frontend::KernelParam::Kind::Struct;
  });
}

} // namespace

Expected<Subject> prepare(const Job& job, const frontend::CompileOptions& options, bool to_run) {
  if (job.error)
    return tl::unexpected(*job.error);
  if (job.contract.empty() && !job.launch)
    return fail(ErrorKind::Usage, fmt::format("'{}' has no contract", job.source), "",
                "kverify init writes one beside it; or say how to launch it with --block and --grid");
  Subject subject{.job = job, .compile = options};
  if (!job.contract.empty()) {
    auto loaded = loadContract(job.contract);
    if (!loaded)
      return tl::unexpected(loaded.error());
    subject.contract = std::move(*loaded);
    subject.kernels = kernelsOf(*subject.contract);
    if (auto wanted = isLaunched(job, subject.kernels); !wanted)
      return tl::unexpected(wanted.error());
  } else if (!job.kernel.empty()) {
    subject.kernels = {job.kernel};
  }
  Expected<std::vector<std::string>> flags;
  if (job.compile_commands)
    flags = frontend::flagsFromCompileCommands(job.source);
  if (!flags)
    return tl::unexpected(flags.error());
  flags->insert(flags->end(), options.extra_flags.begin(), options.extra_flags.end());
  subject.compile.extra_flags = std::move(*flags);
  subject.compile.kernels = subject.kernels;
  auto module = frontend::compileFileNoting(job.source, subject.compile, subject.included);
  if (!module)
    return tl::unexpected(module.error());
  subject.module = std::move(*module);
  subject.system_folders = systemFolders();
  if (subject.contract) {
    if (auto fitted = contract::fit(*subject.contract, subject.module.kernels); !fitted)
      return tl::unexpected(fitted.error());
    return subject;
  }
  if (subject.kernels.empty()) {
    auto only = onlyKernel(subject.module);
    if (!only)
      return tl::unexpected(only.error());
    subject.kernels = {*only};
    subject.compile.kernels = subject.kernels;
  }
  const frontend::KernelInfo* kernel = subject.kernelInfo(subject.kernels[0]);
  if (!kernel)
    return fail(ErrorKind::Internal, fmt::format("'{}' was compiled without '{}'", job.source, job.kernel));
  auto assumed = contract::assumePlan(*kernel, *job.launch);
  if (!assumed && (to_run || !takesStructs(*kernel)))
    return tl::unexpected(assumed.error());
  subject.assumptions =
      assumed ? std::move(assumed->assumptions)
              : std::vector<std::string>{"structs passed by value hold anything; pointers in them, arrays of their own"};
  return subject;
}

void assumeBuffers(Subject& subject, std::uint64_t bytes) {
  subject.job.launch->buffer_bytes = bytes;
  auto assumed = contract::assumePlan(*subject.kernelInfo(subject.kernels[0]), *subject.job.launch);
  if (assumed)
    subject.assumptions = std::move(assumed->assumptions);
}

Expected<generate::CaseSet> casesOf(const Subject& subject, std::uint64_t seed, const generate::CaseBudget& budget) {
  if (subject.contract) {
    generate::CaseBudget informed = budget;
    informed.tiles = tilesOf(subject);
    return generate::makeCases(*subject.contract, seed, informed);
  }
  generate::CaseSet set;
  for (std::uint64_t i = 0; i < kSeedsWithoutContract; ++i)
    set.cases.push_back({.seed = seed + i, .family = "normal"});
  set.scope = "the one launch that was asked for";
  return set;
}

std::vector<std::int64_t> tilesOf(const Subject& subject) {
  return frontend::tileExtents(subject.module);
}

Expected<LaunchPlan> planOf(const Subject& subject, const generate::Case& one_case, std::uint64_t memory_bytes) {
  if (subject.contract)
    return generate::buildPlan(*subject.contract, subject.module.kernels, one_case, {.memory_bytes = memory_bytes});
  if (one_case.only_block)
    return fail(ErrorKind::Limit, "how large the buffers would be is not declared");
  const frontend::KernelInfo* kernel = subject.kernelInfo(subject.kernels[0]);
  contract::AssumeOptions launch = *subject.job.launch;
  for (const auto& [name, value] : one_case.sizes)
    launch.args.try_emplace(name, std::to_string(value));
  auto assumed = contract::assumePlan(*kernel, launch);
  if (!assumed)
    return tl::unexpected(assumed.error());
  generate::fillAssumedPlan(assumed->plan, one_case.seed);
  return std::move(assumed->plan);
}

} // namespace kverify::pipeline
