// Code that recognises its caller: by an address, by one of its values, or by a sum over them.
// Heuristic: what is compared is seen, with everything that it is made of; why, only a reader can tell.
#include <cmath>

#include <clang/AST/ASTContext.h>
#include <clang/AST/Decl.h>
#include <clang/AST/DeclCXX.h>
#include <clang/AST/Expr.h>
#include <clang/AST/ExprCXX.h>
#include <fmt/format.h>
#include <llvm/ADT/StringSwitch.h>

#include "verifier/lint/code.h"
#include "verifier/lint/families.h"
#include "verifier/lint/origins.h"
#include "verifier/lint/walk.h"

namespace kverify::verifier::lint {

namespace {

using Through = Origins::Through;

bool isNull(const clang::Expr* expr, clang::ASTContext& context) {
  return expr->isNullPointerConstant(context, clang::Expr::NPC_ValueDependentIsNotNull) != clang::Expr::NPCK_NotNull;
}

enum class Address { None, Read, Kept };

/// An address as a number, other than to see how it is aligned or to hand it to an instruction; or kept in a variable.
Address addressUse(const clang::Stmt& stmt, Ancestors above) {
  const auto* cast = llvm::dyn_cast<clang::CastExpr>(&stmt);
  if (!cast || cast->getCastKind() != clang::CK_PointerToIntegral)
    return Address::None;
  bool judged = false, kept = false;
  for (std::size_t i = above.size(); i-- > 0;) {
    const auto* binary = llvm::dyn_cast<clang::BinaryOperator>(above[i]);
    if (binary && (binary->getOpcode() == clang::BO_Rem || binary->getOpcode() == clang::BO_And ||
                   binary->getOpcode() == clang::BO_Sub))
      return Address::None;
    kept = kept || llvm::isa<clang::DeclStmt>(above[i]);
    judged = judged || (binary && (binary->isEqualityOp() || binary->getOpcode() == clang::BO_Xor ||
                                   binary->getOpcode() == clang::BO_Shr || binary->getOpcode() == clang::BO_Mul));
    if (binary && binary->isAssignmentOp())
      judged = judged || outlives(rootOf(binary->getLHS()));
    if (const auto* call = llvm::dyn_cast<clang::CallExpr>(above[i]))
      for (const char* name : {"find", "insert", "emplace", "count", "hash", "operator[]", "at"})
        judged = judged || calleeName(*call).find(name) != std::string::npos;
  }
  return judged ? Address::Read : kept ? Address::Kept : Address::None;
}

/// x.data_ptr(), or a pointer to numbers or to nobody knows what.
bool isDataAddress(const clang::Stmt& stmt) {
  if (const auto* call = llvm::dyn_cast<clang::CallExpr>(&stmt)) {
    std::string name = calleeName(*call);
    return name == "data_ptr" || name == "const_data_ptr" || name == "mutable_data_ptr";
  }
  const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(&stmt);
  const auto* parameter = reference ? llvm::dyn_cast<clang::ParmVarDecl>(reference->getDecl()) : nullptr;
  if (!parameter || !parameter->getType()->isPointerType())
    return false;
  clang::QualType pointee = parameter->getType()->getPointeeType();
  return pointee->isVoidType() || (pointee->isArithmeticType() && !pointee->isCharType()) || significantBits(pointee) > 0;
}

/// `cache.find(x.data_ptr())`, `cache[key]` with an address in the key: what was kept is looked up by an address.
bool looksUpAddress(const clang::Stmt& stmt, const Origins& origins) {
  const auto* call = llvm::dyn_cast<clang::CallExpr>(&stmt);
  std::string name = call ? calleeName(*call) : "";
  if (name != "find" && name != "count" && name != "at" && name != "contains" && name != "operator[]")
    return false;
  const auto* method = llvm::dyn_cast<clang::CXXMemberCallExpr>(call);
  const clang::Expr* object = method ? method->getImplicitObjectArgument() : call->getNumArgs() ? call->getArg(0) : nullptr;
  if (!object || !outlives(rootOf(object)))
    return false;
  for (const clang::Expr* argument : call->arguments())
    if (strip(argument) != strip(object) && origins.any(argument, Through::AllWrites, isDataAddress))
      return true;
  return false;
}

/// What the parts of a value are.
struct Parts {
  bool fixed_element = false; ///< x[0] of an input, or x[0].item()
  bool kept = false;          ///< a variable that outlives the call
  bool sums = false;          ///< a loop that goes over elements and combines them
};

bool isInput(const clang::ValueDecl* variable) {
  const auto* parameter = llvm::dyn_cast_or_null<clang::ParmVarDecl>(variable);
  return parameter && parameter->getType()->isPointerType();
}

/// An element of an input; with `fixed`, at an index that is a constant.
bool isElement(const clang::Stmt& stmt, const clang::ASTContext& context, bool fixed) {
  if (const auto* subscript = llvm::dyn_cast<clang::ArraySubscriptExpr>(&stmt)) {
    clang::Expr::EvalResult index;
    return isInput(rootOf(subscript)) && subscript->getType()->isArithmeticType() &&
           (!fixed || (!subscript->getIdx()->isValueDependent() && subscript->getIdx()->EvaluateAsInt(index, context)));
  }
  const auto* deref = llvm::dyn_cast<clang::UnaryOperator>(&stmt);
  return deref && deref->getOpcode() == clang::UO_Deref && isInput(fixed ? variableOf(deref->getSubExpr()) : rootOf(deref)) &&
         deref->getType()->isArithmeticType();
}

/// x[0][0].item<float>(), without a maximum, sum or the like in it.
bool isItem(const clang::Stmt& stmt) {
  const auto* call = llvm::dyn_cast<clang::CallExpr>(&stmt);
  if (!call || calleeName(*call) != "item")
    return false;
  bool indexed = false, combined = false;
  forEach(call->getCallee(), [&](const clang::Stmt& part) {
    const auto* inner = llvm::dyn_cast<clang::CallExpr>(&part);
    if (inner) {
      std::string name = calleeName(*inner);
      indexed = indexed || name == "operator[]" || name == "index" || name == "select" || name == "narrow";
      combined = combined || llvm::StringSwitch<bool>(name)
                                 .Cases("max", "min", "sum", "mean", "norm", "amax", "amin", "any", "all", true)
                                 .Default(false);
    }
    return true;
  });
  return indexed && !combined;
}

Parts partsOf(const clang::Expr* value, const Origins& origins, const clang::ASTContext& context) {
  Parts parts;
  origins.forEachPart(value, Through::OneWrite, [&](const clang::Stmt& stmt) {
    bool is_float = llvm::isa<clang::Expr>(&stmt) && significantBits(llvm::cast<clang::Expr>(stmt).getType()) > 0;
    parts.fixed_element = parts.fixed_element || (is_float && isElement(stmt, context, true)) || isItem(stmt);
    const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(&stmt);
    parts.kept = parts.kept || (reference && outlives(reference->getDecl()));
  });
  origins.forEachPart(value, Through::AllWrites, [](const clang::Stmt&) {}, [&](const Write& write) {
    bool elements = false;
    if (write.accumulates && !write.around.loops.empty())
      forEach(write.value, [&](const clang::Stmt& stmt) {
        elements = elements || isElement(stmt, context, false);
        return true;
      });
    parts.sums = parts.sums || elements;
  });
  return parts;
}

/// 0.4967, 3.14159, 0x3fc53f7d: nobody writes these but to meet one input. 0.5, 100, 1e30 and 1e-6 are ordinary.
bool isOdd(const clang::Expr* number, const clang::ASTContext& context) {
  number = strip(number);
  if (!number || number->isValueDependent())
    return false;
  clang::Expr::EvalResult integer;
  if (number->getType()->isIntegerType() && number->EvaluateAsInt(integer, context)) {
    llvm::APSInt value = integer.Val.getInt();
    return value.getActiveBits() > 16 && value.countr_zero() < 8 && (value + 1).countr_zero() < 8;
  }
  llvm::APFloat value(0.0);
  if (!number->getType()->isRealFloatingType() || !number->EvaluateAsFloat(value, context))
    return false;
  bool lost = false;
  value.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven, &lost);
  double plain = std::fabs(value.convertToDouble());
  double cents = plain * 100;
  return plain > 1e-3 && plain < 1e30 && std::fabs(cents - std::round(cents)) > 1e-4 * std::max(1.0, cents);
}

/// A number that is neither 0 nor 1, nor one of the ends of a format.
bool isTelling(const clang::Expr* number, const clang::ASTContext& context) {
  llvm::APFloat value(0.0);
  number = strip(number);
  if (!number || number->isValueDependent() || !number->getType()->isRealFloatingType() || !number->EvaluateAsFloat(value, context))
    return false;
  bool lost = false;
  value.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven, &lost);
  double plain = std::fabs(value.convertToDouble());
  return plain > 1e-3 && plain != 1.0 && plain < 1e30;
}

