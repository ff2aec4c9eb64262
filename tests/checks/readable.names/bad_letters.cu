// kverify: expect=inconclusive stages=static
__global__ void poly(const float* x, float* y) {                // expect: readable.names
  float a = x[0], e = a * a, f = e * a, g = f * a, o = g * a, p = o * a;
  y[threadIdx.x] = a + e + f + g + o + p;
}
