// kverify: expect=certified kernel=kv_heads_of contract
// The key-value head of each query head, under grouped queries.
__global__ void kv_heads_of(int* __restrict__ y, int heads, int kv_heads) {
  const int head = threadIdx.x;
  if (head >= heads) return;
  const int group = heads / kv_heads;
  const int kv_head = head / group;
  y[head] = kv_head;
}
