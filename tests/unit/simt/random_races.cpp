// The reference: happens-before as reachability in the graph of all statements of all threads of a block.
#include <algorithm>
#include <bitset>
#include <optional>

#include "random_kernel.h"

namespace kverify::simt::test {
namespace {

using Kind = Step::Kind;

constexpr std::size_t kMaxNodes = 96 * 18 * 2;
using Set = std::bitset<kMaxNodes>;

/// Two nodes a statement and thread: before and after it.
class Order {
public:
  explicit Order(const RandomKernel& kernel) : kernel_(kernel), before_(kernel.threads * kernel.steps.size() * 2) {
    std::uint32_t live = kernel.threads;
    for (std::size_t s = 0; s < kernel.steps.size(); ++s) {
      for (std::uint32_t t = 0; t < kernel.threads; ++t) {
        if (s)
          precede(out(t, s - 1), in(t, s));
        precede(in(t, s), out(t, s));
      }
      meet(kernel.steps[s], s, live);
      if (kernel.steps[s].kind == Kind::Exit)
        live = std::min(live, kernel.steps[s].limit);
    }
  }

  /// Statement s1 of thread t1 is over before statement s2 of t2 begins.
  bool ordered(std::uint32_t t1, std::size_t s1, std::uint32_t t2, std::size_t s2) const {
    return before_[in(t2, s2)][out(t1, s1)];
  }

private:
  std::size_t in(std::uint32_t t, std::size_t s) const { return (s * kernel_.threads + t) * 2; }
  std::size_t out(std::uint32_t t, std::size_t s) const { return in(t, s) + 1; }
  void precede(std::size_t a, std::size_t b) { before_[b] |= before_[a], before_[b].set(a); }

  /// Everyone in `givers` has come before anyone in `takers` goes on.
  void handOver(const std::vector<std::uint32_t>& givers, const std::vector<std::uint32_t>& takers, std::size_t s) {
    Set all;
    for (std::uint32_t t : givers)
      all |= before_[in(t, s)], all.set(in(t, s));
    for (std::uint32_t t : takers)
      before_[out(t, s)] |= all;
  }

  void meet(const Step& step, std::size_t s, std::uint32_t live) {
    std::vector<std::uint32_t> all, low, high;
    for (std::uint32_t t = 0; t < live; ++t) {
      all.push_back(t);
      (t / 32 < step.limit ? low : high).push_back(t);
    }
    if (step.kind == Kind::Barrier)
      handOver(all, all, s);
    if (step.kind == Kind::Warps)
      handOver(low, low, s);
    if (step.kind == Kind::Handover)
      handOver(all, high, s);
    if (step.kind != Kind::Warp && step.kind != Kind::Lanes)
      return;
    for (std::uint32_t warp = 0; warp * 32 < live; ++warp) {
      std::vector<std::uint32_t> lanes;
      for (std::uint32_t t = warp * 32; t < std::min(live, warp * 32 + 32); ++t)
        if (step.kind == Kind::Warp || t % 32 < step.limit)
          lanes.push_back(t);
      handOver(lanes, lanes, s);
    }
  }

  const RandomKernel& kernel_;
  std::vector<Set> before_;
};

struct Access {
  std::uint32_t block, thread, begin, end;
  std::size_t step;
  std::optional<std::size_t> done; ///< a copy: the statement that waits for it
  Kind kind;
  bool shared;
};

/// The statement at which copies issued at `step` are known to have arrived.
std::optional<std::size_t> waitFor(const RandomKernel& kernel, std::size_t step) {
  std::size_t newer = 0; // groups committed after the copy's own
  bool committed = false;
  for (std::size_t s = step + 1; s < kernel.steps.size(); ++s) {
    const Step& at = kernel.steps[s];
    if (at.kind == Kind::WaitAll)
      return s;
    if (at.kind == Kind::WaitGroup && committed && newer <= at.limit && newer + 1 > at.limit)
      return s;
    if (at.kind == Kind::WaitGroup && committed && newer >= at.limit)
      return s;
    if (at.kind == Kind::Commit)
      newer += committed, committed = true;
  }
  return std::nullopt;
}

std::vector<Access> accesses(const RandomKernel& kernel) {
  std::vector<Access> all;
  std::uint32_t live = kernel.threads;
  for (std::size_t s = 0; s < kernel.steps.size(); ++s) {
    const Step& step = kernel.steps[s];
    if (step.kind == Kind::Exit)
      live = std::min(live, step.limit);
    if (step.kind > Kind::Copy)
      continue;
    for (std::uint32_t b = 0; b < kernel.blocks; ++b)
      for (std::uint32_t t = 0; t < live; ++t) {
        if (!kernel.runs(step, b, t))
          continue;
        std::uint32_t at = kernel.offset(step, b, t);
        auto done = step.kind == Kind::Copy ? waitFor(kernel, s) : std::optional<std::size_t>(s);
        // A thread that has left before the wait never waits.
        if (step.kind == Kind::Copy && done)
          for (std::size_t i = s; i < *done; ++i)
            if (kernel.steps[i].kind == Kind::Exit && t >= kernel.steps[i].limit)
              done.reset();
        all.push_back({b, t, at, at + step.width, s, done, step.kind, step.shared});
      }
  }
  return all;
}

bool isOrdered(const Order& order, const Access& a, const Access& b) {
  auto follows = [&](const Access& first, const Access& second) {
    if (!first.done)
      return false;
    if (first.thread == second.thread)
      return *first.done <= second.step && first.step < second.step;
    return order.ordered(first.thread, *first.done, second.thread, second.step);
  };
  return follows(a, b) || follows(b, a);
}

void classify(Races& races, const Access& a, const Access& b) {
  bool both_write = a.kind != Kind::Read && b.kind != Kind::Read;
  if (a.kind == Kind::Copy || b.kind == Kind::Copy)
    races.async = true;
  if (a.block != b.block)
    (both_write ? races.blocks_ww : races.blocks_rw) = true;
  else if (a.shared)
    (both_write ? races.shared_ww : races.shared_rw) = true;
  else
    (both_write ? races.global_ww : races.global_rw) = true;
}

} // namespace

bool Races::allows(const std::string& check) const {
  return (check == "race.shared-write-write" && shared_ww) || (check == "race.shared-read-write" && shared_rw) ||
         (check == "race.global-write-write" && global_ww) || (check == "race.global-read-write" && global_rw) ||
         (check == "race.blocks-write-write" && blocks_ww) || (check == "race.blocks-read-write" && blocks_rw) ||
         (check == "race.same-value-write" && (shared_ww || global_ww || blocks_ww)) ||
         (check == "race.async-copy" && async);
}

Races racesOf(const RandomKernel& kernel) {
  Order order(kernel);
  std::vector<Access> all = accesses(kernel);
  std::sort(all.begin(), all.end(), [](const Access& a, const Access& b) { return a.begin < b.begin; });
  Races races;
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t j = i + 1; j < all.size() && all[j].begin < all[i].end; ++j) {
      const Access &a = all[i], &b = all[j];
      if (a.shared != b.shared || (a.shared && a.block != b.block))
        continue;
      if (a.kind == Kind::Read && b.kind == Kind::Read)
        continue;
      if (a.kind == Kind::Atomic && b.kind == Kind::Atomic)
        continue;
      if (a.block == b.block && isOrdered(order, a, b))
        continue;
      classify(races, a, b);
    }
  return races;
}

} // namespace kverify::simt::test
