// kverify: expect=inconclusive kernel=refill target=sm_90 block=128 grid=1
// Asks the hardware for another number of registers (sm_90a): what happens to the launch then is not modelled.
__global__ void __launch_bounds__(128) refill(const float* __restrict__ x, float* __restrict__ y) {
  asm volatile("setmaxnreg.inc.sync.aligned.u32 128;");
  if (threadIdx.x > 200) __trap();
  y[threadIdx.x] = x[threadIdx.x];
}
