// kverify: expect=certified kernel=packed block=32 grid=1
// Setting a bit-field leaves the other bits of its word as they are, so it reads them: nobody's use of them.
struct Entry {
  unsigned row : 5;
  unsigned column : 11;
  unsigned count : 16;
};

__global__ void packed(const int* __restrict__ x, int* __restrict__ y) {
  const int t = threadIdx.x;
  Entry entries[4];
  for (int i = 0; i < 4; ++i) {
    entries[i].row = i;
    entries[i].column = x[4 * t + i];
    entries[i].count = 1;
  }
  y[t] = entries[t % 4].column + entries[x[t] & 3].count;
}
