// kverify: expect=refuted kernel=doubled block=32 grid=1
// The last element is not stored before the structure is returned again.
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
  for (int i = 0; i < 3; ++i)
    mine.element[i].value = 2 * x[i];
  return mine;  // expect: init.local-read
}

__global__ void doubled(const short* __restrict__ x, short4* __restrict__ y) {
  const int t = threadIdx.x;
  Row mine = doubledRow(x + 4 * t);
  y[t] = *reinterpret_cast<short4*>(mine.element);
}
