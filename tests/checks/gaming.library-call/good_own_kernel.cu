// kverify: expect=inconclusive stages=static
// What sets up or looks up is no computation.
struct cublasContext;
int cublasCreate(cublasContext** handle);
__global__ void gate(const float* x, float* y) {
  y[threadIdx.x] = tanhf(x[threadIdx.x]);
}
void run(const float* x, float* y) {
  cublasContext* handle;
  cublasCreate(&handle);
  gate<<<1, 32>>>(x, y);
}
