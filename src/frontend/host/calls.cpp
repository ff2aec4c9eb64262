// Calls: of the file's own functions, of the CUDA runtime, of mathematics; and the launches.
#include <clang/AST/ExprCXX.h>
#include <fmt/format.h>

#include "frontend/host/interpreter.h"

namespace kverify::frontend::host {
namespace {

using Kind = Value::Kind;

constexpr unsigned kMostDepth = 16;

bool isTorch(const clang::FunctionDecl& callee) {
  std::string name = callee.getQualifiedNameAsString();
  for (const char* prefix : {"at::", "torch::", "c10::", "kverify_torch::", "caffe2::"})
    if (name.starts_with(prefix))
      return true;
  return false;
}

bool isUsers(const clang::FunctionDecl& callee, const clang::ASTContext& context) {
  const clang::FunctionDecl* definition = nullptr;
  return callee.hasBody(definition) && !context.getSourceManager().isInSystemHeader(definition->getLocation());
}

bool launchesAt(const clang::Stmt* statement, std::set<const clang::FunctionDecl*>& seen) {
  if (!statement)
    return false;
  if (llvm::isa<clang::CUDAKernelCallExpr>(statement))
    return true;
  if (const auto* lambda = llvm::dyn_cast<clang::LambdaExpr>(statement))
    if (launchesAt(lambda->getBody(), seen))
      return true;
  if (const auto* call = llvm::dyn_cast<clang::CallExpr>(statement))
    if (const clang::FunctionDecl* callee = call->getDirectCallee()) {
      if (callee->getNameAsString().starts_with("cudaLaunch"))
        return true;
      const clang::FunctionDecl* definition = nullptr;
      if (callee->hasBody(definition) && seen.insert(definition->getCanonicalDecl()).second && launchesAt(definition->getBody(), seen))
        return true;
    }
  for (const clang::Stmt* child : statement->children())
    if (launchesAt(child, seen))
      return true;
  return false;
}

} // namespace

bool launches(const clang::Stmt* statement) {
  std::set<const clang::FunctionDecl*> seen;
  return launchesAt(statement, seen);
}

Value Interpreter::inlined(const clang::FunctionDecl& callee, const clang::CallExpr& call, unsigned first_argument) {
  const clang::FunctionDecl* definition = nullptr;
  if (!callee.hasBody(definition) || depth_ >= kMostDepth)
    return isTensor(callee.getReturnType()) ? computed(callee.getNameAsString(), call) : Value::unknown(whyUnknown(&call));
  ++depth_;
  std::vector<Value> arguments;
  for (unsigned i = first_argument; i < call.getNumArgs(); ++i)
    arguments.push_back(eval(call.getArg(i)));
  for (unsigned i = 0; i < definition->getNumParams(); ++i) {
    const clang::ParmVarDecl* parameter = definition->getParamDecl(i);
    variables_[parameter] = i < arguments.size() ? converted(arguments[i], parameter->getType())
                                                 : Value::unknown(fmt::format("'{}'", parameter->getNameAsString()));
  }
  returned_.push_back(Value::of(Kind::Opaque));
  Flow flow = exec(definition->getBody());
  Value result = std::move(returned_.back());
  returned_.pop_back();
  --depth_;
  if (flow == Flow::Stop)
    trace_.possible = false;
  for (unsigned i = 0; i < definition->getNumParams() && i + first_argument < call.getNumArgs(); ++i) {
    clang::QualType type = definition->getParamDecl(i)->getType();
    if (type->isLValueReferenceType() && !type.getNonReferenceType().isConstQualified())
      assign(call.getArg(i + first_argument), variables_[definition->getParamDecl(i)]);
  }
  return result;
}

Value Interpreter::mathCall(const std::string& name, const clang::CallExpr& call) {
  std::vector<Value> arguments;
  for (const clang::Expr* argument : call.arguments())
    arguments.push_back(eval(argument));
  bool least = name == "min" || name == "fmin" || name == "fminf", most = name == "max" || name == "fmax" || name == "fmaxf";
  if ((least || most) && arguments.size() == 1 && arguments[0].kind == Kind::List)
    arguments = arguments[0].list;
  if ((least || most) && !arguments.empty()) {
    Term all = arguments[0].term;
    for (const Value& one : arguments)
      all = one.kind == Kind::Integer ? make(least ? ExprOp::Min : ExprOp::Max, all, one.term) : nullptr;
    return Value::integer(all, whyUnknown(&call));
  }
  if (arguments.size() == 1 && (name.starts_with("ceil") || name.starts_with("floor")) && arguments[0].term) {
    Value& one = arguments[0];
    Value result = Value::of(Kind::Real);
    result.term = one.dims.size() == 2 && name.starts_with("ceil") ? make(ExprOp::CeilDiv, one.dims[0], one.dims[1]) : one.term;
    return result;
  }
  static const std::map<std::string, ExprOp> real_functions = {{"sqrt", ExprOp::Sqrt},   {"sqrtf", ExprOp::Sqrt}, {"rsqrt", ExprOp::Rsqrt},
                                                               {"rsqrtf", ExprOp::Rsqrt}, {"log", ExprOp::Log},   {"logf", ExprOp::Log}};
  if (auto found = real_functions.find(name); found != real_functions.end() && arguments.size() == 1) {
    Value result = Value::of(Kind::Real);
    result.formula = real(found->second, formulaOf(arguments[0]));
    result.why = whyUnknown(&call);
    return result;
  }
  if (arguments.size() == 2 && name == "ceil_div")
    return Value::integer(make(ExprOp::CeilDiv, arguments[0].term, arguments[1].term), whyUnknown(&call));
  if (arguments.size() == 1 && (name == "abs" || name == "move" || name == "forward" || name == "as_const"))
    return arguments[0];
  if (call.getType()->isRealFloatingType())
    return Value::of(Kind::Real);
  return Value::unknown(whyUnknown(&call));
}

Value Interpreter::cudaCall(const std::string& name, const clang::CallExpr& call) {
  std::vector<Value> arguments;
  for (const clang::Expr* argument : call.arguments())
    arguments.push_back(eval(argument));
  auto target = [&](std::size_t i) { return i < arguments.size() && arguments[i].kind == Kind::Address ? arguments[i].variable : nullptr; };
  bool allocates = name == "cudaMalloc" || name == "cudaMallocAsync" || name == "cudaMallocManaged";
  if (allocates && target(0)) {
    clang::QualType pointee = target(0)->getType()->getPointeeType();
    TensorState memory;
    memory.name = fresh(target(0)->getNameAsString());
    memory.line = lineOf(&call);
    memory.meaning = name;
    memory.origin = TensorState::Origin::Allocated;
    memory.initialised = name == "cudaMallocManaged"; // the host writes into it without a call
    std::int64_t bytes = 1;
    if (!pointee.isNull() && !pointee->isVoidType() && !pointee->isIncompleteType()) {
      memory.element = elementNameOf(pointee);
      bytes = context_.getTypeSizeInChars(pointee).getQuantity();
    }
    memory.shape = {make(ExprOp::Divide, arguments[1].kind == Kind::Integer ? arguments[1].term : nullptr, number(bytes))};
    trace_.tensors.push_back(std::move(memory));
    Value pointer = Value::of(Kind::Pointer);
    pointer.tensor = trace_.tensors.size() - 1;
    pointer.term = number(0);
    variables_[target(0)] = pointer;
  } else if (name.starts_with("cudaMemset") && !arguments.empty() && arguments[0].kind == Kind::Pointer) {
    overwrite(arguments[0].tensor, arguments.size() > 1 && arguments[1].kind == Kind::Integer && constantOf(arguments[1].term) == 0, lineOf(&call));
  } else if (name.starts_with("cudaMemcpy") && !arguments.empty() && arguments[0].kind == Kind::Pointer) {
    overwrite(arguments[0].tensor, false, lineOf(&call));
  } else if (name == "cudaDeviceGetAttribute" && target(0)) {
    bool is_count = textOfSource(call.getArg(1)).find("MultiProcessorCount") != std::string::npos;
    variables_[target(0)] = is_count ? freeInteger("multiprocessors", "the device's multiprocessors", lineOf(&call), 1, 256, true)
                                     : Value::unknown(whyUnknown(&call));
  } else {
    for (std::size_t i = 0; i < arguments.size(); ++i)
      if (target(i))
        variables_[target(i)] = Value::unknown(whyUnknown(&call));
  }
  return Value::integer(number(0)); // cudaSuccess, no stream, device 0
}

/// The host gives a tensor contents. A launch before that is given it without any; the path knows only how it begins.
void Interpreter::overwrite(std::size_t tensor, bool with_zeros, unsigned line) {
  TensorState& state = trace_.tensors[tensor];
  bool launched_with = std::any_of(trace_.launches.begin(), trace_.launches.end(), [&](const MetLaunch& one) {
    return std::any_of(one.args.begin(), one.args.end(), [&](const Value& argument) { return argument.tensor == tensor; });
  });
  if (launched_with && !state.initialised)
    guess(Guess::About::Coverage, fmt::format("'{}' is given contents only after a launch that is given it (line {})", state.name, line));
  state.zeroed = with_zeros && (!launched_with || state.zeroed);
  state.initialised = true;
}

/// A call of one of CUDA's libraries: it may write behind every pointer that is not to const, and nobody knows what.
Value Interpreter::libraryCall(const clang::FunctionDecl& callee, const clang::CallExpr& call) {
  for (unsigned i = 0; i < call.getNumArgs(); ++i) {
    Value argument = eval(call.getArg(i));
    clang::QualType type = i < callee.getNumParams() ? callee.getParamDecl(i)->getType() : clang::QualType();
    if (type.isNull() || !type->isPointerType() || type->getPointeeType().isConstQualified())
      continue;
    if (argument.kind == Kind::Pointer) {
      overwrite(argument.tensor, false, lineOf(&call));
    } else if (argument.kind == Kind::Address && argument.variable) {
      variables_[argument.variable] = Value::unknown(whyUnknown(&call));
    }
  }
  return Value::integer(number(0)); // success
}

Value Interpreter::evalCall(const clang::CallExpr& call) {
  if (const auto* method_call = llvm::dyn_cast<clang::CXXMemberCallExpr>(&call)) {
    const clang::CXXMethodDecl* method = method_call->getMethodDecl();
    if (!method)
      return Value::unknown(whyUnknown(&call));
    if (llvm::isa<clang::CXXConversionDecl>(method))
      return converted(eval(method_call->getImplicitObjectArgument()), call.getType());
    if (!isTorch(*method) && isUsers(*method, context_))
      return inlined(*method, call, 0);
    return torchCall(*method, call);
  }
  const clang::FunctionDecl* callee = call.getDirectCallee();
  if (const auto* operation = llvm::dyn_cast<clang::CXXOperatorCallExpr>(&call)) {
    if (operation->getOperator() == clang::OO_Call && callee && isUsers(*callee, context_))
      return inlined(*callee, call, 1);
    if (operation->getOperator() == clang::OO_Equal && call.getNumArgs() == 2) {
      Value value = eval(call.getArg(1));
      assign(call.getArg(0), value);
      return value;
    }
    if (callee)
      return torchCall(*callee, call);
  }
  if (!callee) {
    Value function = eval(call.getCallee());
    if (function.kind == Kind::Function && function.function && isUsers(*function.function, context_))
      return inlined(*function.function, call, 0);
    return Value::unknown(whyUnknown(&call));
  }
  std::string name = callee->getNameAsString();
  if (name.starts_with("cudaLaunch")) {
    launchByName(call);
    return Value::integer(number(0));
  }
  if (name.starts_with("cuda") && !isUsers(*callee, context_))
    return cudaCall(name, call);
  if (name.starts_with("cublas") && !isUsers(*callee, context_))
    return libraryCall(*callee, call);
  if (name == "get" && callee->isInStdNamespace()) {
    const clang::TemplateArgumentList* arguments = callee->getTemplateSpecializationArgs();
    Value tuple = arguments && call.getNumArgs() == 1 ? eval(call.getArg(0)) : Value{};
    if (tuple.kind == Kind::List && arguments->size() && arguments->get(0).getKind() == clang::TemplateArgument::Integral)
      if (std::uint64_t at = arguments->get(0).getAsIntegral().getZExtValue(); at < tuple.list.size())
        return tuple.list[at];
    return Value::unknown(whyUnknown(&call));
  }
  if (isTorch(*callee) && name != "ceil_div")
    return torchCall(*callee, call);
  if (isUsers(*callee, context_))
    return inlined(*callee, call, 0);
  return mathCall(name, call);
}

void Interpreter::launch(const clang::CUDAKernelCallExpr& call) {
  Value function = eval(call.getCallee());
  MetLaunch met;
  met.line = lineOf(&call);
  met.kernel = call.getDirectCallee() ? call.getDirectCallee() : function.function;
  const clang::CallExpr* config = call.getConfig();
  for (unsigned i = 0; config && i < config->getNumArgs() && i < 3; ++i)
    met.config.push_back(eval(config->getArg(i)));
  for (const clang::Expr* argument : call.arguments())
    met.args.push_back(eval(argument));
  trace_.launches.push_back(std::move(met));
}

/// cudaLaunchKernel(function, grid, block, void* arguments[], shared, stream)
void Interpreter::launchByName(const clang::CallExpr& call) {
  MetLaunch met;
  met.line = lineOf(&call);
  std::vector<Value> given;
  for (const clang::Expr* argument : call.arguments())
    given.push_back(eval(argument));
  std::string name = call.getDirectCallee()->getNameAsString();
  if (given.size() < 5 || given[0].kind != Kind::Function || (name != "cudaLaunchKernel" && name != "cudaLaunchCooperativeKernel")) {
    trace_.missing.push_back({"", met.line, fmt::format("{} is called in a way that is not followed (line {})", name, met.line)});
    return;
  }
  met.kernel = given[0].function;
  met.config = {given[1], given[2], given[4]};
  if (given[3].kind == Kind::List)
    for (const Value& one : given[3].list)
      met.args.push_back(one.kind == Kind::Address && !one.list.empty() ? one.list[0] : Value::unknown("an argument's address"));
  trace_.launches.push_back(std::move(met));
}

} // namespace kverify::frontend::host
