// kverify: expect=refuted kernel=scaled block=32 grid=1
// Threads of the upper half jump past the declaration of the scale.
__global__ void scaled(const float* __restrict__ x, float* __restrict__ y) {
  const int t = threadIdx.x;
  switch (t / 16) {
    case 0:
      float scale;
      scale = x[32];  // expect: init.local-read
    default:
      y[t] = x[t] * scale;
  }
}
