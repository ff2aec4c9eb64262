// limits.launch: the device takes every launch that the contract allows. Asked of the contract's sizes alone, without
// what the other checks take for granted of a launch. Sound and complete up to the products of sizes in a dimension.
#include <fmt/format.h>

#include "kverify/device_limits.h"
#include "verifier/checks/context.h"

namespace kverify::verifier {

namespace {

constexpr const char* kCheck = "limits.launch";

void judge(Context& context, TermPtr value, std::int64_t low, std::int64_t high, const std::string& what) {
  TermPool& pool = context.pool;
  TermPtr inside = pool.both(pool.le(pool.constant(low), value), pool.le(value, pool.constant(high)));
  if (inside == pool.boolean(true))
    return context.trivial(kCheck);
  std::vector<TermPtr> all = context.domain.size_facts;
  all.push_back(pool.negate(inside));
  context.refuteAll(kCheck, all, fmt::format("{} may be outside [{}, {}]", what, low, high), {});
}

} // namespace

void checkLimits(Context& context, const frontend::KernelInfo& kernel, const std::string& target) {
  namespace limits = device_limits;
  TermPool& pool = context.pool;
  const Domain& domain = context.domain;
  TermPtr threads = pool.constant(1);
  for (unsigned axis = 0; axis < 3; ++axis) {
    std::string suffix = std::string(".") + "xyz"[axis];
    TermPtr block = domain.values.at("ntid" + suffix), grid = domain.values.at("nctaid" + suffix);
    judge(context, block, 1, limits::block[axis], "the block's dimension " + suffix.substr(1));
    judge(context, grid, 1, limits::grid[axis], "the grid's dimension " + suffix.substr(1));
    threads = pool.mul(threads, block);
  }
  std::int64_t most = limits::threads_per_block;
  if (kernel.max_threads > 0)
    most = std::min<std::int64_t>(most, kernel.max_threads);
  judge(context, threads, 1, most, "the number of threads of a block");
  judge(context, pool.constant(kernel.static_shared_bytes), 0, limits::static_shared_bytes,
        "the bytes of static shared memory");
  if (!domain.dynamic_shared)
    return context.open(kCheck, {unknown_reason::unsupported, "the bytes of dynamic shared memory are not an integer"});
  judge(context, domain.dynamic_shared, 0, limits::sharedBytes(target) - kernel.static_shared_bytes,
        "the bytes of dynamic shared memory");
}

} // namespace kverify::verifier
