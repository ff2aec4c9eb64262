// kverify: expect=refuted kernel=row_sums contract
// Sums the elements of each row four at a time, also where rows do not start at a multiple of 16 bytes.
__global__ void row_sums(const float* __restrict__ x, float* __restrict__ y, int n) {
  const float* row = x + blockIdx.x * n;
  float sum = 0.0f;
  for (int j = 0; j + 4 <= n; j += 4) {
    const float4 value = *reinterpret_cast<const float4*>(row + j);  // expect: align.access
    sum += value.x + value.y + value.z + value.w;
  }
  for (int j = n / 4 * 4; j < n; ++j) sum += row[j];
  y[blockIdx.x] = sum;
}
