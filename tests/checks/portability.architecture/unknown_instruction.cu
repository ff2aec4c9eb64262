// kverify: expect=inconclusive stages=static
__global__ void later(float* y) {
  asm volatile("brandnew.sync.aligned;");
  y[threadIdx.x] = 1;
}
