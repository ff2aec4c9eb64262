// kverify: expect=refuted kernel=counts block=512 grid=1
// The index is one byte wide: threads 0 and 256 meet.
__global__ void counts(int* __restrict__ y) {
  const unsigned char i = threadIdx.x;
  y[i] = threadIdx.x;  // expect: race.global-write-write
}
