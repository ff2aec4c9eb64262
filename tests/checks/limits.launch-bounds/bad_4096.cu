// kverify: expect=inconclusive stages=static
__global__ void __launch_bounds__(1024, 4) fill(float* y) {  // expect: limits.launch-bounds
  y[threadIdx.x] = 0.0f;
}
