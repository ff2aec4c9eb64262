#include "frontend/host_recovery.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "frontend/host_chunks.h"

namespace kverify::frontend {
namespace {

/// The text of a file as clang last saw it; nothing for a file that is not the user's.
std::optional<std::string> textOf(const std::string& path, const ClangJob& job, const Recovery& recovery) {
  if (auto changed = recovery.changed.find(path); changed != recovery.changed.end())
    return changed->second;
  if (path == job.path)
    return job.bytes;
  // A library's header of the host's may be changed, too; what belongs to the language may not.
  for (const char* ours : {"/kverify/", "/usr/include/c++/", "/usr/lib/", "/usr/lib64/", "<"})
    if (path.empty() || path.starts_with(ours))
      return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return std::nullopt;
  return std::string{std::istreambuf_iterator<char>(file), {}};
}

/// What of `chunk` goes for an error at `offset`.
struct Cut {
  std::size_t begin = 0, end = 0;
  std::string replacement; ///< its first characters
};

std::optional<Cut> cutFor(const Chunk& chunk, std::size_t offset) {
  if (chunk.is_device || chunk.is_shape)
    return std::nullopt;
  if (chunk.is_function && offset > chunk.body_begin && offset < chunk.body_end)
    return Cut{chunk.body_begin, chunk.body_end, ";"};
  return Cut{chunk.begin, chunk.end, ""};
}

void blank(std::string& text, const Cut& cut) {
  for (std::size_t i = cut.begin; i < cut.end; ++i)
    if (text[i] != '\n' && text[i] != '\r')
      text[i] = ' ';
  text.replace(cut.begin, cut.replacement.size(), cut.replacement);
}

/// One error's place in one of the user's files, with the chunk around it.
struct Hit {
  std::string path;
  Chunk chunk;
  Cut cut;
};

/// The first of the error's places, from the error itself outwards to what instantiated it, that can be left out. A
/// place in device code on the way there ends the search: then device code is at fault.
std::optional<Hit> hitOf(const ClangRun::Error& error, const ClangJob& job, const Recovery& recovery) {
  for (const ClangRun::Place& place : error.places) {
    auto text = textOf(place.path, job, recovery);
    if (!text)
      continue;
    for (const Chunk& chunk : chunksOf(*text)) {
      if (place.offset < chunk.begin || place.offset >= chunk.end)
        continue;
      auto cut = cutFor(chunk, place.offset);
      if (!cut)
        return std::nullopt;
      return Hit{place.path, chunk, *cut};
    }
  }
  return std::nullopt;
}

} // namespace

std::optional<Recovery> leaveOutHostErrors(const ClangJob& job, const ClangRun& run, const Recovery& before) {
  Recovery recovery = before;
  std::map<std::string, std::vector<Hit>> hits;
  for (const ClangRun::Error& error : run.errors_at) {
    auto hit = hitOf(error, job, before);
    if (!hit)
      return std::nullopt;
    auto& of_file = hits[hit->path];
    auto same = [&](const Hit& other) { return other.chunk.begin == hit->chunk.begin; };
    if (auto known = std::find_if(of_file.begin(), of_file.end(), same); known != of_file.end()) {
      if (hit->cut.begin < known->cut.begin)
        known->cut = hit->cut; // an error in its head takes all of it
      continue;
    }
    auto said = [&](const LeftOut& one) { return one.file == error.file && one.name == hit->chunk.name; };
    if (std::none_of(recovery.left_out.begin(), recovery.left_out.end(), said))
      recovery.left_out.push_back({error.file, error.line, hit->chunk.name, hit->chunk.is_function, error.message});
    of_file.push_back(std::move(*hit));
  }
  if (hits.empty())
    return std::nullopt;
  for (const auto& [path, of_file] : hits) {
    std::string text = *textOf(path, job, before);
    for (const Hit& hit : of_file)
      blank(text, hit.cut);
    recovery.changed[path] = std::move(text);
  }
  return recovery;
}

} // namespace kverify::frontend
