#include "verifier/model/term.h"

#include <algorithm>

namespace kverify::verifier {

TermPool::TermPool() {
  true_ = make(Op::True, 0, nullptr, {}, {});
  false_ = make(Op::False, 0, nullptr, {}, {});
}

TermPtr TermPool::make(Op op, std::int64_t value, const Sym* sym, std::string function, std::vector<TermPtr> args) {
  Key key{op, value, sym, function, args};
  auto found = terms_.find(key);
  if (found != terms_.end())
    return found->second.get();
  auto term = std::make_unique<Term>();
  *term = Term{op, value, sym, std::move(function), std::move(args), static_cast<unsigned>(terms_.size())};
  return terms_.emplace(std::move(key), std::move(term)).first->second.get();
}

TermPtr TermPool::constant(std::int64_t value) {
  return make(Op::Const, value, nullptr, {}, {});
}

TermPtr TermPool::symbol(const Sym& info) {
  auto& slot = symbols_[info.name];
  if (!slot)
    slot = std::make_unique<Sym>(info);
  return make(Op::Symbol, 0, slot.get(), {}, {});
}

namespace {
bool byId(TermPtr a, TermPtr b) {
  return a->id < b->id;
}
} // namespace

TermPtr TermPool::add(TermPtr a, TermPtr b) {
  std::int64_t sum = 0;
  if (a->op == Op::Const && b->op == Op::Const && !__builtin_add_overflow(a->value, b->value, &sum))
    return constant(sum);
  if (a->op == Op::Const && a->value == 0)
    return b;
  if (b->op == Op::Const && b->value == 0)
    return a;
  if (byId(b, a))
    std::swap(a, b);
  return make(Op::Add, 0, nullptr, {}, {a, b});
}

TermPtr TermPool::mul(TermPtr a, TermPtr b) {
  std::int64_t product = 0;
  if (a->op == Op::Const && b->op == Op::Const && !__builtin_mul_overflow(a->value, b->value, &product))
    return constant(product);
  if (b->op == Op::Const)
    std::swap(a, b);
  if (a->op == Op::Const && a->value == 0)
    return a;
  if (a->op == Op::Const && a->value == 1)
    return b;
  if (a->op != Op::Const && byId(b, a))
    std::swap(a, b);
  return make(Op::Mul, 0, nullptr, {}, {a, b});
}

// c*x / d = (c/d)*x where d divides c; (c*x + k) / d = (c/d)*x + k/d where also x, k >= 0. Rounds either way.
TermPtr TermPool::exactQuotient(TermPtr a, TermPtr b) {
  auto isMultiple = [&](TermPtr term) {
    return term->op == Op::Mul && term->args[0]->op == Op::Const && term->args[0]->value % b->value == 0;
  };
  if (b->op != Op::Const || b->value <= 0)
    return nullptr;
  auto quotient = [&](TermPtr term) { return mul(constant(term->args[0]->value / b->value), term->args[1]); };
  if (isMultiple(a))
    return quotient(a);
  if (a->op != Op::Add)
    return nullptr;
  for (std::size_t side : {0u, 1u}) {
    TermPtr rest = a->args[1 - side], one = a->args[side];
    bool sum = isMultiple(one) && one->args[0]->value > 0 && one->args[1]->op == Op::Symbol &&
               one->args[1]->sym->low.value_or(-1) >= 0 && rest->op == Op::Const && rest->value >= 0;
    if (sum)
      return add(quotient(one), constant(rest->value / b->value));
  }
  return nullptr;
}

TermPtr TermPool::truncDiv(TermPtr a, TermPtr b) {
  if (b->op == Op::Const && b->value == 1)
    return a;
  if (a->op == Op::Const && b->op == Op::Const && b->value != 0 && b->value != -1)
    return constant(a->value / b->value);
  if (TermPtr exact = exactQuotient(a, b))
    return exact;
  // (q*b) / b = q for b that is never zero.
  if (a->op == Op::Mul && b->op == Op::Symbol && b->sym->low.value_or(0) >= 1 && (a->args[0] == b || a->args[1] == b))
    return a->args[a->args[0] == b ? 1 : 0];
  return make(Op::TruncDiv, 0, nullptr, {}, {a, b});
}

TermPtr TermPool::floorDiv(TermPtr a, std::int64_t divisor) {
  if (divisor == 1)
    return a;
  if (a->op == Op::Const)
    return constant(a->value / divisor - (a->value % divisor < 0 ? 1 : 0));
  if (TermPtr exact = exactQuotient(a, constant(divisor)))
    return exact;
  return make(Op::FloorDiv, 0, nullptr, {}, {a, constant(divisor)});
}

TermPtr TermPool::floorMod(TermPtr a, std::int64_t divisor) {
  return sub(a, mul(constant(divisor), floorDiv(a, divisor)));
}

TermPtr TermPool::ite(TermPtr cond, TermPtr a, TermPtr b) {
  if (cond == true_ || a == b)
    return a;
  if (cond == false_)
    return b;
  if (isBoolean(a))
    return either(both(cond, a), both(negate(cond), b));
  return make(Op::Ite, 0, nullptr, {}, {cond, a, b});
}

TermPtr TermPool::apply(const std::string& function, std::vector<TermPtr> args) {
  return make(Op::Apply, 0, nullptr, function, std::move(args));
}

TermPtr TermPool::negate(TermPtr a) {
  if (a == true_)
    return false_;
  if (a == false_)
    return true_;
  if (a->op == Op::Not)
    return a->args[0];
  return make(Op::Not, 0, nullptr, {}, {a});
}

namespace {
std::vector<TermPtr> conjuncts(TermPtr a) {
  if (a->op == Op::And)
    return a->args;
  if (a->op == Op::True)
    return {};
  return {a};
}
} // namespace

TermPtr TermPool::conjunction(std::vector<TermPtr> parts) {
  std::sort(parts.begin(), parts.end(), byId);
  parts.erase(std::unique(parts.begin(), parts.end()), parts.end());
  for (TermPtr part : parts)
    if (part == false_ || std::binary_search(parts.begin(), parts.end(), negate(part), byId))
      return false_;
  if (parts.empty())
    return true_;
  return parts.size() == 1 ? parts[0] : make(Op::And, 0, nullptr, {}, std::move(parts));
}

TermPtr TermPool::both(TermPtr a, TermPtr b) {
  std::vector<TermPtr> parts = conjuncts(a);
  for (TermPtr part : conjuncts(b))
    parts.push_back(part);
  return conjunction(std::move(parts));
}

// Common conjuncts are taken out, so that the two arms of an `if` meet again as what stood before it.
TermPtr TermPool::either(TermPtr a, TermPtr b) {
  if (a == false_ || a == b)
    return b;
  if (b == false_)
    return a;
  if (a == true_ || b == true_ || a == negate(b))
    return true_;
  std::vector<TermPtr> left = conjuncts(a), right = conjuncts(b), common, only_left, only_right;
  std::set_intersection(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(common), byId);
  std::set_difference(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(only_left), byId);
  std::set_difference(right.begin(), right.end(), left.begin(), left.end(), std::back_inserter(only_right), byId);
  if (only_left.empty() || only_right.empty())
    return conjunction(std::move(common));
  if (common.empty()) {
    if (byId(b, a))
      std::swap(a, b);
    return make(Op::Or, 0, nullptr, {}, {a, b});
  }
  TermPtr rest = either(conjunction(std::move(only_left)), conjunction(std::move(only_right)));
  return both(conjunction(std::move(common)), rest);
}

TermPtr TermPool::le(TermPtr a, TermPtr b) {
  if (a->op == Op::Const && b->op == Op::Const)
    return boolean(a->value <= b->value);
  return a == b ? true_ : make(Op::Le, 0, nullptr, {}, {a, b});
}

TermPtr TermPool::eq(TermPtr a, TermPtr b) {
  if (a == b)
    return true_;
  if (isBoolean(a))
    return either(both(a, b), both(negate(a), negate(b)));
  if (a->op == Op::Const && b->op == Op::Const)
    return false_;
  if (byId(b, a))
    std::swap(a, b);
  return make(Op::Eq, 0, nullptr, {}, {a, b});
}

bool isBoolean(TermPtr term) {
  return term->op >= Op::True;
}

TermPtr Rewriter::operator()(TermPtr term) {
  auto found = done_.find(term);
  if (found != done_.end())
    return found->second;
  TermPtr result = rebuild(term);
  done_.emplace(term, result);
  return result;
}

TermPtr TermPool::like(TermPtr term, std::vector<TermPtr> args) {
  switch (term->op) {
  case Op::Const: return constant(term->value);
  case Op::True:
  case Op::False: return boolean(term->op == Op::True);
  case Op::Symbol: return symbol(*term->sym);
  case Op::Add: return add(args[0], args[1]);
  case Op::Mul: return mul(args[0], args[1]);
  case Op::TruncDiv: return truncDiv(args[0], args[1]);
  case Op::FloorDiv: return floorDiv(args[0], args[1]->value);
  case Op::Ite: return ite(args[0], args[1], args[2]);
  case Op::Apply: return apply(term->function, std::move(args));
  case Op::Not: return negate(args[0]);
  case Op::Le: return le(args[0], args[1]);
  case Op::Eq: return eq(args[0], args[1]);
  case Op::And:
  case Op::Or: break;
  }
  TermPtr all = args[0];
  for (std::size_t i = 1; i < args.size(); ++i)
    all = term->op == Op::And ? both(all, args[i]) : either(all, args[i]);
  return all;
}

TermPtr Rewriter::rebuild(TermPtr term) {
  if (term->op == Op::Symbol)
    return replace(*term->sym, term);
  if (term->args.empty())
    return term;
  std::vector<TermPtr> args;
  for (TermPtr arg : term->args)
    args.push_back((*this)(arg));
  return pool_.like(term, std::move(args));
}

std::string show(TermPtr term) {
  static const char* const names[] = {"",     "",      "+",   "*",   "/",  "fdiv", "ite", "",
                                      "true", "false", "not", "and", "or", "<=",   "="};
  if (term->op == Op::Const)
    return std::to_string(term->value);
  if (term->op == Op::Symbol)
    return term->sym->name;
  std::string text = "(" + (term->op == Op::Apply ? term->function : names[static_cast<int>(term->op)]);
  for (TermPtr arg : term->args)
    text += " " + show(arg);
  return text + ")";
}

} // namespace kverify::verifier
