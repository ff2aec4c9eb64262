// kverify: expect=inconclusive stages=static
// A size in a struct is no sum, whatever is written beside it; and a helper gives exponentials.
struct Arguments {
  const float* x;
  float* y;
  int n;
};
__device__ float power(float v) { return exp2f(v); }
__global__ void mean(Arguments arguments) {
  float sum = 0.0f;
  for (int i = 0; i < arguments.n; ++i) sum += arguments.x[i];
  arguments.y[threadIdx.x] = sum / arguments.n;
}
__global__ void soft(const float* x, float* y, int n) {
  float most = x[0], sum = 0.0f;
  for (int i = 1; i < n; ++i) most = fmaxf(most, x[i]);
  for (int i = 0; i < n; ++i) sum += power(x[i] - most);
  y[threadIdx.x] = power(x[threadIdx.x] - most) / sum;
}
