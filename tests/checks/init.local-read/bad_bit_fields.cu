// kverify: expect=refuted kernel=packed block=32 grid=1
// The last entry is never set.
struct Entry {
  unsigned row : 5;
  unsigned column : 11;
  unsigned count : 16;
};

__global__ void packed(const int* __restrict__ x, int* __restrict__ y) {
  const int t = threadIdx.x;
  Entry entries[4];
  for (int i = 0; i < 3; ++i) {
    entries[i].row = i;
    entries[i].column = x[4 * t + i];
    entries[i].count = 1;
  }
  y[t] = entries[t % 4].column;  // expect: init.local-read
}
