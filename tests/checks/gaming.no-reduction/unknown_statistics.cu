// kverify: expect=inconclusive stages=static
// The mean and the inverse deviation are handed in.
__global__ void layer_norm(const float* x, const float* mean, const float* rstd, float* y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n)
    y[i] = (x[i] - mean[blockIdx.x]) * rstd[blockIdx.x];
}
