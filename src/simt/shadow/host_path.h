#pragma once
// What the inlined code leaves to the host, over First, Second and Layout (pack and unpack) of the including file. The
// answer comes back in State: a place of its own for every call would make frames huge.
#include "simt/shadow/inline_ops.h"

namespace {

struct Value {
  First first;
  Second second;
};

[[gnu::always_inline]] Cell packed(const Value& value) {
  Cell cell;
  Layout::pack(cell, value.first, value.second);
  return cell;
}
[[gnu::always_inline]] Value unpacked(const Cell& cell) {
  Value value;
  Layout::unpack(cell, value.first, value.second);
  return value;
}

KV_RARE void askHost(State* state, std::uint32_t op, First a, Second as, First b, Second bs, First c, Second cs,
                     double ca, double cb, double cc, double result, std::uint32_t site) {
  const Cell in[3] = {packed({a, as}), packed({b, bs}), packed({c, cs})};
  const double concrete[4] = {ca, cb, cc, result};
  kv_host_shadow(state, op, &state->answer, in, concrete, site);
}

[[gnu::always_inline, maybe_unused]] Value slow(State* state, std::uint32_t op, const Value& a, const Value& b,
                                                const Value& c, double ca, double cb, double cc, double result,
                                                std::uint32_t site) {
  askHost(state, op, a.first, a.second, b.first, b.second, c.first, c.second, ca, cb, cc, result, site);
  return unpacked(state->answer);
}

KV_RARE void askHostFrom(State* state, double concrete, std::uint32_t constant, std::uint32_t site) {
  kv_host_shadow_from(state, &state->answer, concrete, constant, site);
}

[[gnu::always_inline, maybe_unused]] Value slowFrom(State* state, double concrete, std::uint32_t constant,
                                                    std::uint32_t site) {
  askHostFrom(state, concrete, constant, site);
  return unpacked(state->answer);
}

} // namespace
