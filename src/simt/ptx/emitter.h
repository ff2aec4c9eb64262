#pragma once
// What the instruction tables use to emit IR for one asm call: typed access to PTX registers, calls of the runtime.
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InlineAsm.h>
#include <llvm/IR/Module.h>

#include "simt/math/flags.h"
#include "simt/ptx/mods.h"
#include "simt/ptx/parser.h"

namespace kverify::simt::ptx {

/// Calls of runtime and executor functions, and unchecked buffers on the stack; also used by the intrinsics pass.
class Runtime {
public:
  explicit Runtime(llvm::IRBuilder<>& b) : b(b) {}

  llvm::Module& module() const { return *b.GetInsertBlock()->getModule(); }
  llvm::Value* call(llvm::StringRef name, llvm::Type* result, llvm::ArrayRef<llvm::Value*> args);
  llvm::Value* flags(std::uint32_t value) { return b.getInt32(value); }
  /// An alloca in the function's entry, marked kv.noinstrument.
  llvm::AllocaInst* buffer(llvm::Type* type, const llvm::Twine& name);
  llvm::Value* load(llvm::Type* type, llvm::Value* from); ///< marked kv.noinstrument
  void store(llvm::Value* value, llvm::Value* to);        ///< marked kv.noinstrument
  /// Ends the block here, without a terminator; the builder stays there. What followed is in the block returned.
  llvm::BasicBlock* splitHere(const char* name);
  llvm::Value* element(llvm::Value* array, unsigned i) {
    return b.CreateConstInBoundsGEP1_32(b.getInt32Ty(), array, i);
  }
  void unsupported(llvm::StringRef what);
  /// kv_warp_op over all 32 lanes: 32-bit words in, 32-bit words out.
  std::vector<llvm::Value*> warpOp(std::uint32_t op, llvm::ArrayRef<llvm::Value*> in, unsigned out_words);

  llvm::IRBuilder<>& b;
};

class Emitter {
public:
  Emitter(llvm::IRBuilder<>& builder) : b(builder), rt(builder) {}

  /// Bits of an operand, as an integer of that width (zero-extended or cut). Fails (nullptr) on vectors and addresses.
  llvm::Value* read(const Operand& op, unsigned bits);
  /// The operand as float or double for those types, else the bits of all its lanes.
  llvm::Value* readAs(const Operand& op, const Type& type);
  /// Writes an integer, float or double; a wider register gets the sign with `sign`, else zeros.
  void write(const Operand& op, llvm::Value* value, bool sign = false);
  void writeName(const std::string& name, llvm::Value* value, bool sign = false);
  llvm::Value* readPredicate(const std::string& name, bool negated);
  /// The width of a register or of an asm operand; 0 when unknown.
  unsigned widthOf(const Operand& op) const;
  llvm::Value* address(const Operand& op, unsigned address_space);

  llvm::Value* bits(llvm::Value* value); ///< float or double to an integer of the same width
  llvm::Value* asType(llvm::Value* bits_value, const Type& type);
  llvm::Value* lane(llvm::Value* packed, unsigned index, const Type& type); ///< one lane, as i32
  llvm::Value* pack(llvm::ArrayRef<llvm::Value*> lanes, const Type& type);
  llvm::Type* laneType(const Type& type); ///< float, double, or the i32 that half types travel in

  void define(const std::string& name, unsigned width, llvm::Value* initial); ///< a writable register
  void bind(const std::string& name, llvm::Value* bits_value) { inputs_[name] = bits_value; }

  llvm::IRBuilder<>& b;
  Runtime rt;
  std::map<std::string, llvm::BasicBlock*> labels;

private:
  llvm::Value* readName(const std::string& name);
  llvm::Value* specialRegister(llvm::StringRef name);

  struct Slot {
    llvm::AllocaInst* place;
    unsigned width;
  };
  std::map<std::string, Slot> slots_;
  std::map<std::string, llvm::Value*> inputs_;
};

/// Emits one instruction. False: not understood (what was emitted so far is then unreachable, behind kv_unsupported).
using Handler = std::function<bool(Emitter&, const Statement&, Mods&)>;
using HandlerTable = std::map<std::string, Handler, std::less<>>;

void addIntegerOps(HandlerTable& table);
void addFloatOps(HandlerTable& table);
void addCompareOps(HandlerTable& table);
void addConvertOps(HandlerTable& table);
void addMemoryOps(HandlerTable& table);
void addAtomicOps(HandlerTable& table);
void addWarpOps(HandlerTable& table);
void addMatrixOps(HandlerTable& table);

/// add, sub, min, … on floating types; shared between the tables because PTX gives both kinds one opcode.
bool emitFloatOp(Emitter& e, const Statement& s, Mods& mods, const Type& type, llvm::StringRef op);
/// Whether simt/math/ptx_integer.cpp defines this name.
bool isIntegerHelper(llvm::StringRef name);
/// Rounding, .ftz, .sat, .relu, .NaN, .xorsign.abs, .approx and .full as math::Flag.
std::uint32_t takeFloatFlags(Mods& mods);

} // namespace kverify::simt::ptx
