// cub::BlockScan, by raking (the default: one warp adds up segments of neighbours) and by scans of warps.
#pragma once
#pragma GCC system_header
#include "../warp/warp_scan.cuh"

namespace cub {

enum BlockScanAlgorithm { BLOCK_SCAN_RAKING, BLOCK_SCAN_RAKING_MEMOIZE, BLOCK_SCAN_WARP_SCANS };

namespace kv {

#define KV_CUB __device__ __forceinline__ KV_NODEBUG

// What both ways of scanning hand back. `first` is set when there is an initial value.
template <class T> struct Scanned {
  T exclusive, inclusive, total;
};

// Values in shared memory, a segment of neighbours for each raking thread; even segments are padded by one.
template <class T, int x, int y, int z> class RakingScan {
  static constexpr int kThreads = x * y * z, kMost = kThreads < 32 ? kThreads : 32;
  static constexpr int kSegment = (kThreads + kMost - 1) / kMost, kRaking = (kThreads + kSegment - 1) / kSegment;
  static constexpr bool kPadded = kSegment % 2 == 0 && kSegment > 2;
  static constexpr bool kFull = kThreads % kRaking == 0;
  using Warp = WarpScan<T, kRaking>;

 public:
  struct Shared {
    typename Warp::TempStorage warp_scan;
    struct alignas(16) {
      T values[kRaking * (kSegment + kPadded)];
    } grid;
    T total;
  };

  // `finish(segment_total, exclusive, has_prefix, total)` turns what lies before a segment into what its scan begins with.
  template <bool is_inclusive, class Operation, class Finish>
  static KV_CUB T scan(Shared& shared, unsigned rank, T input, Operation operation, T& total, Finish finish) {
    const unsigned at = kPadded ? rank + rank / kSegment : rank;
    shared.grid.values[at] = input;
    __syncthreads();
    if (rank < (unsigned)kRaking) {
      T* segment = shared.grid.values + rank * (kSegment + kPadded);
      T sum = segment[0];
#pragma unroll
      for (int i = 1; i < kSegment; ++i)
        if (kFull || rank * kSegment + i < (unsigned)kThreads) sum = operation(sum, segment[i]);
      bool has_prefix = true;
      T all, prefix = finish(Warp(shared.warp_scan), sum, has_prefix, all);
      sweep<is_inclusive>(segment, rank, operation, prefix, has_prefix);
      if (rank == kRaking - 1) shared.total = all;
    }
    __syncthreads();
    total = shared.total;
    return shared.grid.values[at];
  }

 private:
  template <bool is_inclusive, class Operation>
  static KV_CUB void sweep(T* segment, unsigned rank, Operation operation, T prefix, bool has_prefix) {
    T running = segment[0];
    if (has_prefix) running = operation(prefix, running);
    if (is_inclusive) segment[0] = running;
    else segment[0] = prefix;
#pragma unroll
    for (int i = 1; i < kSegment; ++i) {
      if (!kFull && rank * kSegment + i >= (unsigned)kThreads) continue;
      T value = segment[i];
      T next = operation(running, value);
      segment[i] = is_inclusive ? next : running;
      running = next;
    }
  }
};

}  // namespace kv

template <class T, int x, BlockScanAlgorithm algorithm = BLOCK_SCAN_RAKING, int y = 1, int z = 1, int = 0>
class BlockScan {
  static constexpr int kThreads = x * y * z, kWidth = kThreads < 32 ? kThreads : 32, kWarps = (kThreads + 31) / 32;
  // Scans of warps need whole warps.
  static constexpr bool kByWarps = algorithm == BLOCK_SCAN_WARP_SCANS && kThreads % 32 == 0;
  using Raking = kv::RakingScan<T, x, y, z>;
  using Warp = WarpScan<T, kWidth>;
  struct WarpShared {
    T warp_results[kWarps];
    typename Warp::TempStorage warp_scan[kWarps];
    T block_prefix;
  };
  using Shared = typename std::conditional<kByWarps, WarpShared, typename Raking::Shared>::type;

 public:
  struct TempStorage : Uninitialized<Shared> {};
  KV_CUB BlockScan() : shared_(own()), rank_(kv::threadRank<x, y, z>()) {}
  KV_CUB BlockScan(TempStorage& storage) : shared_(storage.Alias()), rank_(kv::threadRank<x, y, z>()) {}

