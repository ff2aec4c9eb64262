// kverify: expect=inconclusive stages=static
struct Tensor {
  long long numel() const { return count; }
  float* data;
  long long count;
};
__global__ void fill(float* y, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = 0.0f;
}
cudaError_t run(Tensor t) {
  int n = t.numel();                           // expect: index.narrowing
  fill<<<(n + 255) / 256, 256>>>(t.data, n);
  fill<<<1, 256>>>(t.data, t.count);           // expect: index.narrowing
  return cudaGetLastError();
}
