#include "cli/report_output.h"

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/utsname.h>

#include "cli/options.h"
#include "core/near_name.h"

namespace kverify::cli {
namespace {

namespace fs = std::filesystem;

ToolError noSuchFormat(const std::string& name, const char* flag) {
  std::vector<std::string> names = report::formatNames();
  std::string near = didYouMean(name, names);
  return {ErrorKind::Usage, fmt::format("there is no format '{}'", name), flag,
          near.empty() ? fmt::format("what exists: {}", fmt::join(names, ", ")) : near};
}

/// "html=out/r.html", or a path whose ending names the format.
Expected<ReportFile> reportFile(const std::string& text) {
  std::size_t equals = text.find('=');
  if (equals != std::string::npos) {
    std::string name = text.substr(0, equals);
    const report::Format* format = report::findFormat(name);
    if (!format)
      return tl::unexpected(noSuchFormat(name, "--report"));
    if (equals + 1 == text.size())
      return fail(ErrorKind::Usage, fmt::format("'{}' names no file", text), "--report", fmt::format("for example --report {}=out/report{}", name, format->extension));
    return ReportFile{format, text.substr(equals + 1)};
  }
  const report::Format* format = report::formatOfFile(text);
  if (!format)
    return fail(ErrorKind::Usage, fmt::format("the ending of '{}' names no format", text), "--report",
                fmt::format("say it: --report FORMAT={} with one of {}", text, fmt::join(report::formatNames(), ", ")));
  return ReportFile{format, text};
}

/// Hours of audit must not be lost to a folder that is not there.
Expected<void> checkWritable(const std::string& path) {
  std::error_code error;
  if (fs::path folder = fs::path(path).parent_path(); !folder.empty())
    fs::create_directories(folder, error);
  bool existed = fs::exists(path, error);
  std::ofstream probe(path, std::ios::binary | std::ios::app);
  if (!probe)
    return fail(ErrorKind::Input, fmt::format("cannot write the report '{}'", path), "--report");
  probe.close();
  if (!existed)
    fs::remove(path, error);
  return {};
}

std::string systemName() {
  std::ifstream in("/etc/os-release");
  std::string name = "Linux";
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("PRETTY_NAME=")) {
      name = line.substr(12);
      std::erase(name, '"');
    }
  utsname machine{};
  return uname(&machine) == 0 ? fmt::format("{}, {}", name, machine.machine) : name;
}

std::string startTime() {
  std::time_t now = std::time(nullptr);
  if (const char* fixed = std::getenv("SOURCE_DATE_EPOCH"); fixed && *fixed)
    now = static_cast<std::time_t>(std::strtoll(fixed, nullptr, 10));
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now));
}

} // namespace

void addOutputFlags(CLI::App& sub, OutputFlags& flags) {
  sub.add_option("--format", flags.format, "what goes to standard output")
      ->type_name(fmt::format("{{{}}}", fmt::join(report::formatNames(), ",")))
      ->capture_default_str();
  sub.add_option("--report", flags.reports, "also into a file: FORMAT=FILE, or a FILE whose ending says it (.html, .sarif, .xml, .md, .json, .txt); may be repeated")
      ->allow_extra_args(false)
      ->type_name("FORMAT=FILE");
  sub.add_option("--color", flags.color, "auto, always or never (NO_COLOR is honoured)")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
  sub.add_flag("-v,--verbose", flags.verbose, "one row for each check");
}

Expected<Outputs> prepareOutputs(const OutputFlags& flags) {
  Outputs outputs;
  outputs.format = report::findFormat(flags.format);
  if (!outputs.format)
    return tl::unexpected(noSuchFormat(flags.format, "--format"));
  outputs.render = {.color = wantsColor(flags.color), .all_checks = flags.verbose, .root = repositoryRoot()};
  for (const std::string& text : flags.reports) {
    auto file = reportFile(text);
    if (!file)
      return tl::unexpected(file.error());
    for (const ReportFile& other : outputs.files)
      if (fs::path(other.path).lexically_normal() == fs::path(file->path).lexically_normal())
        return fail(ErrorKind::Usage, fmt::format("'{}' is to be written twice", file->path), "--report");
    if (auto writable = checkWritable(file->path); !writable)
      return tl::unexpected(writable.error());
    outputs.files.push_back(*file);
  }
  return outputs;
}

Expected<void> writeReports(const Report& report, const Outputs& outputs, const std::string& folder) {
  Expected<void> result;
  report::Sources sources = report::Sources::onDisk(folder);
  sources.expect(report);
  report::RenderOptions render = outputs.render;
  render.color = false;
  render.sources = &sources;
  for (const ReportFile& file : outputs.files) {
    std::ofstream out(file.path, std::ios::binary | std::ios::trunc);
    out << file.format->render(report, render);
    if (!out.flush() && result)
      result = fail(ErrorKind::Input, fmt::format("cannot write the report '{}'", file.path), "--report");
  }
  return result;
}

std::string repositoryRoot() {
  std::error_code error;
  for (fs::path at = fs::current_path(error); !at.empty(); at = at.parent_path()) {
    if (fs::exists(at / ".git", error))
      return at.string();
    if (at == at.root_path())
      break;
  }
  return {};
}

void describeRun(Report& report) {
  report.started = startTime();
  std::string root = repositoryRoot();
  std::error_code error;
  fs::path here = fs::current_path(error);
  if (std::string below = root.empty() ? "." : here.lexically_relative(root).generic_string(); below != ".")
    report.folder = below;
  report.platform = {{"clang", KVERIFY_LLVM_VERSION}, {"system", systemName()}};
}

} // namespace kverify::cli
