#include "fuzz/mutate/mutants.h"

#include <fmt/format.h>
#include <llvm/Bitcode/BitcodeReader.h>
#include <llvm/Bitcode/BitcodeWriter.h>
#include <llvm/Demangle/Demangle.h>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Intrinsics.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/raw_ostream.h>

#include "fuzz/mutate/instrument.h"
#include "fuzz/mutate/same_code.h"
#include "fuzz/mutate/sites.h"

namespace kverify::mutate {
namespace {

constexpr std::string_view kNames[kOperators] = {
    "barrier-removed",  "compare-weakened",     "index-shifted", "stride-swapped", "rescale-dropped", "constant-changed",
    "accumulator-narrowed", "mask-inverted", "shuffle-width", "wait-count",     "min-max-swapped", "init-removed"};

/// A module in a context of its own.
struct Parsed {
  std::unique_ptr<llvm::LLVMContext> context = std::make_unique<llvm::LLVMContext>();
  std::unique_ptr<llvm::Module> module;
};

Expected<Parsed> parse(const frontend::DeviceModule& source) {
  Parsed parsed;
  auto module = llvm::parseBitcodeFile(llvm::MemoryBufferRef(source.bitcode, source.source.path), *parsed.context);
  if (!module)
    return fail(ErrorKind::Internal, "the kernel's bitcode cannot be read: " + llvm::toString(module.takeError()),
                source.source.path);
  parsed.module = std::move(*module);
  return parsed;
}

SourceLocation locationOf(const llvm::Instruction& at) {
  const llvm::DILocation* place = at.getDebugLoc().get();
  SourceLocation where;
  where.file = place->getFilename().str();
  where.line = place->getLine();
  where.column = place->getColumn();
  where.function = llvm::demangle(at.getFunction()->getName().str());
  return where;
}

/// The module and its edits; the one at `index` is there.
struct Found {
  Parsed parsed;
  std::vector<Edit> edits;
};

Expected<Found> find(const frontend::DeviceModule& module, const MutateOptions& options, std::size_t index) {
  auto parsed = parse(module);
  if (!parsed)
    return tl::unexpected(parsed.error());
  Found found{std::move(*parsed), {}};
  found.edits = findEdits(*found.parsed.module, options);
  if (index >= found.edits.size())
    return fail(ErrorKind::Internal, fmt::format("there is no mutant {}: there are {}", index, found.edits.size()),
                module.source.path);
  return found;
}

Expected<frontend::DeviceModule> written(const frontend::DeviceModule& from, const llvm::Module& changed) {
  std::string problem;
  llvm::raw_string_ostream text(problem);
  if (llvm::verifyModule(changed, &text))
    return fail(ErrorKind::Internal, "a mutant is no valid IR: " + problem, from.source.path);
  frontend::DeviceModule result = from;
  result.bitcode.clear();
  llvm::raw_string_ostream out(result.bitcode);
  llvm::WriteBitcodeToFile(changed, out);
  return result;
}

} // namespace

std::string_view nameOf(Operator op) {
  return kNames[static_cast<std::size_t>(op)];
}

std::optional<Operator> parseOperator(std::string_view name) {
  for (std::size_t i = 0; i < kOperators; ++i)
    if (kNames[i] == name)
      return static_cast<Operator>(i);
  return std::nullopt;
}

Expected<Mutants> Mutants::of(const frontend::DeviceModule& module, MutateOptions options) {
  Mutants mutants;
  mutants.module_ = module;
  mutants.options_ = std::move(options);
  auto parsed = parse(module);
  if (!parsed)
    return tl::unexpected(parsed.error());
  std::vector<Edit> edits = findEdits(*parsed->module, mutants.options_);
  for (std::size_t i = 0; i < edits.size(); ++i)
    mutants.all_.push_back({i, edits[i].op, locationOf(*edits[i].at), edits[i].change});
  edits.clear();
  mutants.canonical_ = canonicalCode(*parsed->module);
  return mutants;
}

Expected<frontend::DeviceModule> Mutants::make(std::size_t index) const {
  auto found = find(module_, options_, index);
  if (!found)
    return tl::unexpected(found.error());
  found->edits[index].apply();
  return written(module_, *found->parsed.module);
}

Expected<frontend::DeviceModule> Mutants::probe(std::size_t index) const {
  auto found = find(module_, options_, index);
  if (!found)
    return tl::unexpected(found.error());
  trapAt(*placeOf(found->edits[index]));
  return written(module_, *found->parsed.module);
}

Expected<std::optional<frontend::DeviceModule>> Mutants::difference(std::size_t index) const {
  auto found = find(module_, options_, index);
  if (!found)
    return tl::unexpected(found.error());
  const Edit& edit = found->edits[index];
  if (!edit.beside)
    return std::optional<frontend::DeviceModule>();
  trapWhereUnequal(edit.beside());
  return written(module_, *found->parsed.module);
}

Expected<frontend::DeviceModule> Mutants::claims(std::span<const std::size_t> indices) const {
  auto parsed = parse(module_);
  if (!parsed)
    return tl::unexpected(parsed.error());
  std::vector<Edit> edits = findEdits(*parsed->module, options_);
  for (std::size_t index : indices) {
    if (index >= edits.size())
      return fail(ErrorKind::Internal, fmt::format("there is no mutant {}: there are {}", index, edits.size()),
                  module_.source.path);
    claimNever(*placeOf(edits[index]), claimOfNever(index));
    if (edits[index].beside)
      claimEqual(edits[index].beside(), claimOfSame(index));
  }
  return written(module_, *parsed->module);
}

std::string Mutants::claimOfSame(std::size_t index) {
  return fmt::format("mutant {} has the same value", index);
}

std::string Mutants::claimOfNever(std::size_t index) {
  return fmt::format("mutant {} is never executed", index);
}

Expected<bool> Mutants::sameCode(std::size_t index) const {
  auto found = find(module_, options_, index);
  if (!found)
    return tl::unexpected(found.error());
  const Edit& edit = found->edits[index];
  (edit.obscure ? edit.obscure : edit.apply)();
  std::string code = canonicalCode(*found->parsed.module);
  return !code.empty() && code == canonical_;
}

} // namespace kverify::mutate
