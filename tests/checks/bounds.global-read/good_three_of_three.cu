// kverify: expect=certified kernel=heights contract
// Points of three floats are read as three.
struct Point {
  float x, y, z;
};

__global__ void heights(const float* __restrict__ points, float* __restrict__ z, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const Point p = *reinterpret_cast<const Point*>(points + 3 * i);
  z[i] = p.z;
}
