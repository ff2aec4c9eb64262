// kverify: expect=refuted kernel=last_row contract
// row * stride passes 2^31 and wraps: the address lies before the buffer.
__global__ void last_row(const float* __restrict__ x, float* __restrict__ y, int row, int stride) {
  const int t = threadIdx.x;
  const int index = static_cast<int>(static_cast<unsigned>(row) * static_cast<unsigned>(stride)) + t;
  y[t] = x[index];  // expect: bounds.global-read
}
