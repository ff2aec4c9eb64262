// kverify: expect=inconclusive stages=static
// The difference is in a function that merges two states: by reference, and by value; and behind a mask that is loaded.
struct State {
  float most, sum;
};
__device__ void merge(float& most, float& sum, float other_most, float other_sum) {
  float both = fmaxf(most, other_most);
  sum = sum * expf(most - both) + other_sum * expf(other_most - both);   // expect: numerics.inf-minus-inf
  most = both;
}
__device__ State combine(State a, State b) {
  State both;
  both.most = fmaxf(a.most, b.most);
  both.sum = a.sum * expf(a.most - both.most) + b.sum * expf(b.most - both.most);   // expect: numerics.inf-minus-inf
  return both;
}
__global__ void byReference(const float* x, float* y, int n) {
  float most = -INFINITY, sum = 0.0f;
  for (int j = threadIdx.x; j < n; j += blockDim.x) merge(most, sum, x[j], 1.0f);
  for (int offset = 16; offset > 0; offset >>= 1)
    merge(most, sum, __shfl_xor_sync(0xffffffffu, most, offset), __shfl_xor_sync(0xffffffffu, sum, offset));
  y[threadIdx.x] = most + logf(sum);
}
__global__ void byValue(const float* x, float* y, int n) {
  State state{-INFINITY, 0.0f};
  for (int j = threadIdx.x; j < n; j += 128) state = combine(state, State{x[j], 1.0f});
  for (int offset = 16; offset > 0; offset >>= 1)
    state = combine(state, State{__shfl_xor_sync(0xffffffffu, state.most, offset),
                                 __shfl_xor_sync(0xffffffffu, state.sum, offset)});
  y[threadIdx.x] = state.sum;
}
__global__ void masked(const float* x, const float* mask, float* y, int n) {
  float most = -INFINITY, sum = 0.0f;
  for (int j = 0; j < n; ++j) {
    float score = mask[j] > 0.0f ? x[j] : -INFINITY;
    float now = fmaxf(most, score);
    sum = sum * expf(most - now) + expf(score - now);          // expect: numerics.inf-minus-inf
    most = now;
  }
  y[threadIdx.x] = most + logf(sum);
}
