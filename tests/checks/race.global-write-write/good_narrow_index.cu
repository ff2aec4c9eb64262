// kverify: expect=certified kernel=counts block=256 grid=1
__global__ void counts(int* __restrict__ y) {
  const unsigned char i = threadIdx.x;
  y[i] = 1;
}
