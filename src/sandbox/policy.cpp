#include "sandbox/policy.h"

#include <cstdio>

namespace kverify::sandbox {

std::string toText(const Layers& l) {
  char text[64];
  std::snprintf(text, sizeof(text), "%d%d%d%d%d%d%d%d%d %d", l.user_namespace, l.process_namespace,
                l.network_namespace, l.ipc_namespace, l.read_only_view, l.private_tmp, l.own_proc, l.no_capabilities,
                l.system_calls, l.landlock);
  return text;
}

bool layersFrom(const std::string& text, Layers& l) {
  bool* flags[] = {&l.user_namespace, &l.process_namespace, &l.network_namespace,
                   &l.ipc_namespace,  &l.read_only_view,    &l.private_tmp,
                   &l.own_proc,       &l.no_capabilities,   &l.system_calls};
  constexpr std::size_t kFlags = std::size(flags);
  if (text.size() < kFlags + 2 || text[kFlags] != ' ')
    return false;
  for (std::size_t i = 0; i < kFlags; ++i)
    *flags[i] = text[i] == '1';
  return std::sscanf(text.c_str() + kFlags, " %d", &l.landlock) == 1;
}

} // namespace kverify::sandbox
