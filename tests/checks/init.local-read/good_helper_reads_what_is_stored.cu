// kverify: expect=certified kernel=sums block=32 grid=1
// Four partial sums, read by a helper that is given the array. A fifth place is neither stored nor read.
__device__ float total(const float* parts) { return parts[0] + parts[1] + parts[2] + parts[3]; }

__global__ void sums(const float* __restrict__ x, float* __restrict__ y) {
  const int t = threadIdx.x;
  float parts[5];
  parts[0] = x[4 * t];
  parts[1] = x[4 * t + 1];
  parts[2] = x[4 * t + 2];
  parts[3] = x[4 * t + 3];
  y[t] = total(parts);
}
