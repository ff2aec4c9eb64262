#include "simt/lower/padding.h"

#include <algorithm>
#include <bit>
#include <optional>

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicInst.h>

#include "simt/lower/lower.h"

namespace kverify::simt::lower {
namespace {

using Builder = llvm::IRBuilder<>;
constexpr std::uint64_t kMaxBytes = 4096; ///< of an object whose copies are taken apart

unsigned numberOf(const llvm::MDNode& node, unsigned operand) {
  return static_cast<unsigned>(llvm::mdconst::extract<llvm::ConstantInt>(node.getOperand(operand))->getZExtValue());
}

void include(llvm::BitVector& into, const llvm::BitVector& member, std::uint64_t offset) {
  for (unsigned byte : member.set_bits())
    if (offset + byte < into.size())
      into.set(static_cast<unsigned>(offset) + byte);
}

/// The range in words as large as their offsets are aligned, of 8 bytes at most.
void forEachWord(unsigned begin, unsigned end, Word word) {
  while (begin < end) {
    unsigned bytes = std::min(8u, std::bit_floor(end - begin));
    while (begin % bytes != 0)
      bytes /= 2;
    word(begin, bytes);
    begin += bytes;
  }
}

/// Arrays of bytes in structures are clang's padding as a rule, but may be members. Whether the one that ends at a byte of the
/// whole object is padding.
using IsPadding = llvm::function_ref<bool(llvm::StructType& record, unsigned index, std::uint64_t end)>;

bool isMember(llvm::StructType&, unsigned, std::uint64_t) { return false; }
bool isAlwaysPadding(llvm::StructType&, unsigned, std::uint64_t) { return true; }

/// Bytes of values in a type that lies at `offset`.
llvm::BitVector laidOutBytes(llvm::Type* type, const llvm::DataLayout& layout, IsPadding is_padding, std::uint64_t offset = 0) {
  llvm::BitVector bytes(static_cast<unsigned>(layout.getTypeAllocSize(type).getFixedValue()));
  if (auto* record = llvm::dyn_cast<llvm::StructType>(type)) {
    for (unsigned i = 0; i < record->getNumElements(); ++i) {
      llvm::Type* element = record->getElementType(i);
      std::uint64_t begin = layout.getStructLayout(record)->getElementOffset(i);
      std::uint64_t end = offset + begin + layout.getTypeAllocSize(element).getFixedValue();
      auto* array = llvm::dyn_cast<llvm::ArrayType>(element);
      if (!array || !array->getElementType()->isIntegerTy(8) || !is_padding(*record, i, end))
        include(bytes, laidOutBytes(element, layout, is_padding, offset + begin), begin);
    }
    return bytes;
  }
  if (auto* array = llvm::dyn_cast<llvm::ArrayType>(type)) {
    std::uint64_t size = layout.getTypeAllocSize(array->getElementType()).getFixedValue();
    for (std::uint64_t at = 0; size != 0 && at < bytes.size(); at += size)
      include(bytes, laidOutBytes(array->getElementType(), layout, is_padding, offset + at), at);
    return bytes;
  }
  bytes.set(0, static_cast<unsigned>(layout.getTypeStoreSize(type).getFixedValue()));
  return bytes;
}

/// Whether it is padding that clang writes out where alignment asks for more than LLVM's own layout gives: shorter than the
/// alignment that its end has, and the other fields would lie elsewhere without it.
bool isWrittenOutPadding(llvm::StructType& record, unsigned index, std::uint64_t end, llvm::Align align,
                         const llvm::DataLayout& layout) {
  std::uint64_t length = llvm::cast<llvm::ArrayType>(record.getElementType(index))->getNumElements();
  if (length >= llvm::commonAlignment(align, end).value())
    return false;
  std::vector<llvm::Type*> others;
  for (unsigned i = 0; i < record.getNumElements(); ++i)
    if (i != index)
      others.push_back(record.getElementType(i));
  auto* without = llvm::StructType::get(record.getContext(), others, record.isPacked());
  if (layout.getTypeAllocSize(without) != layout.getTypeAllocSize(&record))
    return true;
  for (unsigned i = 0; i < others.size(); ++i)
    if (layout.getStructLayout(without)->getElementOffset(i) !=
        layout.getStructLayout(&record)->getElementOffset(i < index ? i : i + 1))
      return true;
  return false;
}

/// What the front end says that an assignment copies: offset, size and alias class of every field.
std::optional<llvm::BitVector> namedFields(const llvm::MemCpyInst& copy, unsigned size) {
  const llvm::MDNode* fields = copy.getMetadata(llvm::LLVMContext::MD_tbaa_struct);
  if (!fields)
    return std::nullopt;
  llvm::BitVector bytes(size);
  for (unsigned i = 0; i + 2 < fields->getNumOperands(); i += 3) {
    unsigned begin = std::min(numberOf(*fields, i), size);
    bytes.set(begin, std::min(begin + numberOf(*fields, i + 1), size));
  }
  return bytes;
}

/// Bytes that a copy is made of; null where it is not one of a whole structure.
std::optional<llvm::BitVector> copiedValues(llvm::MemCpyInst& copy) {
  auto* length = llvm::dyn_cast<llvm::ConstantInt>(copy.getLength());
  if (!length || length->isZero() || length->getZExtValue() > kMaxBytes || copy.isVolatile())
    return std::nullopt;
  auto size = static_cast<unsigned>(length->getZExtValue());
  auto values = namedFields(copy, size);
  for (llvm::Value* end : {copy.getRawSource(), copy.getRawDest()})
    if (auto* alloca = llvm::dyn_cast<llvm::AllocaInst>(end)) {
      llvm::BitVector laid_out =
          laidOutBytes(alloca->getAllocatedType(), alloca->getDataLayout(), values ? isMember : isAlwaysPadding);
      if (laid_out.size() < size)
        continue;
      laid_out.resize(size);
      // Either may know better: the layout of arrays of structures, an assignment which arrays of bytes are members.
      values = values ? *values &= laid_out : laid_out;
    }
  return values;
}

/// Notes which bytes of a local object are padding, for as long as its copies and returns tell.
void markPadding(llvm::AllocaInst& alloca) {
  auto size = alloca.getAllocationSize(alloca.getDataLayout());
  if (!size || size->isScalable() || size->getFixedValue() > kMaxBytes)
    return;
  const llvm::DataLayout& layout = alloca.getDataLayout();
  llvm::BitVector bytes = laidOutBytes(alloca.getAllocatedType(), layout, isMember);
  if (bytes.size() != size->getFixedValue())
    return;
  for (llvm::User* user : alloca.users())
    if (auto* copy = llvm::dyn_cast<llvm::MemCpyInst>(user)) {
      if (auto values = copiedValues(*copy)) {
        values->resize(bytes.size(), true);
        bytes &= *values;
      }
    } else if (auto* load = llvm::dyn_cast<llvm::LoadInst>(user); load && load->getType()->isStructTy()) {
      // Nothing but its type says what its fields are.
      llvm::BitVector values = laidOutBytes(load->getType(), layout, [&](llvm::StructType& record, unsigned index, std::uint64_t end) {
        return isWrittenOutPadding(record, index, end, alloca.getAlign(), layout);
      });
      values.resize(bytes.size(), true);
      bytes &= values;
    }
  llvm::Type* i32 = llvm::Type::getInt32Ty(alloca.getContext());
  std::vector<llvm::Metadata*> padding; // beginnings and ends
  for (int begin = bytes.find_first_unset(); begin != -1;) {
    int end = bytes.find_next(static_cast<unsigned>(begin));
    for (int at : {begin, end == -1 ? static_cast<int>(bytes.size()) : end})
      padding.push_back(llvm::ConstantAsMetadata::get(llvm::ConstantInt::get(i32, static_cast<unsigned>(at))));
    begin = end == -1 ? -1 : bytes.find_next_unset(static_cast<unsigned>(end));
  }
  if (!padding.empty())
    alloca.setMetadata(kPadding, llvm::MDNode::get(alloca.getContext(), padding));
}

class Apart {
public:
  explicit Apart(llvm::MemCpyInst& copy) : copy_(copy), b_(&copy) {}

