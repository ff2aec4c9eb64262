#include <set>

#include <llvm/ADT/SCCIterator.h>
#include <llvm/Analysis/CallGraph.h>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Module.h>

#include "simt/lower/lower.h"

namespace kverify::simt::lower {
namespace {

using Builder = llvm::IRBuilder<>;

llvm::Type* passedType(const llvm::Argument& argument) {
  return argument.hasByValAttr() ? argument.getParamByValType() : argument.getType();
}

Entry makeEntry(llvm::Module& m, llvm::Function& kernel, std::size_t index) {
  Entry entry;
  entry.kernel = kernel.getName().str();
  entry.symbol = "kv_entry_" + std::to_string(index);
  llvm::LLVMContext& context = m.getContext();
  auto* pointer = llvm::PointerType::get(context, 0);
  auto* function =
      llvm::Function::Create(llvm::FunctionType::get(llvm::Type::getVoidTy(context), {pointer, pointer}, false),
                             llvm::GlobalValue::ExternalLinkage, entry.symbol, m);
  function->addFnAttr(llvm::Attribute::NoUnwind);
  Builder b(llvm::BasicBlock::Create(context, "entry", function));
  const llvm::DataLayout& layout = m.getDataLayout();
  std::vector<llvm::Value*> arguments;
  for (llvm::Argument& argument : kernel.args()) {
    llvm::Type* type = passedType(argument);
    llvm::Align align = layout.getABITypeAlign(type);
    if (argument.hasByValAttr() && argument.getParamAlign())
      align = std::max(align, *argument.getParamAlign());
    entry.param_bytes = llvm::alignTo(entry.param_bytes, align);
    ParamSlot slot{entry.param_bytes, layout.getTypeStoreSize(type)};
    entry.param_bytes += slot.bytes;
    entry.params.push_back(slot);
    llvm::Value* address = b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), function->getArg(1), slot.offset);
    arguments.push_back(argument.hasByValAttr() ? address : b.CreateAlignedLoad(type, address, align));
  }
  llvm::CallInst* call = b.CreateCall(&kernel, arguments);
  call->setAttributes(kernel.getAttributes().removeFnAttributes(context));
  // Debug locations of what is inlined need a scope at the call.
  if (llvm::DISubprogram* program = kernel.getSubprogram()) {
    auto* copy = llvm::DISubprogram::getDistinct(context, program->getScope(), program->getName(), entry.symbol,
                                                 program->getFile(), program->getLine(), program->getType(),
                                                 program->getScopeLine(), nullptr, 0, 0, program->getFlags(),
                                                 program->getSPFlags(), program->getUnit());
    function->setSubprogram(copy);
    call->setDebugLoc(llvm::DILocation::get(context, program->getLine(), 0, copy));
  }
  b.CreateRetVoid();
  return entry;
}

/// Everything is inlined but what calls itself.
void markForInlining(llvm::Module& m) {
  llvm::CallGraph graph(m);
  std::set<llvm::Function*> recursive;
  for (auto scc = llvm::scc_begin(&graph); !scc.isAtEnd(); ++scc)
    if (scc.hasCycle())
      for (llvm::CallGraphNode* node : *scc)
        if (node->getFunction())
          recursive.insert(node->getFunction());
  for (llvm::Function& function : m) {
    if (function.isDeclaration() || function.getLinkage() != llvm::GlobalValue::InternalLinkage)
      continue;
    if (recursive.count(&function))
      function.addFnAttr(llvm::Attribute::NoInline);
    else
      function.addFnAttr(llvm::Attribute::AlwaysInline);
  }
}

} // namespace

std::vector<Entry> makeEntries(llvm::Module& module, const std::vector<std::string>& kernels) {
  std::vector<Entry> entries;
  for (const std::string& name : kernels)
    if (llvm::Function* kernel = module.getFunction(name); kernel && !kernel->isDeclaration())
      entries.push_back(makeEntry(module, *kernel, entries.size()));
  markForInlining(module);
  return entries;
}

void rejectUnknownCalls(llvm::Module& module) {
  std::vector<llvm::CallInst*> calls;
  for (llvm::Function& function : module)
    for (llvm::Instruction& instruction : llvm::instructions(function))
      if (auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction))
        calls.push_back(call);
  for (llvm::CallInst* call : calls) {
    llvm::Function* callee = call->getCalledFunction();
    std::string name;
    if (call->isInlineAsm())
      name = "inline assembly";
    else if (!callee || !callee->isDeclaration())
      continue;
    else
      name = callee->getName().str();
    bool known = name.starts_with("kv_") || name.starts_with("kv.") || name.starts_with("__nv_") ||
                 (name.starts_with("llvm.") && !name.starts_with("llvm.nvvm."));
    if (known)
      continue;
    Builder b(call);
    llvm::Value* text = b.CreateGlobalString("call of " + name, "kv_text");
    auto report =
        module.getOrInsertFunction("kv_unsupported", llvm::FunctionType::get(b.getVoidTy(), {b.getPtrTy()}, false));
    b.CreateCall(report, {text});
    if (!call->getType()->isVoidTy())
      call->replaceAllUsesWith(llvm::Constant::getNullValue(call->getType()));
    call->eraseFromParent();
  }
}

} // namespace kverify::simt::lower
