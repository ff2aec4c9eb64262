#pragma once
// Follows one host function over symbols, along one way: where the way forks, `Choices` says which branch. Running it
// again with the next choices follows the next way.
#include <map>
#include <set>
#include <string>
#include <vector>

#include <clang/AST/ASTContext.h>
#include <clang/AST/Decl.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/AST/ExprCXX.h>
#include <clang/AST/Stmt.h>
#include <clang/Basic/SourceManager.h>

#include "frontend/host/facts.h"
#include "frontend/host/value.h"

namespace kverify::frontend::host {

/// The decisions of one way; next() turns to the following way.
class Choices {
public:
  /// Which of `count` branches, from 0.
  std::size_t choose(std::size_t count);
  /// False when every way was taken.
  bool next();

private:
  std::vector<std::pair<std::size_t, std::size_t>> taken_; ///< branch, of how many
  std::size_t at_ = 0;
};

/// A launch as it was met.
struct MetLaunch {
  const clang::FunctionDecl* kernel = nullptr;
  std::vector<Value> args;
  std::vector<Value> config; ///< grid, block, shared
  unsigned line = 0;
};

struct Requirement {
  Term term;
  unsigned line = 0;
  std::string text;
  Certainty certainty = Certainty::Derived;
};

/// A free integer: a parameter of the entry, or what the code does not say.
struct FreeInteger {
  std::string name, meaning;
  std::int64_t low = 1, high = 1;
  unsigned line = 0;
  bool legal = false; ///< any value of the range is (a property of the device), not only some that the caller promises
};

/// What following one way gave.
struct Trace {
  std::vector<std::pair<std::string, Value>> parameters; ///< of the entry
  std::vector<TensorState> tensors;
  std::vector<FreeInteger> integers;
  std::vector<MetLaunch> launches;
  std::vector<Requirement> requirements;
  std::vector<Fact> facts;
  std::vector<Guess> guesses;
  std::vector<std::string> way;
  std::vector<Missing> missing;
  std::map<std::string, double> given; ///< real parameters of the entry: the value taken
  std::set<std::pair<std::string, std::string>> called; ///< a size, and the name of a variable that holds it
  bool possible = true; ///< false: no input takes this way
};

/// True when `statement` launches a kernel itself or by a function that it calls.
bool launches(const clang::Stmt* statement);

class Interpreter {
public:
  Interpreter(clang::ASTContext& context, Choices& choices) : context_(context), choices_(choices) {}
  Trace follow(const clang::FunctionDecl& entry);

private:
  enum class Flow { Next, Return, Break, Continue, Stop };

  // statements.cpp
  Flow exec(const clang::Stmt* statement);
  Flow execIf(const clang::IfStmt& statement);
  Flow execSwitch(const clang::SwitchStmt& statement);
  Flow execTypeSwitch(const clang::SwitchStmt& statement, const Value& type);
  Flow execFrom(const clang::SwitchStmt& statement, const clang::SwitchCase* begin);
  Flow execLoop(const clang::Stmt& loop, const clang::Expr* condition, const clang::Stmt* body, const clang::Expr* step,
                bool test_first);
  Flow declare(const clang::VarDecl& variable);
  Flow require(const Term& condition, const clang::Expr* source, bool holds);
  void forget(const clang::Stmt* statement, const std::string& why);
  bool endsHere(const clang::Stmt* statement);

  // expressions.cpp
  Value eval(const clang::Expr* expression);
  Value evalBinary(const clang::BinaryOperator& expression);
  Value evalUnary(const clang::UnaryOperator& expression);
  Value evalChoice(const clang::ConditionalOperator& expression);
  Value evalConstruct(const clang::CXXConstructExpr& expression);
  Value evalMember(const clang::MemberExpr& expression);
  Value evalReference(const clang::DeclRefExpr& expression);
  Value arithmetic(clang::BinaryOperatorKind op, const Value& a, const Value& b, const clang::Expr& at);
  Value ofAddress(clang::BinaryOperatorKind op, const Value& a, const Value& b, const clang::Expr& at);
  void assumeDivides(const Term& whole, const Term& parts, const clang::Expr& at);
  Value compareTypes(const Value& a, const Value& b);
  void assign(const clang::Expr* target, Value value);
  Value converted(Value value, clang::QualType to);

