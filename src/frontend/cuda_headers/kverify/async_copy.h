// cp.async: copies from global to shared memory that are in flight until waited for.
#pragma once
#pragma GCC system_header
#include "kverify/intrinsics.h"

typedef __attribute__((address_space(3))) void kverify_shared_bytes;
typedef const __attribute__((address_space(1))) void kverify_global_bytes;

// Copies `from_bytes` (<= size) and fills the rest of the `size` bytes with zeros. 4, 8 or 16 bytes, so aligned.
KV_DEVICE void kverify_copy_async(void* shared, const void* global, size_t size, size_t from_bytes) {
  kverify_shared_bytes* to = (kverify_shared_bytes*)shared;
  kverify_global_bytes* from = (kverify_global_bytes*)global;
  if (size == 16) __nvvm_cp_async_cg_shared_global_16(to, from, (int)from_bytes);
  else if (size == 8) __nvvm_cp_async_ca_shared_global_8(to, from, (int)from_bytes);
  else if (size == 4) __nvvm_cp_async_ca_shared_global_4(to, from, (int)from_bytes);
  else __builtin_trap();
}
// The instruction takes a constant; more than this many groups in flight wait for all.
KV_DEVICE void kverify_wait_async(size_t groups_left) {
  switch (groups_left) {
    case 0: __nvvm_cp_async_wait_group(0); break;
    case 1: __nvvm_cp_async_wait_group(1); break;
    case 2: __nvvm_cp_async_wait_group(2); break;
    case 3: __nvvm_cp_async_wait_group(3); break;
    case 4: __nvvm_cp_async_wait_group(4); break;
    case 5: __nvvm_cp_async_wait_group(5); break;
    case 6: __nvvm_cp_async_wait_group(6); break;
    case 7: __nvvm_cp_async_wait_group(7); break;
    default: __nvvm_cp_async_wait_group(8); break;
  }
}
