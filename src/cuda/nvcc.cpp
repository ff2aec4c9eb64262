#include "cuda/nvcc.h"

#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "core/hash.h"
#include "cuda/pattern.h"
#include "cuda/subprocess.h"

namespace kverify::cuda {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

std::string readFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return in ? text.str() : std::string();
}

bool writeFile(const fs::path& path, std::string_view text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  return static_cast<bool>(out.flush());
}

/// The kernel's own file, untouched, so that lines stay its own; a function whose references instantiate what is wanted;
/// and what the worker needs beside it.
std::string wrapperOf(const std::string& path, const std::vector<WantedKernel>& wanted) {
  std::string text = fmt::format("#include \"{}\"\n", fs::absolute(path).lexically_normal().string());
  text += "void kverify_instantiate(const void** to) {\n";
  for (std::size_t i = 0; i < wanted.size(); ++i)
    text += fmt::format("  to[{}] = reinterpret_cast<const void*>(&{});\n", i, wanted[i].name);
  text += "}\n";
  return text + kDeviceHelpers;
}

/// Every unnamed namespace gets one name, and internal linkage no mark.
std::string normalised(const std::string& mangled) {
  std::string out;
  for (std::size_t i = 0; i < mangled.size();) {
    std::size_t digits = i;
    while (digits < mangled.size() && std::isdigit(static_cast<unsigned char>(mangled[digits])))
      ++digits;
    if (digits > i && mangled.compare(digits, 11, "_GLOBAL__N_") == 0) {
      i = digits + std::stoul(mangled.substr(i, digits - i));
      out += "<unnamed>";
      continue;
    }
    out += mangled[i++];
  }
  return out.starts_with("_ZL") ? "_Z" + out.substr(3) : out;
}

struct Entry {
  fs::path cubin, log, deps;
};

/// What the entry was made of is still what is there?
bool stillValid(const Entry& entry) {
  Json deps = Json::parse(readFile(entry.deps), nullptr, false);
  if (!deps.is_object() || !fs::exists(entry.cubin))
    return false;
  for (const auto& [file, hash] : deps.items())
    if (!hash.is_string() || sha256Hex(readFile(file)) != hash.get<std::string>())
      return false;
  return true;
}

/// Files of a make rule "target: a b \\\n c", with blanks in names escaped.
std::vector<std::string> dependenciesIn(const std::string& rule) {
  std::vector<std::string> files;
  std::string word;
  std::size_t at = rule.find(": ");
  for (at = at == std::string::npos ? rule.size() : at + 1; at < rule.size(); ++at) {
    char c = rule[at];
    if (c == '\\' && at + 1 < rule.size() && rule[at + 1] == ' ')
      word += rule[++at];
    else if (std::isspace(static_cast<unsigned char>(c)) || (c == '\\' && at + 1 < rule.size() && rule[at + 1] == '\n')) {
      if (!word.empty())
        files.push_back(std::exchange(word, {}));
    } else
      word += c;
  }
  if (!word.empty())
    files.push_back(word);
  return files;
}

/// Only what a user may change: the toolkit and the system have their version in the key.
void writeDependencies(const Entry& entry, const std::string& rule, const fs::path& scratch) {
  Json deps = Json::object();
  for (const std::string& file : dependenciesIn(rule)) {
    std::string full = fs::absolute(file).lexically_normal().string();
    if (full.starts_with("/usr/") || full.starts_with(scratch.string()))
      continue;
    deps[full] = sha256Hex(readFile(full));
  }
  writeFile(entry.deps, deps.dump());
}

std::string fileText(const std::string& bytes, std::size_t most) {
  return bytes.size() <= most ? bytes : bytes.substr(0, most) + "\n…";
}

Expected<std::string> versionOf(const std::string& nvcc) {
  ProcessResult run = runProcess({nvcc, "--version"}, {.timeout_s = 30});
  std::string version = run.exit_code == 0 ? parseNvccVersion(run.out) : "";
  if (version.empty())
    return fail(ErrorKind::Environment, fmt::format("'{}' does not say which version it is", nvcc));
  return version;
}

} // namespace

std::string findNvcc() {
  if (const char* named = std::getenv("KVERIFY_NVCC"); named && *named)
    return named;
  std::vector<std::string> places;
  std::istringstream path(std::getenv("PATH") ? std::getenv("PATH") : "");
  for (std::string folder; std::getline(path, folder, ':');)
    places.push_back(folder + "/nvcc");
  if (const char* home = std::getenv("CUDA_HOME"))
    places.push_back(std::string(home) + "/bin/nvcc");
  places.push_back("/usr/local/cuda/bin/nvcc");
  for (const std::string& place : places)
    if (access(place.c_str(), X_OK) == 0)
      return place;
  return {};
}

std::string parseNvccVersion(const std::string& output) {
  static const std::regex version(R"(\bV([0-9]+\.[0-9]+\.[0-9]+))");
  std::smatch match;
  return std::regex_search(output, match, version) ? match[1].str() : "";
}

