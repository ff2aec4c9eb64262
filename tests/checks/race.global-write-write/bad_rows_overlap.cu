// kverify: expect=refuted kernel=store_rows block=128 grid=1
// Four warps store a row each; the rows are 64 long and 63 apart.
__global__ void store_rows(const float* __restrict__ x, float* __restrict__ y) {
  const int warp = threadIdx.x / 32;
  const int lane = threadIdx.x % 32;
  for (int c = lane; c < 64; c += 32) {
    const float value = x[warp * 64 + c];
    y[warp * 63 + c] = value;  // expect: race.global-write-write
  }
}
