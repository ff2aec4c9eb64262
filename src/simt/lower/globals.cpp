#include <map>

#include <llvm/Demangle/Demangle.h>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/ReplaceConstant.h>

#include "simt/lower/images.h"
#include "simt/lower/lower.h"
#include "simt/runtime/abi.h"

namespace kverify::simt::lower {
namespace {

constexpr unsigned kAddressShared = 3, kAddressConstant = 4;
// Objects lie far apart: an index that leaves one does not reach the next by accident.
// No powers of two: indices that are wrong often are wrong by one.
constexpr std::uint64_t kSharedSpacing = (1 << 20) + (1 << 16) + (1 << 12);
constexpr std::uint64_t kModuleSpacing = (1 << 28) + (1 << 20) + (1 << 12);

/// "tile" for a variable whose symbol is "_ZZ5stagePKfPfE4tile".
std::string sourceName(const llvm::GlobalVariable& global) {
  llvm::SmallVector<llvm::DIGlobalVariableExpression*, 1> debug;
  global.getDebugInfo(debug);
  if (!debug.empty())
    return debug[0]->getVariable()->getName().str();
  std::string name = llvm::demangle(global.getName());
  std::size_t scope = name.rfind("::");
  return scope == std::string::npos ? name : name.substr(scope + 2);
}

ModuleObject describe(const llvm::GlobalVariable& global, const llvm::DataLayout& layout) {
  ModuleObject object;
  llvm::Type* type = global.getValueType();
  object.bytes = layout.getTypeAllocSize(type);
  object.alignment = global.getAlign().value_or(layout.getABITypeAlign(type)).value();
  while (auto* array = llvm::dyn_cast<llvm::ArrayType>(type)) {
    object.dims.push_back(array->getNumElements());
    type = array->getElementType();
  }
  object.element_bytes = static_cast<std::uint32_t>(layout.getTypeAllocSize(type));
  object.name = sourceName(global);
  bool shared = global.getAddressSpace() == kAddressShared;
  if (shared && (global.isDeclaration() || object.bytes == 0))
    object.where = ModuleObject::Where::DynamicShared;
  else if (shared)
    object.where = ModuleObject::Where::StaticShared;
  else
    object.where = global.isConstant() || global.getAddressSpace() == kAddressConstant ? ModuleObject::Where::Constant
                                                                                       : ModuleObject::Where::Device;
  return object;
}

void replaceUses(llvm::GlobalVariable& global, llvm::Function* placeholder) {
  llvm::Constant* constants[] = {&global};
  llvm::convertUsersOfConstantsToInstructions(constants);
  std::vector<llvm::Use*> uses;
  for (llvm::Use& use : global.uses())
    if (llvm::isa<llvm::Instruction>(use.getUser()))
      uses.push_back(&use);
  for (llvm::Use* use : uses) {
    auto* user = llvm::cast<llvm::Instruction>(use->getUser());
    llvm::Instruction* before = user;
    if (auto* phi = llvm::dyn_cast<llvm::PHINode>(user))
      before = phi->getIncomingBlock(*use)->getTerminator();
    llvm::IRBuilder<> builder(before);
    llvm::Value* address = builder.CreateCall(placeholder);
    if (global.getAddressSpace() != 0)
      address = builder.CreateAddrSpaceCast(address, global.getType());
    use->set(address);
  }
}

llvm::Function* placeholderFor(llvm::Module& module, std::size_t index, const ModuleObject& object) {
  auto callee =
      module.getOrInsertFunction(kObjectPrefix + std::to_string(index),
                                 llvm::FunctionType::get(llvm::PointerType::get(module.getContext(), 0), false));
  auto* function = llvm::cast<llvm::Function>(callee.getCallee());
  function->setDoesNotAccessMemory();
  function->setDoesNotThrow();
  function->setWillReturn();
  if (object.where <= ModuleObject::Where::DynamicShared)
    function->addFnAttr("kv-shared");
  function->addFnAttr("kv-rank", std::to_string(object.dims.size()));
  return function;
}

} // namespace

void placeGlobals(llvm::Module& module, SiteTable& table, std::vector<std::string>& unsupported) {
  std::uint64_t shared = abi::kSharedWindow + 4096;
  std::uint64_t global_memory = (abi::kModuleSlot << abi::kSlotShift) + (1ull << 32);
  std::uint64_t dynamic = 0;
  std::vector<llvm::GlobalVariable*> variables;
  for (llvm::GlobalVariable& global : module.globals())
    if (!global.getName().starts_with("llvm.") && !global.use_empty())
      variables.push_back(&global);
  // Before any variable goes: their contents refer to each other.
  std::map<const llvm::GlobalVariable*, std::size_t> numbers;
  std::vector<Image> images;
  for (llvm::GlobalVariable* global : variables) {
    numbers[global] = table.objects.size() + images.size();
    images.push_back(imageOf(*global));
    if (images.back().contents)
      global->setInitializer(images.back().contents);
  }
  for (llvm::GlobalVariable* global : variables) {
    std::size_t index = table.objects.size();
    const Image& first = images[index];
    ModuleObject object = describe(*global, module.getDataLayout());
    std::uint64_t align = std::max<std::uint64_t>(object.alignment, 16);
    auto place = [&](std::uint64_t& next, std::uint64_t spacing) {
      object.offset = (next + align - 1) / align * align;
      next = (object.offset + object.bytes + spacing) / spacing * spacing;
    };
    if (object.where == ModuleObject::Where::DynamicShared) {
      if (!dynamic)
        dynamic = abi::kSharedWindow + (1ull << 30); // all extern arrays are one
      object.offset = dynamic;
    } else {
      bool is_shared = object.where == ModuleObject::Where::StaticShared;
      place(is_shared ? shared : global_memory, is_shared ? kSharedSpacing : kModuleSpacing);
    }
    bool initialised = first.contents && object.where != ModuleObject::Where::StaticShared;
    for (const Image::Address& address : first.addresses) {
      auto target = numbers.find(address.target);
      if (target == numbers.end())
        object.problem = "variable " + object.name + " holds an address that is not known";
      else
        object.addresses.push_back({address.offset, target->second, address.addend});
    }
    if (!first.understood)
      object.problem = "variable " + object.name + " is computed from the address of another variable";
    if (!object.problem.empty())
      unsupported.push_back(object.problem);
    replaceUses(*global, placeholderFor(module, index, object));
    if (initialised) {
      // Stays in the module as the image of its first contents, to be copied into the arena.
      object.init_symbol = "kv_init_" + std::to_string(index);
      auto* image = new llvm::GlobalVariable(module, global->getValueType(), true, llvm::GlobalValue::ExternalLinkage,
                                             global->getInitializer(), object.init_symbol);
      image->setAlignment(llvm::Align(16));
    }
    table.objects.push_back(std::move(object));
    global->removeDeadConstantUsers();
    if (global->use_empty())
      global->eraseFromParent();
  }
}

} // namespace kverify::simt::lower
