// bounds.logical-*: an index into one dimension does not run on into the next row, inside the allocation.
// Variables: every index that the array's type shows ([9 x [16 x float]]) is below its dimension's extent.
// Tensors: an address A is only a number, so its indices are read off its polynomial. With the declared strides in
// bytes S_0 > S_1 > ..., A = S_0*I_0 + R_1, R_1 = S_1*I_1 + R_2, ... by division of polynomials; remainders `x % d` of
// the source are kept whole. What is proved is 0 <= R_k and R_k + width <= bytes of the dimensions from k on; with the
// flat bounds that puts every index I_k below its extent. Where a dimension has no term of its own (I_k = 0) and no
// padding behind it, it is one with the next: the index is flat there. A tile of m whole rows (every coefficient of I_k
// a multiple of m) may be walked through as one, and so may the rows that a guard counts whole (i < rows * d: the
// guard, scaled, adds to R_k what makes it a multiple of a row, by a number of rows that is not fixed). A number of
// rows whose extent is symbolic in I_k (row + n_k - n_q) may be a part of the index behind it. Sound for the indices as
// the address shows them, for launches in which index arithmetic does not wrap. Not complete: a flat index whose steps
// happen to be multiples of a row stays unknown unless it stays inside its tile. Strides that do not nest are unknown,
// by name.
#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "verifier/checks/context.h"
#include "verifier/checks/remainders.h"

namespace kverify::verifier {

namespace {

constexpr unsigned kQuick = 1000; ///< milliseconds, where there is another way to ask

std::string checkOf(AccessKind kind) {
  return kind == AccessKind::Read ? "bounds.logical-read" : "bounds.logical-write";
}

struct Level {
  Poly stride, span; ///< bytes; `span`: of the dimensions inside this one
};

/// The dimensions from the widest stride to the narrowest, or nothing where they do not nest.
std::optional<std::vector<Level>> levelsOf(const Place& where, Expander& expand) {
  std::vector<Level> levels;
  std::vector<std::pair<Poly, Poly>> dims; // stride, extent
  for (const Place::Dim& dim : where.dims)
    dims.push_back({times(expand(dim.stride), constantPoly(where.item)), expand(dim.extent)});
  auto isInside = [](const auto& a, const auto& b) { // a is wider
    if (a.first.isConstant() && b.first.isConstant())
      return a.first.constant() > b.first.constant();
    auto division = divide(a.first, b.first);
    bool multiple = division && division->remainder.terms.empty();
    return multiple && !(a.first.isConstant() || division->quotient.isConstant());
  };
  if (where.strided)
    std::stable_sort(dims.begin(), dims.end(), isInside);
  Poly span = constantPoly(where.item);
  for (auto dim = dims.rbegin(); dim != dims.rend(); ++dim) {
    if (dim->first.terms.empty())
      return std::nullopt;
    levels.push_back({dim->first, span});
    span = plus(span, times(dim->first, plus(dim->second, constantPoly(-1))));
  }
  std::reverse(levels.begin(), levels.end());
  for (std::size_t k = 1; where.strided && k < levels.size(); ++k) {
    auto division = divide(levels[k - 1].stride, levels[k].stride);
    if (!division || !division->remainder.terms.empty())
      return std::nullopt;
  }
  return levels;
}

/// The quotient q where `term` is -(q*d) and q is value / d; else null.
TermPtr subtractedFrom(TermPtr value, TermPtr term) {
  if (term->op != Op::Mul || term->args[0]->op != Op::Const || term->args[0]->value != -1)
    return nullptr;
  TermPtr product = term->args[1];
  for (std::size_t side : {0u, 1u}) {
    if (product->op != Op::Mul)
      return nullptr;
    TermPtr quotient = product->args[side];
    if (isQuotient(quotient) && quotient->args[0] == value && quotient->args[1] == product->args[1 - side])
      return quotient;
  }
  return nullptr;
}

/// Remainders x - d*(x / d) of the source, as written, as symbols of their own, so that division takes them as one.
TermPtr hideWritten(TermPool& pool, Remainders& remainders, TermPtr term, Expander& expand) {
  if (term->op == Op::Add)
    for (std::size_t side : {0u, 1u})
      if (TermPtr quotient = subtractedFrom(term->args[side], term->args[1 - side]))
        return remainders.symbolFor(quotient, expand(term));
  if (term->op != Op::Add && term->op != Op::Mul)
    return term;
  TermPtr a = hideWritten(pool, remainders, term->args[0], expand);
  TermPtr b = hideWritten(pool, remainders, term->args[1], expand);
  return term->op == Op::Add ? pool.add(a, b) : pool.mul(a, b);
}

/// The largest number that divides every coefficient; 1 for none.
std::int64_t stepOf(const Poly& index) {
  std::int64_t step = 0;
  for (const auto& [monomial, coefficient] : index.terms) {
    if (coefficient > INT32_MAX || coefficient < -INT32_MAX)
      return 1;
    step = std::gcd(step, static_cast<std::int64_t>(coefficient));
  }
  return std::max<std::int64_t>(step, 1);
}

/// An index that is chosen between: a pointer into one of two rows.
TermPtr choiceOfRows(const Poly& address, const std::vector<Level>& levels, Expander& expand) {
  for (const auto& [monomial, coefficient] : address.terms)
    for (TermPtr atom : monomial) {
      if (atom->op != Op::Ite)
        continue;
      Poly rest;
      rest.add(*without(monomial, atom), coefficient);
      for (int branch : {1, 2})
        for (const auto& [inner, factor] : times(expand(atom->args[static_cast<std::size_t>(branch)]), rest).terms)
          for (const Level& level : levels) {
            Poly one;
            one.add(inner, factor);
            auto whole = divide(one, level.stride), before = divide(rest, level.stride);
            bool hidden = whole && before && !whole->quotient.terms.empty() && before->quotient.terms.empty() &&
                          !inner.empty() && !level.stride.isConstant();
            if (hidden)
              return atom;
          }
    }
  return nullptr;
}

class TensorJudge {
public:
  TensorJudge(Context& context, const Access& access)
      : context_(context), pool_(context.pool), access_(access), where_(context.domain.places[access.array]),
        check_(checkOf(access.kind)), thread_(pool_, context.model, context.domain, 1, false, nullptr) {}

