// kverify: expect=refuted kernel=turned block=32 grid=1
// Points lie in shared memory. One of their fields is never stored.
struct alignas(16) Point {
  float x, y, z;
};

__global__ void turned(const float* __restrict__ x, Point* __restrict__ y) {
  __shared__ Point tile[32];
  const int t = threadIdx.x;
  tile[t].x = x[2 * t];
  tile[t].y = x[2 * t + 1];
  __syncthreads();
  Point point = tile[31 - t];  // expect: init.shared-read
  point.x += 1.0f;
  y[t] = point;
}
