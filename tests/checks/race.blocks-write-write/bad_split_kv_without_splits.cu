// kverify: expect=refuted kernel=split_kv block=32 grid=4
// Each block has a chunk of the keys, and all store their partial result in the same place: the split is missing from
// the index.
__global__ void split_kv(const float* __restrict__ p, const float* __restrict__ v, float* __restrict__ o, int n) {
  const int c = threadIdx.x;
  float sum = 0.0f;
  for (int j = blockIdx.x * 16; j < blockIdx.x * 16 + 16 && j < n; ++j) sum += p[j] * v[j * 32 + c];
  o[c] = sum;  // expect: race.blocks-write-write
}
