#pragma once
// The inside of buildModel: LLVM IR to terms. Values are asked for from the accesses backwards, so that only
// arithmetic that matters becomes an obligation.
#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include <llvm/ADT/MapVector.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/InstrTypes.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Operator.h>
#include <llvm/IR/PassManager.h>

#include "verifier/model/kernel_model.h"
#include "verifier/model/poly.h"

namespace kverify::verifier {

/// Inlines everything into `kernel` and brings it into the form the builder reads. False: the kernel is not there.
bool prepareKernel(llvm::Module& module, llvm::StringRef kernel);

/// True: something was unrolled, and wants simplifying.
bool unrollStages(llvm::Function& kernel, llvm::FunctionAnalysisManager& analyses);

/// Variables start with a value that nothing is known of; what is undefined for every launch becomes a call that the
/// model refuses.
void initialiseVariables(llvm::Module& module);
void keepOutside(llvm::Function& kernel);
void refuseUndefined(llvm::Function& kernel);

SourceLocation locationOf(const llvm::Instruction& instruction);

/// Where an address may point: the cases exclude each other and leave nothing out.
struct PointerCase {
  TermPtr when = nullptr;
  unsigned array = 0;
  TermPtr offset = nullptr;      ///< bytes
  std::vector<InnerIndex> inner; ///< that were taken on the way
};
using Pointer = std::vector<PointerCase>;

/// A call where __builtin_unreachable() stands, or the end of a function that must return a value.
inline constexpr const char* kNeverReached = "kv.never_reached";

/// Calls that <kverify/annotations.h> makes. What holds behind a requirement holds from the next block on.
bool isAnnotation(llvm::StringRef function);
bool endsBlock(const llvm::Instruction& instruction);

/// What a call means for the order of memory accesses.
struct Sync {
  enum class Kind { None, Barrier, CountedBarrier, Warp, Commit, Wait, WaitAll } kind = Kind::None;
  const llvm::Value* operand = nullptr; ///< the count, the mask, the groups left
};
Sync syncOf(const llvm::Instruction& instruction);
/// Memory that the lowering of PTX added, for its own use: of one thread, and always inside.
bool isScratch(const llvm::Value* address);

/// Where certain threads meet: the barriers of a block, or those and some __syncwarp.
struct Meeting {
  std::vector<const llvm::Instruction*> stops;
  LoopSet loops = 0; ///< around them
  bool at(const llvm::Instruction* instruction) const {
    return std::find(stops.begin(), stops.end(), instruction) != stops.end();
  }
};

class ModelBuilder {
public:
  ModelBuilder(llvm::Function& kernel, TermPool& pool, Deadline deadline);
  KernelModel build();

private:
  // values.cpp: an integer term, or a boolean one for i1. Of `value` as seen at the end of `user`.
  TermPtr value(const llvm::Value* value, const llvm::BasicBlock* user);
  TermPtr ownValue(const llvm::Value* value);
  TermPtr compute(const llvm::Instruction& instruction);
  TermPtr merge(const llvm::PHINode& phi);
  TermPtr fromConstant(const llvm::Constant& constant);
  TermPtr opaque(const llvm::Value& value, const char* why);
  TermPtr loaded(const llvm::LoadInst& load);
  TermPtr compare(const llvm::ICmpInst& compare);
  TermPtr convert(const llvm::CastInst& conversion);
  TermPtr select(const llvm::SelectInst& select);

  // arithmetic.cpp
  TermPtr arithmetic(const llvm::BinaryOperator& op);
  TermPtr booleanOp(const llvm::BinaryOperator& op);
  TermPtr shift(const llvm::BinaryOperator& op, TermPtr a);
  TermPtr divide(const llvm::BinaryOperator& op, TermPtr a, TermPtr b);
  TermPtr masked(TermPtr value, std::uint64_t mask);
  TermPtr bitwise(const llvm::BinaryOperator& op, TermPtr a, TermPtr b);
  void oblige(const llvm::Instruction& at, TermPtr value, std::int64_t low, std::int64_t high, const char* what);
  TermPtr inRange(const llvm::Instruction& at, TermPtr value, unsigned bits, const char* what);
  TermPtr nonNegative(const llvm::Instruction& at, TermPtr value, const char* what);
  void visitArithmetic(const llvm::BinaryOperator& op);

  // calls.cpp: value of a call that returns an integer; effect of a call on memory and order
  TermPtr callValue(const llvm::CallInst& call);
  void visitCall(const llvm::CallInst& call);
  void visitRuntime(const llvm::CallInst& call, llvm::StringRef name);
  TermPtr linearThread();
  bool visitIntrinsic(const llvm::CallInst& call, llvm::StringRef name);

  // annotations.cpp
  void visitAnnotation(const llvm::CallInst& call, llvm::StringRef name);
  void failedAssert(const llvm::CallInst& call);
  void reached(const llvm::CallInst& call);
  void buildInvariant(const llvm::CallInst& call);
  TermPtr knownBehind(const llvm::BasicBlock* block);

  // stored.cpp
  TermPtr storedBits(const llvm::Value* stored, const llvm::BasicBlock* block);
  void findStored();
  void noteTicket(const llvm::AtomicRMWInst& atomic, TermPtr result);

