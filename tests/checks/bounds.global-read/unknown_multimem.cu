// kverify: expect=inconclusive kernel=all_reduce target=sm_90 block=128 grid=1
// Reads the sum over all devices through a multicast address: needs sm_90, and memory that only a driver can map.
__global__ void all_reduce(const float* __restrict__ x, float* __restrict__ y, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  float sum;
  asm volatile("multimem.ld_reduce.relaxed.sys.global.add.f32 %0, [%1];" : "=f"(sum) : "l"(x + i) : "memory");
  y[i] = sum;
}
