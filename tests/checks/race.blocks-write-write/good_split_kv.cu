// kverify: expect=certified kernel=split_kv block=32 grid=4
// Each block has a chunk of the keys and a row of the partial results.
__global__ void split_kv(const float* __restrict__ p, const float* __restrict__ v, float* __restrict__ o, int n) {
  const int c = threadIdx.x;
  float sum = 0.0f;
  for (int j = blockIdx.x * 16; j < blockIdx.x * 16 + 16 && j < n; ++j) sum += p[j] * v[j * 32 + c];
  o[blockIdx.x * 32 + c] = sum;
}
