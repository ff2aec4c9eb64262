#include "core/tool_identity.h"

#include <cstring>

#include <link.h>

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

} // namespace

std::string toolIdentity() {
  static const std::string identity = [] {
    BuildIds ids;
    dl_iterate_phdr(addBuildId, &ids);
    return ids.complete ? sha256Hex(ids.text) : std::string();
  }();
  return identity;
}

} // namespace kverify
