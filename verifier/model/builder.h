#pragma once
// The inside of buildModel: LLVM IR to terms. Values are asked for from the accesses backwards, so that only
// arithmetic that matters becomes an obligation.
#include <map>
#include <optional>
#include <set>

#include <llvm/Analysis/LoopInfo.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/InstrTypes.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Operator.h>

#include "verifier/model/kernel_model.h"
#include "verifier/model/poly.h"

namespace kverify::verifier {

/// Inlines everything into `kernel` and brings it into the form the builder reads. False: the kernel is not there.
bool prepareKernel(llvm::Module& module, llvm::StringRef kernel);

SourceLocation locationOf(const llvm::Instruction& instruction);

struct Pointer {
  unsigned array = 0;
  TermPtr offset = nullptr; ///< bytes
};

class ModelBuilder {
public:
  ModelBuilder(llvm::Function& kernel, TermPool& pool);
  KernelModel build();

private:
  // values.cpp: an integer term, or a boolean one for i1. Of `value` as seen at the end of `user`.
  TermPtr value(const llvm::Value* value, const llvm::BasicBlock* user);
  TermPtr ownValue(const llvm::Value* value);
  TermPtr compute(const llvm::Instruction& instruction);
  TermPtr merge(const llvm::PHINode& phi);
  TermPtr fromConstant(const llvm::Constant& constant);
  TermPtr opaque(const llvm::Value& value, const char* why);
  TermPtr compare(const llvm::ICmpInst& compare);
  TermPtr convert(const llvm::CastInst& conversion);
  TermPtr select(const llvm::SelectInst& select);

  // arithmetic.cpp
  TermPtr arithmetic(const llvm::BinaryOperator& op);
  TermPtr booleanOp(const llvm::BinaryOperator& op);
  TermPtr shift(const llvm::BinaryOperator& op, TermPtr a);
  TermPtr divide(const llvm::BinaryOperator& op, TermPtr a, TermPtr b);
  TermPtr bitwise(const llvm::BinaryOperator& op, TermPtr a, TermPtr b);
  void oblige(const llvm::Instruction& at, TermPtr value, std::int64_t low, std::int64_t high, const char* what);
  TermPtr inRange(const llvm::Instruction& at, TermPtr value, unsigned bits, const char* what);
  TermPtr nonNegative(const llvm::Instruction& at, TermPtr value, const char* what);

  // calls.cpp: value of a call that returns an integer; effect of a call on memory and order
  TermPtr callValue(const llvm::CallInst& call);
  void visitCall(const llvm::CallInst& call);
  bool visitIntrinsic(const llvm::CallInst& call, llvm::StringRef name);

  // loops.cpp
  void numberLoops();
  void solveLoops();
  TermPtr loopSymbol(const llvm::PHINode& phi, const char* name);
  void startPointer(const llvm::PHINode& phi, const llvm::Loop& loop);
  void closePointer(const llvm::PHINode& phi, const llvm::Loop& loop);
  TermPtr closedForm(const llvm::Loop& loop, TermPtr variable, TermPtr start, TermPtr next);
  TermPtr counterOf(const llvm::Loop& loop);
  LoopSet bit(const llvm::Loop* loop) const;
  LoopSet loopsAround(const llvm::BasicBlock* block) const;
  bool variesIn(TermPtr term, LoopSet loops) const;
  TermPtr leave(TermPtr term, const llvm::BasicBlock* from, const llvm::BasicBlock* to);

  // paths.cpp
  TermPtr path(const llvm::BasicBlock* block);
  TermPtr edge(const llvm::BasicBlock* from, const llvm::BasicBlock* to);
  void findControls();

  // pointers.cpp
  std::optional<Pointer> pointer(const llvm::Value* value, const llvm::BasicBlock* user);
  std::optional<Pointer> ownPointer(const llvm::Value* value);
  std::optional<Pointer> elementPointer(const llvm::GEPOperator& gep);
  std::optional<Pointer> mergePointers(const llvm::PHINode& phi);
  unsigned arrayOf(const llvm::Value* object);
  std::optional<unsigned> objectOf(const llvm::Value* value);

  // accesses.cpp
  void visit(const llvm::Instruction& instruction);
  void access(const llvm::Instruction& at, const llvm::Value* address, AccessKind kind, std::uint64_t width);
  void unsupported(const llvm::Instruction& at, const std::string& what);
  std::uint64_t sizeOf(const llvm::Type* type) const;

  // intervals.cpp
  void findIntervals();
  Interval intervalFrom(const llvm::BasicBlock* block, const llvm::Instruction* barrier);
  IntervalState stateAt(const llvm::BasicBlock* block) const;
  std::optional<IntervalState> cross(const IntervalState& state, const llvm::BasicBlock* from,
                                     const llvm::BasicBlock* to) const;

  // model.cpp: loop variables replaced by their closed forms, everywhere
  void resolveAll();

  llvm::Function& kernel_;
  TermPool& pool_;
  llvm::DominatorTree dominators_;
  llvm::LoopInfo loops_;
  const llvm::DataLayout& layout_;
  KernelModel model_;
  std::map<const llvm::Loop*, unsigned> loop_numbers_;
  std::map<unsigned, const llvm::Loop*> loops_by_number_;
  LoopSet barrier_loops_ = 0;
  std::map<const llvm::BasicBlock*, unsigned> block_numbers_;
  std::map<const llvm::Value*, TermPtr> values_;
  std::map<const llvm::Value*, std::optional<Pointer>> pointers_;
  std::map<const llvm::Value*, unsigned> arrays_;
  std::map<const llvm::BasicBlock*, TermPtr> paths_;
  std::map<const Sym*, TermPtr> closed_forms_;
  std::map<const llvm::Instruction*, std::vector<unsigned>> accesses_at_;
  std::set<const llvm::Instruction*> barriers_;
  std::set<std::string> said_;
  Expander expand_;
  unsigned next_opaque_ = 0;
};

} // namespace kverify::verifier
