// kverify: expect=certified kernel=scale_rows block=64 grid=3
// Every block scales a row of its own, in place.
__global__ void scale_rows(float* x) {
  float* row = x + blockIdx.x * 64;
  const float first = row[0];
  __syncthreads();
  row[threadIdx.x] *= 1.0f + first;
}
