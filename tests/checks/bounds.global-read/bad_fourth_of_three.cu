// kverify: expect=refuted kernel=heights contract
// Points of three floats are read as four. Nobody asks for the fourth, which behind the last point is not there.
struct Point {
  float x, y, z, w;
};

__global__ void heights(const float* __restrict__ points, float* __restrict__ z, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const Point p = *reinterpret_cast<const Point*>(points + 3 * i);  // expect: bounds.global-read
  z[i] = p.z;
}
