// Pointers to numbers read as pointers to vectors: only right at multiples of the vector's size.
// Exact about what is cast; that the offset is no multiple is a suspicion. A parameter itself, and offsets that are
// visibly multiples, are let through: allocations begin at multiples of 256 bytes.
#include <set>

#include <clang/AST/ASTContext.h>
#include <clang/AST/Attr.h>
#include <clang/AST/Decl.h>
#include <clang/AST/Expr.h>
#include <clang/AST/ExprCXX.h>
#include <clang/Basic/SourceManager.h>
#include <fmt/format.h>

#include "verifier/lint/families.h"
#include "verifier/lint/launches.h"
#include "verifier/lint/walk.h"

namespace kverify::verifier::lint {

namespace {

class Offsets {
public:
  Offsets(const LintContext& context, const UserFunction& function, std::int64_t unit)
      : context_(context), function_(function), unit_(unit) {}

  /// Is this integer visibly a multiple of the unit? Variables are followed to where they are set, once.
  bool isMultiple(const clang::Expr& expr, int depth = 6) const {
    const clang::Expr& at = *expr.IgnoreParenCasts();
    if (auto value = valueOf(at, function_, context_.ast()))
      return *value % unit_ == 0;
    if (const auto* op = llvm::dyn_cast<clang::BinaryOperator>(&at)) {
      if (op->isAdditiveOp())
        return isMultiple(*op->getLHS(), depth) && isMultiple(*op->getRHS(), depth);
      if (op->getOpcode() == clang::BO_Mul)
        return isMultiple(*op->getLHS(), depth) || isMultiple(*op->getRHS(), depth) || product(*op) % unit_ == 0;
      if (op->getOpcode() == clang::BO_Shl)
        if (auto by = valueOf(*op->getRHS(), function_, context_.ast()); by && *by >= 0 && *by < 16)
          return (std::int64_t{1} << *by) % unit_ == 0;
      return false;
    }
    const auto* variable = llvm::dyn_cast_or_null<clang::VarDecl>(namedBy(at));
    if (!variable || depth == 0 || !variable->hasInit() || llvm::isa<clang::ParmVarDecl>(variable))
      return false;
    return isMultiple(*variable->getInit(), depth - 1) && stepsKeep(*variable, depth);
  }

private:
  std::int64_t product(const clang::BinaryOperator& op) const {
    auto a = valueOf(*op.getLHS(), function_, context_.ast()), b = valueOf(*op.getRHS(), function_, context_.ast());
    return a.value_or(1) * b.value_or(1);
  }

  /// Every assignment to the variable keeps it a multiple.
  bool stepsKeep(const clang::VarDecl& variable, int depth) const {
    bool keeps = true;
    walk(function_.decl->getBody(), [&](const clang::Stmt& stmt, Ancestors) {
      if (const auto* op = llvm::dyn_cast<clang::BinaryOperator>(&stmt);
          op && op->isAssignmentOp() && namedBy(*op->getLHS()) == &variable)
        keeps = keeps && (op->getOpcode() == clang::BO_Assign || op->getOpcode() == clang::BO_AddAssign ||
                          op->getOpcode() == clang::BO_SubAssign) &&
                isMultiple(*op->getRHS(), depth - 1);
      if (const auto* op = llvm::dyn_cast<clang::UnaryOperator>(&stmt);
          op && op->isIncrementDecrementOp() && namedBy(*op->getSubExpr()) == &variable)
        keeps = keeps && unit_ == 1;
    });
    return keeps;
  }

