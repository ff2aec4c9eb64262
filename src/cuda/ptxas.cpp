#include "cuda/ptxas.h"

#include <optional>
#include <regex>
#include <sstream>

namespace kverify::cuda {
namespace {

/// The number before `what` in "216 bytes stack frame, 212 bytes spill stores".
unsigned numberBefore(const std::string& line, const std::string& what) {
  std::smatch match;
  std::regex pattern("([0-9]+) " + what);
  return std::regex_search(line, match, pattern) ? static_cast<unsigned>(std::stoul(match[1])) : 0;
}

} // namespace

std::vector<PtxasFunction> parsePtxas(std::string_view log) {
  static const std::regex compiling("Compiling entry function '([^']+)'");
  static const std::regex used("Used ([0-9]+) registers");
  std::vector<PtxasFunction> functions;
  std::optional<PtxasFunction> current;
  // Device functions that are not inlined have property lines of their own, which are not the entry's.
  bool own_properties = false;
  std::istringstream lines{std::string(log)};
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_search(line, match, compiling)) {
      current = PtxasFunction{.name = match[1]};
      own_properties = false;
    } else if (current && line.find("Function properties for") != std::string::npos) {
      own_properties = line.find("Function properties for " + current->name) != std::string::npos &&
                       line.ends_with(current->name);
    } else if (current && own_properties && line.find("bytes stack frame") != std::string::npos) {
      current->stack_bytes = numberBefore(line, "bytes stack frame");
      current->spill_store_bytes = numberBefore(line, "bytes spill stores");
      current->spill_load_bytes = numberBefore(line, "bytes spill loads");
    } else if (current && std::regex_search(line, match, used)) {
      current->registers = static_cast<unsigned>(std::stoul(match[1]));
      current->barriers = numberBefore(line, "barriers");
      current->static_shared_bytes = numberBefore(line, "bytes smem");
      functions.push_back(*current);
      current.reset();
    }
  }
  return functions;
}

} // namespace kverify::cuda
