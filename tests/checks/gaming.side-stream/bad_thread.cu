// kverify: expect=inconclusive stages=static
#include <thread>
__global__ void gate(const float* x, float* y) {
  y[threadIdx.x] = tanhf(x[threadIdx.x]);
}
void run(const float* x, float* y) {
  std::thread worker([=] { gate<<<1, 32>>>(x, y); });          // expect: gaming.side-stream
  worker.detach();
}
