// Host code around a kernel that makes a benchmark look better than the kernel is.
// Exact about the calls; whether they cheat, only a reader can tell.
#include <optional>
#include <set>

#include <clang/AST/ASTContext.h>
#include <clang/AST/Decl.h>
#include <clang/AST/DeclCXX.h>
#include <clang/AST/Expr.h>
#include <clang/AST/ExprCXX.h>
#include <clang/AST/StmtCXX.h>
#include <fmt/format.h>
#include <llvm/ADT/StringSwitch.h>

#include "verifier/lint/code.h"
#include "verifier/lint/dependence.h"
#include "verifier/lint/families.h"
#include "verifier/lint/origins.h"
#include "verifier/lint/walk.h"

namespace kverify::verifier::lint {

namespace {

bool launches(const clang::Stmt* body) {
  bool found = false;
  forEach(body, [&](const clang::Stmt& stmt) {
    found = found || llvm::isa<clang::CUDAKernelCallExpr>(&stmt);
    return !found;
  });
  return found || callsAny(body, [](llvm::StringRef name) { return name.starts_with("cudaLaunchKernel"); });
}

bool synchronises(llvm::StringRef name) {
  return name == "cudaDeviceSynchronize" || name == "cudaStreamSynchronize" || name == "cudaEventSynchronize" ||
         name == "cudaStreamWaitEvent" || name == "synchronize" || name == "join" || name == "cudaStreamEndCapture";
}

const char* threadIn(const std::string& name) {
  return llvm::StringSwitch<const char*>(name)
      .Cases("std::thread::thread", "std::jthread::jthread", "std::thread", "a thread")
      .Case("std::async", "a thread")
      .Case("pthread_create", "a thread")
      .Default(nullptr);
}

/// What streams this file makes, and in which variables and fields it keeps them.
struct OwnStreams {
  std::set<const clang::ValueDecl*> kept;         ///< given to cudaStreamCreate, or set to the pool's
  std::set<const clang::FunctionDecl*> makers;    ///< functions and constructors that make one
};

bool makesStream(llvm::StringRef name) {
  return name.starts_with("cudaStreamCreate") || name == "getStreamFromPool" || name.starts_with("cuStreamCreate");
}

OwnStreams ownStreams(const LintContext& context) {
  OwnStreams own;
  for (const UserFunction& function : context.functions)
    forEach(function.decl->getBody(), [&](const clang::Stmt& stmt) {
      const auto* call = llvm::dyn_cast<clang::CallExpr>(&stmt);
      if (!call || !makesStream(calleeName(*call)))
        return true;
      own.makers.insert(function.decl->getCanonicalDecl());
      const clang::Expr* place = call->getNumArgs() ? strip(call->getArg(0)) : nullptr;
      if (const auto* address = llvm::dyn_cast_or_null<clang::UnaryOperator>(place))
        place = strip(address->getSubExpr());
      if (const auto* member = llvm::dyn_cast_or_null<clang::MemberExpr>(place))
        own.kept.insert(member->getMemberDecl());
      else if (const clang::ValueDecl* variable = rootOf(place))
        own.kept.insert(variable);
      return true;
    });
  return own;
}

const clang::Expr* streamOf(const clang::CallExpr& call) {
  if (const auto* launch = llvm::dyn_cast<clang::CUDAKernelCallExpr>(&call))
    return launch->getConfig() && launch->getConfig()->getNumArgs() > 3 ? launch->getConfig()->getArg(3) : nullptr;
  return llvm::StringRef(calleeName(call)).starts_with("cudaLaunchKernel") && call.getNumArgs() > 5 ? call.getArg(5) : nullptr;
}

enum class Stream { Callers, Own, Unseen };

/// Whose stream a launch is on: one that this file made, PyTorch's current one or the caller's, or nobody knows whose.
Stream whoseStream(const clang::Expr* stream, const Origins& origins, const OwnStreams& own) {
  Stream whose = Stream::Callers;
  auto raise = [&](Stream to) { whose = whose == Stream::Own ? whose : to; };
  origins.forEachPart(stream, Origins::Through::AllWrites, [&](const clang::Stmt& part) {
    if (const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(&part); reference && own.kept.count(reference->getDecl()))
      whose = Stream::Own;
    if (const auto* member = llvm::dyn_cast<clang::MemberExpr>(&part); member && own.kept.count(member->getMemberDecl()))
      whose = Stream::Own;
    const auto* call = llvm::dyn_cast<clang::CallExpr>(&part);
    if (!call)
      return;
    std::string name = calleeName(*call);
    const clang::FunctionDecl* callee = call->getDirectCallee();
    if (makesStream(name) || (callee && own.makers.count(callee->getCanonicalDecl())))
      whose = Stream::Own;
    else if (name != "getCurrentCUDAStream" && name != "getDefaultCUDAStream" && name != "stream" &&
             !llvm::StringRef(name).starts_with("operator") && !(callee && callee->hasBody()))
      raise(Stream::Unseen);
  });
  return whose;
}

void judgeStreams(const UserFunction& function, const LintContext& context, const Origins& origins, const OwnStreams& own,
                  Reporter& reporter) {
  constexpr const char* kUnseen = "a stream of its own, and nobody here waits for it: the caller's timer and reads do not see "
                                  "the work";
  bool waits = callsAny(function.decl->getBody(), synchronises), made_here = false;
  walk(function.decl->getBody(), [&](const clang::Stmt& stmt, Ancestors) {
    const auto* call = llvm::dyn_cast<clang::CallExpr>(&stmt);
    if (call && makesStream(calleeName(*call)) && !waits && launches(function.decl->getBody())) {
      made_here = true;
      reporter.report(context.placeOf(stmt, function), kUnseen);
    }
  });
  walk(function.decl->getBody(), [&](const clang::Stmt& stmt, Ancestors) {
    const auto* call = llvm::dyn_cast<clang::CallExpr>(&stmt);
    const clang::Expr* stream = call ? streamOf(*call) : nullptr;
    if (!stream || waits || made_here)
      return;
    Stream whose = whoseStream(stream, origins, own);
    if (whose == Stream::Own)
      reporter.report(context.placeOf(stmt, function), kUnseen);
    else if (whose == Stream::Unseen)
      reporter.unknown(context.placeOf(stmt, function), "where the stream of the launch comes from is not seen");
  });
}

void findStreams(const LintContext& context, Reporter& reporter) {
  Origins origins(context);
  OwnStreams own = ownStreams(context);
  for (const UserFunction& function : context.functions) {
    if (!function.on_host)
      continue;
    walk(function.decl->getBody(), [&](const clang::Stmt& stmt, Ancestors) {
      const auto* made = llvm::dyn_cast<clang::CXXConstructExpr>(&stmt);
      const auto* call = llvm::dyn_cast<clang::CallExpr>(&stmt);
      bool threads = (made && made->getNumArgs() > 0 && threadIn(made->getConstructor()->getQualifiedNameAsString())) ||
                     (call && threadIn(qualifiedCallee(*call)));
      if (threads)
        reporter.report(context.placeOf(stmt, function), "work is handed to another thread of the host");
    });
    judgeStreams(function, context, origins, own, reporter);
  }
}

void findPersistingCache(const LintContext& context, Reporter& reporter) {
  static const std::set<std::string> words = {"cudaAccessPropertyPersisting", "cudaLimitPersistingL2CacheSize",
                                              "cudaStreamAttributeAccessPolicyWindow", "cudaLaunchAttributeAccessPolicyWindow",
                                              "cudaKernelNodeAttributeAccessPolicyWindow"};
  for (const UserFunction& function : context.functions)
    walk(function.decl->getBody(), [&](const clang::Stmt& stmt, Ancestors) {
      const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(&stmt);
      if (reference && words.count(reference->getNameInfo().getAsString()))
        reporter.report(context.placeOf(stmt, function),
                        fmt::format("{} keeps data in the L2 cache between launches", reference->getNameInfo().getAsString()));
      const auto* call = llvm::dyn_cast<clang::CallExpr>(&stmt);
      bool sets = call && (calleeName(*call) == "cudaStreamSetAttribute" || calleeName(*call) == "cudaDeviceSetLimit");
      if (sets && call->getNumArgs() > 1 && !call->getArg(1)->isValueDependent() && !call->getArg(1)->isEvaluatable(context.ast()) &&
          !call->getArg(0)->isEvaluatable(context.ast()))
        reporter.unknown(context.placeOf(stmt, function), "which attribute is set is not known before it runs");
      const auto* assembly = llvm::dyn_cast<clang::GCCAsmStmt>(&stmt);
      if (assembly && assembly->getAsmString()->getString().contains("evict_last"))
        reporter.report(context.placeOf(stmt, function), "evict_last keeps data in the L2 cache between launches");
    });
}

/// Casts away the const of what is pointed to.
bool dropsConst(const clang::Stmt& stmt) {
  const auto* cast = llvm::dyn_cast<clang::ExplicitCastExpr>(&stmt);
  if (!cast)
    return false;
  clang::QualType from = cast->getSubExpr()->IgnoreParenImpCasts()->getType(), to = cast->getTypeAsWritten();
  if (const auto* decayed = from->getAsArrayTypeUnsafe())
    return to->isPointerType() && decayed->getElementType().isConstQualified() && !to->getPointeeType().isConstQualified();
  bool pointers = from->isPointerType() && to->isPointerType();
  if (to->isReferenceType())
    return from.isConstQualified() && !to->getPointeeType().isConstQualified();
  return pointers && from->getPointeeType().isConstQualified() && !to->getPointeeType().isConstQualified();
}

enum class Change { No, Yes, Unknown };

/// A function that takes a pointer that it may write through: does it?
Change throughCall(const clang::CallExpr& call, unsigned number, const Dependence& dependence) {
  const clang::FunctionDecl* callee = call.getDirectCallee();
  if (!callee || number >= callee->getNumParams())
    return Change::Unknown;
  clang::QualType type = callee->getParamDecl(number)->getType();
  if (!type->isPointerType() || type->getPointeeType().isConstQualified())
    return Change::No;
  if (llvm::StringRef(calleeName(call)).starts_with("atomic"))
    return Change::Yes;
  const clang::FunctionDecl* body = callee->getDefinition();
  if (!body)
    return Change::Unknown;
  return dependence.isWritten(body->getParamDecl(number)) ? Change::Yes : Change::No;
}

/// What becomes of a variable that holds the cast's pointer.
Change ofVariable(const clang::DeclStmt& group, const Facts& facts, const Dependence& dependence) {
  Change change = Change::No;
  for (const clang::Decl* decl : group.decls()) {
    const auto* variable = llvm::dyn_cast<clang::VarDecl>(decl);
    for (const Write& write : facts.writes)
      if (variable && write.to == variable && write.of_element)
        return Change::Yes;
    for (const Call& call : facts.calls)
      for (unsigned k = 0; variable && k < call.expr->getNumArgs(); ++k)
        if (rootOf(call.expr->getArg(k)) == variable) {
          Change through = throughCall(*call.expr, k, dependence);
          if (through == Change::Yes)
            return through;
          change = through == Change::Unknown ? through : change;
        }
  }
  return change;
}

/// `mutableOf(x)[i] = 0`, where mutableOf() gives what the cast gives.
Change throughResult(const clang::FunctionDecl& function, const std::vector<Facts>& all) {
  for (const Facts& facts : all)
    for (const Write& write : facts.writes) {
      bool through = false;
      forEach(write.target, [&](const clang::Stmt& stmt) {
        const auto* call = llvm::dyn_cast<clang::CallExpr>(&stmt);
        through = through || (call && call->getDirectCallee() &&
                              call->getDirectCallee()->getCanonicalDecl() == function.getCanonicalDecl());
        return !through;
      });
      if (through)
        return Change::Yes;
    }
  return Change::Unknown;
}

/// The write or call that may change what the cast gives.
Change changes(const clang::Stmt& cast, Ancestors above, const Facts& facts, const Dependence& dependence,
               const std::vector<Facts>& all) {
  for (std::size_t i = above.size(); i-- > 0;) {
    if (llvm::isa<clang::ReturnStmt>(above[i]))
      return throughResult(*facts.function, all);
    if (const auto* binary = llvm::dyn_cast<clang::BinaryOperator>(above[i]); binary && binary->isAssignmentOp()) {
      bool left = false;
      forEach(binary->getLHS(), [&](const clang::Stmt& part) {
        left = left || &part == &cast;
        return !left;
      });
      const clang::ValueDecl* to = rootOf(binary->getLHS());
      return left || (to && to->getType()->isPointerType() && dependence.isWritten(to)) ? Change::Yes : Change::No;
    }
    if (const auto* group = llvm::dyn_cast<clang::DeclStmt>(above[i]))
      return ofVariable(*group, facts, dependence);
    const auto* call = llvm::dyn_cast<clang::CallExpr>(above[i]);
    for (unsigned k = 0; call && k < call->getNumArgs(); ++k)
      if (rootOf(call->getArg(k)) == rootOf(llvm::cast<clang::Expr>(&cast)))
        return throughCall(*call, k, dependence);
  }
  return Change::No;
}

/// st.global, red or atom, with the address of something const in its brackets.
bool storesThroughConst(const Asm& one) {
  llvm::StringRef text = llvm::StringRef(one.text).ltrim();
  if (!text.starts_with("st.") && !text.starts_with("red.") && !text.starts_with("atom."))
    return false;
  std::size_t open = text.find("[%");
  unsigned operand = 0;
  if (open == llvm::StringRef::npos || text.substr(open + 2).consumeInteger(10, operand) || operand < one.stmt->getNumOutputs() ||
      operand - one.stmt->getNumOutputs() >= one.stmt->getNumInputs())
    return false;
  const clang::Expr* address = one.stmt->getInputExpr(operand - one.stmt->getNumOutputs())->IgnoreParenImpCasts();
  return address->getType()->isPointerType() && address->getType()->getPointeeType().isConstQualified();
}

void findConstCasts(const LintContext& context, Reporter& reporter) {
  std::vector<Facts> facts;
  for (const UserFunction& function : context.functions)
    facts.push_back(factsOf(*function.decl));
  Dependence dependence(context.functions, facts);
  for (std::size_t i = 0; i < facts.size(); ++i) {
    for (const Asm& one : facts[i].assembly)
      if (storesThroughConst(one))
        reporter.report(context.placeOf(*one.stmt, context.functions[i]), "assembly stores to what was promised to be read only");
    walk(context.functions[i].decl->getBody(), [&](const clang::Stmt& stmt, Ancestors above) {
      Change change = dropsConst(stmt) ? changes(stmt, above, facts[i], dependence, facts) : Change::No;
      if (change == Change::Unknown)
        reporter.unknown(context.placeOf(stmt, context.functions[i]), "const is cast away for a function whose body is not here");
      if (change == Change::Yes)
        reporter.report(context.placeOf(stmt, context.functions[i]), "const is cast away, and what was to be read only is written");
    });
  }
}

/// Operations of PyTorch that compute; what only makes, moves or views a tensor is not meant.
bool computesInTorch(llvm::StringRef name) {
  return llvm::StringSwitch<bool>(name)
      .Cases("mm", "bmm", "addmm", "baddbmm", "matmul", "linear", "einsum", "dot", "mv", "outer", true)
      .Cases("conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "convolution", true)
      .Cases("softmax", "log_softmax", "logsumexp", "layer_norm", "batch_norm", "group_norm", "instance_norm", true)
      .Cases("softmax_", "relu_", "gelu_", "sigmoid_", "tanh_", "rms_norm", "cross_entropy", "mse_loss", true)
      .Cases("scaled_dot_product_attention", "relu", "gelu", "sigmoid", "tanh", "silu", true)
      .Cases("exp", "log", "sqrt", "rsqrt", true)
      .Cases("sum", "mean", "var", "std", "norm", "prod", "cumsum", "cumprod", true)
      .Cases("amax", "amin", "argmax", "argmin", true)
      .Cases("add", "sub", "mul", "div", "add_", "sub_", "mul_", "div_", true)
      .Cases("pow", "clamp", "max_pool2d", "avg_pool2d", true)
      .Default(false);
}

bool isTensor(clang::QualType type) {
  const auto* record = type.getNonReferenceType()->getAsCXXRecordDecl();
  return record && record->getIdentifier() && record->getName() == "Tensor";
}

/// "cuBLAS", "PyTorch", …; null for the runtime and for block-wide building blocks.
const char* libraryOf(const clang::CallExpr& call) {
  std::string name = qualifiedCallee(call);
  llvm::StringRef plain(name);
  if (call.getDirectCallee() && call.getDirectCallee()->hasBody() && !plain.contains("::"))
    return nullptr; // a function of the file, such as one that checks what a library says
  if (plain.starts_with("cublas"))
    return plain.contains("Create") || plain.contains("Destroy") || plain.contains("Set") || plain.contains("Get") ? nullptr : "cuBLAS";
  if (plain.starts_with("cudnn") && (plain.contains("Forward") || plain.contains("Backward") || plain.contains("Execute") ||
                                     plain.contains("Reduce") || plain.contains("OpTensor")))
    return "cuDNN";
  if (plain.starts_with("cusparseSp") || plain.starts_with("cufftExec") || plain.starts_with("cusolverDn"))
    return "a CUDA library";
  if (plain.starts_with("cub::Device") || plain.contains("::cub::Device"))
    return "CUB";
  for (const char* algorithm : {"thrust::reduce", "thrust::transform", "thrust::sort", "thrust::inclusive_scan",
                                "thrust::exclusive_scan", "thrust::inner_product", "thrust::max_element"})
    if (plain.starts_with(algorithm))
      return "Thrust";
  if (plain.contains("cutlass::gemm::device"))
    return "CUTLASS";
  bool torch = plain.starts_with("at::") || plain.starts_with("torch::") || plain.starts_with("c10::");
  std::string called = calleeName(call);
  llvm::StringRef operation(called);
  operation.consume_back("_out");
  bool is_arithmetic = (called == "operator+" || called == "operator-" || called == "operator*" || called == "operator/") &&
                       isTensor(call.getType());
  return torch && (is_arithmetic || computesInTorch(operation)) ? "PyTorch" : nullptr;
}

void findLibraries(const LintContext& context, Reporter& reporter) {
  for (const UserFunction& function : context.functions) {
    if (!function.on_host)
      continue;
    Facts facts = factsOf(*function.decl);
    for (const Call& call : facts.calls)
      if (call.name == "dlsym" || (!call.expr->getDirectCallee() && !call.expr->isTypeDependent() && call.name.empty()))
        reporter.unknown(context.placeOf(*call.expr, function), "a call through a pointer: whose code runs is not seen");
      else if (const char* library = libraryOf(*call.expr))
        reporter.report(context.placeOf(*call.expr, function), fmt::format("{} of {} computes here, not a kernel of this file",
                                                                           call.name, library));
  }
}

bool gives(const clang::CXXCatchStmt& handler) {
  bool leaves = false;
  forEach(handler.getHandlerBlock(), [&](const clang::Stmt& stmt) {
    leaves = leaves || llvm::isa<clang::CXXThrowExpr>(&stmt);
    return !leaves;
  });
  return !leaves && !callsAny(handler.getHandlerBlock(), [](llvm::StringRef name) {
    return name == "exit" || name == "abort" || name == "terminate" || name == "_exit" || name == "quick_exit";
  });
}

/// A function of the user's without a body here.
bool callsUnseen(const clang::CXXCatchStmt& handler, const LintContext& context) {
  bool found = false;
  forEach(handler.getHandlerBlock(), [&](const clang::Stmt& stmt) {
    const auto* call = llvm::dyn_cast<clang::CallExpr>(&stmt);
    const clang::FunctionDecl* callee = call ? call->getDirectCallee() : nullptr;
    std::string name = callee ? callee->getQualifiedNameAsString() : "";
    bool known = name.starts_with("at::") || name.starts_with("torch::") || name.starts_with("c10::") || name.starts_with("std::");
    found = found || (callee && !callee->hasBody() && context.isUsers(callee->getLocation()) && !known && !libraryOf(*call));
    return !found;
  });
  return found;
}

void judgeHandlers(const clang::CXXTryStmt& attempt, const UserFunction& function, const LintContext& context,
                   Reporter& reporter) {
  for (unsigned i = 0; i < attempt.getNumHandlers(); ++i) {
    const clang::CXXCatchStmt& handler = *attempt.getHandler(i);
    if (callsUnseen(handler, context))
      reporter.unknown(context.placeOf(handler, function), "the handler calls a function that may throw or exit");
    else if (gives(handler))
      reporter.report(context.placeOf(handler, function), "a failure is caught and something else is done instead");
  }
}

/// A kernel or a library.
bool computes(const clang::Stmt* branch) {
  bool found = launches(branch);
  forEach(branch, [&](const clang::Stmt& part) {
    const auto* call = llvm::dyn_cast<clang::CallExpr>(&part);
    found = found || (call && libraryOf(*call));
    return !found;
  });
  return found;
}

bool isErrorCode(const clang::Expr* expr) {
  const auto* code = expr ? expr->getType()->getAs<clang::EnumType>() : nullptr;
  return code && code->getDecl()->getName() == "cudaError";
}

bool isSuccess(const clang::Expr* expr) {
  const auto* reference = llvm::dyn_cast_or_null<clang::DeclRefExpr>(strip(expr));
  return reference && reference->getNameInfo().getAsString() == "cudaSuccess";
}

/// What a condition is when a CUDA call has failed: true, false, or nothing that is known.
std::optional<bool> whenFailed(const clang::Expr* condition, int depth = 0) {
  condition = strip(condition);
  if (!condition || depth > 6)
    return std::nullopt;
  if (isErrorCode(condition))
    return true; // as a condition, an error is true
  if (const auto* op = llvm::dyn_cast<clang::BinaryOperator>(condition)) {
    bool compares = (isSuccess(op->getLHS()) && isErrorCode(strip(op->getRHS()))) ||
                    (isSuccess(op->getRHS()) && isErrorCode(strip(op->getLHS())));
    if (op->isEqualityOp() && compares)
      return op->getOpcode() == clang::BO_NE;
    if (!op->isLogicalOp())
      return std::nullopt;
    std::optional<bool> left = whenFailed(op->getLHS(), depth + 1);
    return left ? left : whenFailed(op->getRHS(), depth + 1);
  }
  if (const auto* negation = llvm::dyn_cast<clang::UnaryOperator>(condition); negation && negation->getOpcode() == clang::UO_LNot) {
    std::optional<bool> inner = whenFailed(negation->getSubExpr(), depth + 1);
    return inner ? std::optional(!*inner) : std::nullopt;
  }
  const auto* flag = llvm::dyn_cast_or_null<clang::VarDecl>(variableOf(condition));
  return flag && flag->isLocalVarDecl() && flag->getInit() ? whenFailed(flag->getInit(), depth + 1) : std::nullopt;
}

/// The branch that is taken after a failure, where it computes.
bool replacesFailure(const clang::IfStmt& test) {
  std::optional<bool> failed = whenFailed(test.getCond());
  return failed && computes(*failed ? test.getThen() : test.getElse());
}

/// switch (cudaGetLastError()) { case cudaSuccess: …; default: another(…); }
bool replacesFailure(const clang::SwitchStmt& choice) {
  if (!isErrorCode(strip(choice.getCond())))
    return false;
  const auto* block = llvm::dyn_cast_or_null<clang::CompoundStmt>(choice.getBody());
  if (!block)
    return false;
  bool failed = false, found = false;
  for (const clang::Stmt* one : block->body()) {
    if (const auto* value = llvm::dyn_cast<clang::CaseStmt>(one))
      failed = !isSuccess(value->getLHS());
    failed = failed || llvm::isa<clang::DefaultStmt>(one);
    found = found || (failed && computes(one));
    failed = failed && !llvm::isa<clang::BreakStmt>(one);
  }
  return found;
}

void findFallbacks(const LintContext& context, Reporter& reporter) {
  for (const UserFunction& function : context.functions) {
    if (!function.on_host)
      continue;
    walk(function.decl->getBody(), [&](const clang::Stmt& stmt, Ancestors) {
      if (const auto* attempt = llvm::dyn_cast<clang::CXXTryStmt>(&stmt))
        judgeHandlers(*attempt, function, context, reporter);
      const auto* test = llvm::dyn_cast<clang::IfStmt>(&stmt);
      const auto* choice = llvm::dyn_cast<clang::SwitchStmt>(&stmt);
      if ((test && replacesFailure(*test)) || (choice && replacesFailure(*choice)))
        reporter.report(context.placeOf(stmt, function), "where a CUDA call fails, something else is computed instead");
    });
  }
}

} // namespace

std::vector<LintCheck> hostChecks() {
  return {
      {.info = {"gaming.side-stream", "KV3308", "static", "work on a stream or thread of its own that nobody waits for",
                "a timer that waits for the caller's stream stops before the work is done, and the caller may read the "
                "output too early",
                "launch on the caller's stream (at::cuda::getCurrentCUDAStream()), or make that stream wait for an event",
                "heuristic: a launch on a stream that this file makes, and nothing waited for in the function; threads always",
                Severity::Warning,
                "cudaStreamCreate(&s);  k<<<grid, block, 0, s>>>(...);  return out;   // nobody waits\n"
                "k<<<grid, block, 0, at::cuda::getCurrentCUDAStream()>>>(...);        // right"},
       .run = findStreams},
      {.info = {"gaming.persisting-cache", "KV3309", "static", "data is kept in the L2 cache between launches",
                "a benchmark that repeats one input then measures the cache, and other kernels of the process lose it",
                "leave the cache's policy alone, or reset it after the launch and say so",
                "exact: the attribute or instruction is there", Severity::Warning,
                "window.hitProp = cudaAccessPropertyPersisting;   // outlives the launch"},
       .run = findPersistingCache},
      {.info = {"gaming.const-cast", "KV3310", "static", "an input is written after its const was cast away",
                "the caller's data changes under its feet: a second run computes something else, and a test that compares "
                "with a reference run afterwards compares with the changed input",
                "write to the output, or declare the parameter without const",
                "exact about casts and writes that one function, or a kernel that it calls, shows", Severity::Warning,
                "const_cast<float*>(x)[i] = 0;   // x was promised to stay"},
       .run = findConstCasts,
       .decided_by = {"access.readonly-write"}},
      {.info = {"gaming.library-call", "KV3311", "static", "a library computes in place of a kernel",
                "what is measured and judged is then the library, not the kernel of this file",
                "compute it in a kernel, or say that the library is meant",
                "exact: the call is there; calls that only allocate, copy or reshape are not meant", Severity::Warning,
                "return torch::matmul(a, b);   // PyTorch's kernel, not this file's"},
       .run = findLibraries},
      {.info = {"gaming.fallback", "KV3312", "static", "a failure is hidden by doing something else",
                "a kernel that never ran looks right because the fallback is: nobody learns that it fails",
                "let the error through (throw, TORCH_CHECK, exit), so that the caller can decide",
                "exact about try and catch without throw or exit, and about branches on cudaSuccess that compute",
                Severity::Warning,
                "try { launch(x); } catch (...) { return reference(x); }   // wrong"},
       .run = findFallbacks},
  };
}

} // namespace kverify::verifier::lint
