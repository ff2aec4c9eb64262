// kverify: expect=refuted kernel=smooth block=64 grid=3
// A window of three in place: the neighbour's block may have written its first element already.
__global__ void smooth(float* x) {
  const int i = blockIdx.x * 64 + threadIdx.x;
  const float right = x[i + 1];  // expect: race.blocks-read-write
  const float own = x[i];
  __syncthreads();
  x[i] = 0.5f * (own + right);  // expect: race.blocks-read-write
}
