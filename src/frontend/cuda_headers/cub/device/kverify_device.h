// CUB's device-wide algorithms: host functions that launch kernels of the library's own. They type-check; nothing is run.
#pragma once
#pragma GCC system_header
#include "../kverify_base.h"

namespace cub {

#define KV_CUB_DEVICE(Name, ...)                                        \
  struct Name {                                                         \
    __VA_ARGS__                                                         \
  };
#define KV_CUB_CALL(name) \
  template <class... A> static cudaError_t name(void*, size_t&, A&&...) { return cudaErrorNotSupported; }
KV_CUB_DEVICE(DeviceReduce, KV_CUB_CALL(Sum) KV_CUB_CALL(Min) KV_CUB_CALL(Max) KV_CUB_CALL(ArgMin) KV_CUB_CALL(ArgMax)
                                KV_CUB_CALL(Reduce) KV_CUB_CALL(ReduceByKey) KV_CUB_CALL(TransformReduce))
KV_CUB_DEVICE(DeviceSegmentedReduce, KV_CUB_CALL(Sum) KV_CUB_CALL(Min) KV_CUB_CALL(Max) KV_CUB_CALL(ArgMin)
                                         KV_CUB_CALL(ArgMax) KV_CUB_CALL(Reduce))
KV_CUB_DEVICE(DeviceScan, KV_CUB_CALL(ExclusiveSum) KV_CUB_CALL(InclusiveSum) KV_CUB_CALL(ExclusiveScan)
                              KV_CUB_CALL(InclusiveScan) KV_CUB_CALL(ExclusiveSumByKey) KV_CUB_CALL(InclusiveSumByKey))
KV_CUB_DEVICE(DeviceRadixSort, KV_CUB_CALL(SortPairs) KV_CUB_CALL(SortPairsDescending) KV_CUB_CALL(SortKeys)
                                   KV_CUB_CALL(SortKeysDescending))
KV_CUB_DEVICE(DeviceSegmentedRadixSort, KV_CUB_CALL(SortPairs) KV_CUB_CALL(SortPairsDescending) KV_CUB_CALL(SortKeys)
                                            KV_CUB_CALL(SortKeysDescending))
KV_CUB_DEVICE(DeviceSelect, KV_CUB_CALL(Flagged) KV_CUB_CALL(If) KV_CUB_CALL(Unique) KV_CUB_CALL(UniqueByKey))
KV_CUB_DEVICE(DevicePartition, KV_CUB_CALL(Flagged) KV_CUB_CALL(If))
KV_CUB_DEVICE(DeviceHistogram, KV_CUB_CALL(HistogramEven) KV_CUB_CALL(HistogramRange))
KV_CUB_DEVICE(DeviceRunLengthEncode, KV_CUB_CALL(Encode) KV_CUB_CALL(NonTrivialRuns))
#undef KV_CUB_CALL
#undef KV_CUB_DEVICE
template <class T> struct DoubleBuffer {
  T* d_buffers[2];
  int selector = 0;
  KV_METHOD DoubleBuffer(T* current, T* alternate) : d_buffers{current, alternate} {}
  KV_METHOD T* Current() { return d_buffers[selector]; }
  KV_METHOD T* Alternate() { return d_buffers[selector ^ 1]; }
};

}  // namespace cub
