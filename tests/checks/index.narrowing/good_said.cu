// kverify: expect=inconclusive stages=static
struct Tensor {
  long long numel() const { return count; }
  float* data;
  long long count;
};
__global__ void fill(float* y, long long n) {
  const long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i < n) y[i] = 0.0f;
}
cudaError_t run(Tensor t) {
  long long n = t.numel();
  const int blocks = static_cast<int>((n + 255) / 256);
  fill<<<blocks, 256>>>(t.data, n);
  return cudaGetLastError();
}
