#include "simt/checks/knowledge.h"

#include <algorithm>

namespace kverify::simt {
namespace {

void mergeInto(std::vector<std::uint32_t>& to, const std::vector<std::uint32_t>& from) {
  if (to.size() < from.size()) to.resize(from.size(), 0);
  for (std::size_t i = 0; i < from.size(); ++i) to[i] = std::max(to[i], from[i]);
}

}  // namespace

void Knowledge::merge(const Knowledge& other) {
  if (other.block == block) mergeInto(own_block, other.own_block);
  else if (!other.own_block.empty()) mergeInto(other_blocks[other.block], other.own_block);
  for (const auto& [number, row] : other.other_blocks) {
    if (number == block) mergeInto(own_block, row);
    else mergeInto(other_blocks[number], row);
  }
}

void Clocks::startBlock(std::uint32_t block, std::uint32_t threads) {
  block_ = block;
  last_barrier_ = 0;
  arrivals_.clear();
  rows_.clear();
  rows_.resize(threads);
  for (Row& each : rows_) each.knows.block = block;
}

bool Clocks::knows(const Thread& now, std::uint32_t block, std::uint32_t thread, std::uint32_t epoch) const {
  const Knowledge& known = rows_[now.linear].knows;
  if (block == block_) {
    if (thread == now.linear || epoch < last_barrier_) return true;
    return thread < known.own_block.size() && known.own_block[thread] > epoch;
  }
  auto found = known.other_blocks.find(block);
  return found != known.other_blocks.end() && thread < found->second.size() && found->second[thread] > epoch;
}

Knowledge Clocks::snapshot(const Thread& thread) {
  Knowledge copy = row(thread).knows;
  copy.own_block.resize(rows_.size(), 0);
  for (std::uint32_t& epoch : copy.own_block) epoch = std::max(epoch, last_barrier_);
  copy.own_block[thread.linear] = thread.epoch() + 1;
  return copy;
}

void Clocks::meet(std::span<Thread*> threads, bool whole_block) {
  Knowledge all;
  all.block = block_;
  for (Thread* thread : threads) {
    Row& own = row(*thread);
    if (own.acquired) own.knows.merge(*own.acquired);
    own.acquired.reset();
    if (!whole_block || !own.knows.other_blocks.empty()) all.merge(own.knows);
    // The thread already carries the epoch that begins here: it has finished all before it.
    if (!whole_block) {
      if (all.own_block.size() < rows_.size()) all.own_block.resize(rows_.size(), 0);
      all.own_block[thread->linear] = std::max(all.own_block[thread->linear], thread->epoch());
    }
  }
  for (auto& [barrier, knowledge] : arrivals_) all.merge(knowledge);
  arrivals_.clear();
  if (whole_block) {
    last_barrier_ = threads[0]->epoch();
    all.own_block.clear();
  }
  for (Thread* thread : threads) {
    if (whole_block) row(*thread).knows.own_block.clear();
    row(*thread).knows.merge(all);
  }
}

void Clocks::arrive(Thread& thread, std::uint32_t barrier) {
  Knowledge released = snapshot(thread);
  auto [at, fresh] = arrivals_.try_emplace(barrier, released);
  if (!fresh) at->second.merge(released);
}

void Clocks::fence(Thread& thread) {
  Row& own = row(thread);
  if (own.acquired) own.knows.merge(*own.acquired);
  own.acquired.reset();
  own.fenced = std::make_shared<const Knowledge>(snapshot(thread));
}

void Clocks::atomic(Thread& thread, std::uint64_t address) {
  Row& own = row(thread);
  auto found = locations_.find(address);
  if (found != locations_.end()) {
    Knowledge acquired = found->second;
    if (own.acquired) acquired.merge(*own.acquired);
    own.acquired = std::make_shared<const Knowledge>(std::move(acquired));
  }
  if (!own.fenced) return;
  if (found == locations_.end()) locations_.emplace(address, *own.fenced);
  else found->second.merge(*own.fenced);
}

}  // namespace kverify::simt
