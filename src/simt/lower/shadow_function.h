#pragma once
// One function's shadow values: a parallel value for every float, and for every lane of an integer that carries floats.
#include <optional>

#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/DenseSet.h>
#include <llvm/ADT/SmallSet.h>
#include <llvm/ADT/SmallVector.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Module.h>

#include "simt/lower/shadow.h"
#include "simt/lower/shadow_sums.h"

namespace kverify::simt::lower {

using ShadowBuilder = llvm::IRBuilder<>;

/// Behind an instruction, at its place in the source.
class ShadowAfter : public llvm::IRBuilder<> {
public:
  explicit ShadowAfter(llvm::Instruction& instruction);
};

/// The shadow of one granule of a value: the domain's First and Second (simt/shadow/inline_ops.h). Void: it has none.
/// `stamp` is set where the lane belongs to an integer, whose bits may be anything; that of a float follows from its
/// value.
struct Lane {
  llvm::Value* part[2] = {};
  llvm::Value* stamp = nullptr;
  bool isVoid() const { return !part[0]; }
};
using Lanes = llvm::SmallVector<Lane, 2>;

/// Shared arrays, by their object's number, that nothing but loads and stores of one float type touches: what is read
/// there was written as such a float, and needs no stamp.
using OwnShared = llvm::SmallSet<unsigned, 8>;
OwnShared ownSharedArrays(llvm::Module& module, const SiteTable& table);

/// The shadows of a local array, or of a place in one: an array for each part.
struct LocalArray {
  llvm::Value* part[2] = {};
  std::uint64_t element_bytes = 0;
};

class ShadowFunction {
public:
  ShadowFunction(llvm::Module& module, llvm::Function& function, ShadowDomain domain, unsigned granule_log2,
                 Sites& sites, ShadowConstants& constants, const OwnShared& own_shared);

  void run();

private:
  struct Operand {
    Lane lane;
    llvm::Value* concrete = nullptr; ///< a double
  };

  // shadow_function.cpp
  void findCarriers();
  void findProducts();
  void visit(llvm::Instruction& instruction);
  void fillPhis();
  Lanes lanesOf(llvm::Value* value);
  Lanes floatLanes(llvm::Instruction& instruction);
  Lanes constantLanes(llvm::Constant& constant);
  Lanes phiLanes(llvm::PHINode& phi, bool floating);
  Lanes selectLanes(llvm::SelectInst& select);
  Lanes binaryLanes(llvm::Instruction& instruction, std::uint32_t op);
  Lanes castLanes(llvm::CastInst& cast);
  Lanes fromInteger(llvm::Instruction& instruction);
  Lanes unstamped(llvm::Instruction& instruction);

  // shadow_integers.cpp
  Lanes integerLanes(llvm::Instruction& instruction);
  Lanes shiftedLanes(llvm::BinaryOperator& shift);
  Lanes maskedLanes(llvm::BinaryOperator& mask);
  Lanes combinedLanes(llvm::Value* a, llvm::Value* b);
  Lanes vectorMove(llvm::Instruction& instruction);
  Lanes bitsAsFloats(llvm::Instruction& cast, llvm::Value* integer);
  Lanes floatsAsBits(llvm::Value* floats, ShadowBuilder& b);
  Lane asFloat(ShadowBuilder& b, const Lanes& lanes, unsigned first, llvm::Value* bits, std::uint32_t format,
               llvm::Value* concrete, std::uint32_t site);

  // shadow_memory.cpp
  Lanes loadFloats(llvm::LoadInst& load);
  Lanes readLanes(ShadowBuilder& b, llvm::Value* address, unsigned count);
  void writeLanes(ShadowBuilder& b, llvm::Value* address, const Lanes& lanes);
  void store(llvm::StoreInst& store);
  void storeFloat(ShadowBuilder& b, llvm::Value* address, const Lane& lane, llvm::Value* value);
  void atomic(llvm::AtomicRMWInst& rmw);
  void exchange(llvm::AtomicCmpXchgInst& exchange);
  void transfer(llvm::MemIntrinsic& transfer);
  void shuffle(llvm::CallInst& call);

  // shadow_locals.cpp
  void findLocals();
  std::optional<LocalArray> localAt(llvm::Value* pointer);
  Lane loadLocal(ShadowBuilder& b, const LocalArray& place, unsigned element);
  void storeLocal(ShadowBuilder& b, const LocalArray& place, unsigned element, const Lane& lane);
  void clearLocal(ShadowBuilder& b, const LocalArray& place, llvm::Value* bytes);
  bool isOwnShared(const llvm::Value* pointer) const;

