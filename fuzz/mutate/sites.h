#pragma once
// Where an operator can change something, and how. Private to fuzz/mutate.
#include <functional>
#include <string>
#include <vector>

#include <llvm/IR/Instructions.h>
#include <llvm/IR/Module.h>

#include "fuzz/mutate/mutants.h"

namespace kverify::mutate {

/// A change that can be made to the module that it was found in, once.
struct Edit {
  Operator op;
  llvm::Instruction* at; ///< what is changed
  std::string change;
  std::function<void()> apply;
  std::function<void()> obscure; ///< for InitRemoved: an unknown value in place of none; empty: apply does
};

/// Takes the edits that operators find.
class Sites {
public:
  explicit Sites(const MutateOptions& options) : options_(options) {}
  void add(Operator op, llvm::Instruction& at, std::string change, std::function<void()> apply,
           std::function<void()> obscure = {});
  std::vector<Edit> take() { return std::move(edits_); }

private:
  const MutateOptions& options_;
  std::vector<Edit> edits_;
};

// One function per family of operators: looks at one instruction of the user's code.
void barriers(llvm::Instruction& at, Sites& sites);  ///< BarrierRemoved, WaitCount
void conditions(llvm::Instruction& at, Sites& sites); ///< CompareWeakened, MaskInverted of branches
void indices(llvm::Instruction& at, Sites& sites);   ///< IndexShifted, StrideSwapped
void constants(llvm::Instruction& at, Sites& sites); ///< ConstantChanged, InitRemoved
void sums(llvm::Instruction& at, Sites& sites);      ///< RescaleDropped, AccumulatorNarrowed
void calls(llvm::Instruction& at, Sites& sites);     ///< MinMaxSwapped, ShuffleWidth, MaskInverted of lanes

/// All edits of a module.
std::vector<Edit> findEdits(llvm::Module& module, const MutateOptions& options);

// What several of them need.

/// "fmaxf(float, float)" of a call, or empty.
std::string calleeOf(const llvm::CallInst& call);
/// The same without arguments, namespaces and template arguments: "fmaxf".
std::string calleeName(const llvm::CallInst& call);
/// The same address, as far as two computations of it show.
bool samePlace(const llvm::Value* a, const llvm::Value* b);
/// Is `value` read from the place, possibly through arithmetic?
bool readsFrom(const llvm::Value* value, const llvm::Value* place, unsigned depth = 4);

} // namespace kverify::mutate
