#include "frontend/left_out.h"

#include <cstdlib>

#include <fmt/format.h>
#include <llvm/Bitcode/BitcodeReader.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Metadata.h>
#include <llvm/IR/Module.h>

namespace kverify::frontend {
namespace {

constexpr const char* kLeftOut = "kverify.left_out";
constexpr const char* kMissing = "kverify.missing_headers";
constexpr const char* kFound = "kverify.found_headers";

std::string textAt(const llvm::MDNode& node, unsigned i) {
  const auto* text = i < node.getNumOperands() ? llvm::dyn_cast_or_null<llvm::MDString>(node.getOperand(i).get()) : nullptr;
  return text ? text->getString().str() : "";
}

/// The rows of strings under a name.
std::vector<std::vector<std::string>> rowsOf(const llvm::Module& module, const char* name) {
  std::vector<std::vector<std::string>> rows;
  if (const llvm::NamedMDNode* all = module.getNamedMetadata(name))
    for (const llvm::MDNode* node : all->operands()) {
      rows.emplace_back();
      for (unsigned i = 0; i < node->getNumOperands(); ++i)
        rows.back().push_back(textAt(*node, i));
    }
  return rows;
}

std::vector<std::vector<std::string>> rowsOf(const DeviceModule& module, const char* name) {
  llvm::LLVMContext context;
  auto parsed = llvm::getLazyBitcodeModule(llvm::MemoryBufferRef(module.bitcode, module.source.path), context);
  llvm::Error failed = parsed ? (*parsed)->materializeMetadata() : parsed.takeError();
  if (failed) {
    llvm::consumeError(std::move(failed));
    return {};
  }
  return rowsOf(**parsed, name);
}

void addRow(llvm::Module& module, const char* name, const std::vector<std::string>& row) {
  std::vector<llvm::Metadata*> texts;
  for (const std::string& text : row)
    texts.push_back(llvm::MDString::get(module.getContext(), text));
  module.getOrInsertNamedMetadata(name)->addOperand(llvm::MDTuple::getDistinct(module.getContext(), texts));
}

std::vector<LeftOut> leftOutOf(const std::vector<std::vector<std::string>>& rows) {
  std::vector<LeftOut> all;
  for (const std::vector<std::string>& row : rows)
    if (row.size() == 5)
      all.push_back({row[0], static_cast<unsigned>(std::strtoul(row[1].c_str(), nullptr, 10)), row[2], row[3] == "function", row[4]});
  return all;
}

} // namespace

std::vector<LeftOut> leftOut(const DeviceModule& module) {
  return leftOutOf(rowsOf(module, kLeftOut));
}

std::vector<LeftOut> leftOut(const llvm::Module& module) {
  return leftOutOf(rowsOf(module, kLeftOut));
}

std::vector<std::string> describe(const std::vector<LeftOut>& left_out) {
  std::vector<std::string> sentences;
  for (const LeftOut& one : left_out)
    sentences.push_back(fmt::format("host {} '{}' was left out, it does not compile here: {} ({}:{})",
                                    one.is_function ? "function" : "code", one.name, one.why, one.file, one.line));
  return sentences;
}

std::vector<std::string> missingHeaders(const DeviceModule& module) {
  std::vector<std::string> names;
  for (const std::vector<std::string>& row : rowsOf(module, kMissing))
    if (!row.empty())
      names.push_back(row[0]);
  return names;
}

std::vector<std::string> foundHeaders(const DeviceModule& module) {
  std::vector<std::string> sentences;
  for (const std::vector<std::string>& row : rowsOf(module, kFound))
    if (row.size() == 2)
      sentences.push_back(fmt::format("'{}' was found in {}, which no -I names", row[0], row[1]));
  return sentences;
}

void noteLeftOut(llvm::Module& module, const std::vector<LeftOut>& left_out, const std::vector<std::string>& missing_headers,
                 const std::vector<FoundHeader>& found) {
  for (const FoundHeader& one : found)
    addRow(module, kFound, {one.name, one.folder});
  for (const LeftOut& one : left_out)
    addRow(module, kLeftOut, {one.file, std::to_string(one.line), one.name, one.is_function ? "function" : "code", one.why});
  for (const std::string& name : missing_headers)
    addRow(module, kMissing, {name});
}

} // namespace kverify::frontend