std::vector<std::string> flagsForNvcc(const std::vector<std::string>& clang_flags) {
  static constexpr const char* kWithValue[] = {"-I", "-D", "-U", "-isystem", "-include"};
  std::vector<std::string> flags;
  for (std::size_t i = 0; i < clang_flags.size(); ++i) {
    const std::string& flag = clang_flags[i];
    if (flag.starts_with("-std=") || flag == "-ffast-math") {
      flags.push_back(flag == "-ffast-math" ? "-use_fast_math" : flag);
      continue;
    }
    for (const char* known : kWithValue) {
      if (!flag.starts_with(known))
        continue;
      if (flag == known && i + 1 < clang_flags.size()) {
        flags.push_back(flag);
        flags.push_back(clang_flags[++i]);
      } else if (flag != known) {
        flags.push_back(flag);
      }
      break;
    }
  }
  return flags;
}

std::string findSymbol(const std::string& mangled, const std::vector<PtxasFunction>& functions) {
  for (const PtxasFunction& function : functions)
    if (function.name == mangled)
      return function.name;
  for (const PtxasFunction& function : functions)
    if (normalised(function.name) == normalised(mangled))
      return function.name;
  return {};
}

std::string defaultCubinCache() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache && *cache)
    return std::string(cache) + "/kverify/cubins";
  if (const char* home = std::getenv("HOME"); home && *home)
    return std::string(home) + "/.cache/kverify/cubins";
  return (fs::temp_directory_path() / "kverify-cubins").string();
}

Expected<Cubin> compileCubin(const std::string& path, const std::vector<WantedKernel>& wanted, const NvccOptions& options) {
  const std::string nvcc = options.nvcc.empty() ? findNvcc() : options.nvcc;
  if (nvcc.empty())
    return fail(ErrorKind::Environment, "there is no nvcc to compile for the GPU with", "", "put it on the PATH or set KVERIFY_NVCC");
  auto version = versionOf(nvcc);
  if (!version)
    return tl::unexpected(version.error());
  // Hopper's own instructions need the architecture with an a.
  std::string number = fmt::format("{}{}{}", options.major, options.minor, options.major >= 9 ? "a" : "");
  std::vector<std::string> command = {nvcc, "-O3", "-lineinfo", "-Xptxas", "-v", "-cubin",
                                      fmt::format("-gencode=arch=compute_{0},code=sm_{0}", number)};
  std::vector<std::string> flags = flagsForNvcc(options.flags);
  if (std::none_of(flags.begin(), flags.end(), [](const std::string& flag) { return flag.starts_with("-std="); }))
    flags.insert(flags.begin(), "-std=c++20");
  command.insert(command.end(), flags.begin(), flags.end());
  const std::string wrapper = wrapperOf(path, wanted);
  std::string key_text = *version + "\n" + number + "\n" + sha256Hex(readFile(path)) + "\n" + wrapper;
  for (const std::string& flag : flags)
    key_text += "\n" + flag;
  for (const auto& [name, text] : options.headers)
    key_text += "\n" + name + "\n" + sha256Hex(text);
  const std::string key = sha256Hex(key_text).substr(0, 32);
  const fs::path folder = options.cache;
  const Entry entry{folder / (key + ".cubin"), folder / (key + ".log"), folder / (key + ".deps")};
  Cubin cubin{.arch = "sm_" + number, .compiler = "nvcc " + *version, .cached = stillValid(entry)};
  if (!cubin.cached) {
    std::error_code error;
    const fs::path scratch = folder / fmt::format("{}.{}", key, getpid());
    fs::create_directories(scratch / "include", error);
    for (const auto& [name, text] : options.headers) {
      fs::create_directories((scratch / "include" / name).parent_path(), error);
      writeFile(scratch / "include" / name, text);
    }
    if (!writeFile(scratch / "kernel.cu", wrapper))
      return fail(ErrorKind::Environment, fmt::format("nothing can be written below '{}'", folder.string()));
    command.insert(command.end(), {"-I", (scratch / "include").string(), "-MD", "-MF", (scratch / "deps").string(), "-o",
                                   (scratch / "out.cubin").string(), (scratch / "kernel.cu").string()});
    ProcessResult run = runProcess(command, {.timeout_s = 600});
    std::string log = run.out + run.err;
    if (run.exit_code != 0) {
      fs::remove_all(scratch, error);
      return fail(ErrorKind::Compile, fmt::format("nvcc does not compile it:\n{}", fileText(log, 4000)), path);
    }
    writeFile(entry.log, log);
    writeDependencies(entry, readFile(scratch / "deps"), scratch);
    fs::rename(scratch / "out.cubin", entry.cubin, error);
    fs::remove_all(scratch, error);
  }
  const std::string bytes = readFile(entry.cubin);
  cubin.bytes.assign(bytes.begin(), bytes.end());
  std::vector<PtxasFunction> functions = parsePtxas(readFile(entry.log));
  for (const WantedKernel& kernel : wanted) {
    std::string symbol = findSymbol(kernel.mangled, functions);
    if (symbol.empty())
      return fail(ErrorKind::Internal, fmt::format("nvcc compiled '{}' without a function {}", path, kernel.mangled));
    for (const PtxasFunction& function : functions)
      if (function.name == symbol)
        cubin.kernels.push_back({symbol, function});
  }
  return cubin;
}

} // namespace kverify::cuda
