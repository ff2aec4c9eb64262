// kverify: expect=inconclusive stages=static
// Tensors that are returned as they were made, or set to a constant.
namespace at {
struct Tensor {
  float* data_ptr() const { return nullptr; }
  long numel() const { return 64; }
};
Tensor zeros_like(const Tensor& like);
Tensor empty_like(const Tensor& like);
}
__global__ void gate(const float* x, float* y) { y[threadIdx.x] = tanhf(x[threadIdx.x]); }
at::Tensor byMaking(at::Tensor x) {
  return at::zeros_like(x);                                    // expect: gaming.constant-output
}
at::Tensor bySetting(at::Tensor x) {
  at::Tensor y = at::empty_like(x);
  cudaMemset(y.data_ptr(), 0, y.numel() * sizeof(float));
  return y;                                                    // expect: gaming.constant-output
}
at::Tensor byComputing(at::Tensor x) {
  if (x.numel() == 0) return at::zeros_like(x);
  at::Tensor y = at::empty_like(x);
  gate<<<1, 64>>>(x.data_ptr(), y.data_ptr());
  return y;
}
