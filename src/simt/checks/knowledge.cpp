#include "simt/checks/knowledge.h"

#include <algorithm>

namespace kverify::simt {
namespace {

void mergeInto(std::vector<std::uint32_t>& to, const std::vector<std::uint32_t>& from) {
  if (to.size() < from.size())
    to.resize(from.size(), 0);
  for (std::size_t i = 0; i < from.size(); ++i)
    to[i] = std::max(to[i], from[i]);
}

} // namespace

void Knowledge::merge(const Knowledge& other) {
  if (other.block == block)
    mergeInto(own_block, other.own_block);
  else if (!other.own_block.empty())
    mergeInto(other_blocks[other.block], other.own_block);
  for (const auto& [number, row] : other.other_blocks) {
    if (number == block)
      mergeInto(own_block, row);
    else
      mergeInto(other_blocks[number], row);
  }
}

void Clocks::startBlock(std::uint32_t block, std::uint32_t threads) {
  block_ = block;
  last_barrier_ = 0;
  arrivals_.clear();
  opened_.reset();
  own_block_.clear();
  rows_.clear();
  rows_.resize(threads);
  for (Row& each : rows_)
    each.knows.block = block;
}

bool Clocks::knows(const Thread& now, std::uint32_t block, std::uint32_t thread, std::uint32_t epoch) const {
  const Knowledge& known = rows_[now.linear].knows;
  if (block == block_) {
    if (thread == now.linear || epoch < last_barrier_)
      return true;
    return thread < known.own_block.size() && known.own_block[thread] > epoch;
  }
  auto found = known.other_blocks.find(block);
  return found != known.other_blocks.end() && thread < found->second.size() && found->second[thread] > epoch;
}

Knowledge Clocks::snapshot(const Thread& thread) {
  Knowledge copy = row(thread).knows;
  copy.own_block.resize(rows_.size(), 0);
  for (std::uint32_t& epoch : copy.own_block)
    epoch = std::max(epoch, last_barrier_);
  copy.own_block[thread.linear] = thread.epoch() + 1;
  return copy;
}

void Clocks::acquire(Row& own, Channel& channel) {
  if (channel.acquired)
    own.knows.merge(*channel.acquired);
  channel.acquired.reset();
}

/// A write that its author has fenced before the meeting may be published by an atomic of anybody who was there: the
/// fence made it visible to the device, the meeting orders it before the atomic (fence; barrier; one thread counts).
void Clocks::shareFences(std::span<Thread*> threads, Channel Row::*channel) {
  std::vector<Shared> fences;
  bool everyone = true;
  for (Thread* thread : threads) {
    const Shared& fenced = (row(*thread).*channel).fenced;
    everyone &= fenced != nullptr;
    if (fenced && std::find(fences.begin(), fences.end(), fenced) == fences.end())
      fences.push_back(fenced);
  }
  if (fences.empty() || (everyone && fences.size() == 1))
    return;
  Shared all = fences[0];
  if (fences.size() > 1) {
    Knowledge merged = *fences[0];
    for (std::size_t i = 1; i < fences.size(); ++i)
      merged.merge(*fences[i]);
    all = std::make_shared<const Knowledge>(std::move(merged));
  }
  for (Thread* thread : threads)
    (row(*thread).*channel).fenced = all;
}

void Clocks::meet(std::span<Thread*> threads, bool whole_block) {
  Knowledge all;
  all.block = block_;
  for (Thread* thread : threads) {
    Row& own = row(*thread);
    acquire(own, own.device);
    acquire(own, own.block);
    if (!whole_block || !own.knows.other_blocks.empty())
      all.merge(own.knows);
    // The thread already carries the epoch that begins here: it has finished all before it.
    if (!whole_block) {
      if (all.own_block.size() < rows_.size())
        all.own_block.resize(rows_.size(), 0);
      all.own_block[thread->linear] = std::max(all.own_block[thread->linear], thread->epoch());
    }
  }
  if (opened_)
    all.merge(*opened_);
  opened_.reset();
  if (whole_block) {
    last_barrier_ = threads[0]->epoch();
    all.own_block.clear();
  }
  for (Thread* thread : threads) {
    if (whole_block)
      row(*thread).knows.own_block.clear();
    row(*thread).knows.merge(all);
  }
  shareFences(threads, &Row::device);
  shareFences(threads, &Row::block);
}

void Clocks::arrive(Thread& thread, std::uint32_t barrier) {
  Knowledge released = snapshot(thread);
  auto [at, fresh] = arrivals_.try_emplace(barrier, released);
  if (!fresh)
    at->second.merge(released);
}

void Clocks::open(std::uint32_t barrier) {
  auto found = arrivals_.find(barrier);
  if (found == arrivals_.end())
    return;
  opened_ = std::move(found->second);
  arrivals_.erase(found);
}

void Clocks::fence(Thread& thread, abi::Scope scope) {
  Row& own = row(thread);
  acquire(own, own.block);
  if (scope != abi::kScopeBlock)
    acquire(own, own.device);
  own.block.fenced = std::make_shared<const Knowledge>(snapshot(thread));
  if (scope != abi::kScopeBlock)
    own.device.fenced = own.block.fenced;
}

void Clocks::atomic(Thread& thread, std::uint64_t address, abi::Kind kind) {
  Row& own = row(thread);
  auto pass = [&](Channel& channel, Locations& locations) {
    auto found = locations.find(address);
    if (found != locations.end() && kind != abi::kWrite) {
      Knowledge acquired = found->second;
      if (channel.acquired)
        acquired.merge(*channel.acquired);
      channel.acquired = std::make_shared<const Knowledge>(std::move(acquired));
    }
    if (!channel.fenced || kind == abi::kRead)
      return;
    if (found == locations.end())
      locations.emplace(address, *channel.fenced);
    else
      found->second.merge(*channel.fenced);
  };
  pass(own.device, device_);
  pass(own.block, own_block_);
}

} // namespace kverify::simt
