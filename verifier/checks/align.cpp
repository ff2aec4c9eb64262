// align.access: every address is a multiple of what its instruction promises. Allocations start at multiples of 256
// bytes (cudaMalloc: CUDA C++ Programming Guide, 5.3.2), variables where their declaration puts them, dynamic shared
// memory at a multiple of 16 where there is no static shared memory in front of it.
// Sound for launches in which index arithmetic does not wrap. Not complete: alignment that a cast takes for granted of
// a variable declared with less stays unknown, though compilers often give more.
#include <algorithm>

#include <fmt/format.h>

#include "verifier/checks/context.h"
#include "verifier/checks/polynomials.h"

namespace kverify::verifier {

namespace {

constexpr const char* kCheck = "align.access";

std::int64_t alignmentOf(const Context& context, const Array& array) {
  if (array.kind == ArrayKind::Parameter)
    return 256;
  bool first = array.kind == ArrayKind::DynamicShared && context.domain.static_shared == 0;
  return std::max<std::int64_t>(array.align, first ? 16 : 1);
}

bool dependsOnSize(TermPtr term) {
  if (term->op == Op::Symbol)
    return term->sym->scope == Scope::Grid;
  return std::any_of(term->args.begin(), term->args.end(), dependsOnSize);
}

bool mentionsSize(const Poly& address) {
  for (const auto& [monomial, coefficient] : address.terms)
    for (TermPtr atom : monomial)
      if (dependsOnSize(atom))
        return true;
  return false;
}

void judge(Context& context, const Access& access) {
  TermPool& pool = context.pool;
  const Array& array = context.model.arrays[access.array];
  const Place& where = context.domain.places[access.array];
  std::string what = fmt::format("the access at {} needs a multiple of {} bytes", place(access.where), access.align);
  if (alignmentOf(context, array) % access.align != 0)
    return context.open(kCheck, {"not proved", fmt::format("{}, and '{}' is only aligned to {}", what, where.name,
                                                           alignmentOf(context, array))});
  if (!where.base)
    return context.open(kCheck, {unknown_reason::unsupported, "where '" + where.name + "' starts is not known"});
  Instance thread(pool, context.model, context.domain, 1, false, nullptr);
  Expander expand;
  Poly rest;
  for (const auto& [monomial, coefficient] : expand(pool.add(where.base, thread(access.offset))).terms)
    if (coefficient % access.align != 0)
      rest.add(monomial, coefficient);
  if (rest.terms.empty())
    return context.trivial(kCheck, access.where);
  if (!context.domain.extents_declared && mentionsSize(rest)) // a stride that nobody gave may be a multiple
    return context.open(kCheck, {"no sizes declared", what});
  TermPtr address = toTerm(pool, rest);
  if (!address)
    return context.open(kCheck, {unknown_reason::unsupported, what + ": a coefficient is too large"});
  TermPtr off = pool.floorMod(address, access.align);
  std::vector<TermPtr> all = {pool.negate(pool.eq(off, pool.constant(0))), thread(access.path)};
  for (TermPtr fact : thread.facts())
    all.push_back(fact);
  context.refuteAll(kCheck, all, what, access.where);
}

} // namespace

void checkAlignment(Context& context) {
  for (const Access& access : context.model.accesses)
    if (access.align > 1)
      judge(context, access);
    else
      context.trivial(kCheck, access.where);
}

} // namespace kverify::verifier
