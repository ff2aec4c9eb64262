#include "cli/saved_reports.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include <fmt/format.h>

#include "kverify/verdict.h"
#include "report/json.h"

namespace kverify::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMostBytes = std::uintmax_t{1} << 30;

/// "0.1.0" where all say so, else "0.1.0; 0.2.0".
std::string join(const std::vector<Report>& reports, std::string Report::* what) {
  std::vector<std::string> all;
  for (const Report& one : reports)
    if (!(one.*what).empty() && std::find(all.begin(), all.end(), one.*what) == all.end())
      all.push_back(one.*what);
  return fmt::format("{}", fmt::join(all, "; "));
}

} // namespace

Expected<Report> readReport(const std::string& path) {
  if (path == "-") {
    std::string text{std::istreambuf_iterator<char>(std::cin), {}};
    return report::reportFromJson("standard input", text);
  }
  std::error_code error;
  if (!fs::exists(path, error))
    return fail(ErrorKind::Input, fmt::format("there is no report '{}'", path), "", "kverify audit --report json=FILE writes one");
  if (fs::is_directory(path, error))
    return fail(ErrorKind::Input, fmt::format("'{}' is a folder, and a report is a file", path));
  if (fs::is_regular_file(path, error) && fs::file_size(path, error) > kMostBytes)
    return fail(ErrorKind::Input, fmt::format("'{}' is larger than 1 GiB", path));
  std::ifstream in(path, std::ios::binary);
  if (!in)
    return fail(ErrorKind::Input, fmt::format("the report '{}' cannot be read", path));
  std::string text{std::istreambuf_iterator<char>(in), {}};
  return report::reportFromJson(path, text);
}

Report joined(std::vector<Report> reports) {
  if (reports.size() == 1)
    return std::move(reports[0]);
  Report all{.tool_version = join(reports, &Report::tool_version), .command = join(reports, &Report::command)};
  all.started = join(reports, &Report::started);
  all.folder = join(reports, &Report::folder);
  std::vector<int> codes;
  for (Report& one : reports) {
    all.seed = one.seed;
    all.partial |= one.partial;
    all.seconds += one.seconds;
    codes.push_back(one.exit_code);
    for (auto& fact : one.platform)
      if (std::find(all.platform.begin(), all.platform.end(), fact) == all.platform.end())
        all.platform.push_back(std::move(fact));
    std::move(one.kernels.begin(), one.kernels.end(), std::back_inserter(all.kernels));
  }
  all.exit_code = worstExitCode(codes);
  return all;
}

} // namespace kverify::cli
