// kverify: expect=inconclusive stages=static
// The same buffer may hold other values at the next call.
#include <map>
__global__ void gate(const float* x, float* y) {
  y[threadIdx.x] = tanhf(x[threadIdx.x]);
}
static std::map<const float*, float*> kept;
float* run(const float* x, float* y) {
  auto known = kept.find(x);                                   // expect: gaming.fingerprint
  if (known != kept.end())
    return known->second;
  gate<<<1, 32>>>(x, y);
  kept[x] = y;                                                 // expect: gaming.fingerprint
  return y;
}
