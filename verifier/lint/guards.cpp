// Global memory indexed by a thread's number in the grid, with no condition around it; and shared arrays with fewer
// elements than the block has threads.
// A guess: that sizes are no multiple of the block is not shown. Silent where any condition depends on the thread, where
// the contract or the host demands divisibility, and where the index goes through a remainder, a minimum or a table.
#include <set>

#include <clang/AST/Decl.h>
#include <clang/AST/Expr.h>
#include <clang/AST/ExprCXX.h>
#include <fmt/format.h>
#include <llvm/IR/GlobalVariable.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/Operator.h>

#include "verifier/lint/families.h"
#include "verifier/lint/launches.h"
#include "verifier/lint/shared_access.h"
#include "verifier/lint/walk.h"

namespace kverify::verifier::lint {

namespace {

constexpr std::int64_t kWarp = 32;

/// The block's number that a value is a multiple of ("ctaid.x" of blockIdx.x * blockDim.x or of blockIdx.x * 256), or "".
std::string blockStart(const llvm::Value& value) {
  const auto* op = llvm::dyn_cast<llvm::BinaryOperator>(&value);
  if (!op || (op->getOpcode() != llvm::Instruction::Mul && op->getOpcode() != llvm::Instruction::Shl))
    return {};
  for (unsigned side : {0u, 1u}) {
    std::string name = registerRead(*op->getOperand(side)), other = registerRead(*op->getOperand(1 - side));
    const auto* constant = llvm::dyn_cast<llvm::ConstantInt>(op->getOperand(1 - side));
    bool shifted = op->getOpcode() == llvm::Instruction::Shl;
    if (shifted && side == 1)
      break;
    bool by_block = other.starts_with("ntid.");
    bool by_number = constant && (shifted ? constant->getZExtValue() >= 3 : constant->getValue().ugt(7));
    if (name.starts_with("ctaid.") && (by_block || by_number))
      return name;
  }
  return {};
}

/// blockIdx.x * blockDim.x + threadIdx.x, in any order.
bool isGridNumber(const llvm::Value& value) {
  const auto* op = llvm::dyn_cast<llvm::BinaryOperator>(&value);
  if (!op || op->getOpcode() != llvm::Instruction::Add)
    return false;
  for (unsigned side : {0u, 1u}) {
    std::string block = blockStart(*op->getOperand(side)), thread = registerRead(*op->getOperand(1 - side));
    if (!block.empty() && thread.starts_with("tid.") && block.back() == thread.back())
      return true;
  }
  return false;
}

/// Does the address grow with a number of the grid? Not through what bounds it.
const llvm::Value* gridNumberIn(const llvm::Value& value, int depth = 12) {
  if (depth == 0)
    return nullptr;
  if (isGridNumber(value))
    return &value;
  const auto* op = llvm::dyn_cast<llvm::Operator>(&value);
  if (!op)
    return nullptr;
  switch (op->getOpcode()) {
  case llvm::Instruction::Add:
  case llvm::Instruction::Mul:
  case llvm::Instruction::Shl:
  case llvm::Instruction::SExt:
  case llvm::Instruction::ZExt:
  case llvm::Instruction::GetElementPtr: break;
  default: return nullptr;
  }
  for (const llvm::Use& operand : op->operands())
    if (const llvm::Value* found = gridNumberIn(*operand.get(), depth - 1))
      return found;
  return nullptr;
}

bool isParameter(const llvm::Value* base) {
  return base && llvm::isa<llvm::Argument>(base);
}

/// "N % 4 == 0" of the contract, or a remainder that the host looks at.
bool promisesMultiples(const LintContext& context) {
  if (context.contract)
    return true; // its sizes are what the prover and the runs judge
  bool found = false;
  for (const UserFunction& function : context.functions)
    if (!function.on_device)
      walk(function.decl->getBody(), [&](const clang::Stmt& stmt, Ancestors) {
        const auto* op = llvm::dyn_cast<clang::BinaryOperator>(&stmt);
        found |= op && op->getOpcode() == clang::BO_Rem;
      });
  return found;
}

bool hasSize(const KernelCode& kernel) {
  for (const frontend::KernelParam& param : kernel.info->params)
    if (param.kind == frontend::KernelParam::Kind::Integer)
      return true;
  return false;
}

void findUnguarded(const LintContext& context, Reporter& reporter) {
  bool promised = promisesMultiples(context);
  for (const KernelCode& kernel : context.kernels) {
    Uniformity uniform(*kernel.function);
    std::set<const llvm::Value*> told;
    for (const llvm::Instruction& i : llvm::instructions(*kernel.function)) {
      const llvm::Value* pointer = llvm::getLoadStorePointerOperand(&i);
      if (!pointer || uniform.keptFrom(i.getParent(), Spread::Warp))
        continue;
      const llvm::Value* number = gridNumberIn(*pointer);
      if (!number || !isParameter(addressOf(*pointer, i.getDataLayout()).base) || !told.insert(number).second)
        continue;
      if (promised || !hasSize(kernel))
        reporter.unknown(context.placeOf(i, kernel), promised ? "the sizes may be multiples of the block"
                                                              : "the kernel has no size: it may be made for one");
      else
        reporter.report(context.placeOf(i, kernel), "an index from the thread's number in the grid, with no condition around");
    }
  }
}

/// The number of threads in x that a kernel is launched with: every launch in the file, or __launch_bounds__.
std::vector<std::int64_t> blocksOf(const LintContext& context, const KernelCode& kernel, bool& open) {
  std::vector<std::int64_t> sizes;
  for (const KernelLaunch& launch : launchesOf(context))
    if (launch.kernel && kernel.decl && launch.kernel->getCanonicalDecl() == kernel.decl->getCanonicalDecl()) {
      if (launch.block[0])
        sizes.push_back(*launch.block[0]);
      else
        open = true;
    }
  open |= sizes.empty();
  return sizes;
}

void findSmallShared(const LintContext& context, Reporter& reporter) {
  for (const KernelCode& kernel : context.kernels) {
    bool open = false;
    std::vector<std::int64_t> blocks = blocksOf(context, kernel, open);
    Uniformity uniform(*kernel.function);
    for (const SharedAccess& access : sharedAccesses(kernel, uniform)) {
      const auto* array = llvm::cast<llvm::GlobalVariable>(access.array);
      if (array->isDeclaration() || uniform.keptFrom(access.at->getParent(), Spread::Warp) ||
          access.address.terms.size() != 1)
        continue;
      const auto& [atom, factor] = *access.address.terms.begin();
      std::int64_t bytes = static_cast<std::int64_t>(
          access.at->getDataLayout().getTypeAllocSize(array->getValueType()).getFixedValue());
      if (registerRead(*atom) != "tid.x" || factor <= 0 || bytes < factor * 2)
        continue;
      std::int64_t room = (bytes - access.address.bytes - access.bytes) / factor + 1;
      Place place = context.placeOf(*access.at, kernel);
      bool found = false;
      for (std::int64_t threads : blocks)
        if (threads > room && !found) {
          found = true;
          reporter.report(place, fmt::format("threadIdx.x goes up to {}, and there is room for {} elements", threads - 1, room));
        }
      if (!found && open && room % kWarp != 0)
        reporter.unknown(place, "how many threads a block has is not known");
    }
  }
}

} // namespace

std::vector<LintCheck> guardChecks() {
  return {
      {.info = {"bounds.unguarded-index", "KV3021", "static", "global memory at the thread's own index, with no guard",
                "the grid is rounded up to whole blocks: the last threads have no element of their own",
                "if (i < n) around the access, or a documented and checked promise that n is a multiple of the block",
                "a suspicion: that sizes are no multiples is not shown; decided by bounds.global-read and bounds.global-write",
                Severity::Warning,
                "y[blockIdx.x * blockDim.x + threadIdx.x] = 0.0f;                 wrong, unless n is a multiple\n"
                "int i = blockIdx.x * blockDim.x + threadIdx.x;\n"
                "if (i < n) y[i] = 0.0f;                                          right"},
       .run = findUnguarded,
       .decided_by = {"bounds.global-read", "bounds.global-write"}},
      {.info = {"bounds.shared-smaller-than-block", "KV3023", "static",
                "a shared array with fewer elements than the block has threads",
                "the last threads read and write what lies behind the array, another one or nothing at all",
                "an array as large as the block (one constant for both), or a guard",
                "exact for launches in this file with constant blocks; decided by bounds.shared-read and bounds.shared-write",
                Severity::Warning,
                "__shared__ float s[128]; s[threadIdx.x] = 0;   … <<<1, 256>>>       wrong\n"
                "__shared__ float s[256]; s[threadIdx.x] = 0;   … <<<1, 256>>>       right"},
       .run = findSmallShared,
       .decided_by = {"bounds.shared-read", "bounds.shared-write"}},
  };
}

} // namespace kverify::verifier::lint
