// kverify: expect=certified kernel=turned block=32 grid=1
// Points lie in shared memory. Copying one copies the word behind its fields, too, which nobody stored.
struct alignas(16) Point {
  float x, y, z;
};

__global__ void turned(const float* __restrict__ x, Point* __restrict__ y) {
  __shared__ Point tile[32];
  const int t = threadIdx.x;
  tile[t].x = x[3 * t];
  tile[t].y = x[3 * t + 1];
  tile[t].z = x[3 * t + 2];
  __syncthreads();
  Point point = tile[31 - t];
  point.x += 1.0f;
  y[t] = point;
}
