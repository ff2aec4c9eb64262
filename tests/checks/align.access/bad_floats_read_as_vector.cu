// kverify: expect=refuted kernel=windows block=32 grid=1 formal=unknown:where-the-array-starts
// A window of four floats begins at every float.
__global__ void windows(const float* __restrict__ x, float4* __restrict__ y) {
  __shared__ float s[36];
  const int t = threadIdx.x;
  s[t] = x[t];
  if (t < 4)
    s[32 + t] = 0.0f;
  __syncthreads();
  y[t] = *reinterpret_cast<float4*>(&s[t]);  // expect: align.access
}
