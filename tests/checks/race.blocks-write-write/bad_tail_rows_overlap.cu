// kverify: expect=refuted kernel=last_rows contract
// The last tile is pulled back to end at the last row, so that it overlaps the tile before; both blocks store there.
__global__ void last_rows(const float* __restrict__ x, float* __restrict__ y, int rows) {
  const int first = min(static_cast<int>(blockIdx.x) * 32, rows - 32);
  const float value = x[first + threadIdx.x] + static_cast<float>(blockIdx.x);
  y[first + threadIdx.x] = value;  // expect: race.blocks-write-write
}