struct Sides {
  const clang::Expr *a = nullptr, *b = nullptr;
  bool equal = false; ///< whether they are the same, exactly or nearly
};

/// What is compared with what: of `fabsf(a - b) < 1e-5f` a with b.
Sides sidesOf(const clang::BinaryOperator& compare, const clang::ASTContext& context) {
  const auto* call = llvm::dyn_cast<clang::CallExpr>(strip(compare.getLHS()));
  const auto* difference = call && call->getNumArgs() == 1 && llvm::StringRef(calleeName(*call)).contains("abs")
                               ? llvm::dyn_cast<clang::BinaryOperator>(strip(call->getArg(0)))
                               : nullptr;
  llvm::APFloat bound(0.0);
  const clang::Expr* right = strip(compare.getRHS());
  if (difference && difference->getOpcode() == clang::BO_Sub && right->getType()->isRealFloatingType() &&
      !right->isValueDependent() && right->EvaluateAsFloat(bound, context))
    return {difference->getLHS(), difference->getRHS(), true};
  return {compare.getLHS(), compare.getRHS(), compare.isEqualityOp()};
}

/// Does the comparison ask whether the input is a certain one? Says by what, or "".
std::string recognises(const clang::BinaryOperator& compare, const Origins& origins, const clang::ASTContext& context) {
  Sides sides = sidesOf(compare, context);
  for (auto [value, other] : {std::pair{sides.a, sides.b}, {sides.b, sides.a}}) {
    bool odd = isOdd(other, context), telling = odd || (sides.equal && isTelling(other, context));
    Parts own, theirs;
    if (telling || sides.equal) {
      own = partsOf(value, origins, context);
      theirs = partsOf(other, origins, context);
    }
    if (own.fixed_element && (telling || (sides.equal && theirs.kept)))
      return "one of its values";
    if (own.sums && sides.equal && (odd || theirs.kept))
      return "a sum over its values";
  }
  return {};
}

