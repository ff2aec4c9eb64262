#include "frontend/compile.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <functional>
#include <memory>

#include <clang/Frontend/CompilerInstance.h>
#include <fmt/format.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

#include "core/hash.h"
#include "core/near_name.h"
#include "frontend/ast.h"
#include "frontend/clang_job.h"
#include "frontend/header_search.h"
#include "frontend/host_recovery.h"
#include "frontend/included_files.h"
#include "frontend/kernel_consumer.h"
#include "frontend/listing.h"
#include "frontend/module_trim.h"
#include "frontend/source_text.h"
#include "frontend/toolkit.h"

namespace kverify::frontend {
namespace {

constexpr std::array<std::string_view, 5> kTargets = {"sm_80", "sm_86", "sm_87", "sm_89", "sm_90"};

/// A rejected source. Of several attempts the one with the fewest errors says most clearly what is wrong.
struct Failure {
  ToolError error;
  unsigned errors = ~0u;
  bool blames_headers = false;
  std::optional<std::string> missing_header; ///< that nothing leads to
};

/// What one run of clang gave. The context outlives the module.
struct Attempt {
  std::unique_ptr<llvm::LLVMContext> context = std::make_unique<llvm::LLVMContext>();
  std::unique_ptr<KernelAction> action;
  ClangRun run;
};

/// What is asked of an attempt.
struct Wanted {
  std::vector<std::string> names;
  bool others = false;
  std::function<void(clang::CompilerInstance&, KernelAction&)> visit; ///< may be empty
  bool only_seen = false; ///< what kernels there are; no code
};

Expected<Attempt> attemptOnce(ClangJob job, const Wanted& wanted, const std::vector<WantedInstance>& instances,
                              bool skip_host_bodies) {
  Attempt result;
  job.bytes += instantiationText(instances);
  result.action = std::make_unique<KernelAction>(
      *result.context, KernelRequest{wanted.names, wanted.others, wanted.only_seen, skip_host_bodies});
  if (wanted.visit)
    result.action->visit = [&](clang::CompilerInstance& compiler) { wanted.visit(compiler, *result.action); };
  auto run = runClang(job, *result.action);
  if (!run)
    return tl::unexpected(run.error());
  result.run = std::move(*run);
  return result;
}

/// Where the names leave nothing to find in host code, it is not read. A kernel that is found there alone (a template by
/// its bare name) needs it.
Expected<Attempt> attempt(const ClangJob& job, const Wanted& wanted, const std::vector<WantedInstance>& instances) {
  if (!wanted.names.empty() && !wanted.others && !wanted.visit) {
    auto lean = attemptOnce(job, wanted, instances, /*skip_host_bodies=*/true);
    // Reading more can only find more errors.
    if (!lean || !lean->run.ok || (lean->action->missing.empty() && lean->action->ambiguous.empty()))
      return lean;
  }
  return attemptOnce(job, wanted, instances, /*skip_host_bodies=*/false);
}

std::string baseName(const std::string& written) {
  std::string base = written.substr(0, written.find('<'));
  while (!base.empty() && std::isspace(static_cast<unsigned char>(base.back())))
    base.pop_back();
  return base.starts_with("::") ? base.substr(2) : base;
}

std::vector<WantedInstance> templatesIn(const std::vector<std::string>& names) {
  std::vector<WantedInstance> wanted;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i].find('<') != std::string::npos)
      wanted.push_back({i, names[i], ""});
  return wanted;
}

std::string quotedList(const std::vector<std::string>& names) {
  constexpr std::size_t most = 12;
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < most; ++i)
    text += fmt::format("{}'{}'", i ? ", " : "", names[i]);
  return names.size() > most ? fmt::format("{} and {} more", text, names.size() - most) : text;
}

