#include <algorithm>

#include <llvm/Demangle/Demangle.h>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/Instruction.h>

#include "simt/lower/lower.h"

namespace kverify::simt::lower {
namespace {

constexpr const char* kBuiltinHeaders = "/kverify/cuda/";

std::string pathOf(const llvm::DILocation& at) {
  return at.getFilename().str();
}

std::string functionOf(const llvm::DILocation& at) {
  const llvm::DISubprogram* program = at.getScope()->getSubprogram();
  return program ? program->getName().str() : std::string();
}

bool isEntry(const llvm::DILocation& at) {
  const llvm::DISubprogram* program = at.getScope()->getSubprogram();
  return program && program->getLinkageName().starts_with("kv_entry_");
}

} // namespace

SourceStack stackOf(const llvm::DILocation* place) {
  SourceStack stack;
  for (; place; place = place->getInlinedAt())
    if (!isEntry(*place))
      stack.push_back({pathOf(*place), place->getLine(), place->getColumn(), functionOf(*place)});
  // What our own headers do is done by whoever called them.
  while (stack.size() > 1 && stack[0].file.starts_with(kBuiltinHeaders))
    stack.erase(stack.begin());
  return stack;
}

std::uint32_t Sites::add(const llvm::Instruction& at, std::string operation) {
  Site site;
  site.operation = std::move(operation);
  site.stack = stackOf(at.getDebugLoc().get());
  std::string key = site.operation;
  if (!site.stack.empty())
    key += site.stack[0].file + ":" + std::to_string(site.stack[0].line) + ":" + std::to_string(site.stack[0].column);
  else
    key += "#" + std::to_string(table_.sites.size());
  auto found = leaf_numbers_.try_emplace(key, static_cast<std::uint32_t>(leaf_numbers_.size()));
  site.leaf = found.first->second;
  table_.sites.push_back(std::move(site));
  return static_cast<std::uint32_t>(table_.sites.size() - 1);
}

} // namespace kverify::simt::lower
