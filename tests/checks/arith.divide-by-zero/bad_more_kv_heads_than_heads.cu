// kverify: expect=refuted kernel=kv_heads_of contract
// The key-value head of each query head, under grouped queries; with more key-value heads than heads the group is 0.
__global__ void kv_heads_of(int* __restrict__ y, int heads, int kv_heads) {
  const int head = threadIdx.x;
  if (head >= heads) return;
  const int group = heads / kv_heads;
  const int kv_head = head / group;  // expect: arith.divide-by-zero
  y[head] = kv_head;
}