ToolError notFound(const std::string& path, const std::string& name, const std::vector<SeenKernel>& seen) {
  std::vector<std::string> names, bases;
  for (const SeenKernel& kernel : seen) {
    names.push_back(kernel.is_template ? kernel.name + "<...>" : kernel.name);
    bases.push_back(baseName(kernel.name));
    if (kernel.is_template && sameName(baseName(name), kernel.name) && name.find('<') == std::string::npos)
      return {ErrorKind::Input, fmt::format("kernel '{}' is a template that the file does not instantiate", name), path,
              fmt::format("write its arguments, as in '{}<64>'", name)};
  }
  if (names.empty())
    return {ErrorKind::Input, "there is no kernel (__global__ function) in this file", path, ""};
  std::string hint = didYouMean(baseName(name), bases);
  if (hint.starts_with(' '))
    hint.erase(0, 1);
  return {ErrorKind::Input, fmt::format("there is no kernel '{}' in this file; it has {}", name, quotedList(names)),
          path, hint};
}

ToolError ambiguousName(const std::string& path, const std::string& name, const std::vector<SeenKernel>& seen) {
  std::vector<std::string> names;
  for (const SeenKernel& kernel : seen)
    if (!kernel.is_template &&
        (sameName(baseName(kernel.name), baseName(name)) || sameName(baseName(kernel.qualified_name), baseName(name))))
      names.push_back(kernel.qualified_name);
  return {ErrorKind::Input, fmt::format("'{}' names more than one kernel: {}", name, quotedList(names)), path,
          "write one of them"};
}

std::string trimmed(std::string text) {
  while (!text.empty() && text.back() == '\n')
    text.pop_back();
  return text;
}

tl::unexpected<ToolError> rejected(const std::string& path, const ClangRun& run, Failure& failure) {
  failure.errors = run.errors;
  failure.blames_headers = run.blames_headers;
  failure.missing_header = missingHeader(run);
  return fail(ErrorKind::Compile, trimmed(run.diagnostics), path);
}

/// The namespace a template is in: "a::b" of "a::b::flash". An unnamed one is left out, it needs no name.
std::string scopeOf(const SeenKernel& kernel) {
  std::string scope = kernel.qualified_name.substr(0, kernel.qualified_name.size() - kernel.name.size());
  if (std::size_t unnamed = scope.find("(anonymous"); unnamed != std::string::npos)
    scope.resize(unnamed);
  while (scope.ends_with(':'))
    scope.pop_back();
  return scope;
}

/// Clang rejected the file with the wanted templates appended. Finds out whether the file or the request is wrong;
/// a template inside a namespace may be written without it.
Expected<Attempt> explainOrRespell(const ClangJob& job, const Wanted& wanted, Attempt failed, Failure& failure) {
  auto plain = attemptOnce(job, Wanted{.only_seen = true}, {}, /*skip_host_bodies=*/!wanted.visit);
  if (!plain)
    return tl::unexpected(plain.error());
  if (!plain->run.ok)
    return rejected(job.path, plain->run, failure);
  std::vector<WantedInstance> instances = templatesIn(wanted.names);
  bool respelled = false;
  for (WantedInstance& instance : instances) {
    std::string base = baseName(instance.spelling);
    const auto& seen = plain->action->seen;
    auto found = std::find_if(seen.begin(), seen.end(), [&](const SeenKernel& k) {
      return k.is_template && (sameName(k.name, base) || sameName(k.qualified_name, base));
    });
    if (found == seen.end())
      return tl::unexpected(notFound(job.path, instance.spelling, seen));
    if (sameName(found->name, base))
      instance.scope = scopeOf(*found);
    respelled = respelled || !instance.scope.empty();
  }
  if (respelled) {
    auto again = attempt(job, wanted, instances);
    if (!again || again->run.ok)
      return again;
    failed = std::move(*again);
  }
  return fail(ErrorKind::Input, "the kernel asked for can't be instantiated:\n" + trimmed(failed.run.diagnostics),
              job.path);
}

Expected<Attempt> compileWith(const ClangJob& job, const Wanted& wanted, Failure& failure) {
  auto first = attempt(job, wanted, templatesIn(wanted.names));
  if (!first || first->run.ok)
    return first;
  if (!templatesIn(wanted.names).empty())
    return explainOrRespell(job, wanted, std::move(*first), failure);
  return rejected(job.path, first->run, failure);
}

