#include "cli/list_kernels.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/subcommand.h"
#include "core/near_name.h"
#include "core/thread_pool.h"
#include "frontend/compile_commands.h"
#include "frontend/listing.h"
#include "frontend/python_source.h"
#include "kverify/verdict.h"

namespace kverify::cli {
namespace {

using frontend::ListedKernel;
using frontend::Listing;
using pipeline::Job;

Expected<Listing> listingOf(const Job& job, const frontend::CompileOptions& options) {
  if (job.error)
    return tl::unexpected(*job.error);
  auto flags = frontend::flagsFromCompileCommands(job.source);
  if (!flags)
    return tl::unexpected(flags.error());
  frontend::CompileOptions compile = options;
  compile.extra_flags = std::move(*flags);
  compile.extra_flags.insert(compile.extra_flags.end(), options.extra_flags.begin(), options.extra_flags.end());
  return frontend::listKernels(job.source, compile);
}

/// "softmax" means every instance of it, too.
bool isMeant(const ListedKernel& kernel, const std::string& wanted) {
  std::string base = kernel.name.substr(0, kernel.name.find('<'));
  return wanted.empty() || pipeline::sameKernelName(kernel.name, wanted) || pipeline::sameKernelName(base, wanted);
}

std::string sentence(const ListedKernel& kernel) {
  std::string text = fmt::format("{}({})", kernel.needs_arguments ? kernel.name + "<...>" : kernel.name,
                                 fmt::join(kernel.parameters, ", "));
  if (kernel.needs_arguments)
    text += fmt::format("   a template that the file does not instantiate: --kernel '{}<...>'", kernel.name);
  return text;
}

void printText(const Job& job, const std::vector<ListedKernel>& kernels, const Listing& listing) {
  fmt::print("{}\n", job.source);
  if (kernels.empty())
    fmt::print("  no kernel\n");
  for (const ListedKernel& kernel : kernels) {
    // A kernel of a header stands with the header's name.
    std::string place = kernel.location.file == job.source || frontend::isPython(job.source)
                            ? fmt::format("{}", kernel.location.line)
                            : fmt::format("{}:{}", kernel.location.file, kernel.location.line);
    fmt::print("  {:>5}  {}\n", place, sentence(kernel));
  }
  for (const std::string& note : frontend::describe(listing.left_out))
    fmt::print("  = note: {}\n", note);
}

nlohmann::json jsonOf(const Job& job, const std::vector<ListedKernel>& kernels, const Listing& listing) {
  nlohmann::json file{{"file", job.source}, {"kernels", nlohmann::json::array()}, {"left_out", nlohmann::json::array()}};
  for (const ListedKernel& kernel : kernels)
    file["kernels"].push_back({{"name", kernel.name},
                               {"parameters", kernel.parameters},
                               {"file", kernel.location.file},
                               {"line", kernel.location.line},
                               {"instance", kernel.is_instance},
                               {"needs_arguments", kernel.needs_arguments}});
  for (const std::string& note : frontend::describe(listing.left_out))
    file["left_out"].push_back(note);
  return file;
}

} // namespace

int listKernelsOf(const std::vector<Job>& jobs, const frontend::CompileOptions& options, const std::string& kernel,
                  bool as_json) {
  std::vector<Expected<Listing>> listings(jobs.size(), Expected<Listing>(Listing{}));
  parallelFor(jobs.size(), availableCores(), [&](std::size_t i) { listings[i] = listingOf(jobs[i], options); });
  nlohmann::json all{{"files", nlohmann::json::array()}};
  std::vector<std::string> names;
  bool found = false;
  int code = 0;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (!listings[i]) {
      if (as_json)
        all["files"].push_back({{"file", jobs[i].source}, {"error", listings[i].error().message}});
      else
        complain(listings[i].error());
      code = kExitError;
      continue;
    }
    std::vector<ListedKernel> kernels = listings[i]->kernels;
    for (const ListedKernel& one : kernels)
      names.push_back(one.name);
    std::erase_if(kernels, [&](const ListedKernel& one) { return !isMeant(one, kernel); });
    found |= !kernels.empty();
    if (!kernel.empty() && kernels.empty())
      continue;
    if (as_json)
      all["files"].push_back(jsonOf(jobs[i], kernels, *listings[i]));
    else
      printText(jobs[i], kernels, *listings[i]);
  }
  if (as_json)
    fmt::print("{}\n", all.dump(2));
  if (!kernel.empty() && !found)
    return complain({ErrorKind::Input, fmt::format("there is no kernel '{}' here", kernel), "--kernel", didYouMean(kernel, names)});
  return code;
}

} // namespace kverify::cli
