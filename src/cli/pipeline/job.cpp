#include "cli/pipeline/job.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "cli/pipeline/source_files.h"
#include "core/near_name.h"
#include "frontend/python_source.h"
#include "kverify/contract.h"

namespace kverify::pipeline {
namespace {

namespace fs = std::filesystem;

ToolError noSuchPath(const std::string& path) {
  fs::path parent = fs::path(path).parent_path();
  std::error_code ignored;
  std::vector<std::string> siblings;
  for (const auto& entry : fs::directory_iterator(parent.empty() ? "." : parent, ignored))
    siblings.push_back((parent / entry.path().filename()).string());
  std::sort(siblings.begin(), siblings.end());
  return {ErrorKind::Input, fmt::format("there is no file or folder '{}'", path), "", didYouMean(path, siblings)};
}

bool isOnlyCudaFile(const fs::path& file) {
  fs::path folder = file.parent_path().empty() ? fs::path(".") : file.parent_path();
  std::error_code ignored;
  return std::count_if(fs::directory_iterator(folder, ignored), fs::directory_iterator(),
                       [](const auto& entry) { return isCudaSource(entry.path().string()); }) == 1;
}

std::string contractBeside(const fs::path& source) {
  fs::path file = frontend::splitPiecePath(source.string()).first;
  fs::path own = fs::path(file).replace_extension(".contract.json");
  if (fs::exists(own))
    return own.string();
  fs::path shared = file.parent_path() / "contract.json";
  if (fs::exists(shared) && (file.stem() == "kernel" || isOnlyCudaFile(file)))
    return shared.string();
  return {};
}

Job jobFor(const SourceFile& source, const JobQuery& query) {
  fs::path file = source.path;
  Job job{.source = source.path, .kernel = query.kernel, .error = source.error};
  if (job.error)
    return job;
  // An explicit launch asks for a run without contract, even where one lies beside the file.
  job.launch = query.launch;
  if (query.launch)
    return job;
  job.contract = query.contract.empty() ? contractBeside(file) : query.contract;
  return job;
}

/// Of several files, those whose contract launches the kernel. One that can't be read stays: its error must be seen.
Expected<std::vector<Job>> launching(const std::string& kernel, std::vector<Job> jobs) {
  std::vector<Job> kept;
  std::vector<std::string> others;
  for (Job& job : jobs) {
    if (job.contract.empty())
      continue;
    auto contract = loadContract(job.contract);
    bool keep = !contract;
    for (std::size_t i = 0; contract && i < contract->launches.size(); ++i) {
      keep = keep || sameKernelName(contract->launches[i].kernel, kernel);
      others.push_back(contract->launches[i].kernel);
    }
    if (keep)
      kept.push_back(std::move(job));
  }
  if (!kept.empty())
    return kept;
  return fail(ErrorKind::Input, fmt::format("no contract among {} files launches a kernel '{}'", jobs.size(), kernel),
              "--kernel", didYouMean(kernel, others));
}

} // namespace

Expected<std::vector<Job>> findJobs(const JobQuery& query) {
  if (query.launch && !query.contract.empty())
    return fail(ErrorKind::Usage, "--contract already says how to launch the kernel; --block and --grid contradict it");
  std::vector<Job> jobs;
  for (const std::string& path : query.paths) {
    std::error_code ignored;
    if (!fs::exists(frontend::splitPiecePath(path).first, ignored))
      return tl::unexpected(noSuchPath(path));
    std::vector<SourceFile> sources;
    if (fs::is_directory(path)) {
      sources = sourcesBelow(path);
    } else {
      auto named = sourcesOf(path);
      if (!named)
        return tl::unexpected(named.error());
      sources = std::move(*named);
    }
    if (sources.empty())
      return fail(ErrorKind::Input, fmt::format("there is no .cu file below '{}', and no Python file with CUDA in it", path));
    for (const SourceFile& source : sources)
      jobs.push_back(jobFor(source, query));
  }
  if (!query.contract.empty() && jobs.size() > 1)
    return fail(ErrorKind::Usage, fmt::format("--contract is for one file, but {} were named", jobs.size()));
  if (!query.contract.empty() && !fs::exists(query.contract))
    return tl::unexpected(noSuchPath(query.contract));
  if (!query.kernel.empty() && jobs.size() > 1 && !query.launch)
    return launching(query.kernel, std::move(jobs));
  return jobs;
}

bool sameKernelName(std::string_view a, std::string_view b) {
  auto without_blanks = [](std::string_view name) {
    std::string text(name);
    std::erase(text, ' ');
    return text;
  };
  return without_blanks(a) == without_blanks(b);
}

} // namespace kverify::pipeline
