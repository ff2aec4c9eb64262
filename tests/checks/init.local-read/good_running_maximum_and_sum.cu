// kverify: expect=certified kernel=softmax_sums block=32 grid=1
// The state's constructor sets all that its update reads.
struct State {
  float maximum, sum;
  float scores[30];
  __device__ State() : maximum(-1e30f), sum(0.0f) {}
  __device__ void add(float score) {
    const float above = fmaxf(maximum, score);
    sum = sum * expf(maximum - above) + expf(score - above);
    maximum = above;
  }
};

__global__ void softmax_sums(const float* __restrict__ x, float* __restrict__ y) {
  const int t = threadIdx.x;
  State state;
  state.scores[0] = x[2 * t];
  state.scores[1] = x[2 * t + 1];
  state.add(state.scores[0]);
  state.add(state.scores[1]);
  y[t] = state.sum;
}
