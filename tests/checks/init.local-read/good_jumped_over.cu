// kverify: expect=certified kernel=scaled block=32 grid=1
// Threads of the upper half jump past the declaration of the scale, and store it themselves.
__global__ void scaled(const float* __restrict__ x, float* __restrict__ y) {
  const int t = threadIdx.x;
  switch (t / 16) {
    case 0:
      float scale;
      scale = x[32];
      y[t] = x[t] * scale;
      break;
    default:
      scale = x[33];
      y[t] = x[t] * scale;
  }
}
