// kverify: expect=inconclusive stages=static
// The tensor that is returned is not the one that the kernel fills.
namespace at {
struct Tensor {
  float* data_ptr() const;
};
Tensor zeros_like(const Tensor& like);
}
__global__ void gate(const float* x, float* y) {
  y[threadIdx.x] = tanhf(x[threadIdx.x]);
}
at::Tensor run(at::Tensor x) {
  auto scratch = at::zeros_like(x);
  auto y = at::zeros_like(x);
  gate<<<1, 32>>>(x.data_ptr(), scratch.data_ptr());
  return y;                                                    // expect: gaming.constant-output
}
