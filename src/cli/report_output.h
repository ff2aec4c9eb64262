#pragma once
// Where reports go: --format for standard output, and --report FORMAT=FILE as often as wanted, so that one audit writes
// all that a CI needs.
#include <memory>
#include <string>
#include <vector>

#include <CLI/App.hpp>

#include "kverify/error.h"
#include "report/format.h"

namespace kverify::cli {

/// As the command line gives it.
struct OutputFlags {
  std::string format = "text", color = "auto";
  std::vector<std::string> reports; ///< "html=out/r.html", "out/k.sarif"
  bool verbose = false;
};

/// Adds --format, --report, --color and --verbose.
void addOutputFlags(CLI::App& sub, OutputFlags& flags);

/// One file to be written.
struct ReportFile {
  const report::Format* format = nullptr;
  std::string path;
};

/// The flags understood, and every file known to be writable before any work is done.
struct Outputs {
  const report::Format* format = nullptr; ///< of standard output
  std::vector<ReportFile> files;
  report::RenderOptions render; ///< sources are set by writeReports
};

/// Errors: Usage (no such format, an ending that names none, one file twice), Input (a file that cannot be written).
Expected<Outputs> prepareOutputs(const OutputFlags& flags);

/// Renders into every file. `folder`: where relative source paths start. Errors: Input, the first file that failed; the
/// others are written all the same.
Expected<void> writeReports(const Report& report, const Outputs& outputs, const std::string& folder = {});

/// Top of the repository that the working directory is in, absolute; empty where there is none.
std::string repositoryRoot();

/// When and where it ran: Report::started (SOURCE_DATE_EPOCH is honoured), folder and platform.
void describeRun(Report& report);

} // namespace kverify::cli
