// Cross-entropy of every row of logits [rows, classes] against its label, and the gradient of the losses' sum:
//   loss = log sum exp(x) - x[label],   dlogits = softmax(x) - onehot(label);   0 where the label is `ignore`.
// A block a row, in three passes (maximum, sum, gradient) with tree reductions in shared memory.
//
// Block kThreads, grid rows.
#include <cstdint>

constexpr int kThreads = 128; // a power of two, for the reductions

__global__ void __launch_bounds__(kThreads)
    cross_entropy_row_block(const float* __restrict__ logits, const int* __restrict__ labels, float* __restrict__ loss,
                            float* __restrict__ dlogits, int classes, int ignore) {
  __shared__ float scratch[kThreads];

  const int t = static_cast<int>(threadIdx.x);
  const float* row = logits + static_cast<std::int64_t>(blockIdx.x) * classes;
  float* gradient = dlogits + static_cast<std::int64_t>(blockIdx.x) * classes;
  const int label = labels[blockIdx.x];
  const bool counts = label != ignore; // the same for the whole block, which meets every barrier all the same

  float value = -INFINITY;
  for (int j = t; j < classes; j += kThreads)
    value = fmaxf(value, row[j]);
  scratch[t] = value;
  __syncthreads();
  for (int half = kThreads / 2; half > 0; half /= 2) {
    if (t < half)
      scratch[t] = fmaxf(scratch[t], scratch[t + half]);
    __syncthreads();
  }
  const float row_max = scratch[0];
  __syncthreads(); // everyone has read the maximum: the array may hold sums now

  float sum = 0.0f;
  for (int j = t; j < classes; j += kThreads)
    sum += expf(row[j] - row_max);
  scratch[t] = sum;
  __syncthreads();
  for (int half = kThreads / 2; half > 0; half /= 2) {
    if (t < half)
      scratch[t] += scratch[t + half];
    __syncthreads();
  }
  const float total = scratch[0];

  for (int j = t; j < classes; j += kThreads) {
    const float p = expf(row[j] - row_max) / total;
    gradient[j] = counts ? (j == label ? p - 1.0f : p) : 0.0f;
  }
  if (t == 0)
    loss[blockIdx.x] = counts ? row_max + logf(total) - row[label] : 0.0f;
}
