// kverify: expect=inconclusive kernel=filled block=128 grid=1
// Whether the function in another file fills the array cannot be seen here.
extern __device__ void loadRow(float (&row)[4], const float* from);

__global__ void filled(const float* __restrict__ x, float* __restrict__ y) {
  float row[4];
  loadRow(row, x + 4 * threadIdx.x);
  y[threadIdx.x] = row[0] + row[1] + row[2] + row[3];
}
