// kverify: expect=certified kernel=pairs block=32 grid=1
// The structure is aligned for sixteen bytes. A pair of its elements needs eight, where it comes from and where it goes.
struct alignas(16) Row {
  int element[4];
};

__global__ void pairs(const int* __restrict__ x, int2* __restrict__ y) {
  const int t = threadIdx.x;
  Row mine;
  for (int i = 0; i < 4; ++i)
    mine.element[i] = x[4 * t + i];
  y[t] = *reinterpret_cast<int2*>(mine.element);
}
