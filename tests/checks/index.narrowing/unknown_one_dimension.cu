// kverify: expect=inconclusive stages=static
// One dimension of a tensor: rarely beyond 2^31, and nobody says so.
struct Tensor {
  long long size(int) const { return count; }
  float* data;
  long long count;
};
__global__ void fill(float* y, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = 0.0f;
}
cudaError_t run(Tensor t) {
  int n = t.size(0);
  fill<<<(n + 255) / 256, 256>>>(t.data, n);
  return cudaGetLastError();
}
