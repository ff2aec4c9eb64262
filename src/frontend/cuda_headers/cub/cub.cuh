// CUB: parts of a block and of a warp. What belongs to the device as a whole is only declared.
#pragma once
#pragma GCC system_header
#include "block/block_exchange.cuh"
#include "block/block_load.cuh"
#include "block/block_radix_sort.cuh"
#include "block/block_reduce.cuh"
#include "block/block_scan.cuh"
#include "block/block_shuffle.cuh"
#include "device/kverify_device.h"
#include "warp/warp_reduce.cuh"
#include "warp/warp_scan.cuh"