  // loops.cpp
  void numberLoops();
  void solveLoops();
  TermPtr loopSymbol(const llvm::PHINode& phi, const char* name);
  void startPointer(const llvm::PHINode& phi, const llvm::Loop& loop);
  void closePointer(const llvm::PHINode& phi, const llvm::Loop& loop);
  TermPtr closedForm(const llvm::Loop& loop, TermPtr variable, TermPtr start, TermPtr next);
  void findRecurrent(const std::vector<std::pair<const llvm::PHINode*, const llvm::Loop*>>& phis);
  void findGuards();
  TermPtr termOf(const Poly& poly);
  void followPrevious(const llvm::PHINode& phi, const llvm::Loop& loop);
  TermPtr wrappingForm(TermPtr variable, TermPtr start, TermPtr next, TermPtr count);
  TermPtr counterOf(const llvm::Loop& loop);
  LoopSet bit(const llvm::Loop* loop) const;
  LoopSet loopsAround(const llvm::BasicBlock* block) const;
  bool variesIn(TermPtr term, LoopSet loops) const;
  TermPtr leave(TermPtr term, const llvm::BasicBlock* from, const llvm::BasicBlock* to);

  // paths.cpp
  TermPtr path(const llvm::BasicBlock* block);
  TermPtr edge(const llvm::BasicBlock* from, const llvm::BasicBlock* to);
  std::vector<ControlsBarrier> controlsOf(const Meeting& meeting);

  // order.cpp: what is sure to run, and before what
  TermPtr surely(const llvm::BasicBlock* block);
  void findStays();
  void findOrder();
  bool comesEarlier(const llvm::Instruction& a, const llvm::Instruction& b) const;

  // pointers.cpp
  std::optional<Pointer> pointer(const llvm::Value* value, const llvm::BasicBlock* user);
  std::optional<Pointer> ownPointer(const llvm::Value* value);
  std::optional<Pointer> elementPointer(const llvm::GEPOperator& gep);
  std::optional<Pointer> mergePointers(const llvm::PHINode& phi);
  void leave(PointerCase& one, const llvm::BasicBlock* from, const llvm::BasicBlock* to);
  std::optional<Pointer> movedBy(Pointer base, TermPtr bytes);
  std::optional<Pointer> chosen(TermPtr condition, const Pointer& yes, const Pointer& no);
  std::optional<Pointer> fromAddress(TermPtr address, unsigned space, unsigned depth = 0);
  bool mentionsAddress(TermPtr term) const;
  TermPtr addressOf(const llvm::Value& pointer, const llvm::BasicBlock* user);
  unsigned arrayOf(const llvm::Value* object);
  std::optional<unsigned> objectOf(const llvm::Value* value);
  /// Part of a struct that was passed by value and is never written.
  struct PassedField {
    const llvm::Argument* argument;
    std::int64_t offset; ///< bytes
  };
  std::optional<PassedField> passedField(const llvm::LoadInst& load) const;
  TermPtr passedNumber(const llvm::LoadInst& load);
  std::optional<unsigned> fieldOf(const llvm::LoadInst& load);

  // accesses.cpp
  void visit(const llvm::Instruction& instruction);
  void access(const llvm::Instruction& at, const llvm::Value* address, AccessKind kind, std::uint64_t width,
              std::uint64_t align = 1);
  void accessCases(const llvm::Instruction& at, const Pointer& target, const Access& like);
  void asyncCopy(const llvm::CallInst& call);
  void findAfterlives();
  void followAfterlife(const llvm::Instruction& end, const llvm::AllocaInst& local);
  void unsupported(const llvm::Instruction& at, const std::string& what);
  std::uint64_t sizeOf(const llvm::Type* type) const;

  // warp_ops.cpp
  void findWarpOps();
  void findPartialBarriers();
  bool isBarrier(const llvm::Instruction& instruction) const;

  // intervals.cpp
  Meeting meetingAt(const std::function<bool(const llvm::Instruction&)>& stops) const;
  void findWarpTeams();
  std::vector<Interval> intervalsOf(const Meeting& meeting);
  Interval intervalFrom(const Meeting& meeting, const llvm::BasicBlock* block, const llvm::Instruction* stop);
  IntervalState stateAt(const Meeting& meeting, const llvm::BasicBlock* block) const;
  IntervalState cross(const Meeting& meeting, const IntervalState& state, const llvm::BasicBlock* from,
                      const llvm::BasicBlock* to) const;

  // flights.cpp: asynchronous copies, from the issue to the wait
  void findFlights(const Meeting& meeting, std::vector<Interval>& intervals);
  void countIterations(std::vector<int>& count, bool from_entry, const llvm::BasicBlock* from,
                       const llvm::BasicBlock* to) const;

  /// True: the time is up, which the model says.
  bool late();

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
  std::map<const llvm::BasicBlock*, unsigned> block_numbers_;
  std::map<const llvm::Value*, TermPtr> values_;
  std::map<const llvm::Value*, std::optional<Pointer>> pointers_;
  std::map<const llvm::Value*, unsigned> arrays_;
  std::map<const llvm::BasicBlock*, TermPtr> paths_, surely_;
  std::map<const Sym*, TermPtr> closed_forms_;
  llvm::MapVector<const llvm::Instruction*, std::vector<unsigned>> accesses_at_; ///< in the order of finding
  std::map<unsigned, const llvm::Instruction*> copies_; ///< async accesses, by number
  std::map<const Sym*, unsigned> addresses_;            ///< "where this array is", as an integer
  std::map<const llvm::PHINode*, TermPtr> walked_;      ///< bytes that a pointer has gone since its loop began
  Meeting barriers_;
  std::set<const llvm::Instruction*> partial_; ///< barriers that not all threads of a block wait at
  std::set<std::string> said_;
  Expander expand_;
  std::vector<const llvm::CallInst*> invariants_;
  unsigned next_opaque_ = 0;
  Deadline deadline_;
};

} // namespace kverify::verifier
