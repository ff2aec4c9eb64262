// kverify: expect=refuted kernel=find_first contract
// Clears an entry of the table as a mark that it was seen; the table belongs to the caller.
__global__ void find_first(int* table, const float* __restrict__ x, float* __restrict__ y, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const int page = table[i];
  y[i] = x[page];
  table[i] = -1;  // expect: access.readonly-write
}
