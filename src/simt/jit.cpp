#include "simt/jit.h"

#include <cmath>
#include <cstring>
#include <mutex>

#include <llvm/Bitcode/BitcodeReader.h>
#include <llvm/ExecutionEngine/JITLink/EHFrameSupport.h>
#include <llvm/ExecutionEngine/Orc/ExecutionUtils.h>
#include <llvm/ExecutionEngine/Orc/LLJIT.h>
#include <llvm/ExecutionEngine/Orc/ObjectLinkingLayer.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Module.h>
#include <llvm/Linker/Linker.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Target/TargetMachine.h>

#include "frontend/passes.h"
#include "simt/lower/lower.h"
#include "simt/machine/host_calls.h"
#include "simt/math/nv_math.h"
#include "simt/runtime/bitcode.h"

namespace kverify::simt {
namespace {

namespace orc = llvm::orc;

std::string text(llvm::Error error) {
  return llvm::toString(std::move(error));
}

orc::JITTargetMachineBuilder targetBuilder() {
  static std::once_flag once;
  std::call_once(once, [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
  });
  orc::JITTargetMachineBuilder builder(llvm::Triple("x86_64-unknown-linux-gnu"));
  // One fixed instruction set, so that the same replay gives the same bits on every machine.
  builder.setCPU("x86-64-v3");
  builder.setCodeGenOptLevel(llvm::CodeGenOptLevel::Default);
  builder.setRelocationModel(llvm::Reloc::PIC_);
  return builder;
}

class OrcJit : public Jit {
public:
  explicit OrcJit(std::unique_ptr<orc::LLJIT> jit) : jit_(std::move(jit)) {
    // The session tells why, lookup only that: "failed to materialise".
    jit_->getExecutionSession().setErrorReporter(
        [this](llvm::Error error) { reports_ += text(std::move(error)) + "; "; });
  }