/// A file without kernels is an error where code is wanted and nobody visits it.
Expected<Attempt> checkedKernels(Expected<Attempt> result, const std::string& path, const Wanted& wanted) {
  if (!result || wanted.only_seen)
    return result;
  bool needed = !wanted.visit;
  const KernelAction& action = *result->action;
  if (!action.ambiguous.empty())
    return tl::unexpected(ambiguousName(path, action.ambiguous.front(), action.seen));
  if (!action.missing.empty())
    return tl::unexpected(notFound(path, action.missing.front(), action.seen));
  if (action.kernels.empty() && needed) {
    ToolError error = notFound(path, "", action.seen);
    if (!action.seen.empty())
      error = {ErrorKind::Input,
               fmt::format("every kernel of this file is a template that it does not instantiate: {}", quotedList([&] {
                             std::vector<std::string> names;
                             for (const SeenKernel& kernel : action.seen)
                               names.push_back(kernel.name);
                             return names;
                           }())),
               path, fmt::format("name one with its arguments, as in '{}<64>'", action.seen.front().name)};
    return tl::unexpected(error);
  }
  if (!action.module)
    return fail(ErrorKind::Internal, "clang accepted the file but generated no module", path);
  return result;
}

/// `__shared__ alignas(16) float x[4]` is nvcc's; clang wants the attribute spelled GNU's way there. The word put in
/// its place is as long, so that every column stays.
void acceptSharedAlignas(std::string& bytes) {
  constexpr std::string_view shared = "__shared__", before = "alignas", after = "align__";
  for (std::size_t at = bytes.find(shared); at != std::string::npos; at = bytes.find(shared, at)) {
    at += shared.size();
    std::size_t next = bytes.find_first_not_of(" \t\r\n", at);
    if (next != std::string::npos && bytes.compare(next, before.size(), before) == 0)
      bytes.replace(next, after.size(), after);
  }
}

Expected<ClangJob> toolkitJob(ClangJob job) {
  std::optional<Toolkit> toolkit = findToolkit();
  if (!toolkit)
    return fail(ErrorKind::Environment, "no CUDA toolkit was found (CUDA_HOME, nvcc on PATH, /usr/local/cuda)", "",
                "use --cuda-headers=builtin");
  job.toolkit = toolkit->path;
  return job;
}

/// What of a source was accepted, and with which headers.
struct Accepted {
  Attempt attempt;
  KernelSource source;
  ClangJob job;
  std::vector<LeftOut> left_out;
};

using WantedFor = std::function<Wanted(const ClangJob&, const KernelSource&, const std::vector<LeftOut>&)>;

/// The file without the host code that no headers make compile: once more after each round of leaving out, since what
/// used the code that is gone goes next. Nothing when device code is at fault.
std::optional<Expected<Accepted>> withoutHostErrors(ClangJob job, const KernelSource& source, const WantedFor& wantedFor) {
  constexpr int kRounds = 12;
  job.all_errors = true;
  Recovery recovery;
  for (int round = 0; round < kRounds; ++round) {
    auto plain = attempt(job, {}, {});
    if (!plain)
      return std::nullopt;
    if (plain->run.ok) {
      Failure ignored;
      Wanted wanted = wantedFor(job, source, recovery.left_out);
      auto result = checkedKernels(compileWith(job, wanted, ignored), job.path, wanted);
      if (!result)
        return tl::unexpected(result.error());
      return Accepted{std::move(*result), source, job, recovery.left_out};
    }
    // Without any library of the host's its code is plain, and an error in it the author's.
    auto next = plain->action->host_headers.used ? leaveOutHostErrors(job, plain->run, recovery) : std::nullopt;
    if (!next)
      return std::nullopt;
    recovery = std::move(*next);
    if (auto main = recovery.changed.find(job.path); main != recovery.changed.end())
      job.bytes = main->second;
    job.replaced = recovery.changed;
  }
  return std::nullopt;
}