  void run(const llvm::BitVector& values) {
    for (unsigned begin = 0; begin < values.size();) {
      unsigned end = begin;
      while (end < values.size() && values[end] == values[begin])
        ++end;
      if (values[begin])
        copyFields(begin, end - begin);
      else
        copyPadding(begin, end);
      begin = end;
    }
    copy_.eraseFromParent();
  }

private:
  llvm::Value* at(llvm::Value* base, unsigned offset) {
    return offset ? b_.CreateConstInBoundsGEP1_64(b_.getInt8Ty(), base, offset) : base;
  }
  static llvm::Align alignAt(llvm::MaybeAlign base, unsigned offset) {
    return llvm::commonAlignment(base.valueOrOne(), offset);
  }

  void copyFields(unsigned offset, unsigned bytes) {
    b_.CreateMemCpy(at(copy_.getRawDest(), offset), alignAt(copy_.getDestAlign(), offset),
                    at(copy_.getRawSource(), offset), alignAt(copy_.getSourceAlign(), offset), bytes);
  }

  /// Whatever is there arrives: code that reads the whole as a vector gets what it would on the device.
  void copyPadding(unsigned begin, unsigned end) {
    forEachWord(begin, end, [&](unsigned offset, unsigned bytes) {
      llvm::Type* type = b_.getIntNTy(bytes * 8);
      auto* load = b_.CreateAlignedLoad(type, at(copy_.getRawSource(), offset), alignAt(copy_.getSourceAlign(), offset));
      load->setMetadata(kNoInstrument, llvm::MDNode::get(copy_.getContext(), {}));
      b_.CreateAlignedStore(b_.CreateFreeze(load), at(copy_.getRawDest(), offset), alignAt(copy_.getDestAlign(), offset));
    });
  }

