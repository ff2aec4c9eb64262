// kverify: expect=refuted kernel=passed_on block=32 grid=1
// Pairs are read whole, for their first field, while their owners set the second. That the second is read again behind the
// barrier makes the first read no other.
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
  const Pair pair = *next;        // expect: race.shared-read-write
  pairs[t].second = pair.first;   // expect: race.shared-read-write
  __syncthreads();
  y[t] = next->second;
}