  // calls.cpp
  Value evalCall(const clang::CallExpr& call);
  Value inlined(const clang::FunctionDecl& callee, const clang::CallExpr& call, unsigned first_argument);
  Value mathCall(const std::string& name, const clang::CallExpr& call);
  Value cudaCall(const std::string& name, const clang::CallExpr& call);
  void overwrite(std::size_t tensor, bool with_zeros, unsigned line);
  Value libraryCall(const clang::FunctionDecl& callee, const clang::CallExpr& call);
  void launch(const clang::CUDAKernelCallExpr& call);
  void launchByName(const clang::CallExpr& call);

  // torch_calls.cpp
  Value torchCall(const clang::FunctionDecl& callee, const clang::CallExpr& call);
  Value tensorMethod(const std::string& name, const Value& self, const clang::CallExpr& call, unsigned first);
  Value optionsMethod(const std::string& name, Value self, const clang::CallExpr& call);
  // lists.cpp
  static constexpr std::int64_t kUsualRank = 3; ///< taken where the code works for any
  void pinRank(std::size_t tensor, std::int64_t least = kUsualRank);
  Term withRanks(const Term& term);
  Value listed(const Value& sizes);
  void assignElement(const clang::Expr* base, const clang::Expr* index, const Value& value);
  bool changesList(const clang::CallExpr& call, const Value& self, const std::string& name);
  Value listMethod(const std::string& name, Value self, const clang::CallExpr& call);
  Value allocate(const std::string& name, const clang::CallExpr& call, unsigned first, const Value* self);
  Value computed(const std::string& what, const clang::Expr& at);
  std::optional<Value> partOf(const Value& self, const Value& index);
  Value viewOf(const Value& self, const Value& wanted);
  Value transposedOf(const Value& self, const std::vector<Value>& order);
  Value flattened(const Value& self, const std::vector<Value>& range);
  Value packed(const Value& self, const clang::CallExpr& call);
  Term sizeOf(const Value& tensor, const Term& index);
  Term numelOf(const Value& tensor);
  Term rankOf(const Value& tensor);
  std::optional<std::vector<Term>> dimsOf(const Value& tensor);
  std::size_t shapeOwner(std::size_t tensor) const;
  void settleElement(std::size_t tensor, const std::string& element);
  std::string elementOf(const Value& type) const;

  // entry.cpp
  void bindParameters(const clang::FunctionDecl& entry);
  Value freeParameter(const clang::ParmVarDecl& parameter);
  Value freeList(const clang::ParmVarDecl& parameter, clang::QualType element, std::optional<std::int64_t> count, const std::string& meaning);
  Value freeParts(const std::vector<clang::QualType>& types, const std::string& name, const std::string& meaning, unsigned line);
  Value freeTuple(const clang::ClassTemplateSpecializationDecl& type, const std::string& name, const std::string& meaning, unsigned line);
  Value freeTensor(const std::string& name, const std::string& meaning, unsigned line);
  Value freeInteger(const std::string& name, const std::string& meaning, unsigned line, std::int64_t low, std::int64_t high,
                    bool legal = false);
  std::string fresh(const std::string& name);

  unsigned lineOf(const clang::Stmt* statement) const;
  unsigned lineOf(clang::SourceLocation location) const;
  std::string textOfSource(const clang::Stmt* statement) const;
  std::string whyUnknown(const clang::Expr* expression) const;
  void fact(std::string text, unsigned line, Certainty certainty = Certainty::Derived);
  void guess(Guess::About about, std::string text, std::string tensor = {});

  clang::ASTContext& context_;
  Choices& choices_;
  Trace trace_;
  std::map<const clang::VarDecl*, Value> variables_;
  std::set<std::string> names_;
  std::map<std::string, Term> pinned_; ///< "x_dim": the rank that was taken
  std::vector<Value> returned_;
  std::string hint_; ///< what the value in work is to be called
  unsigned depth_ = 0;
  unsigned steps_ = 0;
};

std::string recordNameOf(clang::QualType type);
/// The variable that the expression names, or null.
const clang::VarDecl* variableOf(const clang::Expr* expression);
/// "Float" for float, in c10::ScalarType's words; "" for others.
std::string elementNameOf(clang::QualType type);
bool isTensor(clang::QualType type);

} // namespace kverify::frontend::host
