#include "core/proof_cache.h"

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <link.h>
#include <unistd.h>

#include "core/hash.h"

namespace kverify {
namespace {

struct BuildIds {
  std::string text;
  bool complete = true;
};

/// The build id among the notes of one segment, as raw bytes; empty if there is none.
std::string buildIdIn(const char* at, std::size_t size) {
  auto padded = [](std::size_t n) { return (n + 3) / 4 * 4; };
  while (size >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) note;
    std::memcpy(&note, at, sizeof(note));
    std::size_t whole = sizeof(note) + padded(note.n_namesz) + padded(note.n_descsz);
    if (whole > size)
      break;
    const char* name = at + sizeof(note);
    if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && std::memcmp(name, "GNU", 4) == 0)
      return std::string(name + padded(note.n_namesz), note.n_descsz);
    at += whole;
    size -= whole;
  }
  return {};
}

int addBuildId(dl_phdr_info* info, std::size_t, void* data) {
  auto& ids = *static_cast<BuildIds*>(data);
  std::string id;
  for (int i = 0; i < info->dlpi_phnum && id.empty(); ++i) {
    const auto& header = info->dlpi_phdr[i];
    if (header.p_type == PT_NOTE)
      id = buildIdIn(reinterpret_cast<const char*>(info->dlpi_addr + header.p_vaddr), header.p_memsz);
  }
  bool kernel_page = info->dlpi_name && std::strstr(info->dlpi_name, "vdso");
  if (id.empty() && !kernel_page)
    ids.complete = false;
  if (!kernel_page)
    ids.text += id + "\n";
  return 0;
}

std::string header(std::string_view value) {
  return fmt::format("kverify proofs {} {}\n", toolIdentity(), sha256Hex(value));
}

} // namespace

std::string toolIdentity() {
  static const std::string identity = [] {
    BuildIds ids;
    dl_iterate_phdr(addBuildId, &ids);
    return ids.complete ? sha256Hex(ids.text) : std::string();
  }();
  return identity;
}

std::string ProofCache::defaultFolder() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  if (toolIdentity().empty())
    return {};
  if (cache && *cache == '/')
    return std::string(cache) + "/kverify/proofs";
  return home && *home == '/' ? std::string(home) + "/.cache/kverify/proofs" : std::string();
}

std::string ProofCache::pathOf(std::string_view name) const {
  return folder_ + "/" + sha256Hex(name).substr(0, 32);
}

std::optional<std::string> ProofCache::load(std::string_view name) const {
  if (folder_.empty() || toolIdentity().empty())
    return std::nullopt;
  std::ifstream in(pathOf(name), std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(in), {});
  std::size_t end = text.find('\n');
  if (end == std::string::npos)
    return std::nullopt;
  std::string value = text.substr(end + 1);
  if (text.substr(0, end + 1) != header(value))
    return std::nullopt;
  return value;
}

bool ProofCache::store(std::string_view name, std::string_view value) const {
  namespace fs = std::filesystem;
  if (folder_.empty() || toolIdentity().empty())
    return false;
  std::error_code error;
  fs::create_directories(folder_, error);
  std::string path = pathOf(name), draft = fmt::format("{}.{}.part", path, getpid());
  std::ofstream out(draft, std::ios::binary | std::ios::trunc);
  out << header(value) << value;
  out.close();
  if (out)
    fs::rename(draft, path, error);
  bool stored = out && !error;
  if (!stored)
    fs::remove(draft, error);
  return stored;
}

} // namespace kverify
