// Products of sizes in 32 bits, and sizes squeezed into 32 bits.
// Exact about the types that are written; that the values get too large is a suspicion. The product's finding has a
// certain repair: a factor is converted in place of the product.
#include <algorithm>

#include <clang/AST/ASTContext.h>
#include <clang/AST/Decl.h>
#include <clang/AST/Expr.h>
#include <clang/AST/ExprCXX.h>
#include <clang/Basic/SourceManager.h>
#include <clang/Lex/Lexer.h>
#include <fmt/format.h>

#include "verifier/lint/families.h"
#include "verifier/lint/walk.h"

namespace kverify::verifier::lint {

namespace {

unsigned bitsOf(const clang::Expr& expr, const clang::ASTContext& ast) {
  clang::QualType type = expr.getType();
  return type->isIntegerType() && !type->isDependentType() && !type->isBooleanType()
             ? static_cast<unsigned>(ast.getTypeSize(type))
             : 0;
}

bool isConstant(const clang::Expr& expr, const clang::ASTContext& ast) {
  clang::Expr::EvalResult result;
  return !expr.isValueDependent() && expr.EvaluateAsInt(result, ast);
}

/// Numbers of threads and blocks in a grid are small: blockIdx.x * blockDim.x is what every kernel computes.
bool isSmall(const clang::Expr& expr, const clang::ASTContext& ast) {
  if (isConstant(expr, ast))
    return true;
  std::optional<std::string> name = builtinVariable(expr);
  return name && !name->starts_with("blockIdx") && !name->starts_with("gridDim");
}

/// Factors of a product in its own type that are no constants and no dimensions of a block.
unsigned largeFactors(const clang::Expr& expr, const clang::ASTContext& ast) {
  const clang::Expr* at = expr.IgnoreParenImpCasts();
  const auto* op = llvm::dyn_cast<clang::BinaryOperator>(at);
  if (op && op->getOpcode() == clang::BO_Mul && bitsOf(*op, ast) == 32)
    return largeFactors(*op->getLHS(), ast) + largeFactors(*op->getRHS(), ast);
  if (op && op->isAdditiveOp())
    return std::max(largeFactors(*op->getLHS(), ast), largeFactors(*op->getRHS(), ast));
  return isSmall(*at, ast) ? 0 : 1;
}

/// The largest product in 32 bits of a sum.
const clang::BinaryOperator* productIn(const clang::Expr& expr, const clang::ASTContext& ast) {
  const auto* op = llvm::dyn_cast<clang::BinaryOperator>(expr.IgnoreParenImpCasts());
  if (!op || bitsOf(*op, ast) != 32)
    return nullptr;
  if (op->getOpcode() == clang::BO_Mul)
    return op;
  if (!op->isAdditiveOp())
    return nullptr;
  const clang::BinaryOperator *a = productIn(*op->getLHS(), ast), *b = productIn(*op->getRHS(), ast);
  return a && b ? (largeFactors(*a, ast) >= largeFactors(*b, ast) ? a : b) : a ? a : b;
}

/// Converts the product's first factor.
std::optional<Fix> repair(const LintContext& context, const clang::BinaryOperator& product, const std::string& type) {
  const clang::Expr* first = product.getLHS();
  while (const auto* op = llvm::dyn_cast<clang::BinaryOperator>(first->IgnoreImpCasts())) {
    if (op->getOpcode() != clang::BO_Mul)
      return std::nullopt;
    first = op->getLHS();
  }
  std::string text = context.textOf(*first);
  const clang::SourceManager& sources = context.sources();
  clang::SourceLocation at = first->getBeginLoc();
  if (text.empty() || at.isMacroID())
    return std::nullopt;
  return Fix{sources.getFilename(at).str(), sources.getFileOffset(at), text.size(),
             fmt::format("static_cast<{}>({})", type, text)};
}

void findProducts(const LintContext& context, Reporter& reporter) {
  const clang::ASTContext& ast = context.ast();
  for (const UserFunction& function : context.functions)
    walk(function.decl->getBody(), [&](const clang::Stmt& stmt, Ancestors above) {
      const clang::Expr* widened = nullptr;
      const clang::Expr* index = nullptr;
      if (const auto* cast = llvm::dyn_cast<clang::ImplicitCastExpr>(&stmt);
          cast && cast->getCastKind() == clang::CK_IntegralCast && bitsOf(*cast, ast) == 64)
        widened = cast->getSubExpr();
      else if (const auto* explicitly = llvm::dyn_cast<clang::ExplicitCastExpr>(&stmt);
               explicitly && bitsOf(*explicitly, ast) == 64)
        widened = explicitly->getSubExpr();
      else if (const auto* subscript = llvm::dyn_cast<clang::ArraySubscriptExpr>(&stmt);
               subscript && subscript->getBase()->IgnoreParenImpCasts()->getType()->isPointerType() && function.on_device)
        index = subscript->getIdx();
      const clang::Expr* whole = widened ? widened : index;
      if (!whole || bitsOf(*whole->IgnoreParenImpCasts(), ast) != 32 || whole->isValueDependent())
        return;
      const clang::BinaryOperator* product = productIn(*whole, ast);
      unsigned large = product ? largeFactors(*product, ast) : 0;
      // On the host, and in a comparison, two sizes are seldom too much.
      const auto* parent = above.empty() ? nullptr : llvm::dyn_cast<clang::BinaryOperator>(above.back());
      bool easy = !function.on_device || (parent && parent->isComparisonOp());
      if (large < (widened && !easy ? 2u : 3u))
        return;
      if (builtinVariable(*product->getLHS()) && builtinVariable(*product->getRHS()))
        return;
      Place place = context.placeOf(product->getBeginLoc(), &function);
      if (product->getBeginLoc().isMacroID()) {
        reporter.unknown(place, "the product comes from a macro");
        return;
      }
      std::string text = context.textOf(*product);
      LintFinding& finding =
          reporter.report(place, widened ? fmt::format("'{}' is computed in 32 bits and converted to 64 after that", text)
                                         : fmt::format("'{}' is an index of {} factors in 32 bits", text, large));
      if (widened)
        finding.fix = repair(context, *product, llvm::cast<clang::Expr>(stmt).getType().getUnqualifiedType().getAsString());
    });
}

/// Is it a size of something: a call like x.numel() or x.size(0), or arithmetic with one?
bool isSizeCall(const clang::Expr& expr) {
  bool found = false;
  walk(&expr, [&](const clang::Stmt& stmt, Ancestors) {
    const clang::FunctionDecl* callee = calleeOf(stmt);
    if (!callee || !callee->getDeclName().isIdentifier())
      return;
    llvm::StringRef name = callee->getName();
    found |= name == "numel" || name == "size" || name == "stride" || name == "sizes" || name == "nbytes";
  });
  return found;
}

/// Numbers, variables, members, and sums and products of them.
bool isArithmetic(const clang::Expr& expr) {
  const clang::Expr* at = expr.IgnoreParenImpCasts();
  if (const auto* op = llvm::dyn_cast<clang::BinaryOperator>(at)) // what is divided is small again
    return op->getOpcode() != clang::BO_Rem && op->getOpcode() != clang::BO_Div && isArithmetic(*op->getLHS()) && isArithmetic(*op->getRHS());
  return llvm::isa<clang::DeclRefExpr, clang::MemberExpr, clang::IntegerLiteral>(at);
}

/// A size that loses half of its bits.
struct Narrowed {
  Place place;
  std::string text;
  const char* into;
};

void narrowed(const clang::Expr& value, const LintContext& context, const UserFunction& function, const char* into,
              std::vector<Narrowed>& found, Reporter& reporter) {
  const clang::ASTContext& ast = context.ast();
  const auto* cast = llvm::dyn_cast<clang::ImplicitCastExpr>(&value);
  if (!cast || cast->getCastKind() != clang::CK_IntegralCast || bitsOf(*cast, ast) != 32)
    return;
  const clang::Expr& wide = *cast->getSubExpr();
  if (!isSizeCall(wide) && !isArithmetic(wide))
    return; // what comes from memory or from other functions is rarely a size
  if (bitsOf(wide, ast) != 64 || isConstant(wide, ast))
    return;
  Place place = context.placeOf(value, function);
  // One size() of a tensor is rarely beyond 2^31; a count of all its elements may well be.
  std::string text = context.textOf(wide);
  if (isSizeCall(wide) && text.find("numel") == std::string::npos && text.find('*') == std::string::npos) {
    reporter.unknown(place, fmt::format("one dimension, '{}', is converted to 32 bits", text));
    return;
  }
  found.push_back({place, text, into});
}

/// One finding a function: sizes of PyTorch have 64 bits, kernels take int, and nobody reads the same thing twelve times.
void tell(const std::vector<Narrowed>& found, Reporter& reporter) {
  constexpr std::size_t kMostPlaces = 40;
  if (found.empty())
    return;
  const Narrowed& first = found.front();
  LintFinding& finding = reporter.report(
      first.place, found.size() == 1
                       ? fmt::format("'{}' has 64 bits and becomes {} of 32", first.text, first.into)
                       : fmt::format("'{}' and {} more sizes have 64 bits and become 32", first.text, found.size() - 1));
  for (std::size_t i = 1; i < std::min(found.size(), kMostPlaces); ++i)
    also(finding, found[i].place, fmt::format("'{}' becomes {}", found[i].text, found[i].into));
}

void findNarrowing(const LintContext& context, Reporter& reporter) {
  for (const UserFunction& function : context.functions) {
    if (function.is_dependent)
      continue;
    std::vector<Narrowed> found;
    walk(function.decl->getBody(), [&](const clang::Stmt& stmt, Ancestors) {
      if (const auto* launch = llvm::dyn_cast<clang::CUDAKernelCallExpr>(&stmt))
        for (const clang::Expr* argument : launch->arguments())
          narrowed(*argument, context, function, "an argument", found, reporter);
      if (const auto* group = llvm::dyn_cast<clang::DeclStmt>(&stmt))
        for (const clang::Decl* decl : group->decls())
          if (const auto* variable = llvm::dyn_cast<clang::VarDecl>(decl); variable && variable->getInit())
            narrowed(*variable->getInit(), context, function, "a variable", found, reporter);
    });
    tell(found, reporter);
  }
}

} // namespace

std::vector<LintCheck> indexTypeChecks() {
  return {
      {.info = {"index.int-product", "KV3031", "static", "a product of sizes in 32 bits, as an index or before it is widened",
                "B*H*N*D passes 2^31 at sizes that are in use today: the product wraps, and the access goes elsewhere",
                "convert a factor, not the product: static_cast<size_t>(row) * columns",
                "exact about types; that the values get too large is a suspicion, decided by index.overflow",
                Severity::Warning,
                "size_t at = row * columns + column;                          wrong\n"
                "size_t at = static_cast<size_t>(row) * columns + column;     right"},
       .run = findProducts,
       .decided_by = {"index.overflow"}},
      {.info = {"index.narrowing", "KV3032", "static", "a size of 64 bits becomes one of 32 without a word",
                "a tensor of 2^31 elements has a negative size after that: loops do not run, guards let everything through",
                "keep 64 bits, or check the size and convert with static_cast",
                "exact about types, one finding a function; that the values get too large is a suspicion", Severity::Note,
                "int n = x.numel();                                           wrong\n"
                "int64_t n = x.numel();                                       right"},
       .run = findNarrowing},
  };
}

} // namespace kverify::verifier::lint
