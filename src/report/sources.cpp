#include "report/sources.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "core/hash.h"

namespace kverify::report {
namespace {

namespace fs = std::filesystem;

std::optional<std::string> readFile(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored))
    return std::nullopt;
  std::ifstream in(path, std::ios::binary);
  if (!in)
    return std::nullopt;
  return std::string{std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> splitLines(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, end - at);
    if (line.ends_with('\r'))
      line.pop_back();
    lines.push_back(std::move(line));
    at = end + 1;
  }
  return lines;
}

} // namespace

Sources Sources::onDisk(std::string folder) {
  return Sources([folder = std::move(folder)](const std::string& path) {
    auto text = readFile(path);
    return text || folder.empty() ? text : readFile(fs::path(folder) / path);
  });
}

void Sources::expect(const Report& report) {
  for (const KernelReport& kernel : report.kernels)
    if (!kernel.source_sha256.empty())
      expected_[kernel.file] = kernel.source_sha256;
}

Sources::File& Sources::open(const std::string& file) {
  auto [at, is_new] = files_.try_emplace(file);
  if (!is_new || !reader_)
    return at->second;
  auto text = reader_(file);
  if (!text)
    return at->second;
  auto expected = expected_.find(file);
  bool same = expected == expected_.end() || sha256Hex(*text) == expected->second;
  at->second.state = same ? State::Same : State::Changed;
  if (same)
    at->second.lines = splitLines(*text);
  return at->second;
}

Sources::State Sources::state(const std::string& file) {
  return open(file).state;
}

const std::vector<std::string>* Sources::lines(const std::string& file) {
  File& opened = open(file);
  return opened.state == State::Same ? &opened.lines : nullptr;
}

std::optional<std::string> Sources::line(const std::string& file, unsigned number) {
  const std::vector<std::string>* all = lines(file);
  if (!all || number == 0 || number > all->size())
    return std::nullopt;
  return (*all)[number - 1];
}

LineReader Sources::lineReader() {
  return [this](const std::string& file, unsigned number) { return line(file, number); };
}

std::string repositoryPath(const Report& report, const std::string& root, const std::string& file) {
  fs::path path = fs::path(file).lexically_normal();
  if (path.is_absolute()) {
    fs::path below = path.lexically_relative(fs::path(root).lexically_normal());
    return root.empty() || below.empty() || *below.begin() == ".." ? path.generic_string() : below.generic_string();
  }
  return (fs::path(report.folder) / path).lexically_normal().generic_string();
}

std::string uriOf(const std::string& path) {
  std::string uri;
  for (unsigned char c : path) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                 c == '_' || c == '~' || c == '/';
    uri += plain ? std::string(1, static_cast<char>(c)) : fmt::format("%{:02X}", c);
  }
  return uri;
}

} // namespace kverify::report
