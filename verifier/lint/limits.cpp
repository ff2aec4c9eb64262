// Launches that no device of the target takes. Exact where the numbers are constants, silent where they are not.
#include <algorithm>

#include <clang/AST/ASTContext.h>
#include <clang/AST/Attr.h>
#include <clang/AST/Decl.h>
#include <clang/AST/ExprCXX.h>
#include <clang/AST/Stmt.h>
#include <fmt/format.h>

#include "kverify/device_limits.h"
#include "verifier/lint/families.h"
#include "verifier/lint/launches.h"

namespace kverify::verifier::lint {

namespace {

std::optional<std::int64_t> productOf(const KnownDims& dims) {
  if (!dims[0] || !dims[1] || !dims[2])
    return std::nullopt;
  return *dims[0] * *dims[1] * *dims[2];
}

/// What is wrong with dimensions, or "".
std::string tooLarge(const KnownDims& dims, const std::int64_t (&most)[3], const char* what) {
  for (unsigned i = 0; i < 3; ++i) {
    if (dims[i] && *dims[i] > most[i])
      return fmt::format("{} of {} in {}, and {} is the most", what, *dims[i], "xyz"[i], most[i]);
    if (dims[i] && *dims[i] <= 0)
      return fmt::format("{} of {} in {}: such a launch fails", what, *dims[i], "xyz"[i]);
  }
  return {};
}

void findLargeBlocks(const LintContext& context, Reporter& reporter) {
  for (const KernelLaunch& launch : launchesOf(context)) {
    Place place = context.placeOf(*launch.call, *launch.inside);
    std::string wrong = tooLarge(launch.block, device_limits::block, "a block");
    std::optional<std::int64_t> threads = productOf(launch.block);
    if (wrong.empty() && threads && *threads > device_limits::threads_per_block)
      wrong = fmt::format("a block of {} threads, and {} are the most", *threads, device_limits::threads_per_block);
    for (const KernelCode& kernel : context.kernels)
      if (wrong.empty() && threads && kernel.decl && launch.kernel &&
          kernel.decl->getCanonicalDecl() == launch.kernel->getCanonicalDecl() && kernel.info->max_threads &&
          *threads > kernel.info->max_threads)
        wrong = fmt::format("a block of {} threads, and __launch_bounds__ promises at most {}", *threads,
                            kernel.info->max_threads);
    if (!wrong.empty())
      reporter.report(place, wrong);
    else if (!threads)
      reporter.unknown(place, "the block's size is computed");
  }
}

void findLargeGrids(const LintContext& context, Reporter& reporter) {
  for (const KernelLaunch& launch : launchesOf(context)) {
    Place place = context.placeOf(*launch.call, *launch.inside);
    std::string wrong = tooLarge(launch.grid, device_limits::grid, "a grid");
    if (!wrong.empty())
      reporter.report(place, wrong);
    else if (!productOf(launch.grid))
      reporter.unknown(place, "the grid's size is computed");
  }
}

void findLargeShared(const LintContext& context, Reporter& reporter) {
  std::int64_t most = device_limits::sharedBytes(context.target);
  for (const KernelCode& kernel : context.kernels)
    if (kernel.decl && kernel.info->static_shared_bytes > device_limits::static_shared_bytes) {
      Place place = context.placeOf(*kernel.decl);
      place.kernels = {kernel.info->name};
      reporter.report(place, fmt::format("{} bytes of __shared__ variables, and {} are the most",
                                         kernel.info->static_shared_bytes, device_limits::static_shared_bytes));
    }
  for (const KernelLaunch& launch : launchesOf(context)) {
    Place place = context.placeOf(*launch.call, *launch.inside);
    if (!launch.shared_bytes) {
      reporter.unknown(place, "the shared memory asked for is computed");
      continue;
    }
    std::int64_t fixed = 0;
    for (const KernelCode& kernel : context.kernels)
      if (kernel.decl && launch.kernel && kernel.decl->getCanonicalDecl() == launch.kernel->getCanonicalDecl())
        fixed = kernel.info->static_shared_bytes;
    if (*launch.shared_bytes > 0 && *launch.shared_bytes + fixed > most)
      reporter.report(place, fmt::format("{} bytes of shared memory, and {} has {} for a block",
                                         *launch.shared_bytes + fixed, context.target, most));
  }
}

/// What a multiprocessor of the target holds at once: CUDA C++ Programming Guide, technical specifications.
struct Resident {
  std::int64_t threads, blocks, shared_bytes;
  std::int64_t registers = 65536, registers_per_thread = 255;
};

Resident residentOn(const std::string& target) {
  if (target == "sm_86")
    return {1536, 16, 100 << 10};
  if (target == "sm_87")
    return {1536, 16, 164 << 10};
  if (target == "sm_89")
    return {1536, 24, 100 << 10};
  return target.starts_with("sm_90") ? Resident{2048, 32, 228 << 10} : Resident{2048, 32, 164 << 10};
}

/// Registers that the arrays of the outermost block need at least, where they live in registers at all.
std::int64_t registersOfArrays(const UserFunction& function, const clang::ASTContext& ast) {
  std::int64_t bytes = 0;
  const auto* body = llvm::dyn_cast_or_null<clang::CompoundStmt>(function.decl->getBody());
  if (!body)
    return 0;
  for (const clang::Stmt* stmt : body->body()) {
    const auto* group = llvm::dyn_cast<clang::DeclStmt>(stmt);
    if (!group)
      continue;
    for (const clang::Decl* decl : group->decls()) {
      const auto* variable = llvm::dyn_cast<clang::VarDecl>(decl);
      const auto* array = variable && !variable->isStaticLocal() && !variable->hasAttr<clang::CUDASharedAttr>()
                              ? ast.getAsConstantArrayType(variable->getType())
                              : nullptr;
      if (array && !variable->getType()->isDependentType())
        bytes += ast.getTypeSizeInChars(variable->getType()).getQuantity();
    }
  }
  return bytes / 4;
}

/// What is wrong with a promise of `blocks` blocks of `threads` threads at once, or "".
std::string brokenPromise(std::int64_t threads, std::int64_t blocks, const KernelCode* code, std::int64_t in_arrays,
                          const std::string& target) {
  Resident most = residentOn(target);
  if (threads > device_limits::threads_per_block)
    return fmt::format("__launch_bounds__ of {} threads, and {} are the most", threads, device_limits::threads_per_block);
  if (threads * blocks > most.threads)
    return fmt::format("{} blocks of {} threads at once, and a multiprocessor of {} holds {} threads: the promise is ignored",
                       blocks, threads, target, most.threads);
  if (blocks > most.blocks)
    return fmt::format("{} blocks at once, and a multiprocessor of {} holds {}: the promise is ignored", blocks, target, most.blocks);
  std::int64_t shared = code ? static_cast<std::int64_t>(code->info->static_shared_bytes) : 0;
  if (shared * blocks > most.shared_bytes)
    return fmt::format("{} blocks with {} bytes of shared memory each at once, and a multiprocessor of {} has {}", blocks, shared,
                       target, most.shared_bytes);
  // Registers are given to warps in units of 256, that is 8 a thread.
  std::int64_t warps = (threads + 31) / 32 * blocks;
  std::int64_t registers = std::min(most.registers / (warps * 32) / 8 * 8, most.registers_per_thread);
  if (in_arrays > registers)
    return fmt::format("{} threads at once leave {} registers each, and the arrays of a thread need {}: they go to memory",
                       threads * blocks, registers, in_arrays);
  return {};
}

void findLaunchBounds(const LintContext& context, Reporter& reporter) {
  for (const UserFunction& function : context.functions) {
    const auto* bounds = function.is_kernel ? function.decl->getAttr<clang::CUDALaunchBoundsAttr>() : nullptr;
    if (!bounds)
      continue;
    auto threads = valueOf(*bounds->getMaxThreads(), function, context.ast());
    auto blocks = bounds->getMinBlocks() ? valueOf(*bounds->getMinBlocks(), function, context.ast()) : 1;
    Place place = context.placeOf(function.decl->getLocation(), &function);
    if (!threads || !blocks)
      reporter.unknown(place, "the bounds are computed");
    else if (*threads > 0 && *blocks >= 0) {
      const KernelCode* code = nullptr;
      for (const KernelCode& one : context.kernels)
        code = one.decl && one.decl->getCanonicalDecl() == function.decl->getCanonicalDecl() ? &one : code;
      std::string wrong = brokenPromise(*threads, std::max<std::int64_t>(*blocks, 1), code, registersOfArrays(function, context.ast()),
                                        context.target);
      if (!wrong.empty())
        reporter.report(place, wrong);
    }
  }
}

} // namespace

std::vector<LintCheck> limitChecks() {
  constexpr const char* kFails = "the launch fails, the kernel does not run, and without an error check whatever was in the "
                                 "output before passes for its result";
  constexpr const char* kExact = "exact for launches in this file whose numbers are constants; others are not judged here "
                                 "(limits.launch judges those of a contract)";
  return {
      {.info = {"limits.block", "KV3041", "static", "a launch with more threads in a block than there can be", kFails,
                "at most 1024 threads in all, 64 in z, and no more than __launch_bounds__ says", kExact, Severity::Error,
                "k<<<n, 2048>>>(x);                     wrong\n"
                "k<<<2 * n, 1024>>>(x);                 right"},
       .run = findLargeBlocks},
      {.info = {"limits.grid", "KV3042", "static", "a launch with more blocks in y or z than there can be", kFails,
                "put the large dimension in x: only there more than 65535 blocks are allowed", kExact, Severity::Error,
                "k<<<dim3(1, 100000), 256>>>(x);        wrong\n"
                "k<<<dim3(100000, 1), 256>>>(x);        right"},
       .run = findLargeGrids},
      {.info = {"limits.shared-memory", "KV3043", "static", "more shared memory than a block of the target can have",
                "the kernel does not compile, or its launch fails and leaves the output as it was",
                "a smaller tile, or data that stays in registers", kExact, Severity::Error,
                "__shared__ float tile[128][128];       wrong: 64 KiB, and 48 KiB are the most for such variables\n"
                "__shared__ float tile[64][128];        right"},
       .run = findLargeShared},
      {.info = {"limits.launch-bounds", "KV3045", "static", "__launch_bounds__ that no multiprocessor can keep",
                "the compiler ignores it, or gives every thread so few registers that they spill to memory",
                "blocks times threads within 2048 (1536 for sm_86 to sm_89), a block within 1024, and arrays of a thread "
                "that fit into 65536 registers divided by the threads",
                "exact for bounds that are constants: threads, blocks, static shared memory, and the registers that the arrays "
                "of the kernel's outermost block need at least", Severity::Warning,
                "__global__ void __launch_bounds__(1024, 4) k(…)    wrong: 4096 threads\n"
                "__global__ void __launch_bounds__(1024, 2) k(…)    right"},
       .run = findLaunchBounds},
  };
}

} // namespace kverify::verifier::lint
