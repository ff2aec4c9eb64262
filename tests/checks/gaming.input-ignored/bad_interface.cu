// kverify: expect=inconclusive stages=static
// Inputs in a struct, inputs without const, and tensors that a host function only asks for their shape.
namespace at {
struct Tensor {
  long size(int) const { return 64; }
  float* data_ptr() const { return nullptr; }
};
}
struct Arguments {
  const float *q, *k, *v;
  float* o;
  int n, d;
};
__global__ void inStruct(Arguments arguments) {                // expect: gaming.input-ignored
  float sum = 0.0f;
  for (int j = 0; j < arguments.n; ++j) sum += arguments.q[j] * arguments.v[j * arguments.d + threadIdx.x];
  arguments.o[threadIdx.x] = sum;
}
__global__ void withoutConst(float* q, float* v, float* o,     // expect: gaming.input-ignored
                             int n, int d) {
  float sum = 0.0f, query = q[threadIdx.x];
  query *= 0.0f;
  for (int j = 0; j < n; ++j) sum += v[j * d + threadIdx.x];
  o[threadIdx.x] = sum;
}
void forward(at::Tensor q, at::Tensor k,                       // expect: gaming.input-ignored
             at::Tensor v, at::Tensor o) {
  withoutConst<<<1, 64>>>(q.data_ptr(), v.data_ptr(), o.data_ptr(), static_cast<int>(k.size(0)), 64);
}
