// What makes a kernel hard to maintain, in figures, and a note where one is out of the ordinary. Never more than a note.
#include <algorithm>
#include <map>

#include <clang/AST/Decl.h>
#include <clang/AST/Expr.h>
#include <fmt/format.h>

#include "verifier/lint/families.h"
#include "verifier/lint/readable.h"

namespace kverify::verifier::lint {

namespace {

// Above these a reader has to hold more than is comfortable: McCabe's own limit is 10 for ordinary code; kernels are
// longer by nature, and the corpus of this project stays below these.
constexpr unsigned kMostCyclomatic = 30;
constexpr unsigned kMostNesting = 5;
constexpr unsigned kMostLines = 150;
constexpr unsigned kMostParameters = 16;
constexpr std::size_t kMostMagic = 3; ///< the same number without a name
constexpr std::size_t kMostShortNames = 6;

/// Once for each function of the source: of a template one instance.
template <class Visit> void forEachFunction(const LintContext& context, Visit visit) {
  std::vector<const clang::FunctionDecl*> seen;
  for (const UserFunction& function : context.functions) {
    const clang::FunctionDecl* pattern = function.decl->getTemplateInstantiationPattern();
    if (pattern && std::find(seen.begin(), seen.end(), pattern) != seen.end())
      continue;
    if (pattern)
      seen.push_back(pattern);
    visit(function);
  }
}

Place placeOfName(const LintContext& context, const UserFunction& function) {
  return context.placeOf(function.decl->getLocation(), &function);
}

void findComplexity(const LintContext& context, Reporter& reporter) {
  forEachFunction(context, [&](const UserFunction& function) {
    Figures figures = figuresOf(function, context);
    std::string name = function.decl->getNameAsString();
    if (function.is_kernel)
      reporter.profile(fmt::format("{}: {} lines, {} statements, {} parameters, cyclomatic {}, nesting {}, {} unnamed number{} in indices",
                                   name, figures.lines, figures.statements, function.decl->getNumParams(), figures.cyclomatic,
                                   figures.nesting, figures.magic.size(), figures.magic.size() == 1 ? "" : "s"));
    if (function.decl->isMain())
      return;
    std::vector<std::string> over;
    auto judge = [&](const char* what, unsigned value, unsigned most) {
      if (value > most)
        over.push_back(fmt::format("{} {} (over {})", what, value, most));
    };
    judge("cyclomatic", figures.cyclomatic, kMostCyclomatic);
    judge("nesting", figures.nesting, kMostNesting);
    judge("lines", figures.lines, kMostLines);
    judge("parameters", function.decl->getNumParams(), kMostParameters);
    if (!over.empty())
      reporter.report(placeOfName(context, function), fmt::format("'{}' is hard to take in: {}", name, fmt::join(over, ", ")));
    else if (function.is_dependent)
      reporter.unknown(placeOfName(context, function), "a template that nobody instantiates: `if constexpr` is not decided");
  });
}

void findMagic(const LintContext& context, Reporter& reporter) {
  forEachFunction(context, [&](const UserFunction& function) {
    std::map<std::uint64_t, std::vector<const clang::Expr*>> numbers;
    for (const clang::Expr* expr : figuresOf(function, context).magic)
      numbers[llvm::cast<clang::IntegerLiteral>(expr)->getValue().getLimitedValue()].push_back(expr);
    for (const auto& [number, places] : numbers) {
      if (places.size() < kMostMagic)
        continue;
      LintFinding& finding = reporter.report(context.placeOf(*places[0], function),
                                             fmt::format("{} stands {} times in index arithmetic and has no name", number, places.size()));
      for (std::size_t i = 1; i < places.size() && i < 4; ++i)
        also(finding, context.placeOf(*places[i], function), "again");
    }
    if (function.is_dependent)
      reporter.unknown(placeOfName(context, function), "a template that nobody instantiates: which indices are pointers' is open");
  });
}

void findDeadCode(const LintContext& context, Reporter& reporter) {
  forEachFunction(context, [&](const UserFunction& function) {
    Figures figures = figuresOf(function, context);
    for (const clang::Stmt* stmt : figures.unreachable)
      reporter.report(context.placeOf(*stmt, function), "this is never reached");
    for (const clang::VarDecl* variable : figures.never_read)
      reporter.report(context.placeOf(variable->getLocation(), &function),
                      fmt::format("nobody reads '{}'", variable->getNameAsString()));
    if (function.is_dependent)
      reporter.unknown(placeOfName(context, function), "a template that nobody instantiates: what its types do is open");
  });
}

void findUnusedParameters(const LintContext& context, Reporter& reporter) {
  forEachFunction(context, [&](const UserFunction& function) {
    if (function.decl->isMain() || function.decl->isOverloadedOperator())
      return;
    for (const clang::ParmVarDecl* parameter : figuresOf(function, context).unused)
      if (function.is_dependent && parameter->getType()->isDependentType())
        reporter.unknown(context.placeOf(parameter->getLocation(), &function), "its type is a template's parameter: it may choose an overload");
      else
        reporter.report(context.placeOf(parameter->getLocation(), &function),
                        fmt::format("'{}' does not use its parameter '{}'", function.decl->getNameAsString(),
                                    parameter->getNameAsString()));
  });
}

void findDuplicates(const LintContext& context, Reporter& reporter) {
  for (const Duplicate& one : duplicatesIn(context)) {
    LintFinding& finding = reporter.report(context.placeOf(*one.again, *one.function),
                                           fmt::format("{} statements that stand elsewhere already, apart from names", one.statements),
                                           "again");
    also(finding, context.placeOf(*one.first, *one.first_in), "the first time");
  }
  for (const UserFunction& function : context.functions)
    if (function.is_dependent)
      reporter.unknown(placeOfName(context, function), "a template that nobody instantiates: types are not compared");
}

void findNames(const LintContext& context, Reporter& reporter) {
  forEachFunction(context, [&](const UserFunction& function) {
    Figures figures = figuresOf(function, context);
    if (figures.short_names.size() < kMostShortNames)
      return;
    std::vector<std::string> names;
    for (const clang::VarDecl* variable : figures.short_names)
      names.push_back(variable->getNameAsString());
    if (function.is_dependent)
      reporter.unknown(placeOfName(context, function), "a template that nobody instantiates: which of them count is open");
    else
      reporter.report(placeOfName(context, function), fmt::format("{} of {} variables of '{}' have one letter: {}", names.size(),
                                                                  figures.variables, function.decl->getNameAsString(), fmt::join(names, ", ")));
  });
}

} // namespace

std::vector<LintCheck> readableChecks() {
  return {
      {.info = {"readable.complexity", "KV3401", "static", "a function that is hard to take in",
                "branches inside loops inside branches are where the defects are that nobody finds by reading; generated "
                "code grows this way because nobody has to read it twice",
                "give the parts names: a device function for the tile's load, for the product, for the reduction; structs "
                "for parameters that belong together",
                "exact figures: McCabe's cyclomatic number over 30, nesting over 5, over 150 lines, over 16 parameters",
                Severity::Note,
                "for (...) { if (...) { for (...) { if (...) { ... } } } }   // what is innermost has four reasons"},
       .run = findComplexity},
      {.info = {"readable.magic-index", "KV3402", "static", "a number without a name, several times in index arithmetic",
                "136 may be a padded row, a tile or a batch: whoever changes one of them misses another",
                "name it: constexpr int kPitch = 128 + 8;",
                "exact: the same literal three times or more in indices of one function; 0 to 4, 8, 16, 31 and 32 are "
                "usual ones", Severity::Note,
                "s[row * 136 + col] = x[row * 128 + col];       // 136 and 128, again and again\n"
                "s[row * kPitch + col] = x[row * kTile + col];  // right"},
       .run = findMagic},
      {.info = {"readable.dead-code", "KV3403", "static", "code that does nothing",
                "a variable that nobody reads is a leftover, or the sign that the wrong one is read",
                "remove it, or use it", "exact: behind a return or `if (false)`, or written and never read",
                Severity::Note, "float unused = x[i] * 2;   // and nobody reads it"},
       .run = findDeadCode},
      {.info = {"readable.unused-parameter", "KV3404", "static", "a parameter that the function does not use",
                "a size that no guard tests, or a stride that no index contains, is often a forgotten one",
                "use it, or take it out of the signature", "exact: the body does not name it", Severity::Note,
                "__global__ void k(const float* x, float* y, int n) { y[threadIdx.x] = x[threadIdx.x]; }   // n?"},
       .run = findUnusedParameters},
      {.info = {"readable.duplicate-block", "KV3405", "static", "the same statements twice",
                "a defect that is mended in one copy stays in the other",
                "one function, or a loop over what differs",
                "heuristic: six statements in a row of the same shape, callees and types, whatever the variables are called",
                Severity::Note, "the load of tile A, then the same lines for tile B: loadTile(a, ...); loadTile(b, ...);"},
       .run = findDuplicates},
      {.info = {"readable.names", "KV3406", "static", "many variables of one letter",
                "what e, f, g and p stand for is known to the writer, and next month to nobody",
                "say what they are: row_max, partial_sum",
                "exact: six or more local variables of one lower-case letter, usual ones (i, j, x, m, ...) not counted",
                Severity::Note, "float a = ..., e = ..., f = ..., g = ..., o = ..., p = ...;"},
       .run = findNames},
  };
}

} // namespace kverify::verifier::lint
