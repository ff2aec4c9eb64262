// kverify: expect=refuted kernel=gather contract
// A page number beyond the end stops the whole launch.
__global__ void gather(const int* __restrict__ table, const float* __restrict__ pages, float* __restrict__ y,
                       int count) {
  const int page = table[threadIdx.x];
  if (page >= count - 1) asm volatile("trap;");  // expect: exec.trap
  y[threadIdx.x] = pages[page];
}