  // --- one item a thread
  KV_CUB void ExclusiveSum(T input, T& output) { ExclusiveScan(input, output, T(0), cub::Sum()); }
  KV_CUB void ExclusiveSum(T input, T& output, T& total) { ExclusiveScan(input, output, T(0), cub::Sum(), total); }
  template <class Prefix> KV_CUB void ExclusiveSum(T input, T& output, Prefix& prefix) {
    ExclusiveScan(input, output, cub::Sum(), prefix);
  }
  template <class Operation> KV_CUB void ExclusiveScan(T input, T& output, Operation operation) {
    T total;
    output = scan<false>(input, operation, total);
  }
  template <class Operation> KV_CUB void ExclusiveScan(T input, T& output, T initial, Operation operation) {
    T total;
    output = scanFrom(input, operation, initial, total);
  }
  template <class Operation> KV_CUB void ExclusiveScan(T input, T& output, T initial, Operation operation, T& total) {
    output = scanFrom(input, operation, initial, total);
  }
  template <class Operation, class More> KV_CUB void ExclusiveScan(T input, T& output, Operation operation, More& more) {
    if constexpr (std::is_same<More, T>::value) output = scan<false>(input, operation, more);
    else output = scanWith<false>(input, operation, more);
  }
  KV_CUB void InclusiveSum(T input, T& output) { InclusiveScan(input, output, cub::Sum()); }
  template <class More> KV_CUB void InclusiveSum(T input, T& output, More& more) {
    InclusiveScan(input, output, cub::Sum(), more);
  }
  template <class Operation> KV_CUB void InclusiveScan(T input, T& output, Operation operation) {
    T total;
    output = scan<true>(input, operation, total);
  }
  template <class Operation, class More> KV_CUB void InclusiveScan(T input, T& output, Operation operation, More& more) {
    if constexpr (std::is_same<More, T>::value) output = scan<true>(input, operation, more);
    else output = scanWith<true>(input, operation, more);
  }

  // --- several items a thread: their fold is scanned, then each thread goes through its own
  template <int n> KV_CUB void ExclusiveSum(T (&input)[n], T (&output)[n]) {
    ExclusiveScan(input, output, T(0), cub::Sum());
  }
  template <int n, class More> KV_CUB void ExclusiveSum(T (&input)[n], T (&output)[n], More& more) {
    if constexpr (std::is_same<More, T>::value) ExclusiveScan(input, output, T(0), cub::Sum(), more);
    else ExclusiveScan(input, output, cub::Sum(), more);
  }
  template <int n, class Operation> KV_CUB void ExclusiveScan(T (&input)[n], T (&output)[n], T initial, Operation operation) {
    T total;
    ExclusiveScan(input, output, initial, operation, total);
  }
  template <int n, class Operation>
  KV_CUB void ExclusiveScan(T (&input)[n], T (&output)[n], T initial, Operation operation, T& total) {
    T prefix = kv::fold(input, operation);
    ExclusiveScan(prefix, prefix, initial, operation, total);
    walk<false>(input, output, operation, prefix, true);
  }
  template <int n, class Operation> KV_CUB void ExclusiveScan(T (&input)[n], T (&output)[n], Operation operation) {
    T total;
    ExclusiveScan(input, output, operation, total);
  }
  template <int n, class Operation, class More>
  KV_CUB void ExclusiveScan(T (&input)[n], T (&output)[n], Operation operation, More& more) {
    T prefix = kv::fold(input, operation);
    ExclusiveScan(prefix, prefix, operation, more);
    walk<false>(input, output, operation, prefix, !std::is_same<More, T>::value || rank_ != 0);
  }
  template <int n> KV_CUB void InclusiveSum(T (&input)[n], T (&output)[n]) {
    T total;
    InclusiveSum(input, output, total);
  }
  template <int n, class More> KV_CUB void InclusiveSum(T (&input)[n], T (&output)[n], More& more) {
    if constexpr (n == 1) {
      InclusiveSum(input[0], output[0], more);
    } else {
      T prefix = kv::fold(input, cub::Sum());
      ExclusiveSum(prefix, prefix, more);
      walk<true>(input, output, cub::Sum(), prefix, !std::is_same<More, T>::value || rank_ != 0);
    }
  }
  template <int n, class Operation> KV_CUB void InclusiveScan(T (&input)[n], T (&output)[n], Operation operation) {
    T total;
    InclusiveScan(input, output, operation, total);
  }
  template <int n, class Operation, class More>
  KV_CUB void InclusiveScan(T (&input)[n], T (&output)[n], Operation operation, More& more) {
    if constexpr (n == 1) {
      InclusiveScan(input[0], output[0], operation, more);
    } else {
      T prefix = kv::fold(input, operation);
      ExclusiveScan(prefix, prefix, operation, more);
      walk<true>(input, output, operation, prefix, !std::is_same<More, T>::value || rank_ != 0);
    }
  }

 private:
  static KV_CUB Shared& own() {
    __shared__ Uninitialized<Shared> storage;
    return storage.Alias();
  }

  template <bool is_inclusive, int n, class Operation>
  static KV_CUB void walk(T (&input)[n], T (&output)[n], Operation operation, T prefix, bool has_prefix) {
    T running = input[0];
    if (has_prefix) running = operation(prefix, running);
    output[0] = is_inclusive ? running : prefix;
#pragma unroll
    for (int i = 1; i < n; ++i) {
      T next = operation(running, input[i]);
      output[i] = is_inclusive ? next : running;
      running = next;
    }
  }

