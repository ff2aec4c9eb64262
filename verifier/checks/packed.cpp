#include "verifier/checks/packed.h"

#include <algorithm>

#include <fmt/format.h>

#include "verifier/checks/holds.h"
#include "verifier/model/poly.h"

namespace kverify::verifier {

namespace {

/// An element u + shift of a tensor of offsets, loaded once by every thread that comes there.
struct End {
  const Sym *symbol = nullptr, *index = nullptr;
  std::int64_t shift = 0;
  const Place* offsets = nullptr;
};

bool isIndex(const Sym& sym) {
  return sym.name.starts_with("tid.") || sym.name.starts_with("ctaid.");
}

/// Null symbol: it is none.
End endOf(const Context& context, const Sym& symbol, const LoadedValue& from) {
  const Place& where = context.domain.places[from.array];
  bool said = where.holds.known && where.holds.first && where.holds.last && where.dims.size() == 1 && !where.strided &&
              where.base && where.bytes && from.width == where.item;
  if (!said || !from.plain || symbol.nest != 0)
    return {};
  Expander expand;
  const Poly& offset = expand(context.pool.add(where.base, from.offset));
  const Sym* index = nullptr;
  for (const auto& [monomial, coefficient] : offset.terms) {
    if (monomial.empty())
      continue;
    bool plain = !index && monomial.size() == 1 && coefficient == where.item && monomial[0]->op == Op::Symbol &&
                 isIndex(*monomial[0]->sym);
    if (!plain)
      return {};
    index = monomial[0]->sym;
  }
  const Int128 shift = offset.constant();
  if (!index || offset.overflow || shift % where.item != 0 || shift > INT32_MAX || shift < INT32_MIN)
    return {};
  return {&symbol, index, static_cast<std::int64_t>(shift / where.item), &where};
}

} // namespace

std::vector<Part> partsRead(const Context& context) {
  std::vector<End> ends;
  for (const auto& [symbol, from] : context.model.loaded)
    if (End end = endOf(context, *symbol, from); end.symbol)
      ends.push_back(end);
  std::vector<Part> parts;
  for (const End& one : ends)
    for (const End& next : ends)
      if (one.index == next.index && one.offsets->key == next.offsets->key && next.shift == one.shift + 1)
        parts.push_back({one.index, one.symbol, next.symbol, one.shift, one.offsets});
  std::sort(parts.begin(), parts.end(), [](const Part& a, const Part& b) { // the same order every time
    return std::pair(a.begin->name, a.end->name) < std::pair(b.begin->name, b.end->name);
  });
  return parts;
}

PartOf partOf(Context& context, const Part& part, TermPtr place) {
  TermPool& pool = context.pool;
  const Held& holds = part.offsets->holds;
  auto symbol = [&](const char* what) {
    Sym sym;
    sym.name = fmt::format("element.{} of {} at {}", what, part.offsets->key, place->sym->name);
    sym.scope = Scope::Grid;
    return pool.symbol(sym);
  };
  TermPtr zero = pool.constant(0), one = pool.constant(1), extent = part.offsets->dims[0].extent;
  TermPtr number = symbol("part"), begin = symbol("begin"), end = symbol("end");
  TermPtr inside = pool.both(pool.le(one, extent), pool.both(pool.le(holds.first, place), pool.lt(place, holds.last)));
  TermPtr then = pool.both(pool.le(zero, number), pool.lt(pool.add(number, one), extent));
  then = pool.both(then, pool.both(pool.le(begin, place), pool.lt(place, end)));
  for (TermPtr value : {begin, end}) {
    if (holds.low && holds.high)
      then = pool.both(then, pool.both(pool.le(holds.low, value), pool.le(value, holds.high)));
    if (holds.ordered)
      then = pool.both(then, pool.both(pool.le(holds.first, value), pool.le(value, holds.last)));
  }
  return {part, pool.sub(number, pool.constant(part.shift)), begin, end, pool.either(pool.negate(inside), then)};
}

} // namespace kverify::verifier
