// kverify: expect=refuted kernel=total block=32 grid=16 arg.n=512 stages=fuzz,stability
// Blocks add to one float in the order in which they come: floating-point addition does not associate.
__global__ void total(const float* x, float* sum, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) atomicAdd(&sum[0], x[i]);  // expect: stability.nondeterministic
}
