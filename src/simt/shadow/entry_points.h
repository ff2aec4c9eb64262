#pragma once
// The names that the lowering calls, over `Domain`. Included once, at the end of each domain's file.

/// Where a result goes; a place in the caller's frame that ends as registers.
struct Out {
  First first;
  Second second;
  Word stamp;
};

namespace {
[[gnu::always_inline]] inline void put(Out* out, const Value& value, Word stamp = 0) {
  out->first = value.first, out->second = value.second, out->stamp = stamp;
}
} // namespace

/// A cell as it is.
KV_SHADOW void kv_sh_read_cell(Out* out, const Cell* cell) {
  put(out, unpacked(*cell), cell->stamp);
}
KV_SHADOW void kv_sh_write_cell(Cell* cell, First first, Second second, Word stamp) {
  Layout::pack(*cell, first, second);
  cell->stamp = stamp;
}

/// The shadow of a float that was just read.
KV_SHADOW void kv_sh_load(Out* out, std::uint64_t origin, State* state, std::uint64_t address, Word stamp,
                          double concrete, std::uint32_t granule, std::uint32_t site) {
  const Cell* cell = cellOf(origin, address, granule);
  if (cell->stamp == stamp) [[likely]]
    put(out, unpacked(*cell));
  else
    put(out, Domain::from(state, concrete, 0, site));
}

/// A float's shadow goes to the first of its `cells`; the others are void.
KV_SHADOW void kv_sh_store(std::uint64_t origin, std::uint64_t address, First first, Second second, Word stamp,
                           std::uint32_t cells, std::uint32_t granule) {
  Cell* cell = cellOf(origin, address, granule);
  Layout::pack(*cell, first, second);
  cell->stamp = stamp;
  for (std::uint32_t i = 1; i < cells; ++i)
    cell[i].stamp = 0;
}

/// One granule of an integer, whatever it holds.
KV_SHADOW void kv_sh_read_lane(Out* out, std::uint64_t origin, std::uint64_t address, std::uint32_t granule) {
  const Cell* cell = cellOf(origin, address, granule);
  put(out, unpacked(*cell), cell->stamp);
}
KV_SHADOW void kv_sh_write_lane(std::uint64_t origin, std::uint64_t address, First first, Second second, Word stamp,
                                std::uint32_t granule) {
  Cell* cell = cellOf(origin, address, granule);
  Layout::pack(*cell, first, second);
  cell->stamp = stamp;
}

/// Bits without history were written over `cells` granules.
KV_SHADOW void kv_sh_void(std::uint64_t origin, std::uint64_t address, std::uint32_t cells, std::uint32_t granule) {
  Cell* cell = cellOf(origin, address, granule);
  for (std::uint32_t i = 0; i < cells; ++i)
    cell[i].stamp = 0;
}

/// A lane of an integer as the float that its bits are.
KV_SHADOW void kv_sh_as(Out* out, State* state, First first, Second second, Word stamp, Word wanted, double concrete,
                        std::uint32_t site) {
  if (stamp == wanted) [[likely]]
    put(out, {first, second});
  else
    put(out, Domain::from(state, concrete, 0, site));
}
/// A number without history; `constant` says whether that is how it should be.
KV_SHADOW void kv_sh_from(Out* out, State* state, double concrete, std::uint32_t constant, std::uint32_t site) {
  put(out, Domain::from(state, concrete, constant, site));
}

/// `op` and `site` are constants at every call; operands that the operation does not have are zeros. `moduli` and
/// `inverses` are the field's.
KV_SHADOW void kv_sh_op(Out* out, State* state, First moduli, First inverses, std::uint32_t op, First a, Second as,
                        First b, Second bs, First c, Second cs, double ca, double cb, double cc, double result,
                        std::uint32_t site) {
  put(out, Domain::apply({state, moduli, inverses}, op, {a, as}, {b, bs}, {c, cs}, ca, cb, cc, result, site));
}

/// A running sum as others need it.
KV_SHADOW void kv_sh_settle(Out* out, First moduli, First inverses, First first, Second second) {
  put(out, Domain::settled({nullptr, moduli, inverses}, {first, second}));
}

/// Memory whose cells need no stamp: what is read there was written there, as the same type.
KV_SHADOW void kv_sh_load_own(Out* out, std::uint64_t origin, std::uint64_t address, std::uint32_t granule) {
  put(out, unpacked(*cellOf(origin, address, granule)));
}
KV_SHADOW void kv_sh_store_own(std::uint64_t origin, std::uint64_t address, First first, Second second,
                               std::uint32_t granule) {
  Layout::pack(*cellOf(origin, address, granule), first, second);
}

/// Floats are compared and something depends on it.
KV_SHADOW void kv_sh_compare(State* state, First a, Second as, First b, Second bs, double ca, double cb,
                             std::uint32_t site) {
  Domain::compare(state, {a, as}, {b, bs}, ca, cb, site);
}
