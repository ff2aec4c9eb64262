// Which lines need which architecture, and whether there is another way for older ones.
// Exact for the instructions and functions of the tables, which follow NVIDIA's PTX ISA ("Target ISA Notes") and the
// CUDA C++ Programming Guide; an instruction in neither table is said to be unknown.
#include <algorithm>
#include <map>
#include <set>

#include <clang/AST/ASTContext.h>
#include <clang/AST/Decl.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/AST/Expr.h>
#include <clang/AST/Stmt.h>
#include <clang/Basic/SourceManager.h>
#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>

#include "verifier/lint/code.h"
#include "verifier/lint/facts.h"
#include "verifier/lint/families.h"

namespace kverify::verifier::lint {

namespace {

struct Needs {
  const char* begin; ///< of the instruction, or the whole name of the function
  const char* part;  ///< that it must contain as well, or ""
  unsigned sm;
  bool only_there = false; ///< sm_90a: later architectures do not have it
};

// The first that fits counts.
constexpr Needs kInstructions[] = {
    {"tcgen05.", "", 100, true},       {"clusterlaunchcontrol.", "", 100},
    {"wgmma.", "", 90, true},          {"setmaxnreg.", "", 90, true},
    {"cp.async.bulk", "", 90},         {"cp.reduce.async.bulk", "", 90},
    {"cp.async", "", 80},              {"mbarrier.try_wait", "", 90},
    {"mbarrier", "expect_tx", 90},     {"mbarrier.", "", 80},
    {"stmatrix.", "", 90},             {"ldmatrix.", "", 75},
    {"movmatrix.", "", 75},            {"mma.", ".e4m3", 89},
    {"mma.", ".e5m2", 89},             {"mma.", ".m16n8k16", 80},
    {"mma.", ".bf16", 80},             {"mma.", ".tf32", 80},
    {"mma.", ".m16n8k32", 80},         {"mma.", ".f64", 80},
    {"mma.", ".m16n8k8", 75},          {"mma.", ".m8n8k16", 75},
    {"mma.", "", 70},                  {"wmma.", ".bf16", 80},
    {"wmma.", ".tf32", 80},            {"wmma.", "", 70},
    {"redux.sync", ".f32", 100, true}, {"redux.sync", "", 80},
    {"elect.sync", "", 90},            {"griddepcontrol.", "", 90},
    {"barrier.cluster", "", 90},       {"mapa.", "", 90},
    {"getctarank", "", 90},            {"multimem.", "", 90},
    {"fence.proxy.async", "", 90},     {"fence.mbarrier_init", "", 90},
    {"createpolicy.", "", 80},         {"discard.", "", 80},
    {"applypriority.", "", 80},        {"cvt.", ".e4m3", 89},
    {"cvt.", ".e5m2", 89},             {"cvt.", ".bf16", 80},
    {"cvt.", ".tf32", 80},             {"ex2.approx", ".bf16", 90},
    {"ex2.approx", ".f16", 75},        {"tanh.approx", ".bf16", 90},
    {"tanh.approx", "", 75},           {"fma.", ".bf16", 80},
    {"add.", ".bf16", 90},             {"mul.", ".bf16", 90},
    {"max.", "f16", 80},               {"max.", "bf16", 80},
    {"min.", "f16", 80},               {"ld.", "cache_hint", 80},
    {"st.", "cache_hint", 80},         {"ld.", "::cluster", 90},
    {"st.async", "", 90},              {"red.async", "", 90},
    {"red.", ".v2", 90},               {"red.", ".v4", 90},
    {"atom.", ".v4", 90},              {"red.", ".bf16", 90},
    {"atom.", ".bf16", 90},            {"nanosleep.", "", 70},
    {"match.", "", 70},
};

constexpr Needs kFunctions[] = {
    {"__pipeline_memcpy_async", "", 80}, {"__reduce_add_sync", "", 80},   {"__reduce_min_sync", "", 80},
    {"__reduce_max_sync", "", 80},       {"__reduce_and_sync", "", 80},   {"__reduce_or_sync", "", 80},
    {"__reduce_xor_sync", "", 80},       {"mma_sync", "", 70},            {"load_matrix_sync", "", 70},
    {"__nanosleep", "", 70},             {"this_cluster", "", 90},        {"__cluster_map_shared_rank", "", 90},
    {"__hmax", "", 80},                  {"__hmin", "", 80},              {"__hmax2", "", 80},
    {"__hmin2", "", 80},                 {"__match_any_sync", "", 70},    {"__match_all_sync", "", 70},
    {"cudaGridDependencySynchronize", "", 90}, {"cudaTriggerProgrammaticLaunchCompletion", "", 90},
};

/// First words of instructions that every architecture since sm_70 has.
const std::set<std::string>& common() {
  static const std::set<std::string> all = {
      "abs", "activemask", "add", "addc", "and", "atom", "bar", "barrier", "bfe", "bfi", "bfind", "bra", "brev", "call", "clz",
      "cnot", "copysign", "cos", "cvt", "cvta", "div", "dp2a", "dp4a", "ex2", "exit", "fence", "fma", "fns", "isspacep", "ld",
      "ldu", "lg2", "lop3", "mad", "mad24", "madc", "max", "membar", "min", "mov", "mul", "mul24", "neg", "not", "or", "pmevent",
      "popc", "prefetch", "prefetchu", "prmt", "rcp", "red", "rem", "ret", "rsqrt", "sad", "selp", "set", "setp", "shf", "shfl",
      "shl", "shr", "sin", "slct", "sqrt", "st", "sub", "subc", "suld", "sured", "sust", "testp", "tex", "tld4", "trap", "vote",
      "xor", "vadd", "vsub", "vabsdiff", "vmin", "vmax", "vshl", "vshr", "vmad", "vset", "brkpt", "alloca", "applypriority"};
  return all;
}

/// "@p cp.async.ca.shared.global [%0], …" -> "cp.async.ca.shared.global"; labels and declarations give nothing.
std::vector<std::string> instructionsIn(llvm::StringRef text) {
  std::vector<std::string> found;
  llvm::SmallVector<llvm::StringRef> parts;
  llvm::SplitString(text, parts, ";\n");
  for (llvm::StringRef part : parts) {
    part = part.ltrim(" \t{}$");
    if (part.starts_with("@"))
      part = part.drop_until([](char c) { return c == ' ' || c == '\t'; }).ltrim();
    part = part.take_until([](char c) { return c == ' ' || c == '\t' || c == '}'; });
    bool label = part.ends_with(":") || part.starts_with(".") || part.starts_with("//") || part.starts_with("%");
    if (!part.empty() && !label)
      found.push_back(part.str());
  }
  return found;
}

struct Requirement {
  std::string what;
  unsigned sm = 0;
  bool only_there = false;
  const clang::Stmt* at = nullptr;
  const UserFunction* function = nullptr;
};

/// The parts of the files between `#if … __CUDA_ARCH__ …` and its `#endif`, and whether there is an `#else`.
struct Region {
  clang::FileID file;
  unsigned first = 0, last = 0;
  bool has_else = false;
};

std::vector<Region> archRegions(const LintContext& context) {
  std::vector<Region> found;
  clang::FileID file = context.sources().getMainFileID();
  llvm::SmallVector<llvm::StringRef> lines;
  context.sources().getBufferData(file).split(lines, '\n');
  struct Open {
    Region region;
    bool about_arch;
  };
  std::vector<Open> open;
  for (unsigned number = 1; number <= lines.size(); ++number) {
    llvm::StringRef line = lines[number - 1].ltrim();
    if (!line.consume_front("#"))
      continue;
    line = line.ltrim();
    if (line.starts_with("if")) {
      open.push_back({{file, number, 0, false}, line.contains("__CUDA_ARCH__")});
    } else if (line.starts_with("el") && !open.empty()) {
      open.back().region.has_else = true;
    } else if (line.starts_with("endif") && !open.empty()) {
      open.back().region.last = number;
      if (open.back().about_arch)
        found.push_back(open.back().region);
      open.pop_back();
    }
  }
  return found;
}

const Needs* needsOf(const std::string& instruction) {
  for (const Needs& needs : kInstructions)
    if (llvm::StringRef(instruction).starts_with(needs.begin) && llvm::StringRef(instruction).contains(needs.part))
      return &needs;
  return nullptr;
}

/// wmma fragments of bfloat16, tf32 and double came later than those of half.
unsigned fragmentNeeds(const clang::CallExpr& call, unsigned otherwise) {
  for (const clang::Expr* argument : call.arguments()) {
    const auto* record = argument->getType().getNonReferenceType()->getAsCXXRecordDecl();
    const auto* made = llvm::dyn_cast_or_null<clang::ClassTemplateSpecializationDecl>(record);
    if (!made || made->getTemplateArgs().size() < 5 || made->getTemplateArgs()[4].getKind() != clang::TemplateArgument::Type)
      continue;
    clang::QualType element = made->getTemplateArgs()[4].getAsType();
    std::string name = element.getAsString();
    if (significantBits(element) == 8 || significantBits(element) == 53 || name.find("tf32") != std::string::npos)
      return 80;
  }
  return otherwise;
}

std::vector<Requirement> requirementsOf(const LintContext& context, Reporter* doubts) {
  std::vector<Requirement> found;
  for (const UserFunction& function : context.functions) {
    if (!function.on_device)
      continue;
    Facts facts = factsOf(*function.decl);
    for (const Asm& one : facts.assembly)
      for (const std::string& instruction : instructionsIn(one.text)) {
        const Needs* needs = needsOf(instruction);
        std::string first = instruction.substr(0, instruction.find('.'));
        if (needs)
          found.push_back({instruction, needs->sm, needs->only_there, one.stmt, &function});
        else if (doubts && !common().count(first))
          doubts->unknown(context.placeOf(*one.stmt, function), fmt::format("no table here says which architecture has {}", instruction));
      }
    for (const Call& call : facts.calls)
      for (const Needs& needs : kFunctions)
        if (call.name == needs.begin)
          found.push_back({call.name, fragmentNeeds(*call.expr, needs.sm), needs.only_there, call.expr, &function});
  }
  return found;
}

/// "the #else at line 12", or that there is none.
std::string fallbackOf(const LintContext& context, const Requirement& one, const std::vector<Region>& regions) {
  clang::SourceLocation at = context.sources().getExpansionLoc(one.at->getBeginLoc());
  unsigned line = context.sources().getExpansionLineNumber(at);
  for (const Region& region : regions)
    if (context.sources().getFileID(at) == region.file && region.first < line && line < region.last)
      return region.has_else ? fmt::format("another way in the #if of line {}", region.first)
                             : fmt::format("nothing in its place without it, by the #if of line {}", region.first);
  return "no other way";
}

std::string archName(unsigned sm, bool only_there) {
  return fmt::format("sm_{}{}", sm, only_there ? "a" : "");
}

/// "sm_80: cp.async.cg (lines 12, 40; no other way)": one line for each architecture.
void describe(const LintContext& context, const std::vector<Requirement>& all, const std::vector<Region>& regions,
              Reporter& reporter) {
  std::map<std::pair<unsigned, bool>, std::map<std::string, std::pair<std::set<unsigned>, std::string>>> by_arch;
  for (const Requirement& one : all) {
    auto& [lines, fallback] = by_arch[{one.sm, one.only_there}][one.what];
    lines.insert(context.sources().getExpansionLineNumber(one.at->getBeginLoc()));
    fallback = fallbackOf(context, one, regions);
  }
  for (const auto& [arch, uses] : by_arch) {
    std::vector<std::string> parts;
    for (const auto& [what, use] : uses)
      parts.push_back(fmt::format("{} (line{} {}; {})", what, use.first.size() == 1 ? "" : "s", fmt::join(use.first, ", "), use.second));
    reporter.profile(fmt::format("needs {}: {}", archName(arch.first, arch.second), fmt::join(parts, ", ")));
  }
}

void findArchitectures(const LintContext& context, Reporter& reporter) {
  std::vector<Requirement> all = requirementsOf(context, &reporter);
  std::vector<Region> regions = archRegions(context);
  describe(context, all, regions, reporter);
  unsigned target = 0;
  llvm::StringRef(context.target).drop_front(3).take_while(llvm::isDigit).getAsInteger(10, target);
  bool specific = llvm::StringRef(context.target).ends_with("a");
  for (const Requirement& one : all) {
    bool fits = one.sm <= target && (!one.only_there || (specific && one.sm == target));
    if (!fits)
      reporter.report(context.placeOf(*one.at, *one.function),
                      fmt::format("{} needs {}, the target is {}; there is {}", one.what, archName(one.sm, one.only_there),
                                  context.target, fallbackOf(context, one, regions)));
  }
}

} // namespace

std::vector<LintCheck> portabilityChecks() {
  return {
      {.info = {"portability.architecture", "KV3407", "static", "a line that the target's architecture does not have",
                "it does not assemble for the target, or runs on one generation only: what 'a' architectures (sm_90a) have, "
                "no later one needs to have",
                "compile for that architecture, or guard the line with #if __CUDA_ARCH__ >= ... and write the other way "
                "in the #else",
                "exact for the instructions and functions in the tables of portability.cpp; others are unknown",
                Severity::Note,
                "asm volatile(\"wgmma.fence.sync.aligned;\");   // sm_90a only, and nothing else for the rest"},
       .run = findArchitectures},
  };
}

} // namespace kverify::verifier::lint
