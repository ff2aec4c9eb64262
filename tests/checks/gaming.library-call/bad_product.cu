// kverify: expect=inconclusive stages=static
struct cublasContext;
int cublasSgemm(cublasContext* handle, int m, int n, int k, const float* a, const float* b, float* c);
namespace at {
struct Tensor {
  Tensor softmax(int dim) const;
};
}
__global__ void gate(const float* x, float* y) {
  y[threadIdx.x] = tanhf(x[threadIdx.x]);
}
at::Tensor run(cublasContext* handle, const float* a, const float* b, float* c, at::Tensor scores) {
  cublasSgemm(handle, 64, 64, 64, a, b, c);                    // expect: gaming.library-call
  gate<<<1, 32>>>(c, c);
  return scores.softmax(1);                                    // expect: gaming.library-call
}
