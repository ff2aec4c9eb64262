#pragma once
// Where an operator can change something, and how. Private to fuzz/mutate.
#include <functional>
#include <string>
#include <vector>

#include <llvm/IR/Instructions.h>
#include <llvm/IR/Module.h>

#include "fuzz/mutate/mutants.h"

namespace kverify::mutate {

/// A value of the unchanged program, and beside it what the edit would make of it.
struct Beside {
  llvm::Value *original, *mutated; ///< of one type
  llvm::Instruction* before;       ///< here both are known
};

/// A change that can be made to the module that it was found in, once.
struct Edit {
  Operator op;
  llvm::Instruction* at; ///< what is changed
  std::string change;
  std::function<void()> apply;
  std::function<void()> obscure = {}; ///< for InitRemoved: an unknown value in place of none; empty: apply does
  /// Adds the mutated value beside the original, which it leaves; several edits of one module may do so. Empty: there is
  /// no such value, or the two are never equal.
  std::function<Beside()> beside = {};
  llvm::Instruction* executes = nullptr; ///< gets control where the edit makes a difference; null: `at`
};

/// Takes the edits that operators find.
class Sites {
public:
  explicit Sites(const MutateOptions& options) : options_(options) {}
  /// The edit, for more to be said of it at once.
  Edit& add(Operator op, llvm::Instruction& at, std::string change, std::function<void()> apply);
  std::vector<Edit> take() { return std::move(edits_); }

private:
  const MutateOptions& options_;
  std::vector<Edit> edits_;
  Edit unwanted_{}; ///< stands in for one that nobody asked for
};

// One function per family of operators: looks at one instruction of the user's code.
void barriers(llvm::Instruction& at, Sites& sites);  ///< BarrierRemoved, WaitCount
void conditions(llvm::Instruction& at, Sites& sites); ///< CompareWeakened, MaskInverted of branches
void indices(llvm::Instruction& at, Sites& sites);   ///< IndexShifted, StrideSwapped
void constants(llvm::Instruction& at, Sites& sites); ///< ConstantChanged, InitRemoved
void sums(llvm::Instruction& at, Sites& sites);      ///< RescaleDropped, AccumulatorNarrowed
void calls(llvm::Instruction& at, Sites& sites);     ///< MinMaxSwapped, ShuffleWidth, MaskInverted of lanes

/// The instruction again, behind it, with `change` made to it.
Beside twinOf(llvm::Instruction& at, const std::function<void(llvm::Instruction& twin)>& change);

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