  // shadow_calls.cpp
  Lanes callLanes(llvm::CallInst& call);
  Lanes halfCall(llvm::CallInst& call, llvm::StringRef name);
  void leave(llvm::Instruction& conversion, llvm::Value* from);
  void compare(llvm::FCmpInst& compare);
  static bool givesHalfBits(llvm::StringRef name);

  // shadow_function.cpp: helpers
  unsigned lanesIn(llvm::Type* type) const;
  unsigned elementsIn(llvm::Type* type) const;
  llvm::Value* elementOf(ShadowBuilder& b, llvm::Value* value, unsigned i);
  llvm::Value* asDouble(ShadowBuilder& b, llvm::Value* value);
  llvm::Value* stampOf(ShadowBuilder& b, llvm::Value* value);
  llvm::Value* stampOfBits(ShadowBuilder& b, llvm::Value* bits, std::uint32_t format);
  llvm::Value* addressOf(ShadowBuilder& b, llvm::Value* pointer, std::uint64_t offset);
  Operand operand(ShadowBuilder& b, llvm::Value* value, unsigned element);
  Lane apply(ShadowBuilder& b, std::uint32_t op, llvm::ArrayRef<Operand> operands, llvm::Value* result,
             std::uint32_t site);
  /// A call whose result is a lane: `name`(Out*, …).
  Lane lane(ShadowBuilder& b, const char* name, llvm::ArrayRef<llvm::Value*> arguments, bool stamped = false);
  /// Of a running sum: reduced, behind its definition.
  Lanes settled(llvm::Instruction& sum, const Lanes& raw);
  Lane choose(ShadowBuilder& b, llvm::Value* condition, const Lane& yes, const Lane& no, bool stamped);
  llvm::Value* call(ShadowBuilder& b, const char* name, llvm::Type* result, llvm::ArrayRef<llvm::Value*> arguments);
  Lane constantLane(double value);
  Lanes spread(llvm::ArrayRef<Lane> elements, llvm::Type* element_type) const;
  Lane from(ShadowBuilder& b, llvm::Value* concrete, bool constant, std::uint32_t site);
  llvm::Value* zero() { return llvm::ConstantInt::get(word(), 0); }
  llvm::Value* nothing(unsigned part) { return llvm::Constant::getNullValue(part_type_[part]); }
  llvm::Type* word() { return llvm::Type::getInt64Ty(m_.getContext()); }

  llvm::Module& m_;
  llvm::Function& f_;
  ShadowDomain domain_;
  unsigned granule_log2_;
  Sites& sites_;
  ShadowConstants& constants_;
  llvm::Instruction* prelude_ = nullptr; ///< what every shadow needs is computed before it
  llvm::Type* part_type_[2];
  llvm::StructType* out_type_; ///< Out of simt/shadow/entry_points.h
  llvm::Value *origin_ = nullptr, *state_ = nullptr, *table_ = nullptr, *out_ = nullptr;
  llvm::Value *moduli_ = nullptr, *inverses_ = nullptr; ///< the field's
  llvm::DenseMap<llvm::Value*, Lanes> values_;
  llvm::DenseMap<unsigned, Lane> constant_lanes_;
  llvm::DenseMap<llvm::Value*, LocalArray> locals_; ///< by address
  const OwnShared& own_shared_;
  RunningSums sums_;                         ///< of the field
  llvm::DenseMap<llvm::Instruction*, llvm::Instruction*> products_; ///< of additions that are a b + c
  llvm::DenseSet<llvm::Instruction*> part_of_sum_;                  ///< those products
  llvm::DenseMap<llvm::Value*, Lanes> raw_; ///< the sums as they run; values_ has them reduced
  llvm::DenseSet<const llvm::Value*> carriers_;
  llvm::SmallVector<llvm::PHINode*, 16> open_phis_;
  llvm::SmallVector<llvm::Instruction*, 8> dead_; ///< replaced
};

/// What a domain makes of an instruction or a call that gives a float; nothing where it has no name for it.
std::optional<std::uint32_t> operationOf(const llvm::Instruction& instruction);

/// FormatOf(float type); kNoFormat for others.
std::uint32_t formatOf(const llvm::Type* type);

} // namespace kverify::simt::lower
