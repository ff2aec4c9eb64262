#include "gate/glob.h"

#include <string>
#include <vector>

namespace kverify::gate {
namespace {

/// One folder or file name. Linear but for the last star, which is all that can be wrong.
bool matchesName(std::string_view pattern, std::string_view name) {
  std::size_t p = 0, n = 0, star = std::string_view::npos, resume = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*')
    ++p;
  return p == pattern.size();
}

std::vector<std::string_view> partsOf(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    std::size_t slash = path.find('/');
    std::string_view part = path.substr(0, slash);
    if (!part.empty() && part != ".")
      parts.push_back(part);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  }
  return parts;
}

} // namespace

bool matchesPath(std::string_view pattern, std::string_view path) {
  std::string whole(pattern);
  if (whole.ends_with('/'))
    whole += "**";
  else if (whole.find('/') == std::string::npos && whole != "**")
    whole.insert(0, "**/");
  std::vector<std::string_view> wanted = partsOf(whole), parts = partsOf(path);
  // reached[j]: the patterns so far match the first j parts.
  std::vector<bool> reached(parts.size() + 1, false);
  reached[0] = true;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    std::vector<bool> next(parts.size() + 1, false);
    bool through = wanted[i] == "**", last = i + 1 == wanted.size();
    for (std::size_t j = 0; j <= parts.size(); ++j) {
      if (!reached[j])
        continue;
      if (!through) {
        if (j < parts.size() && matchesName(wanted[i], parts[j]))
          next[j + 1] = true;
        continue;
      }
      for (std::size_t k = j + (last ? 1 : 0); k <= parts.size(); ++k) // at the end it stands for something
        next[k] = true;
    }
    reached = std::move(next);
  }
  return reached[parts.size()];
}

bool matchesCheck(std::string_view pattern, std::string_view check) {
  return matchesName(pattern, check);
}

} // namespace kverify::gate
