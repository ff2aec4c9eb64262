#include "simt/shadow/domain.h"
#include "simt/shadow/host_calls.h"

namespace kverify::simt::shadow {

std::vector<Note> HostDomain::notes() const {
  std::vector<Note> all;
  for (const auto& [key, count] : notes_)
    all.push_back({key.first, key.second, count});
  return all;
}

} // namespace kverify::simt::shadow

using namespace kverify::simt::shadow;

extern "C" {

void kv_host_shadow(State* state, std::uint32_t op, Word* out, const Word* in, const double* concrete,
                    std::uint32_t site) {
  const Words operands[3] = {{{in[0], in[1], in[2]}}, {{in[3], in[4], in[5]}}, {{in[6], in[7], in[8]}}};
  Words result = static_cast<HostDomain::HostState*>(state)->domain->apply(op, operands, concrete, site);
  out[0] = result.w[0], out[1] = result.w[1], out[2] = result.w[2];
}

void kv_host_shadow_from(State* state, Word* out, double concrete, std::uint32_t constant,
                         std::uint32_t site) {
  HostDomain& domain = *static_cast<HostDomain::HostState*>(state)->domain;
  Words result = constant ? domain.from(concrete, site) : domain.unstamped(concrete, site);
  out[0] = result.w[0], out[1] = result.w[1], out[2] = result.w[2];
}

} // extern "C"
