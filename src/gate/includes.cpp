#include "gate/includes.h"

#include <filesystem>
#include <fstream>
#include <iterator>

namespace kverify::gate {
namespace {

namespace fs = std::filesystem;

bool isBlank(char c) {
  return c == ' ' || c == '\t' || c == '\v' || c == '\f' || c == '\r';
}

void skipBlanks(std::string_view& text) {
  while (!text.empty() && isBlank(text.front()))
    text.remove_prefix(1);
}

bool take(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word))
    return false;
  text.remove_prefix(word.size());
  return true;
}

/// Behind the word include.
Include includeOf(std::string_view rest) {
  skipBlanks(rest);
  char close = rest.empty() ? '\0' : rest.front() == '"' ? '"' : rest.front() == '<' ? '>' : '\0';
  std::size_t end = close ? rest.find(close, 1) : std::string_view::npos;
  if (end == std::string_view::npos)
    return {Include::Form::Computed, {}};
  return {close == '"' ? Include::Form::Quoted : Include::Form::Angled, std::string(rest.substr(1, end - 1))};
}

/// A directive may stand behind a comment that ends on its line.
void skipCommentEnd(std::string_view& line) {
  if (std::size_t end = line.rfind("*/"); end != std::string_view::npos && line.substr(0, end).find('#') == std::string_view::npos)
    line.remove_prefix(end + 2);
}

void readLine(std::string_view line, std::vector<Include>& all) {
  skipCommentEnd(line);
  skipBlanks(line);
  if (!take(line, "#") && !take(line, "%:") && !take(line, "\?\?="))
    return;
  skipBlanks(line);
  while (take(line, "/*")) { // # /* why */ include
    std::size_t end = line.find("*/");
    if (end == std::string_view::npos)
      return;
    line.remove_prefix(end + 2);
    skipBlanks(line);
  }
  bool import = !line.starts_with("include") && take(line, "import"); // a macro's value is never imported
  if (!import && !take(line, "include_next") && !take(line, "include"))
    return;
  if (Include one = includeOf(line); !import || one.form != Include::Form::Computed)
    all.push_back(std::move(one));
}

} // namespace

std::vector<Include> includesIn(std::string_view text) {
  std::vector<Include> all;
  std::string line;
  while (!text.empty()) {
    std::size_t end = text.find('\n');
    std::string_view part = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (part.ends_with('\r'))
      part.remove_suffix(1);
    line += part;
    if (line.ends_with('\\') && !text.empty()) {
      line.pop_back();
      continue;
    }
    readLine(line, all);
    line.clear();
  }
  return all;
}

IncludeGraph::IncludeGraph(std::string root, const std::vector<std::string>& files)
    : root_(std::move(root)), files_(files.begin(), files.end()) {
  for (const std::string& file : files_)
    by_name_[fs::path(file).filename().string()].push_back(file);
}

const std::vector<Include>& IncludeGraph::includesOf(const std::string& file) {
  auto [at, is_new] = read_.try_emplace(file);
  if (is_new) {
    std::ifstream in(root_ + "/" + file, std::ios::binary);
    at->second = includesIn(std::string(std::istreambuf_iterator<char>(in), {}));
    if (file.ends_with(".py")) // "# include the bias" is a comment there
      std::erase_if(at->second, [](const Include& one) { return one.form == Include::Form::Computed; });
  }
  return at->second;
}

std::vector<std::string> IncludeGraph::candidates(const std::string& from, const Include& include) const {
  if (fs::path(include.name).is_absolute()) {
    std::string below = fs::path(include.name).lexically_normal().lexically_relative(root_).generic_string();
    return files_.count(below) ? std::vector{below} : std::vector<std::string>();
  }
  std::string beside = (fs::path(from).parent_path() / include.name).lexically_normal().generic_string();
  std::error_code error;
  if (include.form == Include::Form::Quoted && files_.count(beside) && fs::exists(root_ + "/" + beside, error))
    return {beside};
  // "../common/x.cuh" from an unknown folder: what follows the dots must be the end of the path.
  std::string tail = fs::path(include.name).lexically_normal().generic_string();
  while (tail.starts_with("../"))
    tail.erase(0, 3);
  std::vector<std::string> all;
  auto same_name = by_name_.find(fs::path(tail).filename().string());
  if (same_name == by_name_.end())
    return all;
  for (const std::string& file : same_name->second)
    if (file == tail || file.ends_with("/" + tail))
      all.push_back(file);
  return all;
}

Reach IncludeGraph::reachOf(const std::string& file) {
  Reach reach;
  std::vector<std::string> waiting{file};
  while (!waiting.empty()) {
    std::string at = std::move(waiting.back());
    waiting.pop_back();
    for (const Include& include : includesOf(at)) {
      reach.computed |= include.form == Include::Form::Computed;
      for (std::string& next : candidates(at, include))
        if (next != file && reach.files.insert(next).second)
          waiting.push_back(std::move(next));
    }
  }
  return reach;
}

} // namespace kverify::gate