  template <bool is_inclusive, class Operation> KV_CUB T scan(T input, Operation operation, T& total) {
    if constexpr (kByWarps) {
      T inclusive, exclusive;
      Warp(shared_.warp_scan[warp()]).Scan(input, inclusive, exclusive, operation);
      T prefix = beforeWarp(operation, inclusive, total);
      if (warp() != 0) {
        inclusive = operation(prefix, inclusive);
        exclusive = lane() == 0 ? prefix : operation(prefix, exclusive);
      }
      return is_inclusive ? inclusive : exclusive;
    } else if constexpr (kThreads <= 32) {
      T inclusive, exclusive;
      Warp scanner(shared_.warp_scan);
      scanner.Scan(input, inclusive, exclusive, operation);
      total = scanner.Broadcast(inclusive, kThreads - 1);
      return is_inclusive ? inclusive : exclusive;
    } else {
      const unsigned rank = rank_;
      return Raking::template scan<is_inclusive>(
          shared_, rank, input, operation, total, [&](auto scanner, T sum, bool& has_prefix, T& all) {
            T exclusive;
            scanner.Scan(sum, all, exclusive, operation);
            has_prefix = rank != 0;
            return exclusive;
          });
    }
  }

  // Exclusive, from an initial value; the total leaves it out.
  template <class Operation> KV_CUB T scanFrom(T input, Operation operation, T initial, T& total) {
    if constexpr (kByWarps) {
      T inclusive, exclusive;
      Warp(shared_.warp_scan[warp()]).Scan(input, inclusive, exclusive, operation);
      T prefix = beforeWarp(operation, inclusive, total);
      prefix = warp() == 0 ? initial : operation(initial, prefix);
      return lane() == 0 ? prefix : operation(prefix, exclusive);
    } else if constexpr (kThreads <= 32) {
      T exclusive;
      Warp(shared_.warp_scan).ExclusiveScan(input, exclusive, initial, operation, total);
      return exclusive;
    } else {
      return Raking::template scan<false>(shared_, rank_, input, operation, total,
                                          [&](auto scanner, T sum, bool&, T& all) {
                                            T exclusive;
                                            scanner.ExclusiveScan(sum, exclusive, initial, operation, all);
                                            return exclusive;
                                          });
    }
  }

  // The first warp asks `prefix_of` for what came before this block; lane 0's answer counts.
  template <bool is_inclusive, class Operation, class Prefix>
  KV_CUB T scanWith(T input, Operation operation, Prefix& prefix_of) {
    if constexpr (kByWarps) {
      T inclusive, exclusive, total;
      Warp(shared_.warp_scan[warp()]).Scan(input, inclusive, exclusive, operation);
      T prefix = beforeWarp(operation, inclusive, total);
      if (warp() == 0) {
        T block_prefix = prefix_of(total);
        if (lane() == 0) shared_.block_prefix = block_prefix;
      }
      __syncthreads();
      T block_prefix = shared_.block_prefix;
      if (warp() != 0) {
        inclusive = operation(prefix, inclusive);
        exclusive = lane() == 0 ? prefix : operation(prefix, exclusive);
      }
      if (is_inclusive) return operation(block_prefix, inclusive);
      return rank_ == 0 ? block_prefix : operation(block_prefix, exclusive);
    } else if constexpr (kThreads <= 32) {
      T inclusive, exclusive;
      Warp scanner(shared_.warp_scan);
      scanner.Scan(input, inclusive, exclusive, operation);
      T block_prefix = scanner.Broadcast(prefix_of(scanner.Broadcast(inclusive, kThreads - 1)), 0);
      if (is_inclusive) return operation(block_prefix, inclusive);
      return rank_ == 0 ? block_prefix : operation(block_prefix, exclusive);
    } else {
      const unsigned rank = rank_;
      T total;
      return Raking::template scan<is_inclusive>(
          shared_, rank, input, operation, total, [&](auto scanner, T sum, bool&, T& all) {
            T exclusive, block_total;
            scanner.ExclusiveScan(sum, exclusive, operation, block_total);
            all = block_total;
            T block_prefix = scanner.Broadcast(prefix_of(block_total), 0);
            return rank == 0 ? block_prefix : operation(block_prefix, exclusive);
          });
    }
  }

  KV_CUB int warp() const { return (int)rank_ / 32; }
  KV_CUB unsigned lane() const { return kverify_detail::laneId(); }
  // The results of the warps below this one, added up in order; and of all of them.
  template <class Operation> KV_CUB T beforeWarp(Operation operation, T inclusive, T& total) {
    if (lane() == 31) shared_.warp_results[warp()] = inclusive;
    __syncthreads();
    T prefix{};
    total = shared_.warp_results[0];
#pragma unroll
    for (int other = 1; other < kWarps; ++other) {
      if (warp() == other) prefix = total;
      total = operation(total, shared_.warp_results[other]);
    }
    return prefix;
  }

  Shared& shared_;
  unsigned rank_;
};

#undef KV_CUB

}  // namespace cub
