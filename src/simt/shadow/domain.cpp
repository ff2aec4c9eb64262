#include "simt/shadow/domain.h"
#include "simt/shadow/host_calls.h"

namespace kverify::simt::shadow {
namespace {

Words wordsOf(const Cell& cell) {
  return {{cell.word[0], cell.word[1], cell.word[2]}};
}

} // namespace

std::vector<Note> HostDomain::notes() const {
  std::vector<Note> all;
  for (const auto& [key, count] : notes_)
    all.push_back({key.first, key.second, count});
  return all;
}

std::string HostDomain::operationAt(std::uint32_t site) const {
  return sites && site < sites->sites.size() ? sites->sites[site].operation : std::string();
}

} // namespace kverify::simt::shadow

using namespace kverify::simt::shadow;

extern "C" {

void kv_host_shadow(State* state, std::uint32_t op, Cell* out, const Cell in[3], const double* concrete,
                    std::uint32_t site) {
  const Words operands[3] = {wordsOf(in[0]), wordsOf(in[1]), wordsOf(in[2])};
  Words result = static_cast<HostDomain::HostState*>(state)->domain->apply(op, operands, concrete, site);
  *out = {{result.w[0], result.w[1], result.w[2]}, 0};
}

void kv_host_shadow_from(State* state, Cell* out, double concrete, std::uint32_t constant, std::uint32_t site) {
  HostDomain& domain = *static_cast<HostDomain::HostState*>(state)->domain;
  Words result = constant ? domain.fromInteger(concrete, site) : domain.unstamped(concrete, site);
  *out = {{result.w[0], result.w[1], result.w[2]}, 0};
}

} // extern "C"
