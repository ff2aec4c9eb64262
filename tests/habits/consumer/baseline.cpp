// What `kverify bench --baseline LIB.so` loads: the declaration of the header is the one that is exported.
#include <kverify/baseline.h>

extern "C" __attribute__((visibility("default"))) int kverify_baseline(int tensors, const kverify_tensor*, int, const kverify_option*, void*) {
  return tensors > 0 ? 0 : 1;
}
