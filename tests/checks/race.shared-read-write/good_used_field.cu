// kverify: expect=certified kernel=passed_on block=32 grid=1
// The first fields of pairs are read while their owners set the second.
struct Pair {
  float first, second;
};

__global__ void passed_on(const float* __restrict__ x, float* __restrict__ y) {
  __shared__ Pair pairs[32];
  const int t = threadIdx.x;
  pairs[t].first = x[t];
  pairs[t].second = 0.0f;
  __syncthreads();
  const Pair* next = &pairs[(t + 1) % 32];
  const float first = next->first;
  pairs[t].second = first;
  __syncthreads();
  y[t] = next->second;
}