  void judge() {
    auto levels = levelsOf(where_, expand_);
    if (!levels)
      return open("the strides of '" + where_.name + "' do not nest");
    levels_ = std::move(*levels);
    TermPtr address = hideWritten(pool_, remainders_, pool_.add(where_.base, thread_(access_.offset)), expand_);
    judgeAddress(expand_(address), thread_(access_.path), 0);
  }

private:
  void open(const std::string& why) {
    context_.open(check_, {unknown_reason::unsupported, fmt::format("{} ({})", why, place(access_.where))});
  }

  void judgeAddress(const Poly& address, TermPtr path, int depth) {
    if (TermPtr choice = choiceOfRows(address, levels_, expand_)) {
      if (depth == 4)
        return open("an index that is chosen between too many");
      for (bool taken : {true, false}) {
        TermPtr when = taken ? choice->args[0] : pool_.negate(choice->args[0]);
        judgeAddress(replaced(address, choice, choice->args[taken ? 1 : 2]), pool_.both(path, when), depth + 1);
      }
      return;
    }
    Poly rest = remainders_.hide(address, quotientsOf(address), expand_); // where sums have been taken apart already
    for (std::size_t k = 0; k < levels_.size(); ++k) {
      auto division = divide(rest, levels_[k].stride);
      if (!division)
        return open("an address that is not a polynomial");
      rest = division->remainder;
      boundary(k, division->quotient, remainders_.show(rest), path);
    }
  }

  Poly replaced(const Poly& address, TermPtr atom, TermPtr by) {
    Poly result;
    by = hideWritten(pool_, remainders_, by, expand_);
    for (const auto& [monomial, coefficient] : address.terms) {
      Poly one;
      auto rest = without(monomial, atom);
      one.add(rest ? *rest : monomial, coefficient);
      result = plus(result, rest ? times(one, expand_(by)) : one);
    }
    return result;
  }

