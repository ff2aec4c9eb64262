// kverify: expect=inconclusive stages=static
__global__ void poly(const float* x, float* y) {
  int i = threadIdx.x;
  float base = x[i], square = base * base, cube = square * base;
  y[i] = base + square + cube;
}
