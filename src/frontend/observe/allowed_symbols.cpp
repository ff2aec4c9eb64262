#include "frontend/observe/allowed_symbols.h"

#include <algorithm>
#include <set>

#include <llvm/Demangle/Demangle.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Module.h>

#include "frontend/observe/pretended_device.h"

namespace kverify::frontend::observe {
namespace {

/// Of the C library, and what the compiler calls itself.
const std::set<std::string>& plainFunctions() {
  static const std::set<std::string> all = {
      "memcpy", "memmove", "memset", "memcmp", "memchr", "strlen", "strcmp", "strncmp", "strcpy", "strncpy", "strcat", "strchr", "strrchr", "strstr",
      "strtol", "strtoll", "strtoul", "strtoull", "strtod", "strtof", "atoi", "atol", "atoll", "atof", "isalpha", "isdigit", "isspace", "toupper", "tolower",
      "malloc", "calloc", "realloc", "free", "aligned_alloc", "posix_memalign", "rand", "srand", "random", "drand48", "srand48", "qsort", "bsearch",
      "printf", "puts", "putchar", "snprintf", "sprintf", "vsnprintf", "fprintf", "fflush", "fputs", "fputc", "fwrite", "perror", "stdout", "stderr",
      "time", "clock", "clock_gettime", "gettimeofday", "__errno_location", "__cxa_atexit", "__dso_handle", "atexit", "__stack_chk_fail",
      "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "pow", "sqrt",
      "cbrt", "hypot", "floor", "ceil", "trunc", "round", "lround", "llround", "rint", "lrint", "llrint", "nearbyint", "fabs", "fmod", "fmin", "fmax", "fma",
      "ldexp", "frexp", "modf", "copysign", "erf", "erfc", "tgamma", "lgamma", "sinf", "cosf", "tanf", "asinf", "acosf", "atanf", "atan2f", "sinhf", "coshf",
      "tanhf", "expf", "exp2f", "expm1f", "logf", "log2f", "log10f", "log1pf", "powf", "sqrtf", "cbrtf", "hypotf", "floorf", "ceilf", "truncf", "roundf",
      "lroundf", "llroundf", "rintf", "lrintf", "llrintf", "nearbyintf", "fabsf", "fmodf", "fminf", "fmaxf", "fmaf", "ldexpf", "frexpf", "modff", "copysignf",
      "erff", "erfcf", "_Unwind_Resume", "__gxx_personality_v0"};
  return all;
}

/// Of the C++ library, what reaches outside: files, threads, processes, the environment.
bool reachesOutside(llvm::StringRef name) {
  static constexpr llvm::StringRef words[] = {"filebuf", "fstream", "filesystem", "thread", "random_device", "condition_variable"};
  return std::any_of(std::begin(words), std::end(words), [&](llvm::StringRef word) { return name.contains(word); });
}

} // namespace

bool isAllowed(const std::string& symbol) {
  llvm::StringRef name = symbol;
  if (plainFunctions().contains(symbol))
    return true;
  if (name.starts_with("__cxa_"))
    return true;
  static constexpr llvm::StringRef beginnings[] = {"_ZS", "_ZNS", "_ZNKS", "_ZNVS", "_ZTI", "_ZTS", "_ZTVS", "_ZTVNS", "_ZTTS", "_ZTTNS", "_ZTCS", "_ZGVNS", "_ZThn", "_ZTv0_",
                                                   "_ZTVN10__cxxabiv", "_Znw", "_Zna", "_Zdl", "_Zda", "_ZN9__gnu_cxx", "_ZNK9__gnu_cxx"};
  return std::any_of(std::begin(beginnings), std::end(beginnings), [&](llvm::StringRef one) { return name.starts_with(one); }) && !reachesOutside(name);
}

void endWhereNotAllowed(llvm::Module& module) {
  std::set<std::string> pretended;
  for (const auto& one : deviceSymbols())
    pretended.insert(one.first);
  llvm::LLVMContext& context = module.getContext();
  auto end = module.getOrInsertFunction("kverify_host_unsupported", llvm::Type::getVoidTy(context), llvm::PointerType::getUnqual(context));
  for (llvm::Function& function : llvm::make_early_inc_range(module)) {
    std::string name = function.getName().str();
    if (!function.isDeclaration() || function.isIntrinsic() || pretended.contains(name) || isAllowed(name))
      continue;
    llvm::IRBuilder<> b(llvm::BasicBlock::Create(context, "", &function));
    b.CreateCall(end, b.CreateGlobalString(llvm::demangle(name)));
    b.CreateUnreachable();
    function.setLinkage(llvm::GlobalValue::InternalLinkage);
    function.setVisibility(llvm::GlobalValue::DefaultVisibility);
    function.setDSOLocal(true);
    function.removeFnAttr(llvm::Attribute::Memory);
  }
  for (llvm::GlobalVariable& variable : module.globals())
    if (variable.isDeclaration() && !isAllowed(variable.getName().str())) {
      variable.setInitializer(llvm::Constant::getNullValue(variable.getValueType()));
      variable.setLinkage(llvm::GlobalValue::InternalLinkage);
    }
}

} // namespace kverify::frontend::observe
