#include "simt/lower/pipeline.h"

#include <cstdlib>

#include <llvm/Bitcode/BitcodeReader.h>
#include <llvm/IR/DebugInfo.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Transforms/Utils/LowerAtomic.h>

#include "frontend/ir/inline_calls.h"
#include "frontend/ir/promotion.h"
#include "frontend/ir/whole_reads.h"
#include "simt/jit.h"
#include "simt/lower/locals.h"
#include "simt/lower/padding.h"
#include "simt/lower/shadow.h"
#include "simt/ptx/lower.h"

namespace kverify::simt::lower {
namespace {

/// Blocks run on one host thread: plain operations are atomic, whatever the type.
void lowerAtomics(llvm::Module& module) {
  std::vector<llvm::Instruction*> atomics;
  for (llvm::Function& function : module)
    for (llvm::Instruction& instruction : llvm::instructions(function))
      if (instruction.isAtomic())
        atomics.push_back(&instruction);
  for (llvm::Instruction* instruction : atomics) {
    if (auto* rmw = llvm::dyn_cast<llvm::AtomicRMWInst>(instruction))
      llvm::lowerAtomicRMWInst(rmw);
    else if (auto* exchange = llvm::dyn_cast<llvm::AtomicCmpXchgInst>(instruction))
      llvm::lowerAtomicCmpXchgInst(exchange);
    else if (auto* load = llvm::dyn_cast<llvm::LoadInst>(instruction))
      load->setAtomic(llvm::AtomicOrdering::NotAtomic);
    else if (auto* store = llvm::dyn_cast<llvm::StoreInst>(instruction))
      store->setAtomic(llvm::AtomicOrdering::NotAtomic);
    else if (auto* fence = llvm::dyn_cast<llvm::FenceInst>(instruction))
      fence->eraseFromParent();
  }
}

std::uint64_t frameBytes(const llvm::Function& function) {
  std::uint64_t bytes = 0;
  for (const llvm::Instruction& instruction : llvm::instructions(function))
    if (auto* alloca = llvm::dyn_cast<llvm::AllocaInst>(&instruction))
      if (auto size = alloca->getAllocationSize(function.getDataLayout()); size && !size->isScalable())
        bytes += llvm::alignTo(size->getFixedValue(), alloca->getAlign());
  return bytes;
}

void measureFrames(const llvm::Module& module, std::vector<Entry>& entries) {
  std::uint64_t callees = 0;
  for (const llvm::Function& function : module)
    if (!function.isDeclaration() && !function.getName().starts_with("kv_entry_"))
      callees = std::max(callees, frameBytes(function));
  for (Entry& entry : entries) {
    entry.local_bytes = frameBytes(*module.getFunction(entry.symbol));
    entry.callee_bytes = callees;
  }
}

Expected<void> verified(llvm::Module& module, const char* step) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  if (llvm::verifyModule(module, &stream))
    return fail(ErrorKind::Internal, std::string("the executor made invalid IR in step '") + step + "': " + text);
  return {};
}

unsigned smOf(const std::string& target) {
  return target.starts_with("sm_") ? static_cast<unsigned>(std::strtoul(target.c_str() + 3, nullptr, 10)) : 80;
}

} // namespace

Expected<Lowered> lowerModule(const frontend::DeviceModule& device, const InstrumentOptions& options) {
  Lowered out;
  out.context = std::make_unique<llvm::LLVMContext>();
  auto parsed = llvm::parseBitcodeFile(llvm::MemoryBufferRef(device.bitcode, device.source.path), *out.context);
  if (!parsed)
    return fail(ErrorKind::Internal, "bad device bitcode: " + llvm::toString(parsed.takeError()), device.source.path);
  out.module = std::move(*parsed);
  llvm::Module& module = *out.module;
  Sites sites(out.table);

  watchArithmetic(module, options.watch);
  if (options.checks)
    copyFieldsApart(module);
  retarget(module, hostDataLayout());
  if (options.coverage)
    markBranches(module);
  resolveReflect(module, smOf(device.target));
  reserveShared(module);
  placeGlobals(module, out.table, out.unsupported);
  ptx::lowerInlineAsm(module, out.unsupported);
  ptx::lowerMathIntrinsics(module, out.unsupported);
  lowerDeviceIntrinsics(module);
  flattenAddressSpaces(module);
  ptx::lowerHalfTypes(module);
  defineUndefined(module);
  guardControl(module);
  rejectUnknownCalls(module);
  if (options.checks) {
    defineLocals(module);
    frontend::noteWholeReads(module);
  }
  std::vector<std::string> kernels;
  for (const frontend::KernelInfo& kernel : device.kernels)
    kernels.push_back(kernel.mangled);
  out.entries = makeEntries(module, kernels);
  runPasses(module, "globaldce");
  if (auto ok = verified(module, "lowering"); !ok)
    return tl::unexpected(ok.error());
  auto guard = [](llvm::Function& function) {
    frontend::forgetReadsOfLocals(function);
    keepOutOfBounds(function);
  };
  frontend::Promotion promotion(options.checks ? std::function<void(llvm::Function&)>(guard) : nullptr, "early-cse,dce");
  frontend::inlineCalls(module, [&](llvm::Function& function) { promotion.run(function); });
  for (llvm::Function& function : module) {
    frontend::forgetReadsThatAreThere(function);
    dropFirstValuesInMemory(function);
  }

  if (options.coverage)
    coverBranches(module, out.coverage);
  out.granule_log2 = granuleLog2(module);
  instrument(module, out.granule_log2, sites, options);
  if (options.shadow != ShadowDomain::None) {
    ShadowConstants constants;
    out.shadow_granule_log2 = shadowGranuleLog2(module, out.granule_log2);
    addShadows(module, options.shadow, out.shadow_granule_log2, sites, constants, out.table);
    out.shadow_constants = constants.values();
    if (auto ok = verified(module, "shadow values"); !ok)
      return tl::unexpected(ok.error());
  }
  bindRuntime(module, sites);
  llvm::StripDebugInfo(module);
  lowerAtomics(module);
  ptx::lowerHalfTypes(module); // the atomics' arithmetic
  ptx::keepBfloatsAsBits(module);
  if (auto linked = linkRuntime(module, options.shadow); !linked)
    return tl::unexpected(linked.error());
  finish(module, out.table);
  measureFrames(module, out.entries);
  if (auto ok = verified(module, "instrumentation"); !ok)
    return tl::unexpected(ok.error());
  return out;
}

} // namespace kverify::simt::lower