/// The error of a text with holes says which of them are open.
ToolError withHoles(ToolError error, const std::vector<PythonHole>& holes) {
  if (holes.empty() || error.kind != ErrorKind::Compile)
    return error;
  std::string list, flags;
  for (const PythonHole& hole : holes) {
    list += fmt::format("{}'{}' (line {}: {})", list.empty() ? "" : ", ", hole.expression, hole.line, hole.why);
    flags += fmt::format(" -D{}=...", hole.name);
  }
  error.message = fmt::format("the CUDA text has holes that only a run of the Python file fills: {}\n{}", list, error.message);
  error.hint = "give their values: --" + flags;
  return error;
}

/// The header that a failure is about, where it is near and was not found before.
std::optional<FoundHeader> nextFound(const Failure& failure, const ClangJob& job) {
  if (!failure.missing_header)
    return std::nullopt;
  auto found = searchHeader(*failure.missing_header, job.path);
  bool again = found && std::any_of(job.found.begin(), job.found.end(), [&](const FoundHeader& one) { return one.name == found->name; });
  return again ? std::nullopt : found;
}

/// The ways to compile it, in the order of trying.
Expected<std::vector<ClangJob>> triesFor(const ClangJob& job, CudaHeaders headers) {
  std::vector<ClangJob> tries;
  if (headers != CudaHeaders::Toolkit) {
    tries.push_back(job);
    tries.push_back(job);
    tries.back().rich_prelude = true;
  }
  if (headers != CudaHeaders::Builtin) {
    auto toolkit = toolkitJob(job);
    if (toolkit)
      tries.push_back(std::move(*toolkit));
    else if (headers == CudaHeaders::Toolkit)
      return tl::unexpected(toolkit.error());
  }
  return tries;
}

Expected<Accepted> accept(SourceText text, const CompileOptions& options, const WantedFor& wantedFor) {
  if (std::find(kTargets.begin(), kTargets.end(), options.target) == kTargets.end())
    return fail(ErrorKind::Usage,
                fmt::format("the target '{}' is none of sm_80, sm_86, sm_87, sm_89, sm_90", options.target));
  auto is_space = [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; };
  if (std::all_of(text.bytes.begin(), text.bytes.end(), is_space))
    return fail(ErrorKind::Input, "the file is empty", text.path);
  acceptSharedAlignas(text.bytes);
  ClangJob job{.path = text.path, .bytes = std::move(text.bytes), .target = options.target, .extra_flags = text.flags};
  job.extra_flags.insert(job.extra_flags.end(), options.extra_flags.begin(), options.extra_flags.end());
  for (job.found = foundBefore(job.path);; noteFound(job.path, job.found)) {
    auto tries = triesFor(job, options.headers);
    if (!tries)
      return tl::unexpected(tries.error());
    Failure best;
    const ClangJob* best_try = nullptr;
    std::optional<FoundHeader> found;
    for (const ClangJob& one : *tries) {
      Failure failure;
      Wanted wanted = wantedFor(one, text.shown, {});
      auto result = checkedKernels(compileWith(one, wanted, failure), text.path, wanted);
      if (result)
        return Accepted{std::move(*result), std::move(text.shown), one, {}};
      failure.error = result.error();
      if (failure.error.kind != ErrorKind::Compile)
        return tl::unexpected(failure.error);
      if ((found = nextFound(failure, job)))
        break;
      // The rich attempt has no errors that are only about names it brings.
      if (failure.errors < best.errors || (one.rich_prelude && failure.errors == best.errors)) {
        best = failure;
        best_try = &one;
      }
      if (!failure.blames_headers)
        break;
    }
    if (found) {
      job.found.push_back(std::move(*found));
      continue;
    }
    if (auto recovered = withoutHostErrors(*best_try, text.shown, wantedFor))
      return std::move(*recovered);
    return tl::unexpected(withHoles(best.error, text.holes));
  }
}

DeviceModule finish(Accepted accepted) {
  KernelAction& action = *accepted.attempt.action;
  DeviceModule result;
  result.source = std::move(accepted.source);
  result.kernels = std::move(action.kernels);
  eraseUnreachable(*action.module, result.kernels);
  measureSharedMemory(*action.module, result.kernels);
  noteLeftOut(*action.module, accepted.left_out, action.host_headers.missing, accepted.job.found);
  result.bitcode = toBitcode(*action.module);
  result.headers = accepted.job.toolkit.empty() ? "builtin" : "toolkit";
  result.target = accepted.job.target;
  result.diagnostics = std::move(accepted.attempt.run.diagnostics);
  return result;
}

