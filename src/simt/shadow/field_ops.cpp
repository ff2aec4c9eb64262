// The finite-field domain's inlined half (see field.h).
#include "simt/shadow/field.h"
#include "simt/shadow/inline_ops.h"

namespace {

struct Domain {
  [[gnu::always_inline]] static Words from(State* state, double concrete, std::uint32_t constant,
                                           std::uint32_t site) {
    return slowFrom(state, concrete, constant, site);
  }

  [[gnu::always_inline]] static bool same(const Words& a, const Words& b) {
    return a.w[0] == b.w[0] && ((a.w[2] & b.w[2] & kNoQ) || a.w[1] == b.w[1]);
  }

  [[gnu::always_inline]] static Words apply(State* state, std::uint32_t op, Words a, Words b, Words c, double ca,
                                            double cb, double cc, double result, std::uint32_t site) {
    Word tag = a.w[2] | b.w[2] | c.w[2];
    auto rest = [&] { return slow(state, op, a, b, c, ca, cb, cc, result, site); };
    if (op == kMin || op == kMax) {
      if (ca == cb && !same(a, b)) [[unlikely]]
        return rest();
      return result == ca ? a : b;
    }
    if (op == kRound)
      return a;
    if (tag & kSpecial) [[unlikely]]
      return rest();
    switch (op) {
    case kAdd: return {{ModP::add(a.w[0], b.w[0]), ModQ::add(a.w[1], b.w[1]), tag}};
    case kSub: return {{ModP::sub(a.w[0], b.w[0]), ModQ::sub(a.w[1], b.w[1]), tag}};
    case kMul: return {{ModP::mul(a.w[0], b.w[0]), ModQ::mul(a.w[1], b.w[1]), tag}};
    case kFma:
      return {{ModP::add(ModP::mul(a.w[0], b.w[0]), c.w[0]), ModQ::add(ModQ::mul(a.w[1], b.w[1]), c.w[1]), tag}};
    case kNeg: return {{ModP::neg(a.w[0]), ModQ::neg(a.w[1]), tag}};
    case kAbs:
      if (ca < 0)
        return {{ModP::neg(a.w[0]), ModQ::neg(a.w[1]), tag}};
      return a;
    case kExp:
      if (tag & kNoQ) [[unlikely]]
        return rest();
      return {{powerOf(state->powers, a.w[1]), 0, tag | kNoQ}};
    case kExp2:
      if (tag & kNoQ) [[unlikely]]
        return rest();
      return {{powerOf(state->powers, ModQ::mul(a.w[1], state->log2e[1])), 0, tag | kNoQ}};
    default: return rest();
    }
  }

  /// Comparisons that matter here are with a number that is not one of the values that algebra distinguishes.
  [[gnu::always_inline]] static void compare(State* state, Words a, Words b, double ca, double cb, std::uint32_t site) {
    bool constant_left = !(a.w[2] & kData), constant_right = !(b.w[2] & kData);
    if (constant_left != constant_right) [[unlikely]] {
      Words none = {{0, 0, 0}};
      slow(state, kCompareOp, a, b, none, ca, cb, 0, 0, site);
    }
  }

  static constexpr std::uint32_t kCompareOp = kOther + 1;
};

} // namespace

#include "simt/shadow/entry_points.h"
