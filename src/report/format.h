#pragma once
// Every output format: one row each. A new one is one file with a function like the others', and a row in format.cpp.
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kverify/report.h"
#include "report/sources.h"

namespace kverify::report {

/// What a renderer may use beside the report. Renderers never decide anything.
struct RenderOptions {
  bool color = false;
  bool all_checks = false;    ///< text: one row a check
  Sources* sources = nullptr; ///< null: no source text
  std::string root;           ///< top of the repository, absolute; empty: not known
};

struct Format {
  const char* name;      ///< as --format takes it
  const char* extension; ///< ".html": what a file of it ends with; "" where another format owns the ending
  const char* summary;
  std::string (*render)(const Report& report, const RenderOptions& options);
};

std::span<const Format> formats();

/// Null where there is none.
const Format* findFormat(std::string_view name);

/// The format that a file's ending names ("k.sarif", "k.sarif.json", "r.html"), or null.
const Format* formatOfFile(std::string_view path);

/// The names, in the order of formats().
std::vector<std::string> formatNames();

} // namespace kverify::report
