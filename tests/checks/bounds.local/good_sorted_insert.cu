// kverify: expect=certified kernel=top_two block=64 grid=1
// The two largest elements of a row, kept sorted in a local array.
__global__ void top_two(const float* __restrict__ x, float* __restrict__ y, int n) {
  float best[2] = {-INFINITY, -INFINITY};
  const float* row = x + threadIdx.x * n;
  for (int j = 0; j < n; ++j) {
    int at = 2;
    while (at > 0 && row[j] > best[at - 1]) --at;
    for (int i = 1; i > at; --i) best[i] = best[i - 1];
    if (at < 2) best[at] = row[j];
  }
  y[2 * threadIdx.x] = best[0];
  y[2 * threadIdx.x + 1] = best[1];
}
