// kverify: expect=certified kernel=best block=32 grid=1
// Every field is stored. Assignment copies the bytes between and behind them, too: nobody has to initialise those.
struct Candidate {
  bool valid;
  int index;
};
struct alignas(16) Point {
  float x, y, z;
};

__device__ Candidate candidate(float value, int index) {
  Candidate made;
  made.valid = value > 0.0f;
  made.index = index;
  return made;
}

__global__ void best(const float* __restrict__ x, Candidate* __restrict__ found, Point* __restrict__ points) {
  const int t = threadIdx.x;
  found[t] = candidate(x[t], t);
  Point corners[2];
  for (int i = 0; i < 2; ++i) {
    corners[i].x = x[t];
    corners[i].y = corners[i].z = (float)i;
  }
  points[t] = corners[x[t] > 0.0f];
}
