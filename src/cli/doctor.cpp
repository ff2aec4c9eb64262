// kverify doctor: what is on this machine, with versions, and what each missing thing switches off.
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>

#include <dlfcn.h>
#include <fmt/format.h>
#include <unistd.h>

#include "cli/shut_in.h"
#include "cli/subcommand.h"
#include "core/thread_pool.h"
#include "frontend/compile.h"
#include "frontend/toolkit.h"
#include "kverify/verdict.h"

namespace kverify::cli {
namespace {

struct Part {
  std::string name;
  std::optional<std::string> found; ///< version and place
  std::string without;              ///< what its absence switches off
  bool needed = false;              ///< audits fail without it
};

std::optional<std::string> onPath(const std::string& program) {
  const char* path = std::getenv("PATH");
  std::string folders = path ? path : "";
  for (std::size_t begin = 0; begin <= folders.size();) {
    std::size_t end = std::min(folders.find(':', begin), folders.size());
    std::string candidate = folders.substr(begin, end - begin) + "/" + program;
    if (end > begin && access(candidate.c_str(), X_OK) == 0)
      return candidate;
    begin = end + 1;
  }
  return std::nullopt;
}

Part clangHeaders() {
  auto folder = frontend::findClangResourceDir();
  return {"clang's own headers", folder, "every audit: install libclang-common-19-dev", true};
}

/// Asked of the compiler itself: where it looks for them depends on what of GCC is installed.
Part cxxHeaders() {
  Part part{"C++ library headers", std::nullopt, "audits of every source with an #include <cstdint> or the like: install g++, or libstdc++-12-dev", true};
  frontend::CompileOptions options{.headers = frontend::CudaHeaders::Builtin};
  if (frontend::compileSource("doctor.cu", "#include <cstdint>\n#include <cmath>\n#include <algorithm>\n__global__ void k() {}\n", options))
    part.found = "found by clang, and compiled";
  return part;
}

Part cudaToolkit() {
  Part part{"CUDA toolkit", std::nullopt,
            "--cuda-headers=toolkit, for sources that need more than the built-in headers have"};
  if (auto toolkit = frontend::findToolkit())
    part.found = fmt::format("{} at {} (by {})", toolkit->version, toolkit->path, toolkit->found_by);
  return part;
}

/// A shared library that has a function `int version(int*)`-like query; the library is not kept.
Part gpu() {
  Part part{"NVIDIA driver", std::nullopt, "--backend cuda and both, --stages bench, kverify bench: what runs on a GPU"};
  void* library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return part;
  auto version = reinterpret_cast<int (*)(int*)>(dlsym(library, "cuDriverGetVersion"));
  int number = 0;
  if (version && version(&number) == 0)
    part.found = fmt::format("CUDA {}.{}, libcuda.so.1", number / 1000, number % 1000 / 10);
  return part;
}

Part z3() {
  Part part{"Z3", std::nullopt, "the formal stage"};
  void* library = dlopen("libz3.so.4", RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return part;
  auto version = reinterpret_cast<const char* (*)()>(dlsym(library, "Z3_get_full_version"));
  part.found = version ? version() : "libz3.so.4, version unknown";
  return part;
}

/// What the sandbox of an audit is made of here.
Part isolation() {
  Part part{"isolation", std::nullopt, "processes alone: a hostile source could write files and open sockets"};
  auto shut_in = ShutIn::prepare({});
  if (!shut_in)
    return part;
  Isolation seen = (*shut_in)->describe();
  if (seen.layers.empty())
    return part;
  part.found = fmt::format("{}{}", fmt::join(seen.layers, ", "),
                           seen.missing.empty() ? "" : fmt::format(" ({})", fmt::join(seen.missing, "; ")));
  return part;
}

Part curl() {
  void* library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  auto version = library ? reinterpret_cast<const char* (*)()>(dlsym(library, "curl_version")) : nullptr;
  std::string text = version ? version() : "";
  return {"libcurl", version ? std::optional(text.substr(0, text.find(' '))) : std::nullopt,
          "--cache with an address: proofs shared between machines that share no folder"};
}

Part compiler(const char* program, const char* without) {
  return {program, onPath(program), without};
}

int doctor() {
  const Part parts[] = {
      {"kverify", KVERIFY_VERSION, ""},
      {"clang and LLVM", KVERIFY_LLVM_VERSION " (linked)", ""},
      clangHeaders(),
      cxxHeaders(),
      {"CUDA headers, built in", "types, warp and math intrinsics, fp16, bf16, mma, cp.async", ""},
      cudaToolkit(),
      compiler("nvcc", "what runs on a GPU: its machine code comes from nvcc"),
      compiler("compute-sanitizer", "--stages sanitizer"),
      z3(),
      compiler("cvc5", "--cross-check and verify-cert --recheck: a second solver for what was proved"),
      gpu(),
      isolation(),
      curl(),
      compiler("g++", "building kverify from source"),
      compiler("clang++-19", "building kverify from source (the executor's runtime)"),
      {"cores", std::to_string(availableCores()), ""},
  };
  int exit_code = kExitCertified;
  for (const Part& part : parts) {
    fmt::print("{:<4} {:<23} {}\n",
               part.found    ? "ok"
               : part.needed ? "NO"
                             : "-",
               part.name, part.found ? *part.found : "not found; without it: " + part.without);
    if (!part.found && part.needed)
      exit_code = kExitError;
  }
  return exit_code;
}

constexpr const char* kExamples = R"(Examples:
  kverify doctor                                         a table; exit code 2 where no audit could run
  KVERIFY_CLANG_RESOURCE_DIR=/opt/clang/19 kverify doctor  clang's headers in an unusual place)";

} // namespace

void addDoctor(CLI::App& app, Action& chosen) {
  CLI::App* sub = app.add_subcommand("doctor", "what was found on this machine, and what a missing thing switches off");
  sub->footer(kExamples);
  sub->callback([&chosen] { chosen = [](const Invocation&) { return doctor(); }; });
}

} // namespace kverify::cli
