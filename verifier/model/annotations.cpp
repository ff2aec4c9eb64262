// <kverify/annotations.h> and assert(): what the kernel says of its own values. What it requires holds for whatever runs
// behind the call, what it asserts is a claim, and what a loop keeps is a formula over the loop's variables, with what
// has to be proved before it may be used (checks/claims.cpp).
#include <fmt/format.h>
#include <llvm/IR/DebugInfoMetadata.h>

#include "verifier/model/builder.h"

namespace kverify::verifier {

using llvm::dyn_cast;
using llvm::StringRef;

namespace {

constexpr const char* kRequires = "__kv_requires";
constexpr const char* kAsserts = "__kv_assert";
constexpr const char* kInvariant = "__kv_invariant";

StringRef calleeOf(const llvm::Instruction& instruction) {
  const auto* call = dyn_cast<llvm::CallInst>(&instruction);
  return call && call->getCalledFunction() ? call->getCalledFunction()->getName() : StringRef();
}

/// The condition as the source spells it.
std::string textOf(const llvm::Value* argument) {
  const auto* global = dyn_cast<llvm::GlobalVariable>(argument->stripPointerCasts());
  const auto* text =
      global && global->hasInitializer() ? dyn_cast<llvm::ConstantDataSequential>(global->getInitializer()) : nullptr;
  return text && text->isCString() ? text->getAsCString().str() : "?";
}

/// A formula at the head of the loop's next (or first) iteration: its variables get their values of then, what else
/// changes with the loop may be anything.
class AtHead : public Rewriter {
public:
  AtHead(TermPool& pool, LoopSet loop, const std::map<const Sym*, TermPtr>& variables, TermPtr count, std::string prefix)
      : Rewriter(pool), loop_(loop), variables_(variables), count_(count), prefix_(std::move(prefix)) {}

protected:
  TermPtr replace(const Sym& sym, TermPtr original) override {
    if (!(sym.nest & loop_))
      return original;
    if (auto found = variables_.find(&sym); found != variables_.end())
      return found->second;
    if (sym.kind == SymKind::Counter && sym.exits == 0 && (LoopSet{1} << sym.loop) == loop_)
      return count_;
    Sym any;
    any.name = prefix_ + sym.name;
    any.low = sym.low;
    any.high = sym.high;
    return pool_.symbol(any);
  }

private:
  LoopSet loop_;
  const std::map<const Sym*, TermPtr>& variables_;
  TermPtr count_;
  std::string prefix_;
};

/// Where assert() stands: not in the header's function that it calls.
SourceLocation placeOfAssert(const llvm::CallInst& call) {
  const llvm::DILocation* at = call.getDebugLoc().get();
  while (at && at->getInlinedAt() && at->getScope()->getSubprogram()->getName() == "__assert_fail")
    at = at->getInlinedAt();
  if (!at)
    return {};
  return {at->getFilename().str(), at->getLine(), at->getColumn(), at->getScope()->getSubprogram()->getName().str()};
}

} // namespace

bool endsBlock(const llvm::Instruction& instruction) {
  return calleeOf(instruction) == kRequires;
}

bool isAnnotation(StringRef function) {
  return function == kRequires || function == kAsserts || function == kInvariant;
}

// After a failed assert the thread goes nowhere, and what is required of a launch is so in all launches that are judged.
TermPtr ModelBuilder::knownBehind(const llvm::BasicBlock* block) {
  TermPtr all = pool_.boolean(true);
  for (const llvm::Instruction& instruction : *block) {
    StringRef callee = calleeOf(instruction);
    if (callee == "__assertfail" || callee == kNeverReached)
      return pool_.boolean(false);
    if (callee == kRequires)
      all = pool_.both(all, value(instruction.getOperand(0), block));
  }
  return all;
}

void ModelBuilder::failedAssert(const llvm::CallInst& call) {
  model_.claims.push_back({"assert.failed", pool_.boolean(false), path(call.getParent()), placeOfAssert(call),
                           fmt::format("assert({}) may fail", textOf(call.getArgOperand(0)))});
}

void ModelBuilder::reached(const llvm::CallInst& call) {
  model_.claims.push_back({"assert.failed", pool_.boolean(false), path(call.getParent()), locationOf(call),
                           "__builtin_unreachable(), or the end of a function that must return a value, may be reached"});
}

void ModelBuilder::visitAnnotation(const llvm::CallInst& call, StringRef name) {
  const llvm::BasicBlock* block = call.getParent();
  TermPtr truth = value(call.getArgOperand(0), block);
  std::string text = textOf(call.getArgOperand(1));
  if (name == kRequires)
    model_.requirements.push_back({truth, path(block), locationOf(call), text});
  else if (name == kAsserts)
    model_.claims.push_back(
        {"assert.failed", truth, path(block), locationOf(call), fmt::format("kv_assert({}) may fail", text), text});
  else
    invariants_.push_back(&call);
}

// I = "whoever gets to the annotation in this iteration finds it true", over the loop's variables. By induction over the
// visits of the head: true of their first values, and of their next ones if it was of those before.
void ModelBuilder::buildInvariant(const llvm::CallInst& call) {
  const llvm::BasicBlock* block = call.getParent();
  TermPtr truth = value(call.getArgOperand(0), block);
  std::string text = textOf(call.getArgOperand(1));
  const llvm::Loop* loop = loops_.getLoopFor(block);
  const llvm::BasicBlock* before = loop ? loop->getLoopPreheader() : nullptr;
  const llvm::BasicBlock* latch = loop ? loop->getLoopLatch() : nullptr;
  if (!before || !latch) {
    model_.claims.push_back({"invariant.broken", truth, path(block), locationOf(call),
                             fmt::format("kv_invariant({}) may not hold", text)});
    return;
  }
  Invariant invariant;
  invariant.where = locationOf(call);
  invariant.text = text;
  invariant.loop = loop_numbers_.at(loop);
  invariant.now = pool_.either(pool_.negate(path(block)), truth);
  std::map<const Sym*, TermPtr> first, next;
  auto add = [&](TermPtr variable, TermPtr start, TermPtr later) {
    first[variable->sym] = start;
    next[variable->sym] = later;
  };
  for (const llvm::PHINode& phi : loop->getHeader()->phis())
    if (auto found = values_.find(&phi); found != values_.end() && found->second->op == Op::Symbol)
      add(found->second, value(phi.getIncomingValueForBlock(before), before),
          value(phi.getIncomingValueForBlock(latch), latch));
  TermPtr count = counterOf(*loop), one = pool_.constant(1);
  const llvm::BasicBlock* head = loop->getHeader();
  std::string number = std::to_string(model_.invariants.size());
  invariant.first = AtHead(pool_, bit(loop), first, pool_.constant(0), "first" + number + ".")(invariant.now);
  invariant.entered = pool_.both(path(before), pool_.both(knownBehind(before), edge(before, head)));
  invariant.next = AtHead(pool_, bit(loop), next, pool_.add(count, one), "next" + number + ".")(invariant.now);
  invariant.repeats = pool_.both(path(latch), pool_.both(knownBehind(latch), edge(latch, head)));
  model_.invariants.push_back(invariant);
}

} // namespace kverify::verifier
