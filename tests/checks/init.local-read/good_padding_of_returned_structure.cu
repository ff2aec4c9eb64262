// kverify: expect=certified kernel=doubled block=32 grid=1
// Elements are stored between one return and the next. Behind them lie bytes that only the structure's alignment asks for.
struct Number {
  short value;
};

struct alignas(16) Row {
  Number element[4];
  __device__ Row() {}
};

__device__ Row row() {
  return Row();
}

__device__ Row doubledRow(const short* __restrict__ x) {
  Row mine = row();
  for (int i = 0; i < 4; ++i)
    mine.element[i].value = 2 * x[i];
  return mine;
}

__global__ void doubled(const short* __restrict__ x, short4* __restrict__ y) {
  const int t = threadIdx.x;
  Row mine = doubledRow(x + 4 * t);
  y[t] = *reinterpret_cast<short4*>(mine.element);
}
