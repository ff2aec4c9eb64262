#pragma once
// LLVM's pass managers.
#include <llvm/IR/Module.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/Error.h>

namespace kverify::frontend {

/// The pass managers' analyses, registered with each other.
class Passes {
public:
  explicit Passes(llvm::TargetMachine* machine = nullptr, const llvm::PipelineTuningOptions& tuning = {})
      : builder_(machine, tuning) {
    builder_.registerModuleAnalyses(modules_);
    builder_.registerCGSCCAnalyses(sccs_);
    builder_.registerFunctionAnalyses(functions_);
    builder_.registerLoopAnalyses(loops_);
    builder_.crossRegisterProxies(loops_, functions_, sccs_, modules_);
  }

  llvm::PassBuilder& builder() { return builder_; }
  llvm::FunctionAnalysisManager& functions() { return functions_; }

  void run(llvm::ModulePassManager passes, llvm::Module& module) { passes.run(module, modules_); }

  /// `pipeline` as LLVM's tools spell one; afterwards the module may be changed by hand. False: there is none so
  /// spelled, and nothing was run.
  bool run(const char* pipeline, llvm::Module& module) {
    llvm::ModulePassManager passes;
    if (llvm::Error error = builder_.parsePassPipeline(passes, pipeline)) {
      llvm::consumeError(std::move(error));
      return false;
    }
    run(std::move(passes), module);
    modules_.clear();
    functions_.clear();
    return true;
  }

private:
  llvm::PassBuilder builder_;
  llvm::LoopAnalysisManager loops_;
  llvm::FunctionAnalysisManager functions_;
  llvm::CGSCCAnalysisManager sccs_;
  llvm::ModuleAnalysisManager modules_;
};

} // namespace kverify::frontend
