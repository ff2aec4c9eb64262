// kverify: expect=refuted kernel=best block=32 grid=1
// The index of a candidate is not stored before the whole is.
struct Candidate {
  bool valid;
  int index;
};
struct alignas(16) Point {
  float x, y, z;
};

__global__ void best(const float* __restrict__ x, Candidate* __restrict__ found, Point* __restrict__ points) {
  const int t = threadIdx.x;
  Candidate mine;  // expect: init.local-read
  mine.valid = x[t] > 0.0f;
  found[t] = mine;
  Point point;
  point.x = x[t];
  point.y = point.z = 0.0f;
  points[t] = point;
}
