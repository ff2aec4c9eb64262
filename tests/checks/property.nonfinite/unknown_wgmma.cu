// kverify: expect=inconclusive kernel=attention target=sm_90 contract
// The product by wgmma (sm_90a), which is not modelled.
__global__ void attention(const float* q, const float* k, const float* v,
                          float* o, int n_q, int n_k, float scale) {
  asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
  asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
  asm volatile("wgmma.wait_group.sync.aligned 0;" ::: "memory");
  const int row = blockIdx.x * blockDim.x + threadIdx.x;
  if (row >= n_q) return;
  for (int c = 0; c < 16; ++c) o[row * 16 + c] = v[c] * scale;
}