  // Behind dimension k: the rest of the address lies within one of its rows (or tiles).
  void boundary(std::size_t k, const Poly& index, const Poly& rest, TermPtr path) {
    const Level& level = levels_[k];
    bool last = k + 1 == levels_.size(), padded = !plus(level.stride, level.span, -1).terms.empty();
    if (!padded && (index.terms.empty() || last))
      return context_.trivial(check_, access_.where);
    TermPtr inside = within(level, index, rest, padded);
    if (!inside)
      return open("a coefficient is too large");
    if (auto tile = padded ? std::nullopt : tileCounted(level, index, rest, path))
      inside = *tile;
    if (inside == pool_.boolean(true))
      return context_.trivial(check_, access_.where);
    TermPtr otherwise = padded ? nullptr : readOtherwise(level, index, rest);
    if (otherwise && context_.proves(check_, leaves(otherwise, path), kQuick))
      return;
    context_.refuteAll(check_, leaves(inside, path),
                       fmt::format("the access of {} bytes at {} may run past dimension {} of '{}' into the next row",
                                   access_.width, place(access_.where), k + 2, where_.name),
                       access_.where);
  }

  /// Null: a coefficient is too large.
  TermPtr within(const Level& level, const Poly& index, const Poly& rest, bool padded) {
    Poly limit = padded ? level.span : times(level.stride, constantPoly(stepOf(index)));
    TermPtr inner = toTerm(pool_, rest), most = toTerm(pool_, limit);
    if (!inner || !most || !toTerm(pool_, level.span) || !toTerm(pool_, level.stride))
      return nullptr;
    TermPtr end = pool_.add(inner, pool_.constant(access_.width));
    TermPtr inside = pool_.both(pool_.le(pool_.constant(0), inner), pool_.le(end, most));
    // Rows that overlap have no elements of their own.
    return padded ? pool_.both(inside, pool_.le(toTerm(pool_, level.span), toTerm(pool_, level.stride))) : inside;
  }

  std::vector<TermPtr> leaves(TermPtr inside, TermPtr path) {
    std::vector<TermPtr> all = {pool_.negate(inside), path};
    for (TermPtr fact : thread_.facts())
      all.push_back(fact);
    return all;
  }

  /// The same address with other indices, for every thread; null: there are none.
  TermPtr readOtherwise(const Level& level, const Poly& index, const Poly& rest) {
    const Int128 whole = index.constant();
    Poly less = plus(index, constantPoly(whole), -1);
    if (whole == 0 || less.terms.empty() || level.stride.isConstant())
      return nullptr;
    return within(level, less, plus(rest, level.stride, whole), false);
  }

  /// Where something that holds on the path says that the access ends before the end of a row, the last of as many as
  /// it counts: what is left to be proved.
  std::optional<TermPtr> tileCounted(const Level& level, const Poly& index, const Poly& rest, TermPtr path) {
    if (!toTerm(pool_, rest))
      return std::nullopt;
    if (path->op == Op::And) {
      for (TermPtr part : path->args)
        if (auto tile = tileCounted(level, index, rest, part))
          return tile;
      return std::nullopt;
    }
    const bool less = path->op == Op::Not;
    TermPtr bound = less ? path->args[0] : path;
    if (bound->op != Op::Le)
      return std::nullopt;
    const Poly &smaller = expand_(bound->args[less ? 1 : 0]), &larger = expand_(bound->args[less ? 0 : 1]);
    const Poly gap = plus(plus(larger, smaller, -1), constantPoly(less ? -1 : 0)); // >= 0
    for (const auto& [monomial, coefficient] : rest.terms) {
      auto here = gap.terms.find(monomial);
      if (monomial.empty() || here == gap.terms.end() || here->second >= 0 || coefficient % -here->second != 0)
        continue;
      const Int128 factor = coefficient / -here->second;
      const Poly end = plus(plus(rest, constantPoly(access_.width)), gap, factor);
      auto rows = factor > 0 ? divide(end, level.stride) : std::nullopt;
      if (rows && rows->remainder.terms.empty() && isCount(rows->quotient, index))
        return walkedFrom(level, index, rest, times(smaller, constantPoly(factor)), rows->quotient);
    }
    return std::nullopt;
  }

