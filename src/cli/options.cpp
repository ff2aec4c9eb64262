#include "cli/options.h"

#include <charconv>
#include <cstdlib>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "core/near_name.h"

namespace kverify::cli {

Expected<Dim3> parseDim(const std::string& text, const std::string& flag) {
  std::vector<std::uint32_t> values;
  const char* at = text.data();
  const char* end = at + text.size();
  bool well_formed = true;
  while (well_formed) {
    std::uint32_t value = 0;
    auto [next, error] = std::from_chars(at, end, value);
    well_formed = error == std::errc() && value > 0;
    if (!well_formed)
      break;
    values.push_back(value);
    at = next;
    if (at == end)
      break;
    well_formed = (*at == ',' || *at == 'x') && values.size() < 3;
    ++at;
  }
  if (!well_formed)
    return fail(ErrorKind::Usage, fmt::format("'{}' is not one to three positive numbers", text), flag,
                fmt::format("for example {} 128 or {} 16,16", flag, flag));
  values.resize(3, 1);
  return Dim3{values[0], values[1], values[2]};
}

Expected<double> parseDuration(const std::string& text, const std::string& flag) {
  if (text.empty())
    return 0;
  double value = 0;
  auto [next, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  std::string unit(next, text.data() + text.size());
  double scale = unit.empty() || unit == "s" ? 1 : unit == "m" || unit == "min" ? 60 : unit == "h" ? 3600 : 0;
  if (error != std::errc() || scale == 0 || value <= 0)
    return fail(ErrorKind::Usage, fmt::format("'{}' is not a length of time", text), flag,
                "for example 90s, 10m or 1h");
  return value * scale;
}

Expected<pipeline::SearchBudget> parseSearchBudget(const std::string& text, const std::string& flag) {
  pipeline::SearchBudget budget;
  if (text == "auto")
    return budget;
  budget.patience = 0; // who asks for so much gets so much; what is chosen by itself ends where it learns nothing
  budget.work_share = 1e9;
  std::size_t cases = 0;
  auto [next, error] = std::from_chars(text.data(), text.data() + text.size(), cases);
  if (error == std::errc() && next == text.data() + text.size()) {
    budget.cases = cases;
    return budget;
  }
  auto seconds = parseDuration(text, flag);
  if (!seconds || text.empty())
    return fail(ErrorKind::Usage, fmt::format("'{}' is neither a number of cases nor a length of time", text), flag,
                "for example 200, 30s or auto");
  budget.seconds = *seconds;
  return budget;
}

Expected<frontend::CudaHeaders> parseHeaders(const std::string& text) {
  if (text == "auto")
    return frontend::CudaHeaders::Auto;
  if (text == "builtin")
    return frontend::CudaHeaders::Builtin;
  if (text == "toolkit")
    return frontend::CudaHeaders::Toolkit;
  std::vector<std::string> known = {"auto", "builtin", "toolkit"};
  std::string near = didYouMean(text, known);
  return fail(ErrorKind::Usage, fmt::format("there are no CUDA headers called '{}'", text), "--cuda-headers",
              near.empty() ? "auto, builtin or toolkit" : near);
}

bool noColor() {
  const char* set = std::getenv("NO_COLOR");
  return set && *set;
}

bool wantsColor(const std::string& choice) {
  if (choice != "auto")
    return choice == "always";
  return isatty(STDOUT_FILENO) && !noColor();
}

} // namespace kverify::cli
