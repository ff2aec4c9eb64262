// kverify: expect=refuted kernel=relu contract
// The length comes in a struct, and the guard lets one element too many through.
struct Params {
  const float *x;
  float *y;
  int n;
};

__global__ void relu(Params p) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i <= p.n)
    p.y[i] = fmaxf(p.x[i], 0.0f); // expect: bounds.global-read
}
