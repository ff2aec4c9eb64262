// Results that depend on the order of arrival, and functions that trade bits for speed.
#include <algorithm>
#include <map>

#include <clang/AST/DeclCXX.h>
#include <clang/AST/Expr.h>
#include <clang/AST/Stmt.h>
#include <fmt/format.h>
#include <llvm/ADT/StringSwitch.h>

#include "verifier/lint/code.h"
#include "verifier/lint/facts.h"
#include "verifier/lint/families.h"

namespace kverify::verifier::lint {

namespace {

bool addsAtomically(llvm::StringRef name) {
  return llvm::StringSwitch<bool>(name)
      .Cases("atomicAdd", "atomicAdd_block", "atomicAdd_system", "atomicSub", "fetch_add", "fetch_sub", true)
      .Cases("gpuAtomicAdd", "gpuAtomicAddNoReturn", "fastAtomicAdd", true)
      .Default(false);
}

bool isFloatPlace(const clang::CallExpr& call) {
  if (call.getNumArgs() == 0)
    return false;
  clang::QualType type = call.getArg(0)->IgnoreParenImpCasts()->getType();
  if (type->isPointerType() || type->isArrayType())
    type = clang::QualType(type->getPointeeOrArrayElementType(), 0);
  if (significantBits(type) > 0)
    return true;
  const auto* record = type->getAsCXXRecordDecl();
  return record && record->getIdentifier() && (record->getName() == "float2" || record->getName() == "float4");
}

void findAtomics(const LintContext& context, Reporter& reporter) {
  for (const UserFunction& function : context.functions) {
    if (!function.on_device)
      continue;
    Facts facts = factsOf(*function.decl);
    for (const Call& call : facts.calls) {
      if (!addsAtomically(call.name) || call.expr->getNumArgs() < 2)
        continue;
      if (call.expr->getArg(0)->isTypeDependent())
        reporter.unknown(context.placeOf(*call.expr, function), "what is added to is of a template's type");
      else if (isFloatPlace(*call.expr))
        reporter.report(context.placeOf(*call.expr, function),
                        fmt::format("{} of floating point: the sum depends on the order in which threads arrive", call.name));
    }
    for (const Asm& one : facts.assembly) {
      llvm::StringRef text(one.text);
      if ((text.contains("red.") || text.contains("atom.")) && text.contains(".add.") &&
          (text.contains(".f32") || text.contains("f16") || text.contains(".f64")))
        reporter.report(context.placeOf(*one.stmt, function),
                        "an atomic sum of floating point: it depends on the order in which threads arrive");
    }
  }
}

/// Errors as NVIDIA's CUDA C++ Programming Guide, "Mathematical Functions", and the PTX ISA state them.
const std::map<std::string, const char*>& fastFunctions() {
  static const std::map<std::string, const char*> all = {
      {"__expf", "2 + floor(|1.173 x|) ulp"},
      {"__exp10f", "2 + floor(|2.97 x|) ulp"},
      {"__logf", "2^-21.41 absolute in [0.5, 2], else 3 ulp"},
      {"__log2f", "2^-22 absolute in [0.5, 2], else 2 ulp"},
      {"__log10f", "2^-24 absolute in [0.5, 2], else 3 ulp"},
      {"__sinf", "2^-21.41 absolute in [-pi, pi], worse outside"},
      {"__cosf", "2^-21.19 absolute in [-pi, pi], worse outside"},
      {"__sincosf", "as __sinf and __cosf"},
      {"__tanf", "that of __sinf / __cosf"},
      {"__tanhf", "2^-11 relative"},
      {"__powf", "that of exp2(y * __log2f(x))"},
      {"__fdividef", "2 ulp for 2^-126 <= |y| <= 2^126, and 0 beyond"},
      {"hexp", "of half precision"},
      {"hlog", "of half precision"},
      {"hrsqrt", "of half precision"},
      {"hrcp", "of half precision"},
      {"htanh_approx", "2^-11 relative"},
  };
  return all;
}

const std::map<std::string, const char*>& fastInstructions() {
  static const std::map<std::string, const char*> all = {
      {"ex2.approx", "2^-22 relative (f16: 2^-9.9)"}, {"lg2.approx", "2^-22 absolute in [0.5, 2], else 2^-22 relative"},
      {"rcp.approx", "1 ulp"},                        {"rsqrt.approx", "2^-22.9 relative"},
      {"sqrt.approx", "2^-23 relative"},              {"sin.approx", "2^-20.5 absolute in [-2 pi, 2 pi]"},
      {"cos.approx", "2^-20.5 absolute in [-2 pi, 2 pi]"}, {"tanh.approx", "2^-11 relative (f16: 2^-10.987)"},
      {"div.approx", "2 ulp for 2^-126 <= |y| <= 2^126"}, {"div.full", "2 ulp"},
  };
  return all;
}

/// One finding for each function and intrinsic; the further lines are related places.
void findFastMath(const LintContext& context, Reporter& reporter) {
  for (const UserFunction& function : context.functions) {
    if (!function.on_device)
      continue;
    Facts facts = factsOf(*function.decl);
    std::map<std::string, std::pair<const char*, std::vector<const clang::Stmt*>>> uses;
    bool declared = context.contract && context.contract->precision.exp == Precision::Exp::Fast;
    for (const Call& call : facts.calls)
      if (auto fast = fastFunctions().find(call.name);
          fast != fastFunctions().end() && !(declared && isExpName(call.name))) {
        uses[call.name].first = fast->second;
        uses[call.name].second.push_back(call.expr);
      }
    for (const Asm& one : facts.assembly) {
      bool known = false;
      for (const auto& [instruction, error] : fastInstructions()) {
        if (one.text.find(instruction) == std::string::npos)
          continue;
        known = true;
        if (declared && instruction == "ex2.approx")
          continue;
        uses[instruction].first = error;
        uses[instruction].second.push_back(one.stmt);
      }
      if (!known && one.text.find(".approx") != std::string::npos)
        reporter.unknown(context.placeOf(*one.stmt, function), "an approximate instruction whose error is in no table here");
    }
    for (const auto& [name, use] : uses) {
      LintFinding& finding = reporter.report(context.placeOf(*use.second[0], function),
                                             fmt::format("{} is fast and inexact: error {}", name, use.first));
      for (std::size_t i = 1; i < use.second.size(); ++i)
        also(finding, context.placeOf(*use.second[i], function), "again");
    }
  }
}

} // namespace

std::vector<LintCheck> roundingChecks() {
  return {
      {.info = {"numerics.atomic-order", "KV3206", "static", "a floating-point sum by atomics: another result each run",
                "addition of floats is not associative and atomics come in any order: two runs differ in the last bits, "
                "tests flicker, and a bound on the error must hold for every order",
                "reduce in a fixed order (a tree in shared memory, then one writer per output, or a second kernel); or "
                "accept it and allow it with a reason",
                "heuristic: that only one thread ever adds to a place is not seen", Severity::Warning,
                "atomicAdd(&out[row], partial);                  // the order is that of arrival\n"
                "partials[row * blocks + blockIdx.x] = partial;  // then a second kernel adds them in order"},
       .run = findAtomics},
      {.info = {"numerics.fast-math", "KV3207", "static", "an intrinsic that trades accuracy for speed",
                "its error is part of the kernel's error: the contract's precision should say so, and near the ends of its "
                "range it is large (__expf of 88 is off by 100 ulp, __sinf beyond pi without bound)",
                "where the accuracy is needed use the plain function; where it is not, declare \"exp\": \"fast\" in the contract",
                "exact: the call is there", Severity::Note,
                "float y = __expf(x);   // 2 + floor(|1.173 x|) ulp\n"
                "float y = expf(x);     // 2 ulp at most"},
       .run = findFastMath},
  };
}

} // namespace kverify::verifier::lint
