#pragma once
// The names that the lowering calls, over `Domain`. Included once, at the end of each domain's file.

/// The shadow of a float that was just read.
KV_SHADOW Vector kv_sh_load(std::uint64_t origin, State* state, std::uint64_t address, Word stamp, double concrete,
                            std::uint32_t granule, std::uint32_t site) {
  const Cell* cell = cellOf(origin, address, granule);
  if (cell->stamp == stamp) [[likely]]
    return Vector{cell->word[0], cell->word[1], cell->word[2], 0};
  return vectorOf(Domain::from(state, concrete, 0, site));
}

/// A float's shadow goes to the first of its `cells`; the others are void.
KV_SHADOW void kv_sh_store(std::uint64_t origin, std::uint64_t address, Word w0, Word w1, Word w2, Word stamp,
                           std::uint32_t cells, std::uint32_t granule) {
  Cell* cell = cellOf(origin, address, granule);
  cell->word[0] = w0, cell->word[1] = w1, cell->word[2] = w2, cell->stamp = stamp;
  for (std::uint32_t i = 1; i < cells; ++i)
    cell[i].stamp = 0;
}

/// One granule of an integer, whatever it holds.
KV_SHADOW Vector kv_sh_read_lane(std::uint64_t origin, std::uint64_t address, std::uint32_t granule) {
  const Cell* cell = cellOf(origin, address, granule);
  return Vector{cell->word[0], cell->word[1], cell->word[2], cell->stamp};
}
KV_SHADOW void kv_sh_write_lane(std::uint64_t origin, std::uint64_t address, Word w0, Word w1, Word w2, Word stamp,
                                std::uint32_t granule) {
  Cell* cell = cellOf(origin, address, granule);
  cell->word[0] = w0, cell->word[1] = w1, cell->word[2] = w2, cell->stamp = stamp;
}

/// Bits without history were written over `cells` granules.
KV_SHADOW void kv_sh_void(std::uint64_t origin, std::uint64_t address, std::uint32_t cells, std::uint32_t granule) {
  Cell* cell = cellOf(origin, address, granule);
  for (std::uint32_t i = 0; i < cells; ++i)
    cell[i].stamp = 0;
}

/// A lane of an integer as the float that its bits are.
KV_SHADOW Vector kv_sh_as(State* state, Word w0, Word w1, Word w2, Word stamp, Word wanted, double concrete,
                          std::uint32_t site) {
  if (stamp == wanted) [[likely]]
    return Vector{w0, w1, w2, 0};
  return vectorOf(Domain::from(state, concrete, 0, site));
}
/// A number without history; `constant` says whether that is how it should be.
KV_SHADOW Vector kv_sh_from(State* state, double concrete, std::uint32_t constant, std::uint32_t site) {
  return vectorOf(Domain::from(state, concrete, constant, site));
}

/// `op` and `site` are constants at every call; operands that the operation does not have are zeros.
KV_SHADOW Vector kv_sh_op(State* state, std::uint32_t op, Word a0, Word a1, Word a2, Word b0, Word b1, Word b2, Word c0,
                          Word c1, Word c2, double ca, double cb, double cc, double result, std::uint32_t site) {
  return vectorOf(
      Domain::apply(state, op, {{a0, a1, a2}}, {{b0, b1, b2}}, {{c0, c1, c2}}, ca, cb, cc, result, site));
}

/// Floats are compared and something depends on it.
KV_SHADOW void kv_sh_compare(State* state, Word a0, Word a1, Word a2, Word b0, Word b1, Word b2, double ca, double cb,
                             std::uint32_t site) {
  Domain::compare(state, {{a0, a1, a2}}, {{b0, b1, b2}}, ca, cb, site);
}
