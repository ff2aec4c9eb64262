// kverify init K.cu: the contract that the host code around the launches gives, for editing.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/init.h"
#include "cli/options.h"
#include "cli/pipeline/from_host.h"
#include "cli/pipeline/source_files.h"
#include "frontend/host/recognise.h"

namespace kverify::cli {
namespace {

namespace fs = std::filesystem;
using frontend::host::HostPath;

struct InitFlags {
  std::string path, output, kernel, cuda_headers = "auto", target = "sm_80";
  bool force = false;
};

constexpr const char* kExamples = R"(Examples:
  kverify init flash.cu -o flash.contract.json          what the host code says, to complete; kverify audit reads it beside the kernel
  kverify init model.py --kernel scale_kernel           of a Python file with CUDA in it, on standard output

What the code does not say is under TO CHECK in what is written: look there first.

Exit codes: 0 written, 2 no launch was found whose facts are known, or usage or tool error.)";

struct Derived {
  std::string source;
  HostPath path;
};

bool launchesIt(const HostPath& path, const std::string& kernel) {
  return kernel.empty() || std::any_of(path.launches.begin(), path.launches.end(), [&](const auto& launch) {
           return pipeline::sameKernelName(launch.kernel, kernel) ||
                  pipeline::sameKernelName(launch.kernel.substr(0, launch.kernel.find('<')), kernel);
         });
}

/// "contract.json", "contract.2.json", …
std::string numbered(const std::string& output, std::size_t i) {
  fs::path file(output);
  return i == 0 ? output : (file.parent_path() / fmt::format("{}.{}{}", file.stem().string(), i + 1, file.extension().string())).string();
}

std::string textOf(const Derived& one) {
  std::string text = frontend::host::contractText(one.path, one.source);
  return frontend::host::proposalText(frontend::host::recognise(one.path)) + text;
}

int write(const std::vector<Derived>& all, const InitFlags& flags) {
  if (flags.output.empty()) {
    for (const Derived& one : all)
      fmt::print("{}{}", textOf(one), &one == &all.back() ? "" : "\n");
    return kExitCertified;
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    std::string file = numbered(flags.output, i);
    if (fs::exists(file) && !flags.force)
      return complain({ErrorKind::Usage, fmt::format("'{}' is there already", file), "--output", "--force replaces it"});
    std::ofstream out(file, std::ios::binary);
    if (!(out << textOf(all[i])) || !out.flush())
      return complain({ErrorKind::Input, "can't be written", file, ""});
    fmt::print(stderr, "{}: {}{}, {} to check\n", file, all[i].path.entry, all[i].path.way.empty() ? "" : ", where " + all[i].path.way,
               all[i].path.guesses.size());
  }
  return kExitCertified;
}

int init(const InitFlags& flags, const Invocation& invocation) {
  auto headers = parseHeaders(flags.cuda_headers);
  if (!headers)
    return complain(headers.error());
  auto sources = pipeline::sourcesOf(flags.path);
  if (!sources)
    return complain(sources.error());
  frontend::CompileOptions compile{.headers = *headers, .target = flags.target, .extra_flags = invocation.clang_flags};
  std::vector<Derived> all;
  std::vector<std::string> missing;
  for (const pipeline::SourceFile& source : *sources) {
    if (source.error)
      return complain(*source.error);
    auto facts = pipeline::hostFactsFor({.source = source.path}, compile);
    if (!facts)
      return complain(facts.error());
    for (HostPath& path : facts->paths)
      if (launchesIt(path, flags.kernel))
        all.push_back({source.path, std::move(path)});
    for (const auto& one : facts->missing)
      missing.push_back(fmt::format("in '{}': {}", one.entry, one.what));
    if (facts->cut_off)
      missing.push_back("the host code has more ways to its launches than were followed");
  }
  for (const std::string& one : missing)
    fmt::print(stderr, "note: {}\n", one);
  if (all.empty())
    return complain({ErrorKind::Input,
                     flags.kernel.empty() ? "no launch was found whose facts are known"
                                          : fmt::format("no launch of '{}' was found whose facts are known", flags.kernel),
                     flags.path, "kverify audit --list shows the kernels; write the contract by hand"});
  return write(all, flags);
}

} // namespace

void addInit(CLI::App& app, Action& chosen) {
  auto flags = std::make_shared<InitFlags>();
  CLI::App* sub = app.add_subcommand("init", "write a kernel's contract from the host code that launches it");
  sub->add_option("PATH", flags->path, "a .cu file, or a Python file with CUDA in it")->required();
  sub->add_option("-o,--output", flags->output, "where to write it (default: stdout); more than one get numbers");
  sub->add_option("--kernel", flags->kernel, "only what launches this kernel");
  sub->add_flag("--force", flags->force, "replace the file");
  sub->add_option("--cuda-headers", flags->cuda_headers, "auto, builtin or toolkit")->capture_default_str();
  sub->add_option("--target", flags->target, "sm_80 … sm_90")->capture_default_str();
  sub->footer(kExamples);
  sub->callback([flags, &chosen] { chosen = [flags](const Invocation& invocation) { return init(*flags, invocation); }; });
}

} // namespace kverify::cli
