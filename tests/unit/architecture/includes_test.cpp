// Dependencies point one way. This reads every #include of the tree and compares with the table of rooms.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kverify {
namespace {

namespace fs = std::filesystem;

struct Room {
  std::string folder;               ///< below the top
  std::string prefix;               ///< how others include it
  std::set<std::string> may;        ///< prefixes of the rooms it may include, besides itself and kverify/
  std::set<std::string> may_system; ///< of the libraries that only some rooms may see: llvm, clang, z3, CLI
};

const std::vector<Room>& rooms() {
  static const std::vector<Room> all = {
      {"include/kverify", "kverify/", {}, {}},
      {"src/core", "core/", {}, {}},
      {"src/sandbox", "sandbox/", {"core/"}, {}},
      {"src/farm", "farm/", {"core/", "report/"}, {}},
      // Runs code of the file that is audited.
      {"src/frontend/observe", "frontend/observe/", {"core/", "frontend/", "sandbox/"}, {"llvm", "clang"}},
      {"src/frontend", "frontend/", {"core/"}, {"llvm", "clang"}},
      {"src/contract", "contract/", {"core/", "frontend/"}, {}},
      // What PTX means is one thing for the executor and for the proofs, so that it is a room of its own.
      {"src/simt/ptx", "simt/ptx/", {"simt/"}, {"llvm"}},
      {"src/simt", "simt/", {"core/", "frontend/", "simt/"}, {"llvm"}},
      {"src/cuda", "cuda/", {"core/"}, {}},
      {"src/report", "report/", {"core/"}, {}},
      {"src/attest", "attest/", {"core/"}, {}},
      {"src/gate", "gate/", {"core/", "contract/", "cuda/", "report/"}, {}},
      {"fuzz/mutate", "fuzz/mutate/", {"core/", "frontend/"}, {"llvm"}},
      {"fuzz", "fuzz/", {"core/", "contract/", "frontend/", "simt/", "cuda/"}, {}},
      {"verifier/lint", "verifier/lint/", {"core/", "frontend/"}, {"llvm", "clang"}},
      {"verifier/model", "verifier/model/", {"core/", "frontend/", "simt/ptx/"}, {"llvm"}},
      {"verifier/smt", "verifier/smt/", {"core/", "frontend/", "verifier/model/"}, {"z3"}},
      {"verifier/checks", "verifier/checks/", {"core/", "frontend/", "contract/", "verifier/model/", "verifier/smt/"}, {}},
      {"verifier/replay", "verifier/replay/", {"core/", "frontend/", "contract/", "verifier/smt/", "verifier/model/", "verifier/checks/", "simt/"}, {}},
      {"bench/stats", "bench/stats/", {}, {}},
      {"bench/timing",
       "bench/timing/",
       {"core/", "frontend/", "contract/", "simt/", "cuda/", "fuzz/", "bench/stats/", "cli/"},
       {}},
      {"src/cli",
       "cli/",
       {"core/", "frontend/", "contract/", "simt/", "cuda/", "report/", "gate/", "attest/", "fuzz/", "verifier/", "bench/", "sandbox/", "farm/"},
       {"CLI"}},
  };
  return all;
}

bool isSource(const fs::path& path) {
  static const std::set<std::string> endings = {".h", ".cpp", ".inc"};
  return endings.count(path.extension().string()) > 0;
}

std::vector<fs::path> sourcesIn(const std::string& folder) {
  std::vector<fs::path> files;
  std::error_code ignored;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(SOURCE_DIR) / folder, ignored)) {
    // The headers that kernels are compiled with are device code: they include each other by CUDA's names.
    std::string path = entry.path().string();
    if (path.find("/cuda_headers/") != std::string::npos || path.find("/frontend/shims/") != std::string::npos)
      continue;
    if (entry.is_regular_file() && isSource(entry.path()))
      files.push_back(entry.path());
  }
  return files;
}

/// Is `name` a path of some room ("simt/executor.h" is, "gtest/gtest.h" is not)?
const Room* roomOf(const std::string& name) {
  for (const Room& room : rooms())
    if (name.starts_with(room.prefix))
      return &room;
  return nullptr;
}

bool mayInclude(const Room& room, const Room& other) {
  if (&room == &other || other.prefix == "kverify/")
    return true;
  return std::any_of(room.may.begin(), room.may.end(),
                     [&](const std::string& prefix) { return other.prefix.starts_with(prefix); });
}

std::string belowTop(const fs::path& path) {
  return fs::relative(path, SOURCE_DIR).string();
}

/// A room in a room has rules of its own.
bool isOfInnerRoom(const Room& room, const std::string& path) {
  return std::any_of(rooms().begin(), rooms().end(), [&](const Room& inner) {
    return inner.folder.starts_with(room.folder + "/") && path.starts_with(inner.folder + "/");
  });
}

void checkFile(const Room& room, const fs::path& path, std::vector<std::string>& wrong) {
  static const std::regex include(R"(^\s*#\s*include\s*([<"])([^">]+)[">])");
  static const std::set<std::string> guarded = {"llvm", "llvm-c", "clang", "clang-c", "z3", "CLI"};
  std::ifstream in(path);
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    std::smatch match;
    if (!std::regex_search(line, match, include))
      continue;
    std::string name = match[2];
    std::string library = name.substr(0, name.find_first_of("/+."));
    bool forbidden = guarded.count(library) && !room.may_system.count(library.substr(0, library.find('-')));
    const Room* other = match[1] == "\"" ? roomOf(name) : nullptr;
    if (forbidden || (other && !mayInclude(room, *other)))
      wrong.push_back(belowTop(path) + ":" + std::to_string(number) + " includes " + name);
  }
}

TEST(Architecture, IncludesPointOneWay) {
  std::vector<std::string> wrong;
  std::size_t files = 0;
  for (const Room& room : rooms())
    for (const fs::path& path : sourcesIn(room.folder)) {
      if (isOfInnerRoom(room, belowTop(path)))
        continue;
      ++files;
      checkFile(room, path, wrong);
    }
  EXPECT_GT(files, 50u) << "the tree was not found at " << SOURCE_DIR;
  EXPECT_THAT(wrong, testing::IsEmpty()) << "move the code, or the dependency, to the room it belongs to";
}

TEST(Architecture, HeadersArePragmaOnce) {
  std::vector<std::string> wrong;
  for (const Room& room : rooms())
    for (const fs::path& path : sourcesIn(room.folder)) {
      if (path.extension() != ".h")
        continue;
      std::ifstream in(path);
      std::string first; // but for what says what it is
      while (std::getline(in, first) && first.starts_with("//")) {
      }
      if (first != "#pragma once")
        wrong.push_back(belowTop(path));
    }
  EXPECT_THAT(wrong, testing::IsEmpty()) << "their first line that is no comment should be #pragma once";
}

TEST(Architecture, FilesStayUnder600Lines) {
  std::vector<std::string> wrong;
  for (const char* folder : {"include", "src", "fuzz", "verifier", "bench", "tests"})
    for (const fs::path& path : sourcesIn(folder)) {
      std::ifstream in(path);
      std::size_t lines = 0;
      for (std::string line; std::getline(in, line);)
        ++lines;
      if (lines >= 600)
        wrong.push_back(belowTop(path) + ": " + std::to_string(lines));
    }
  EXPECT_THAT(wrong, testing::IsEmpty()) << "split them by what they are about";
}

} // namespace
} // namespace kverify