  const LintContext& context_;
  const UserFunction& function_;
  std::int64_t unit_;
};

/// base + offset, base[offset] behind an &; the offset is null where there is none.
struct Pointer {
  const clang::ValueDecl* base = nullptr;
  std::vector<const clang::Expr*> offsets;
};

Pointer takeApart(const clang::Expr& expr) {
  Pointer pointer;
  const clang::Expr* at = expr.IgnoreParenCasts();
  for (int depth = 0; depth < 8; ++depth) {
    at = at->IgnoreParenCasts();
    if (const auto* address = llvm::dyn_cast<clang::UnaryOperator>(at); address && address->getOpcode() == clang::UO_AddrOf) {
      at = address->getSubExpr();
    } else if (const auto* subscript = llvm::dyn_cast<clang::ArraySubscriptExpr>(at)) {
      pointer.offsets.push_back(subscript->getIdx());
      at = subscript->getBase();
    } else if (const auto* sum = llvm::dyn_cast<clang::BinaryOperator>(at); sum && sum->isAdditiveOp() &&
                                                                            sum->getType()->isPointerType()) {
      bool left = sum->getLHS()->getType()->isPointerType();
      pointer.offsets.push_back(left ? sum->getRHS() : sum->getLHS());
      at = left ? sum->getLHS() : sum->getRHS();
    } else {
      break;
    }
  }
  pointer.base = namedBy(*at);
  return pointer;
}

/// "alignas(16) " before the declared type, where one declaration declares one array.
std::optional<Fix> alignment(const LintContext& context, const clang::VarDecl& array, std::int64_t bytes) {
  const clang::SourceManager& sources = context.sources();
  clang::SourceLocation at = array.getTypeSpecStartLoc();
  if (at.isInvalid() || at.isMacroID())
    return std::nullopt;
  return Fix{sources.getFilename(at).str(), sources.getFileOffset(at), 0, fmt::format("__align__({}) ", bytes)};
}

/// What was said already: one finding an array, and one a function and parameter.
using Told = std::set<std::pair<const clang::Decl*, const clang::Decl*>>;

void judge(const clang::ExplicitCastExpr& cast, const LintContext& context, const UserFunction& function, Told& told,
           Reporter& reporter) {
  const clang::ASTContext& ast = context.ast();
  clang::QualType to = cast.getType(), from = cast.getSubExprAsWritten()->getType();
  if (to->isReferenceType() || !to->isPointerType() || !(from->isPointerType() || from->isArrayType()))
    return;
  clang::QualType wide = to->getPointeeType();
  clang::QualType narrow = from->isArrayType() ? clang::QualType(from->getPointeeOrArrayElementType(), 0) : from->getPointeeType();
  if (wide->isDependentType() || narrow->isDependentType() || wide->isIncompleteType() || narrow->isIncompleteType() ||
      narrow->isVoidType() || wide->isFunctionType())
    return;
  std::int64_t needs = ast.getTypeAlignInChars(wide).getQuantity(), has = ast.getTypeAlignInChars(narrow).getQuantity();
  std::int64_t size = ast.getTypeSizeInChars(narrow).getQuantity();
  if (needs <= has || size <= 0 || needs > 16)
    return;
  Pointer pointer = takeApart(*cast.getSubExprAsWritten());
  Place place = context.placeOf(cast, function);
  const auto* variable = llvm::dyn_cast_or_null<clang::VarDecl>(pointer.base);
  if (!variable) {
    reporter.unknown(place, "where the pointer comes from is not clear");
    return;
  }
  bool is_array = variable->getType()->isArrayType();
  if (is_array && !variable->hasAttr<clang::CUDASharedAttr>()) {
    reporter.unknown(place, "an array of the thread's own is a register or not, as the compiler likes");
    return;
  }
  if (is_array && ast.getDeclAlign(variable).getQuantity() < needs && !variable->getType()->isIncompleteArrayType()) {
    if (!told.emplace(variable, nullptr).second)
      return;
    Place declared = context.placeOf(variable->getLocation(), &function);
    LintFinding& finding = reporter.report(declared, fmt::format("'{}' is aligned to {} bytes, and vectors of {} are taken of it",
                                                                 variable->getNameAsString(),
                                                                 ast.getDeclAlign(variable).getQuantity(), needs));
    also(finding, place, "here");
    finding.fix = alignment(context, *variable, needs);
    return;
  }
  if (!is_array && !llvm::isa<clang::ParmVarDecl>(variable)) {
    reporter.unknown(place, fmt::format("where '{}' points is not followed", variable->getNameAsString()));
    return;
  }
  Offsets offsets(context, function, needs / size);
  for (const clang::Expr* offset : pointer.offsets) {
    if (offsets.isMultiple(*offset))
      continue;
    if (is_array) // its stride is a choice of the kernel's, often padded with care
      reporter.unknown(place, "whether the offset is a multiple is not clear");
    else if (told.emplace(variable, function.decl).second)
      reporter.report(place, fmt::format("the offset '{}' need be no multiple of {} elements, as '{}' has to be",
                                         context.textOf(*offset), needs / size, to.getAsString()));
    return;
  }
}

void findVectorCasts(const LintContext& context, Reporter& reporter) {
  Told told;
  for (const UserFunction& function : context.functions)
    if (function.on_device)
      walk(function.decl->getBody(), [&](const clang::Stmt& stmt, Ancestors) {
        if (const auto* cast = llvm::dyn_cast<clang::ExplicitCastExpr>(&stmt))
          judge(*cast, context, function, told, reporter);
      });
}

} // namespace

std::vector<LintCheck> vectorCastChecks() {
  return {
      {.info = {"bounds.vector-cast", "KV3022", "static", "a pointer to numbers cast to a pointer to vectors, at any offset",
                "a vector access at an address that is no multiple of the vector's size ends the kernel with an error, for "
                "those sizes that no test had",
                "take vectors only where the row's length is checked to be a multiple, with a scalar path beside it; "
                "__align__(16) on shared arrays",
                "exact about the cast; that the offset is no multiple is a suspicion, decided by align.access",
                Severity::Warning,
                "float4 v = *reinterpret_cast<const float4*>(x + row * n);                   wrong, unless n % 4 == 0\n"
                "float4 v = reinterpret_cast<const float4*>(x)[row * (n / 4)];               right, where the host checks n"},
       .run = findVectorCasts,
       .decided_by = {"align.access"}},
  };
}

} // namespace kverify::verifier::lint
