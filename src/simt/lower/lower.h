#pragma once
// Device IR -> host IR, step by step, in the order of the declarations. Every step is one file.
//
// Until `finish`, what depends on the running thread is a placeholder call: kv.context() is the ThreadContext,
// kv.object.N() the address of module object N. They are pure, so that clean-up passes can merge them.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "kverify/source.h"
#include "simt/coverage.h"
#include "simt/shadow/shadow.h"
#include "simt/site_table.h"

namespace llvm {
class CallInst;
class DILocation;
class Function;
class Instruction;
class LLVMContext;
class IRBuilderBase;
class Module;
class Value;
} // namespace llvm

namespace kverify::simt::lower {

inline constexpr const char* kContextName = "kv.context";
inline constexpr const char* kObjectPrefix = "kv.object.";
/// 32-bit shared address of the memory that the system reserves in each block.
inline constexpr const char* kReservedSharedName = "kv.reserved_shared";
/// Metadata kind of accesses that are the executor's own.
inline constexpr const char* kNoInstrument = "kv.noinstrument";

/// How a kernel's arguments lie in its parameter buffer.
struct ParamSlot {
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
};

struct Entry {
  std::string kernel; ///< mangled name of the __global__ function
  std::string symbol; ///< of void(ThreadContext*, const uint8_t* params)
  std::vector<ParamSlot> params;
  std::uint64_t param_bytes = 0;
  std::uint64_t local_bytes = 0;  ///< local arrays of its frame
  std::uint64_t callee_bytes = 0; ///< the same of the largest frame of what it may call (not inlined: recursive)
};

/// Collects sites; equal debug locations in equal inlining share a number.
class Sites {
public:
  explicit Sites(SiteTable& table) : table_(table) {}
  std::uint32_t add(const llvm::Instruction& at, std::string operation);
  void nameObject(std::uint32_t site, std::string name) { table_.sites[site].object = std::move(name); }

private:
  SiteTable& table_;
  std::map<std::string, std::uint32_t> leaf_numbers_;
};

/// Innermost first, without what the executor's own headers add. Null: empty.
SourceStack stackOf(const llvm::DILocation* place);
/// The source's name for a local variable.
std::string variableName(const llvm::Instruction& alloca);
llvm::Value* contextOf(llvm::IRBuilderBase& builder, llvm::Module& module);

/// Calls of kv_leaves_type_if and kv_bad_shift_if for the arithmetic of these lines. Before the flags that tell signed
/// arithmetic from unsigned are dropped.
void watchArithmetic(llvm::Module& module, const std::vector<SourceLocation>& lines);
/// Triple, layout, linkage; drops every flag and attribute that lets an optimiser assume the absence of a bug.
void retarget(llvm::Module& module, const std::string& data_layout);
/// Tells the branches of the source from those that lowering adds.
void markBranches(llvm::Module& module);
/// Resolves __nvvm_reflect.
void resolveReflect(llvm::Module& module, unsigned sm);
/// Gives inline assembly that asks for %reserved_smem_offset_1 a shared array, and kv.reserved_shared() as its address.
void reserveShared(llvm::Module& module);
/// Gives variables their place in the arena; afterwards no global of the device is addressed but through kv.object.N.
void placeGlobals(llvm::Module& module, SiteTable& table, std::vector<std::string>& unsupported);
/// Warp, barrier, fence, special register and printf intrinsics -> kv_* calls or loads from the context.
void lowerDeviceIntrinsics(llvm::Module& module);
/// Shared addresses are 32-bit offsets in device code and flat addresses here.
void flattenAddressSpaces(llvm::Module& module);
/// Division by zero, oversized shifts, float to int out of range: defined as the hardware has them.
void defineUndefined(llvm::Module& module);
/// Uninitialised local variables get a first value that the executor chooses.
void defineLocals(llvm::Module& module);
/// Once it is known which variables live in registers: those in memory have shadow, and need no first value.
void dropFirstValuesInMemory(llvm::Function& function);
/// Calls through pointers become direct ones or a fault, what cannot be reached a fault, memory intrinsics that are not
/// instrumented Unsupported.
void guardControl(llvm::Module& module);
/// One entry point a kernel; bodies are inlined into it.
std::vector<Entry> makeEntries(llvm::Module& module, const std::vector<std::string>& kernels);
/// What is called but not defined, and is not ours: ends as Unsupported if it is reached.
void rejectUnknownCalls(llvm::Module& module);

struct InstrumentOptions {
  bool checks = true;
  bool precise = false;
  std::vector<SourceLocation> watch; ///< see simt::ProgramOptions
  ShadowDomain shadow = ShadowDomain::None;
  bool coverage = false; ///< see simt::ProgramOptions
};

/// Which branches are taken and how often loops go round is noted in ThreadContext::coverage; `map` says where.
void coverBranches(llvm::Module& module, CoverageMap& map);
/// log2 of the narrowest access: 0, 1 or 2. No access of the program covers a part of a granule.
unsigned granuleLog2(llvm::Module& module);
/// Checks before every access, step counting on every loop, frames of local arrays.
void instrument(llvm::Module& module, unsigned granule_log2, Sites& sites, const InstrumentOptions& options);
/// kv_*(…) -> kv_rt_*(context, site, …).
void bindRuntime(llvm::Module& module, Sites& sites);
/// Replaces the placeholders.
void finish(llvm::Module& module, const SiteTable& table);

} // namespace kverify::simt::lower