/// `included` may be null.
Expected<DeviceModule> compileText(SourceText text, const CompileOptions& options, std::vector<IncludedFile>* included) {
  auto accepted = accept(std::move(text), options,
                         [&](const auto&...) { return Wanted{.names = options.kernels}; });
  if (!accepted)
    return tl::unexpected(accepted.error());
  if (included)
    *included = std::move(accepted->attempt.run.included);
  return finish(std::move(*accepted));
}

} // namespace

Expected<DeviceModule> compileSource(const std::string& path, std::string bytes, const CompileOptions& options) {
  SourceText text{path, bytes, {path, bytes, sha256Hex(bytes)}, {}, {}};
  return compileText(std::move(text), options, nullptr);
}

Expected<Listing> listKernels(const std::string& path, const CompileOptions& options) {
  auto text = sourceAt(path);
  if (!text)
    return tl::unexpected(text.error());
  auto accepted = accept(std::move(*text), options, [](const auto&...) { return Wanted{.only_seen = true}; });
  if (!accepted)
    return tl::unexpected(accepted.error());
  Listing listing;
  listing.left_out = std::move(accepted->left_out);
  const std::vector<SeenKernel>& seen = accepted->attempt.action->seen;
  for (const SeenKernel& kernel : seen) {
    auto sameName = [&](const SeenKernel& other) { return !other.is_template && other.name == kernel.name; };
    auto instantiates = [&](const SeenKernel& other) {
      return other.is_instance && baseName(other.qualified_name) == kernel.qualified_name;
    };
    if (kernel.is_template && std::any_of(seen.begin(), seen.end(), instantiates))
      continue;
    bool ambiguous = std::count_if(seen.begin(), seen.end(), sameName) > 1;
    listing.kernels.push_back({ambiguous ? kernel.qualified_name : kernel.name, kernel.is_template, kernel.is_instance,
                               kernel.parameters, kernel.location});
  }
  std::stable_sort(listing.kernels.begin(), listing.kernels.end(), [](const ListedKernel& a, const ListedKernel& b) {
    return a.location.file == b.location.file && a.location.line < b.location.line;
  });
  return listing;
}

Expected<void> visitFile(const std::string& path, const CompileOptions& options,
                         const std::function<void(ParsedFile&)>& visit) {
  auto text = sourceAt(path);
  if (!text)
    return tl::unexpected(text.error());
  CompileOptions reading = options;
  reading.extra_flags.push_back("-DKVERIFY_LINT=1");
  auto accepted = accept(std::move(*text), reading, [&](const ClangJob& job, const KernelSource& source, const auto& left_out) {
    auto visitAttempt = [=, &job, &source, &visit](clang::CompilerInstance& compiler, KernelAction& action) {
      measureSharedMemory(*action.module, action.kernels);
      noteLeftOut(*action.module, left_out, action.host_headers.missing, job.found);
      ParsedFile file{compiler,       compiler.getASTContext(), *action.module,
                      action.kernels, source,                   job.toolkit.empty() ? "builtin" : "toolkit",
                      job};
      visit(file);
    };
    return Wanted{options.kernels, true, visitAttempt};
  });
  if (!accepted)
    return tl::unexpected(accepted.error());
  return {};
}

Expected<DeviceModule> compileFile(const std::string& path, const CompileOptions& options) {
  auto text = sourceAt(path);
  if (!text)
    return tl::unexpected(text.error());
  return compileText(std::move(*text), options, nullptr);
}

Expected<DeviceModule> compileFileNoting(const std::string& path, const CompileOptions& options,
                                         std::vector<IncludedFile>& included) {
  auto text = sourceAt(path);
  if (!text)
    return tl::unexpected(text.error());
  return compileText(std::move(*text), options, &included);
}

} // namespace kverify::frontend
