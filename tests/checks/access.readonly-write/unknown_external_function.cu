// kverify: expect=inconclusive kernel=normalise contract
// Whether the function in another file writes through the pointer cannot be seen here.
extern __device__ float rowMax(float* row, int n);

__global__ void normalise(float* q, float* __restrict__ o, int n) {
  const float row_max = rowMax(q, n);
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) o[i] = q[i] - row_max;
}
