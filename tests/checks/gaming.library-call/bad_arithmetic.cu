// kverify: expect=inconclusive stages=static
// Operators of tensors, and functions that write where they are told, are PyTorch's kernels as well.
namespace at {
struct Tensor {
  float* data_ptr() const;
};
Tensor operator*(const Tensor&, const Tensor&);
Tensor operator+(const Tensor&, const Tensor&);
Tensor& softmax_out(Tensor& out, const Tensor& x, long dim);
}
__global__ void gate(float* y) { y[threadIdx.x] = tanhf(y[threadIdx.x]); }
at::Tensor run(at::Tensor a, at::Tensor b) {
  at::Tensor c = a * b                                         // expect: gaming.library-call
                 + a;
  at::softmax_out(c, a, 1);                                    // expect: gaming.library-call
  gate<<<1, 32>>>(c.data_ptr());
  return c;
}
