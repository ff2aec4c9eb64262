// kverify: expect=refuted kernel=sums block=32 grid=1
// The first of four partial sums is never stored. Its reader is a helper that is given the array.
__device__ float total(const float* parts) { return parts[0] + parts[1] + parts[2] + parts[3]; }

__global__ void sums(const float* __restrict__ x, float* __restrict__ y) {
  const int t = threadIdx.x;
  float parts[4];  // expect: init.local-read
  parts[1] = x[4 * t + 1];
  parts[2] = x[4 * t + 2];
  parts[3] = x[4 * t + 3];
  y[t] = total(parts);
}
