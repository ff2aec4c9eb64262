#include "random_kernel.h"

#include <fmt/format.h>

namespace kverify::simt::test {
namespace {

using Kind = Step::Kind;
using Guard = Step::Guard;

std::uint32_t pick(std::mt19937& random, std::uint32_t count) {
  return random() % count;
}

template <class T>
T oneOf(std::mt19937& random, std::initializer_list<T> values) {
  return values.begin()[pick(random, static_cast<std::uint32_t>(values.size()))];
}

Step access(std::mt19937& random, const RandomKernel& kernel) {
  Step step;
  step.kind = oneOf(
      random, {Kind::Read, Kind::Read, Kind::Read, Kind::Write, Kind::Write, Kind::Write, Kind::Atomic, Kind::Copy});
  step.shared = step.kind == Kind::Copy || pick(random, 3) != 0;
  bool word = step.kind == Kind::Atomic || step.kind == Kind::Copy;
  step.width = word ? 4 : oneOf(random, {4u, 4u, 4u, 1u, 2u, 8u});
  step.part = pick(random, 8 / step.width);
  if (pick(random, 3) == 0)
    step.part = 0;
  step.factor = oneOf(random, {1u, 1u, 1u, 1u, 1u, 0u, 3u, kernel.threads - 1});
  step.shift = pick(random, 2) ? 0 : pick(random, kernel.threads);
  step.segment = step.kind == Kind::Read || step.kind == Kind::Atomic
                     ? oneOf(random, {0u, 0u, 0u, 1u, 2u})
                     : oneOf(random, {0u, 0u, 0u, 0u, 0u, 0u, 0u, 1u, 2u});
  step.guard =
      oneOf(random, {Guard::None, Guard::None, Guard::None, Guard::One, Guard::Below, Guard::Even, Guard::Odd});
  step.limit = pick(random, kernel.threads);
  step.first_block_only = pick(random, 8) == 0;
  return step;
}

Step meeting(std::mt19937& random, const RandomKernel& kernel, bool after_exit, bool fences) {
  Step step;
  std::uint32_t warps = kernel.threads / 32;
  bool whole_warps = kernel.threads % 32 == 0;
  step.kind = oneOf(random, {Kind::Barrier, Kind::Barrier, Kind::Barrier, Kind::Barrier, Kind::Warp, Kind::Lanes,
                             Kind::Warps, Kind::Handover, Kind::Shuffle, Kind::Commit, Kind::WaitGroup, Kind::WaitAll,
                             Kind::WaitAll, Kind::Fence});
  if ((step.kind == Kind::Warps || step.kind == Kind::Handover) && (!whole_warps || warps < 2))
    step.kind = Kind::Barrier;
  if (step.kind == Kind::Fence && !fences)
    step.kind = Kind::Barrier;
  bool needs_all = step.kind == Kind::Barrier || step.kind == Kind::Warps || step.kind == Kind::Handover ||
                   step.kind == Kind::Shuffle;
  if (after_exit && needs_all)
    step.kind = Kind::Warp;
  if (step.kind == Kind::Lanes)
    step.limit = 1 + pick(random, 31);
  if (step.kind == Kind::Warps || step.kind == Kind::Handover)
    step.limit = 1 + pick(random, warps - 1);
  if (step.kind == Kind::WaitGroup)
    step.limit = pick(random, 2);
  return step;
}

std::string guardText(const Step& step) {
  std::string text = step.first_block_only ? "b == 0" : "true";
  switch (step.guard) {
  case Guard::None: break;
  case Guard::One: text += fmt::format(" && t == {}", step.limit); break;
  case Guard::Below: text += fmt::format(" && t < {}", step.limit); break;
  case Guard::Even: text += " && t % 2 == 0"; break;
  case Guard::Odd: text += " && t % 2 == 1"; break;
  }
  return text;
}

const char* typeName(std::uint32_t width) {
  return width == 1 ? "signed char" : width == 2 ? "short" : width == 4 ? "int" : "long long";
}

std::string accessText(const RandomKernel& kernel, const Step& step, std::size_t number) {
  std::string slot = fmt::format("({} * t + {}) % {}", step.factor, step.shift, kernel.threads);
  if (!step.shared) {
    std::string block = step.segment == 2 ? "0" : fmt::format("(b + {}) % {}", step.segment, kernel.blocks);
    slot = fmt::format("({} + {} * ({}))", slot, kernel.threads, block);
  }
  const char* type = typeName(step.width);
  std::string place = fmt::format("(({}*)({} + 8 * ({})))[{}]", type, step.shared ? "s" : "g", slot, step.part);
  switch (step.kind) {
  case Kind::Read: return fmt::format("if ({}) acc += (int){};", guardText(step), place);
  case Kind::Write: return fmt::format("if ({}) {} = ({})(t + {});", guardText(step), place, type, number);
  case Kind::Atomic: return fmt::format("if ({}) atomicAdd(&{}, 1);", guardText(step), place);
  default: return fmt::format("if ({}) copy(&{}, x + t);", guardText(step), place);
  }
}

std::string stepText(const RandomKernel& kernel, const Step& step, std::size_t number) {
  std::uint32_t id = static_cast<std::uint32_t>(number) % 14 + 1;
  switch (step.kind) {
  case Kind::Read:
  case Kind::Write:
  case Kind::Atomic:
  case Kind::Copy: return accessText(kernel, step, number);
  case Kind::Commit: return "asm volatile(\"cp.async.commit_group;\");";
  case Kind::WaitAll: return "asm volatile(\"cp.async.wait_all;\");";
  case Kind::WaitGroup: return fmt::format("asm volatile(\"cp.async.wait_group {};\");", step.limit);
  case Kind::Barrier: return "__syncthreads();";
  case Kind::Warp: return "__syncwarp();";
  case Kind::Lanes: return fmt::format("if (t % 32 < {0}) __syncwarp((1u << {0}) - 1);", step.limit);
  case Kind::Warps:
    return fmt::format("if (t / 32 < {}) asm volatile(\"bar.sync {}, {};\");", step.limit, id, step.limit * 32);
  case Kind::Handover:
    return fmt::format(
        "if (t / 32 < {0}) asm volatile(\"bar.arrive {1}, {2};\"); else asm volatile(\"bar.sync {1}, {2};\");",
        step.limit, id, kernel.threads);
  case Kind::Shuffle: // an odd block has a lane whose partner does not exist
    return kernel.threads % 2 ? "acc += __any_sync(~0u, acc > 5);" : "acc += __shfl_xor_sync(~0u, acc, 1);";
  case Kind::Fence: return "__threadfence();";
  case Kind::Exit: return fmt::format("if (t >= {}) return;", step.limit);
  }
  return {};
}

} // namespace

bool RandomKernel::runs(const Step& step, std::uint32_t block, std::uint32_t thread) const {
  if (step.first_block_only && block != 0)
    return false;
  switch (step.guard) {
  case Guard::None: return true;
  case Guard::One: return thread == step.limit;
  case Guard::Below: return thread < step.limit;
  case Guard::Even: return thread % 2 == 0;
  case Guard::Odd: return thread % 2 == 1;
  }
  return true;
}

std::uint32_t RandomKernel::offset(const Step& step, std::uint32_t block, std::uint32_t thread) const {
  std::uint32_t slot = (step.factor * thread + step.shift) % threads;
  if (!step.shared)
    slot += threads * (step.segment == 2 ? 0 : (block + step.segment) % blocks);
  return slot * 8 + step.part * step.width;
}

std::string RandomKernel::source(const std::string& name) const {
  std::string text = fmt::format(
      "extern \"C\" __global__ void {}(char* g, const int* x, int* out) {{\n"
      "  __shared__ __align__(16) char s[{}];\n  const int t = threadIdx.x, b = blockIdx.x;\n  int acc = 0;\n",
      name, threads * 8);
  if (initialised)
    text += "  ((long long*)s)[t] = 0;\n  __syncthreads();\n";
  for (std::size_t i = 0; i < steps.size(); ++i)
    text += "  " + stepText(*this, steps[i], i) + "\n";
  return text + fmt::format("  out[b * {} + t] = acc;\n}}\n", threads);
}

RandomKernel randomKernel(std::mt19937& random, bool fences) {
  RandomKernel kernel;
  kernel.threads = oneOf(random, {1u, 7u, 32u, 40u, 64u, 64u, 96u});
  kernel.blocks = oneOf(random, {1u, 1u, 2u, 3u});
  kernel.launches = oneOf(random, {1u, 1u, 2u});
  kernel.initialised = !fences || pick(random, 6) != 0;
  std::uint32_t count = 3 + pick(random, 9);
  bool exited = false;
  for (std::uint32_t i = 0; i < count; ++i) {
    bool moves_on = pick(random, 5) < 2;
    kernel.steps.push_back(moves_on ? meeting(random, kernel, exited, fences) : access(random, kernel));
    if (!exited && i + 4 > count && pick(random, 10) == 0) {
      Step leave;
      leave.kind = Kind::Exit;
      leave.limit = pick(random, kernel.threads + 1);
      kernel.steps.push_back(leave);
      exited = true;
    }
  }
  return kernel;
}

} // namespace kverify::simt::test
