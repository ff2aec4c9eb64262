// Shared memory that one thread writes and another reads with no barrier on some path between, and the same the other
// way round at the next iteration. Paths are those of the control flow, feasible or not; whether the elements can be the
// same is guessed from how addresses depend on the thread. Neither sound nor complete: the prover decides.
#include <fmt/format.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Demangle/Demangle.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/GlobalVariable.h>
#include <llvm/IR/InstIterator.h>

#include "verifier/lint/families.h"
#include "verifier/lint/shared_access.h"
#include "verifier/lint/sync_events.h"

namespace kverify::verifier::lint {

namespace {

bool orders(const llvm::Instruction& i) {
  Sync kind = syncOf(i);
  return kind == Sync::BlockBarrier || kind == Sync::NamedBarrier || kind == Sync::WarpSync || kind == Sync::AsyncObject;
}

struct KernelPaths {
  explicit KernelPaths(const KernelCode& kernel)
      : uniform(*kernel.function), tree(*kernel.function), loops(tree), accesses(sharedAccesses(kernel, uniform)) {}
  const SharedAccess* at(const llvm::Instruction& i, bool store) const {
    for (const SharedAccess& access : accesses)
      if (access.at == &i && access.is_store == store)
        return &access;
    return nullptr;
  }
  Uniformity uniform;
  llvm::DominatorTree tree;
  llvm::LoopInfo loops;
  std::vector<SharedAccess> accesses;
};

/// "s" of "tile(float*)::s".
std::string nameOf(const llvm::Value& array) {
  std::string name = llvm::demangle(array.getName().str());
  std::size_t scope = name.rfind("::");
  name = scope == std::string::npos ? name : name.substr(scope + 2);
  return name.substr(0, name.find_first_of(". ("));
}

/// Reads of what another thread wrote, with nothing in between. `is_volatile`: both are, as in code that trusts the warp
/// to run in step.
void findUnorderedReads(const LintContext& context, Reporter& reporter, bool is_volatile, const char* message) {
  for (const KernelCode& kernel : context.kernels) {
    KernelPaths paths(kernel);
    for (const SharedAccess& store : paths.accesses) {
      if (!store.is_store || store.is_async || store.is_volatile != is_volatile)
        continue;
      follow(*store.at, [&](const llvm::Instruction& i, bool around) {
        if (orders(i))
          return false;
        const SharedAccess* load = paths.at(i, false);
        if (!load || load->is_volatile != is_volatile || load->array != store.array)
          return true;
        Conflict conflict = conflictOf(store, *load, paths.uniform, paths.loops, around);
        if (conflict == Conflict::Likely) {
          LintFinding& finding = reporter.report(context.placeOf(i, kernel), fmt::format(fmt::runtime(message), nameOf(*store.array)),
                                                 "reads what other threads wrote");
          also(finding, context.placeOf(*store.at, kernel), "written here");
        } else if (conflict == Conflict::Unclear) {
          reporter.unknown(context.placeOf(i, kernel), "whether another thread wrote the element is not clear");
        }
        return true;
      });
    }
  }
}

void findMissingBarriers(const LintContext& context, Reporter& reporter) {
  findUnorderedReads(context, reporter, false, "'{}' is read with no barrier after another thread's write");
}

void findLockstep(const LintContext& context, Reporter& reporter) {
  findUnorderedReads(context, reporter, true, "'{}' is volatile, and other lanes' writes are read with nothing in between");
}

void findTileReuse(const LintContext& context, Reporter& reporter) {
  for (const KernelCode& kernel : context.kernels) {
    KernelPaths paths(kernel);
    for (const SharedAccess& load : paths.accesses) {
      if (load.is_store || load.is_volatile)
        continue;
      // What all threads read at one place is overwritten too early on a straight path as well; elsewhere a guard often
      // keeps readers and writers apart.
      bool all_read = termsOf(load.address, paths.uniform, true).empty() &&
                      !paths.uniform.keptFrom(load.at->getParent(), Spread::Warp);
      follow(*load.at, [&](const llvm::Instruction& i, bool around) {
        if (orders(i))
          return false;
        const SharedAccess* store = paths.at(i, true);
        if (!store || store->is_volatile || store->array != load.array || !(around || all_read))
          return true;
        Conflict conflict = conflictOf(*store, load, paths.uniform, paths.loops, around);
        if (conflict == Conflict::Likely) {
          LintFinding& finding = reporter.report(
              context.placeOf(i, kernel),
              fmt::format("'{}' is written again while other threads may still read it", nameOf(*store->array)),
              "overwrites it");
          also(finding, context.placeOf(*load.at, kernel), "no barrier between this read and that write");
        } else if (conflict == Conflict::Unclear) {
          reporter.unknown(context.placeOf(i, kernel), "whether it is the same part of the array is not clear");
        }
        return true;
      });
    }
  }
}

void findUnwaitedCopies(const LintContext& context, Reporter& reporter) {
  for (const KernelCode& kernel : context.kernels)
    for (const llvm::Instruction& i : llvm::instructions(*kernel.function)) {
      if (syncOf(i) == Sync::AsyncObject)
        reporter.unknown(context.placeOf(i, kernel), "completion through a barrier object is not followed");
      if (syncOf(i) != Sync::AsyncCopy)
        continue;
      bool waited = false, by_object = false;
      follow(i, [&](const llvm::Instruction& next, bool) {
        waited |= syncOf(next) == Sync::AsyncWait;
        by_object |= syncOf(next) == Sync::AsyncObject;
        return true;
      });
      if (!waited && !by_object)
        reporter.report(context.placeOf(i, kernel), "nothing after this asynchronous copy waits for it");
    }
}

void findCopiesWithoutBarrier(const LintContext& context, Reporter& reporter) {
  for (const KernelCode& kernel : context.kernels) {
    KernelPaths paths(kernel);
    for (const llvm::Instruction& wait : llvm::instructions(*kernel.function)) {
      if (syncOf(wait) != Sync::AsyncWait)
        continue;
      follow(wait, [&](const llvm::Instruction& i, bool) {
        if (orders(i))
          return false;
        const SharedAccess* load = paths.at(i, false);
        for (const SharedAccess& copy : paths.accesses) {
          if (!load || !copy.is_async || copy.array != load->array)
            continue;
          Conflict conflict = conflictOf(copy, *load, paths.uniform, paths.loops, false);
          if (conflict == Conflict::Likely) {
            LintFinding& finding = reporter.report(
                context.placeOf(i, kernel),
                  fmt::format("'{}' is read after a wait for this thread's copies only", nameOf(*copy.array)),
                "reads what other threads copied");
            also(finding, context.placeOf(wait, kernel), "waits for the copies of this thread");
          } else if (conflict == Conflict::Unclear) {
            reporter.unknown(context.placeOf(i, kernel), "whether another thread copied the element is not clear");
          }
        }
        return true;
      });
    }
  }
}

// No object with a constructor: checks are listed before those of this file may have been made.
constexpr const char* kRace = "race.shared-read-write";

} // namespace

std::vector<LintCheck> sharedPathChecks() {
  return {
      {.info = {"sync.missing-barrier", "KV3005", "static", "shared memory read with no barrier after other threads' writes",
                "threads of a block run at their own pace: what another thread writes may not be there yet",
                "__syncthreads() between the write and the read; __syncwarp() where both are in one warp",
                "a suspicion from the shape of addresses and paths; decided by race.shared-read-write", Severity::Warning,
                "s[t] = x[t]; y[t] = s[n - 1 - t];                     wrong\n"
                "s[t] = x[t]; __syncthreads(); y[t] = s[n - 1 - t];    right"},
       .run = findMissingBarriers,
       .decided_by = {kRace}},
      {.info = {"sync.tile-reuse", "KV3006", "static", "a shared tile filled again with no barrier after its readers",
                "a fast thread starts the next iteration and overwrites what a slow one still reads",
                "a second __syncthreads() at the end of the iteration, or two tiles in turn",
                "a suspicion from the shape of addresses and paths; decided by race.shared-read-write", Severity::Warning,
                "for (…) { s[t] = x[i]; __syncthreads(); sum += s[k]; }                    wrong\n"
                "for (…) { s[t] = x[i]; __syncthreads(); sum += s[k]; __syncthreads(); }   right"},
       .run = findTileReuse,
       .decided_by = {kRace}},
      {.info = {"sync.lockstep", "KV3009", "static", "a warp's exchange through volatile shared memory, trusting lockstep",
                "volatile keeps the compiler from holding a value in a register; since Volta it does not keep lanes in step",
                "__syncwarp() between each write and the read of another lane's value, or __shfl_down_sync in place of memory",
                "a suspicion from the shape of addresses and paths; decided by race.shared-read-write", Severity::Warning,
                "volatile float* v = s; v[t] += v[t + 16]; v[t] += v[t + 8];                     wrong\n"
                "x += s[t + 16]; __syncwarp(); s[t] = x; __syncwarp(); x += s[t + 8]; …          right"},
       .run = findLockstep,
       .decided_by = {kRace}},
      {.info = {"async.never-waited", "KV3007", "static", "an asynchronous copy that nothing waits for",
                "the data may arrive after it is read, or after the kernel uses the memory for something else",
                "__pipeline_wait_prior(0) or cp.async.wait_all before the data is used, then a barrier",
                "exact about cp.async and its wait instructions; completion through mbarrier objects is not followed",
                Severity::Warning,
                "__pipeline_memcpy_async(&s[t], &x[t], 16); __syncthreads();                        wrong\n"
                "__pipeline_memcpy_async(&s[t], &x[t], 16); __pipeline_commit();\n"
                "__pipeline_wait_prior(0); __syncthreads();                                         right"},
       .run = findUnwaitedCopies,
       .decided_by = {"race.async-copy"}},
      {.info = {"async.no-barrier", "KV3008", "static",
                "asynchronous copies waited for, and read by other threads with no barrier between",
                "waiting is for the thread's own copies: another thread's may still be on their way",
                "__syncthreads() after the wait", "a suspicion from the shape of addresses and paths; decided by race.async-copy",
                Severity::Warning,
                "__pipeline_wait_prior(0); sum += s[k];                        wrong\n"
                "__pipeline_wait_prior(0); __syncthreads(); sum += s[k];       right"},
       .run = findCopiesWithoutBarrier,
       .decided_by = {"race.async-copy", "race.shared-read-write"}},
  };
}

} // namespace kverify::verifier::lint