  /// The rows from `index` to the guard's end are not a fixed number, once the steps of the walk itself cancel.
  static bool isCount(const Poly& rows, const Poly& index) {
    return std::any_of(rows.terms.begin(), rows.terms.end(), [&](const auto& term) {
      auto walked = index.terms.find(term.first);
      return !term.first.empty() && (walked == index.terms.end() || walked->second + term.second != 0);
    });
  }

  /// A part of the index is where the count begins.
  static bool countsFrom(const Poly& index, const Poly& rows) {
    return std::any_of(index.terms.begin(), index.terms.end(), [&](const auto& term) {
      auto counted = rows.terms.find(term.first);
      return !term.first.empty() && counted != rows.terms.end() && counted->second == -term.second;
    });
  }

  /// Of the index, what is on the side of the guard that is compared with the count is the walk's own, which goes on by
  /// whole rows: between two of its steps it stays below the next (i = t + 2 * d * step, t < 2 * d). So row * n + j <
  /// rows * n, which is the end of the tensor, excuses no j beyond n.
  /// Nor does j < (rows - row) * n, where the row stands on the side of the count and j takes one element at a time.
  std::optional<TermPtr> walkedFrom(const Level& level, const Poly& index, const Poly& rest, const Poly& compared,
                                    const Poly& rows) {
    auto walked = divide(compared, level.stride);
    if (!walked)
      return std::nullopt;
    Poly steps;
    for (const auto& [monomial, coefficient] : walked->quotient.terms)
      if (index.terms.count(monomial))
        steps.add(monomial, coefficient);
    TermPtr inner = toTerm(pool_, rest), inside = pool_.le(pool_.constant(0), inner);
    if (steps.terms.empty() && countsFrom(index, rows))
      return std::nullopt;
    if (steps.terms.empty())
      return inside;
    TermPtr next = toTerm(pool_, times(level.stride, constantPoly(stepOf(steps))));
    if (!next)
      return std::nullopt;
    return pool_.both(inside, pool_.le(pool_.add(inner, pool_.constant(access_.width)), next));
  }

  Context& context_;
  TermPool& pool_;
  const Access& access_;
  const Place& where_;
  std::string check_;
  Instance thread_;
  Expander expand_;
  Remainders remainders_{pool_};
  std::vector<Level> levels_;
};

void judgeVariable(Context& context, const Access& access) {
  TermPool& pool = context.pool;
  std::string check = checkOf(access.kind);
  Instance thread(pool, context.model, context.domain, 1, false, nullptr);
  for (const InnerIndex& inner : access.inner) {
    TermPtr index = thread(inner.index);
    TermPtr inside = pool.both(pool.le(pool.constant(0), index), pool.lt(index, pool.constant(inner.extent)));
    if (inside == pool.boolean(true)) {
      context.trivial(check, access.where);
      continue;
    }
    std::vector<TermPtr> all = {pool.negate(inside), thread(access.path)};
    for (TermPtr fact : thread.facts())
      all.push_back(fact);
    context.refuteAll(check, all,
                      fmt::format("an index at {} may pass an inner dimension of '{}', which has {} elements",
                                  place(access.where), context.domain.places[access.array].name, inner.extent),
                      access.where);
  }
}

} // namespace

void checkLogicalBounds(Context& context) {
  for (const Access& access : context.model.accesses) {
    const Place& where = context.domain.places[access.array];
    judgeVariable(context, access);
    if (!context.domain.extents_declared)
      continue;
    if (where.tensor && where.base && where.bytes && !where.dims.empty())
      TensorJudge(context, access).judge();
    else if (where.tensor)
      context.open(checkOf(access.kind),
                   {unknown_reason::unsupported, "the shape of '" + where.name + "' is not known in integers"});
  }
}

} // namespace kverify::verifier
