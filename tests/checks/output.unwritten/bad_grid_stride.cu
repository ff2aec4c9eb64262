// kverify: expect=refuted kernel=axpy contract
// The step counts one block too many: every round leaves out a block's worth of elements.
__global__ void axpy(const float* __restrict__ x, float* __restrict__ y, int n) {  // expect: output.unwritten
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += (gridDim.x + 1) * blockDim.x) y[i] = 3.0f * x[i];
}
