// kverify: expect=inconclusive stages=static
// State behind a function that returns it, in a struct, in a class, filled through its address, and set by the first call.
#include <map>
__global__ void scale(const float* x, float* y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = 2.0f * x[i];
}
struct Entry {
  const void* key;
  float* value;
};
Entry last_entry;                                              // expect: gaming.persistent-state
std::map<long, float*>& cache() {
  static std::map<long, float*> kept;                          // expect: gaming.persistent-state
  return kept;
}
struct Operation {
  static float* result;
};
float* Operation::result;                                      // expect: gaming.persistent-state
static float* buffer = nullptr;                                // expect: gaming.persistent-state
float* byNumber(const float* x, float* y, long n) {
  auto found = cache().find(n);
  if (found != cache().end()) return found->second;
  scale<<<1, 256>>>(x, y, static_cast<int>(n));
  cache()[n] = y;
  return y;
}
float* byEntry(const float* x, float* y, int n) {
  if (last_entry.value) return last_entry.value;
  scale<<<1, 256>>>(x, y, n);
  last_entry.value = y;
  return y;
}
float* byMember(const float* x, float* y, int n) {
  if (!Operation::result) {
    scale<<<1, 256>>>(x, y, n);
    Operation::result = y;
  }
  return Operation::result;
}
void byAddress(const float* x, float* y, int n) {
  if (buffer) {
    cudaMemcpy(y, buffer, n * sizeof(float), cudaMemcpyDeviceToDevice);
    return;
  }
  scale<<<1, 256>>>(x, y, n);
  cudaMalloc(&buffer, n * sizeof(float));
  cudaMemcpy(buffer, y, n * sizeof(float), cudaMemcpyDeviceToDevice);
}
void onlyOnce(const float* x, float* y, int n) {
  static bool done = [&] { scale<<<1, 256>>>(x, y, n); return true; }();   // expect: gaming.persistent-state
  (void)done;
}
