#include <algorithm>
#include <map>
#include <set>

#include <clang/AST/ASTContext.h>
#include <clang/AST/Attr.h>
#include <clang/AST/Decl.h>
#include <clang/AST/Expr.h>
#include <clang/AST/ExprCXX.h>
#include <clang/AST/Stmt.h>
#include <clang/AST/StmtCXX.h>
#include <clang/Basic/SourceManager.h>
#include <llvm/ADT/Hashing.h>

#include "verifier/lint/code.h"
#include "verifier/lint/readable.h"
#include "verifier/lint/walk.h"

namespace kverify::verifier::lint {

namespace {

bool isLoop(const clang::Stmt& stmt) {
  return llvm::isa<clang::ForStmt>(&stmt) || llvm::isa<clang::WhileStmt>(&stmt) || llvm::isa<clang::DoStmt>(&stmt) ||
         llvm::isa<clang::CXXForRangeStmt>(&stmt);
}

bool isDecision(const clang::Stmt& stmt) {
  const auto* binary = llvm::dyn_cast<clang::BinaryOperator>(&stmt);
  return isLoop(stmt) || llvm::isa<clang::IfStmt>(&stmt) || llvm::isa<clang::CaseStmt>(&stmt) ||
         llvm::isa<clang::ConditionalOperator>(&stmt) || (binary && binary->isLogicalOp());
}

bool nests(const clang::Stmt& stmt) {
  return isLoop(stmt) || llvm::isa<clang::IfStmt>(&stmt) || llvm::isa<clang::SwitchStmt>(&stmt);
}

bool isStatement(const clang::Stmt& stmt, Ancestors above) {
  if (llvm::isa<clang::CompoundStmt>(&stmt) || llvm::isa<clang::NullStmt>(&stmt))
    return false;
  if (!llvm::isa<clang::Expr>(&stmt))
    return true;
  return !above.empty() && llvm::isa<clang::CompoundStmt>(above.back());
}

/// Numbers that say what they are: 0 to 4, a warp, a bit of a byte.
bool isPlain(const llvm::APInt& value) {
  std::uint64_t number = value.getLimitedValue();
  return number <= 4 || number == 8 || number == 16 || number == 31 || number == 32;
}

/// Is the literal a factor or term of an index, with nothing that names it between?
bool isInIndex(Ancestors above, const clang::Stmt& literal) {
  const clang::Stmt* below = &literal;
  for (std::size_t i = above.size(); i-- > 0;) {
    const clang::Stmt* stmt = above[i];
    if (const auto* subscript = llvm::dyn_cast<clang::ArraySubscriptExpr>(stmt))
      return subscript->getIdx() == below;
    const auto* binary = llvm::dyn_cast<clang::BinaryOperator>(stmt);
    if (binary && binary->isAdditiveOp() && binary->getType()->isPointerType())
      return true;
    bool arithmetic = binary && (binary->isAdditiveOp() || binary->isMultiplicativeOp() || binary->isShiftOp() ||
                                 binary->isBitwiseOp());
    if (!arithmetic && !llvm::isa<clang::CastExpr>(stmt) && !llvm::isa<clang::ParenExpr>(stmt))
      return false;
    below = stmt;
  }
  return false;
}

bool leavesFor(const clang::Stmt* stmt) {
  return llvm::isa<clang::ReturnStmt>(stmt) || llvm::isa<clang::BreakStmt>(stmt) || llvm::isa<clang::ContinueStmt>(stmt);
}

/// What a block holds after the statement that leaves it; labels and cases may be jumped to.
const clang::Stmt* behindExit(const clang::CompoundStmt& block) {
  const clang::Stmt* before = nullptr;
  for (const clang::Stmt* stmt : block.body()) {
    if (before && leavesFor(before) && !llvm::isa<clang::SwitchCase>(stmt) && !llvm::isa<clang::LabelStmt>(stmt) &&
        !llvm::isa<clang::NullStmt>(stmt) && !leavesFor(stmt))
      return stmt;
    before = stmt;
  }
  return nullptr;
}

/// `if (false)`, `if (0)`: written so, not the outcome of a template or macro.
const clang::Stmt* neverTaken(const clang::IfStmt& test) {
  const clang::Expr* condition = test.getCond()->IgnoreParenImpCasts();
  const auto* literal = llvm::dyn_cast<clang::IntegerLiteral>(condition);
  const auto* boolean = llvm::dyn_cast<clang::CXXBoolLiteralExpr>(condition);
  bool no = (literal && literal->getValue() == 0) || (boolean && !boolean->getValue());
  return no && !condition->getBeginLoc().isMacroID() ? test.getThen() : nullptr;
}

struct Uses {
  std::map<const clang::ValueDecl*, unsigned> named, only_written;
};

/// The variable whose whole value the statement replaces or changes and does not look at otherwise.
const clang::ValueDecl* onlyWritten(const clang::Stmt& stmt, Ancestors above) {
  // Its value must be dropped: the statement stands alone.
  bool alone = !above.empty() && (llvm::isa<clang::CompoundStmt>(above.back()) || llvm::isa<clang::ForStmt>(above.back()) ||
                                  llvm::isa<clang::IfStmt>(above.back()));
  if (!alone)
    return nullptr;
  if (const auto* binary = llvm::dyn_cast<clang::BinaryOperator>(&stmt); binary && binary->isAssignmentOp())
    return variableOf(binary->getLHS());
  const auto* unary = llvm::dyn_cast<clang::UnaryOperator>(&stmt);
  return unary && unary->isIncrementDecrementOp() ? variableOf(unary->getSubExpr()) : nullptr;
}

void countUses(const clang::Stmt& stmt, Ancestors above, Uses& uses) {
  if (const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(&stmt))
    ++uses.named[reference->getDecl()];
  if (const clang::ValueDecl* written = onlyWritten(stmt, above))
    ++uses.only_written[written];
}

bool isLetter(llvm::StringRef name) {
  return name.size() == 1 && name[0] >= 'a' && name[0] <= 'z';
}

/// What everyone calls so: counters and coordinates; x, y, the m and l of a softmax, q, k, v, s.
bool isUsualLetter(llvm::StringRef name, bool is_integer) {
  return llvm::StringRef(is_integer ? "ijkbcdhwnmrxyzt" : "xymlqkvs").contains(name);
}

} // namespace

Figures figuresOf(const UserFunction& function, const LintContext& context) {
  Figures figures;
  const clang::SourceManager& sources = context.sources();
  const clang::Stmt* body = function.decl->getBody();
  figures.lines = sources.getExpansionLineNumber(body->getEndLoc()) - sources.getExpansionLineNumber(body->getBeginLoc()) + 1;
  Uses uses;
  std::vector<const clang::VarDecl*> locals;
  auto visit = [&](const clang::Stmt& stmt, Ancestors above) {
    figures.statements += isStatement(stmt, above);
    figures.cyclomatic += isDecision(stmt);
    countUses(stmt, above, uses);
    if (nests(stmt)) {
      const auto* parent = above.empty() ? nullptr : llvm::dyn_cast<clang::IfStmt>(above.back());
      bool is_chain = parent && parent->getElse() == &stmt; // else if
      unsigned depth = !is_chain;
      for (const clang::Stmt* one : above)
        depth += nests(*one);
      figures.nesting = std::max(figures.nesting, depth);
    }
    if (const auto* number = llvm::dyn_cast<clang::IntegerLiteral>(&stmt))
      if (!isPlain(number->getValue()) && !number->getBeginLoc().isMacroID() && isInIndex(above, stmt))
        figures.magic.push_back(number);
    if (const auto* block = llvm::dyn_cast<clang::CompoundStmt>(&stmt))
      if (const clang::Stmt* dead = behindExit(*block))
        figures.unreachable.push_back(dead);
    if (const auto* test = llvm::dyn_cast<clang::IfStmt>(&stmt))
      if (const clang::Stmt* dead = neverTaken(*test))
        figures.unreachable.push_back(dead);
    if (const auto* group = llvm::dyn_cast<clang::DeclStmt>(&stmt))
      for (const clang::Decl* decl : group->decls())
        if (const auto* variable = llvm::dyn_cast<clang::VarDecl>(decl))
          locals.push_back(variable);
  };
  walk(body, visit);
  for (const clang::VarDecl* variable : locals) {
    ++figures.variables;
    if (isLetter(variable->getName()) && !isUsualLetter(variable->getName(), variable->getType()->isIntegerType()))
      figures.short_names.push_back(variable);
    bool plain = variable->getType()->isArithmeticType() || variable->getType()->isPointerType();
    // Constants may be named in types and template arguments, which are no statements.
    bool constant = variable->getType().isConstQualified() && variable->getInit() && !variable->getInit()->isValueDependent() &&
                    variable->getInit()->isEvaluatable(context.ast());
    bool marked = constant || variable->hasAttr<clang::UnusedAttr>() || variable->isStaticLocal() || variable->hasAttr<clang::CUDASharedAttr>();
    if (plain && !marked && !function.is_dependent && uses.named[variable] == uses.only_written[variable])
      figures.never_read.push_back(variable);
  }
  for (const clang::ParmVarDecl* parameter : function.decl->parameters())
    if (parameter->getDeclName() && !parameter->hasAttr<clang::UnusedAttr>() && !uses.named[parameter])
      figures.unused.push_back(parameter);
  return figures;
}

namespace {

constexpr unsigned kWindow = 6;    ///< statements that must repeat
constexpr unsigned kLeastSize = 60; ///< nodes of the syntax tree in them

/// The statement's shape: kinds, operators, literals, callees and types; variables by their types only.
std::pair<std::size_t, unsigned> shapeOf(const clang::Stmt* root) {
  llvm::hash_code hash = 0;
  unsigned size = 0;
  walk(root, [&](const clang::Stmt& stmt, Ancestors) {
    ++size;
    hash = llvm::hash_combine(hash, static_cast<int>(stmt.getStmtClass()));
    if (const auto* binary = llvm::dyn_cast<clang::BinaryOperator>(&stmt))
      hash = llvm::hash_combine(hash, static_cast<int>(binary->getOpcode()));
    else if (const auto* unary = llvm::dyn_cast<clang::UnaryOperator>(&stmt))
      hash = llvm::hash_combine(hash, static_cast<int>(unary->getOpcode()));
    else if (const auto* number = llvm::dyn_cast<clang::IntegerLiteral>(&stmt))
      hash = llvm::hash_combine(hash, number->getValue().getLimitedValue());
    else if (const auto* call = llvm::dyn_cast<clang::CallExpr>(&stmt))
      hash = llvm::hash_combine(hash, calleeName(*call));
    else if (const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(&stmt))
      hash = llvm::hash_combine(hash, reference->getType().getCanonicalType().getAsOpaquePtr());
  });
  return {static_cast<std::size_t>(hash), size};
}

struct Window {
  const UserFunction* function;
  const clang::CompoundStmt* block;
  unsigned from;
};

} // namespace

std::vector<Duplicate> duplicatesIn(const LintContext& context) {
  std::map<std::size_t, Window> seen;
  std::vector<Duplicate> found;
  std::set<const clang::FunctionDecl*> patterns; // of a template one instance
  for (const UserFunction& function : context.functions) {
    const clang::FunctionDecl* pattern = function.decl->getTemplateInstantiationPattern();
    // What a macro makes is written once.
    if ((pattern && !patterns.insert(pattern).second) || function.decl->getLocation().isMacroID())
      continue;
    walk(function.decl->getBody(), [&](const clang::Stmt& stmt, Ancestors) {
      const auto* block = llvm::dyn_cast<clang::CompoundStmt>(&stmt);
      if (!block || block->size() < kWindow)
        return;
      std::vector<const clang::Stmt*> body(block->body_begin(), block->body_end());
      std::vector<std::pair<std::size_t, unsigned>> shapes;
      for (const clang::Stmt* one : body)
        shapes.push_back(shapeOf(one));
      for (unsigned from = 0; from + kWindow <= body.size(); ++from) {
        std::size_t hash = 0;
        unsigned size = 0;
        for (unsigned i = from; i < from + kWindow; ++i) {
          hash = static_cast<std::size_t>(llvm::hash_combine(hash, shapes[i].first));
          size += shapes[i].second;
        }
        auto [at, fresh] = seen.try_emplace(hash, Window{&function, block, from});
        if (fresh || size < kLeastSize || (at->second.block == block && from < at->second.from + kWindow))
          continue;
        const clang::Stmt* first = *(at->second.block->body_begin() + at->second.from);
        found.push_back({&function, at->second.function, first, body[from], kWindow});
        from += kWindow - 1; // what follows belongs to the same repetition
      }
    });
  }
  return found;
}

} // namespace kverify::verifier::lint