  llvm::MemCpyInst& copy_;
  Builder b_;
};

/// Setting a bit-field reads the word that it lies in, to leave its other bits as they are; the store that follows is
/// checked at the same place.
bool isReadOfBitFieldStore(const llvm::Instruction& instruction) {
  auto* load = llvm::dyn_cast<llvm::LoadInst>(&instruction);
  if (!load || load->isVolatile() || !load->getName().starts_with("bf.load") || !load->hasOneUse())
    return false;
  auto* cleared = llvm::dyn_cast<llvm::BinaryOperator>(load->user_back());
  if (!cleared || !cleared->getName().starts_with("bf.clear") || !cleared->hasOneUse())
    return false;
  const auto* set = llvm::cast<llvm::Instruction>(cleared->user_back());
  const auto* stored = set->getOpcode() == llvm::Instruction::Or ? static_cast<const llvm::Value*>(set) : cleared;
  return std::any_of(stored->user_begin(), stored->user_end(), [&](const llvm::User* user) {
    auto* store = llvm::dyn_cast<llvm::StoreInst>(user);
    return store && store->getPointerOperand() == load->getPointerOperand();
  });
}

} // namespace

llvm::BitVector valueBytes(const llvm::AllocaInst& alloca) {
  auto size = alloca.getAllocationSize(alloca.getDataLayout());
  llvm::BitVector bytes(size && !size->isScalable() ? static_cast<unsigned>(size->getFixedValue()) : 0, true);
  forEachPaddingWord(alloca, [&](unsigned offset, unsigned width) { bytes.reset(offset, offset + width); });
  return bytes;
}

void forEachPaddingWord(const llvm::AllocaInst& alloca, Word word) {
  if (const llvm::MDNode* padding = alloca.getMetadata(kPadding))
    for (unsigned i = 0; i + 1 < padding->getNumOperands(); i += 2)
      forEachWord(numberOf(*padding, i), numberOf(*padding, i + 1), word);
}

void copyFieldsApart(llvm::Module& module) {
  std::vector<llvm::MemCpyInst*> copies;
  std::vector<llvm::AllocaInst*> locals;
  for (llvm::Function& function : module)
    for (llvm::Instruction& instruction : llvm::instructions(function))
      if (auto* copy = llvm::dyn_cast<llvm::MemCpyInst>(&instruction); copy && !copy->getMetadata(kNoInstrument))
        copies.push_back(copy);
      else if (auto* alloca = llvm::dyn_cast<llvm::AllocaInst>(&instruction))
        locals.push_back(alloca);
      else if (isReadOfBitFieldStore(instruction))
        instruction.setMetadata(kNoInstrument, llvm::MDNode::get(module.getContext(), {}));
  for (llvm::AllocaInst* local : locals)
    markPadding(*local);
  for (llvm::MemCpyInst* copy : copies)
    if (auto values = copiedValues(*copy); values && !values->all() && values->any())
      Apart(*copy).run(*values);
}

} // namespace kverify::simt::lower
