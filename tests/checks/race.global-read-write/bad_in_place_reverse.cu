// kverify: expect=refuted kernel=reverse block=128 grid=1
// Reverses 128 elements in place, with no barrier between reading and writing.
__global__ void reverse(float* x) {
  const int t = threadIdx.x;
  const float value = x[127 - t];  // expect: race.global-read-write
  x[t] = value;  // expect: race.global-read-write
}
