#include <map>

#include "simt/warp_ops/operations.h"

namespace kverify::simt::warp_ops {
namespace {

const std::vector<Entry>& entries() {
  static const std::vector<Entry> all = [] {
    std::vector<Entry> out;
    addExchanges(out);
    addFloatProducts(out);
    addIntegerProducts(out);
    addWmma(out);
    return out;
  }();
  return all;
}

} // namespace

std::span<const Entry> table() {
  return entries();
}

std::optional<std::uint32_t> find(std::string_view name) {
  static const std::map<std::string_view, std::uint32_t> index = [] {
    std::map<std::string_view, std::uint32_t> out;
    for (std::uint32_t i = 0; i < entries().size(); ++i)
      out.emplace(entries()[i].name, i);
    return out;
  }();
  const auto it = index.find(name);
  if (it == index.end())
    return std::nullopt;
  return it->second;
}

} // namespace kverify::simt::warp_ops
