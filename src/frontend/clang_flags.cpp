#include "frontend/clang_flags.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "frontend/torch_files.h"

namespace kverify::frontend {
namespace {

using Words = std::span<const std::string_view>;

bool startsWithAny(std::string_view text, Words beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(), [&](std::string_view b) { return text.starts_with(b); });
}

bool isAny(std::string_view text, Words words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

// What nvcc's manual has that clang does not: choices of its other programs, of output, of diagnostics. Where a value may stand
// for itself or behind '=', the option is in the first list and in the last.
constexpr auto kWithValue = std::to_array<std::string_view>({
    "-Xcompiler", "-Xptxas", "-Xlinker", "-Xnvlink", "-Xcudafe", "-Xfatbin", "-Xarchive", "--compiler-options",
    "--ptxas-options", "--linker-options", "--nvlink-options", "--cudafe-options", "-gencode", "-arch", "-code",
    "-maxrregcount", "--maxrregcount", "--gpu-architecture", "--gpu-code", "--generate-code", "-ccbin",
    "--compiler-bindir", "-t", "--threads", "--split-compile", "-diag-suppress", "--diag-suppress", "-diag-error", "--diag-error",
    "-diag-warn", "--diag-warn", "-cudart", "--cudart", "-cudadevrt", "--cudadevrt", "-default-stream", "--default-stream",
    "-keep-dir", "--keep-dir", "-odir", "--output-directory", "-ftz", "--ftz", "-prec-div", "--prec-div", "-prec-sqrt",
    "--prec-sqrt", "-fmad", "--fmad", "-rdc", "--relocatable-device-code"});
constexpr auto kAlone = std::to_array<std::string_view>({
    "-restrict", "--restrict", "-lineinfo", "--generate-line-info", "-G", "--device-debug", "-dc", "--device-c", "-dw", "-dlink",
    "--device-link", "-dlto", "--dlink-time-opt", "-lto", "-extra-device-vectorization", "--extra-device-vectorization", "-res-usage",
    "--resource-usage", "-keep", "--keep", "-src-in-ptx", "--source-in-ptx", "-ptx", "--ptx", "-cubin", "--cubin",
    "-fatbin", "--fatbin", "-extended-lambda", "--extended-lambda", "-allow-unsupported-compiler",
    "--allow-unsupported-compiler", "-forward-unknown-to-host-compiler", "--forward-unknown-to-host-compiler",
    "-display-error-number", "--display-error-number", "-no-display-error-number", "--no-display-error-number",
    "-Wno-deprecated-gpu-targets", "--Wno-deprecated-gpu-targets", "-Wreorder", "-Wext-lambda-captures-this"});
constexpr auto kJoined = std::to_array<std::string_view>({
    "-Xcompiler=", "-Xptxas=", "-Xlinker=", "-Xnvlink=", "-Xcudafe=", "-Xfatbin=", "--compiler-options=",
    "--ptxas-options=", "--linker-options=", "--nvlink-options=", "--cudafe-options=", "-gencode=", "-arch=", "-code=", "--gpu-",
    "--generate-code=", "-maxrregcount=", "--maxrregcount=", "-ccbin=", "--compiler-bindir=", "-t=", "--threads=",
    "-split-compile=", "--split-compile=", "-diag-", "--diag-", "-cudart=", "--cudart=", "-cudadevrt=", "--cudadevrt=",
    "-default-stream=", "--default-stream=", "-keep-dir=", "--keep-dir=", "-odir=", "--output-directory=", "-ftz=", "--ftz=",
    "-prec-div=", "--prec-div=", "-prec-sqrt=", "--prec-sqrt=", "-fmad=", "--fmad=", "-rdc=", "--relocatable-device-code=",
    "-expt-", "--expt-", "-Werror=cross-execution-space-call", "-Werror=all-warnings"});

} // namespace

std::vector<std::string> clangSpelling(const std::vector<std::string>& user_flags) {
  std::vector<std::string> flags;
  for (std::size_t i = 0; i < user_flags.size(); ++i) {
    std::string_view flag = user_flags[i];
    if (flag == "-use_fast_math" || flag == "--use_fast_math") {
      flags.push_back("-fgpu-approx-transcendentals");
    } else if (flag.ends_with("-fmad=false")) {
      flags.push_back("-ffp-contract=off");
    } else if (flag.ends_with("-fmad") && i + 1 < user_flags.size() && user_flags[i + 1] == "false") {
      flags.push_back("-ffp-contract=off");
      ++i;
    } else if (isAny(flag, kWithValue)) {
      ++i; // and its value
    } else if (!isAny(flag, kAlone) && !startsWithAny(flag, kJoined)) {
      flags.emplace_back(flag);
    }
  }
  return flags;
}

std::vector<std::string> driverArguments(const ClangJob& job, const std::string& resource_dir) {
  std::vector<std::string> args = {"clang",      "-x",
                                   "cuda",       job.host_side ? "--cuda-host-only" : "--cuda-device-only",
                                   "-c",         "-emit-llvm",
                                   "-nocudalib", "--cuda-gpu-arch=" + job.target,
                                   "-std=c++17", "-resource-dir",
                                   resource_dir};
  auto add = [&](std::initializer_list<std::string> more) { args.insert(args.end(), more); };
  // Ours before the user's folders, which may hold the toolkit's headers of the same names. Each of ours calls itself a
  // system header: clang lets constexpr functions overload the device functions of such headers only.
  if (job.toolkit.empty())
    add({"-I", kBuiltinFolder});
  std::vector<std::string> user = clangSpelling(job.extra_flags);
  args.insert(args.end(), user.begin(), user.end());
  if (!job.found.empty())
    add({"-I", kFoundFolder});
  // After the user's flags, so that these hold. -O1 without its passes: -O0 would add noinline everywhere, and a pass
  // may use undefined behaviour to hide a defect.
  add({"-O1", "-g", "-Xclang", "-disable-llvm-passes", "-fno-discard-value-names", "-fno-color-diagnostics",
       job.all_errors ? "-ferror-limit=0" : "-ferror-limit=20", "-Wno-unknown-cuda-version"});
  // One PTX and SDK version for both kinds of headers, so that the same builtins exist: what clang-19 knows last.
  if (!job.host_side)
    add({"-Xclang", "-target-feature", "-Xclang", "+ptx85"});
  add({"-Xclang", "-target-sdk-version=12.5"});
  // nvcc lets device code declare variadic functions (CUTLASS does, for its type traits); only a call would need more.
  add({"-Xclang", "-fcuda-allow-variadic-functions"});
  // nvcc takes `__shared__ alignas(16) float x[4]`, clang does not; the source is rewritten to this word of equal
  // length.
  add({"-Dalign__(...)=__attribute__((aligned(__VA_ARGS__)))"});
  // <kverify/annotations.h> means something to us alone.
  add({"-D__KVERIFY__=1"});
  if (job.toolkit.empty()) {
    add({"-nocudainc", "--cuda-path=/kverify/none"});
    if (job.rich_prelude)
      add({"-DKVERIFY_RICH_PRELUDE=1"});
    add({"-include", std::string(kBuiltinFolder) + "/cuda_runtime.h"});
  } else {
    add({"--cuda-path=" + job.toolkit, "-isystem", kToolkitShims, "-isystem", job.toolkit + "/include/cccl", "-include",
         std::string(kToolkitShims) + "/" + kToolkitExtras});
  }
  // Behind everything: PyTorch's own headers win where the user names their folder.
  add({"-idirafter", kTorchFolder});
  add({"--", job.path});
  return args;
}

} // namespace kverify::frontend