  Expected<void*> lookup(const std::string& symbol) override {
    reports_.clear();
    auto found = jit_->lookup(symbol);
    if (!found)
      return fail(ErrorKind::Internal, symbol + " did not link: " + reports_ + text(found.takeError()));
    return found->toPtr<void*>();
  }

private:
  std::string reports_; // outlives the session, which may report while it ends
  std::unique_ptr<orc::LLJIT> jit_;
};

/// What the code generator itself calls for intrinsics and for memory: plain C library functions.
const std::vector<std::pair<const char*, void*>>& librarySymbols() {
#define KV_FLOAT(name)                                                                                                 \
  { #name "f", reinterpret_cast < void*>(static_cast <float (*)(float)>(&::name##f)) }
#define KV_DOUBLE(name)                                                                                                \
  { #name, reinterpret_cast < void*>(static_cast <double (*)(double)>(&::name)) }
#define KV_PAIR(name)                                                                                                  \
  {#name "f", reinterpret_cast<void*>(static_cast<float (*)(float, float)>(&::name##f))}, {                            \
#name, reinterpret_cast < void*>(static_cast <double (*)(double, double)>(&::name))                                \
  }
#define KV_BOTH(name) KV_FLOAT(name), KV_DOUBLE(name)
  static const std::vector<std::pair<const char*, void*>> symbols{
      KV_BOTH(sin),
      KV_BOTH(cos),
      KV_BOTH(tan),
      KV_BOTH(asin),
      KV_BOTH(acos),
      KV_BOTH(atan),
      KV_BOTH(sinh),
      KV_BOTH(cosh),
      KV_BOTH(tanh),
      KV_BOTH(exp),
      KV_BOTH(exp2),
      KV_BOTH(exp10),
      KV_BOTH(log),
      KV_BOTH(log2),
      KV_BOTH(log10),
      KV_BOTH(floor),
      KV_BOTH(ceil),
      KV_BOTH(trunc),
      KV_BOTH(rint),
      KV_BOTH(nearbyint),
      KV_BOTH(round),
      KV_BOTH(roundeven),
      KV_BOTH(sqrt),
      KV_BOTH(cbrt),
      KV_PAIR(pow),
      KV_PAIR(fmod),
      {"fmaf", reinterpret_cast<void*>(static_cast<float (*)(float, float, float)>(&::fmaf))},
      {"fma", reinterpret_cast<void*>(static_cast<double (*)(double, double, double)>(&::fma))},
      KV_PAIR(fmin),
      KV_PAIR(fmax),
      KV_PAIR(copysign),
      KV_PAIR(remainder),
      {"ldexpf", reinterpret_cast<void*>(static_cast<float (*)(float, int)>(&::ldexpf))},
      {"ldexp", reinterpret_cast<void*>(static_cast<double (*)(double, int)>(&::ldexp))},
      {"sincosf", reinterpret_cast<void*>(&::sincosf)},
      {"sincos", reinterpret_cast<void*>(&::sincos)},
      {"memcpy", reinterpret_cast<void*>(&::memcpy)},
      {"memmove", reinterpret_cast<void*>(&::memmove)},
      {"memset", reinterpret_cast<void*>(&::memset)},
  };
#undef KV_FLOAT
#undef KV_DOUBLE
#undef KV_BOTH
#undef KV_PAIR
  return symbols;
}

/// Device functions that neither the module nor the runtime defines end the run as unsupported, where they are reached.
void rejectMissing(llvm::Module& module) {
  std::vector<llvm::Function*> missing;
  for (llvm::Function& function : module)
    if (function.isDeclaration() && function.getName().starts_with("__nv_") && !function.use_empty())
      missing.push_back(&function);
  for (llvm::Function* function : missing) {
    llvm::IRBuilder<> b(llvm::BasicBlock::Create(module.getContext(), "", function));
    auto report = module.getOrInsertFunction(
        "kv_rt_unsupported",
        llvm::FunctionType::get(b.getVoidTy(), {b.getPtrTy(), b.getInt32Ty(), b.getPtrTy()}, false));
    b.CreateCall(report, {lower::contextOf(b, module), b.getInt32(0),
                          b.CreateGlobalString("call of " + function->getName().str())});
    if (function->getReturnType()->isVoidTy())
      b.CreateRetVoid();
    else
      b.CreateRet(llvm::Constant::getNullValue(function->getReturnType()));
  }
}

llvm::Error defineHostSymbols(orc::LLJIT& jit) {
  orc::SymbolMap symbols;
  auto add = [&](const char* name, void* address) {
    symbols[jit.mangleAndIntern(name)] = {orc::ExecutorAddr::fromPtr(address),
                                          llvm::JITSymbolFlags::Exported | llvm::JITSymbolFlags::Callable};
  };
  for (auto [name, address] : hostSymbols())
    add(name, address);
  for (auto [name, address] : librarySymbols())
    add(name, address);
  for (auto [name, address] : mathHostSymbols())
    add(name, address);
  return jit.getMainJITDylib().define(orc::absoluteSymbols(std::move(symbols)));
}

/// Beyond so many instructions (kernels whose loops over fragments were unrolled) clang's -O2 costs seconds a module, most
/// of it in loop passes, and gains a tenth of the runs' time: an audit compiles a dozen mutants, too.
constexpr unsigned kLargeModule = 2000;

/// What pays off for checks and address arithmetic in straight code: no unrolling, no analysis of trip counts.
constexpr const char* kShortPipeline =
    "always-inline,globaldce,function(sroa,early-cse<memssa>,simplifycfg,instcombine<no-verify-fixpoint>,"
    "loop-mssa(loop-rotate,licm<allowspeculation>),gvn,instcombine<no-verify-fixpoint>,simplifycfg)";

unsigned instructionsOf(const llvm::Module& module) {
  unsigned count = 0;
  for (const llvm::Function& function : module)
    count += function.getInstructionCount();
  return count;
}

/// The check of an access is a call, not a copy of its own at each access: the code generator's time goes by instructions.
void keepChecksOutOfLine(llvm::Module& module) {
  llvm::Function* check = module.getFunction("kv_check");
  if (!check)
    return;
  check->removeFnAttr(llvm::Attribute::AlwaysInline);
  check->addFnAttr(llvm::Attribute::NoInline);
  check->setCallingConv(llvm::CallingConv::PreserveMost);
  for (llvm::User* user : check->users())
    if (auto* call = llvm::dyn_cast<llvm::CallBase>(user))
      call->setCallingConv(llvm::CallingConv::PreserveMost);
}

/// The same bits either way: neither pipeline may change floating-point arithmetic.
void optimise(llvm::Module& module, llvm::TargetMachine& machine) {
  if (instructionsOf(module) > kLargeModule) {
    keepChecksOutOfLine(module);
    frontend::Passes passes(&machine);
    llvm::ModulePassManager manager;
    cantFail(passes.builder().parsePassPipeline(manager, kShortPipeline));
    passes.run(std::move(manager), module);
    return;
  }
  llvm::PipelineTuningOptions tuning;
  tuning.LoopVectorization = false; // costs compile time; checked loops do not vectorise
  tuning.SLPVectorization = false;
  frontend::Passes passes(&machine, tuning);
  passes.run(passes.builder().buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O2), module);
}

} // namespace

std::string hostDataLayout() {
  static const std::string layout = [] {
    auto target = targetBuilder();
    return cantFail(target.getDefaultDataLayoutForTarget()).getStringRepresentation();
  }();
  return layout;
}

void runPasses(llvm::Module& module, const char* pipeline) {
  frontend::Passes passes;
  llvm::ModulePassManager manager;
  cantFail(passes.builder().parsePassPipeline(manager, pipeline));
  passes.run(std::move(manager), module);
}

Expected<void> linkRuntime(llvm::Module& module, ShadowDomain shadow) {
  std::vector<std::string> before;
  for (const llvm::Function& function : module)
    if (!function.isDeclaration())
      before.push_back(function.getName().str());
  std::vector<std::string_view> parts{runtimeBitcode()};
  if (shadow != ShadowDomain::None)
    parts.push_back(shadowBitcode(shadow));
  parts.push_back(nvMathBitcode()); // last: shadows call it, too
  for (std::string_view bitcode : parts) {
    auto runtime = llvm::parseBitcodeFile(
        llvm::MemoryBufferRef(llvm::StringRef(bitcode.data(), bitcode.size()), "kverify runtime"), module.getContext());
    if (!runtime)
      return fail(ErrorKind::Internal, "bad runtime bitcode: " + text(runtime.takeError()));
    (*runtime)->setDataLayout(module.getDataLayout());
    (*runtime)->setTargetTriple(module.getTargetTriple());
    for (const char* name : {"llvm.used", "llvm.compiler.used"})
      if (llvm::GlobalVariable* used = (*runtime)->getNamedGlobal(name))
        used->eraseFromParent();
    if (llvm::Linker::linkModules(module, std::move(*runtime), llvm::Linker::LinkOnlyNeeded))
      return fail(ErrorKind::Internal, "the runtime bitcode does not link");
  }
  rejectMissing(module);
  for (llvm::Function& function : module)
    if (!function.isDeclaration() && !function.getName().starts_with("kv_entry_"))
      function.setLinkage(llvm::GlobalValue::InternalLinkage);
  return {};
}

Expected<std::unique_ptr<Jit>> compile(std::unique_ptr<llvm::Module> module,
                                       std::unique_ptr<llvm::LLVMContext> context) {
  auto target = targetBuilder();
  auto machine = target.createTargetMachine();
  if (!machine)
    return fail(ErrorKind::Internal, text(machine.takeError()));
  optimise(*module, **machine);
  auto jit = orc::LLJITBuilder()
                 .setJITTargetMachineBuilder(std::move(target))
                 .setLinkProcessSymbolsByDefault(false)
                 .setPlatformSetUp(orc::setUpInactivePlatform)
                 .setObjectLinkingLayerCreator([](orc::ExecutionSession& session, const llvm::Triple&) {
                   return std::make_unique<orc::ObjectLinkingLayer>(session);
                 })
                 .create();
  if (!jit)
    return fail(ErrorKind::Internal, text(jit.takeError()));
  if (auto error = defineHostSymbols(**jit))
    return fail(ErrorKind::Internal, text(std::move(error)));
  if (auto error = (*jit)->addIRModule(orc::ThreadSafeModule(std::move(module), std::move(context))))
    return fail(ErrorKind::Internal, text(std::move(error)));
  return std::make_unique<OrcJit>(std::move(*jit));
}

} // namespace kverify::simt