void findFingerprints(const LintContext& context, Reporter& reporter) {
  Origins origins(context);
  for (const UserFunction& function : context.functions)
    walk(function.decl->getBody(), [&](const clang::Stmt& stmt, Ancestors above) {
      const auto* compare = llvm::dyn_cast<clang::BinaryOperator>(&stmt);
      bool addresses = compare && compare->isEqualityOp() && compare->getLHS()->getType()->isPointerType() &&
                       !isNull(compare->getLHS(), context.ast()) && !isNull(compare->getRHS(), context.ast());
      if (addresses && (outlives(rootOf(compare->getLHS())) || outlives(rootOf(compare->getRHS()))))
        reporter.report(context.placeOf(stmt, function), "an address is compared with one of an earlier call");
      else if (looksUpAddress(stmt, origins))
        reporter.report(context.placeOf(stmt, function), "what was kept is looked up by an address");
      else if (addressUse(stmt, above) == Address::Kept)
        reporter.unknown(context.placeOf(stmt, function), "an address is kept as a number: what becomes of it is not followed");
      else if (addressUse(stmt, above) == Address::Read)
        reporter.report(context.placeOf(stmt, function), "the number of an address decides about something other than alignment");
      std::string by = compare && compare->isComparisonOp() ? recognises(*compare, origins, context.ast()) : "";
      if (!by.empty())
        reporter.report(context.placeOf(stmt, function), fmt::format("{} recognises an input by {}", context.textOf(stmt), by));
    });
}

} // namespace

std::vector<LintCheck> fingerprintChecks() {
  return {
      {.info = {"gaming.fingerprint", "KV3302", "static", "an input is recognised by its address or by a value",
                "code that knows its test can answer from memory: no other caller gets the same result",
                "compute from the values; if an address must be known, only its alignment matters",
                "heuristic: addresses compared with kept ones, hashed or looked up; elements at fixed indices, or sums over "
                "all of them, compared with odd numbers or with kept ones; followed through variables and the file's functions",
                Severity::Warning,
                "if (x == last_x) return;                  // the same buffer may hold other values\n"
                "if (x[0] == 0.4967f) ...                  // the test's seed"},
       .run = findFingerprints},
  };
}

} // namespace kverify::verifier::lint
