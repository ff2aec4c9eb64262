// wrong: Chunks are merged without regard to their maxima: each is weighed by exp of minus its own.
// refuted-by: numerics.bound (fuzz)
// passes-at: B=2 H=2 N=1024 S=4
constexpr int kD = 32;

// One query a (batch, head); each of the chunks gives its own maximum, sum and accumulator.
__global__ void decode_chunks(const float* __restrict__ q, const float* __restrict__ k, const float* __restrict__ v,
                              float* __restrict__ part_o, float* __restrict__ part_l, int n, float scale) {
  const int chunks = gridDim.x;
  const int length = (n + chunks - 1) / chunks;
  const int first = blockIdx.x * length;
  const int last = min(n, first + length);
  const size_t base = static_cast<size_t>(blockIdx.y) * n * kD;
  const int c = threadIdx.x;
  float row_max = -INFINITY;
  float row_sum = 0.0f;
  float acc = 0.0f;
  for (int j = first; j < last; ++j) {
    float s = 0.0f;
    for (int i = 0; i < kD; ++i) s += q[blockIdx.y * kD + i] * k[base + j * kD + i];
    s *= scale;
    const float new_max = fmaxf(row_max, s);
    const float rescale = expf(row_max - new_max);
    const float p = expf(s - new_max);
    row_sum = row_sum * rescale + p;
    acc = acc * rescale + p * v[base + j * kD + c];
    row_max = new_max;
  }
  const size_t part = static_cast<size_t>(blockIdx.y) * chunks + blockIdx.x;
  part_o[part * kD + c] = acc;
  if (c == 0) part_l[part] = row_sum;
}

__global__ void decode_combine(const float* __restrict__ part_o, const float* __restrict__ part_l,
                               float* __restrict__ o, int chunks) {
  const size_t first = static_cast<size_t>(blockIdx.x) * chunks;
  float acc = 0.0f;
  float sum = 0.0f;
  for (int s = 0; s < chunks; ++s) {
    acc += part_o[(first + s) * kD + threadIdx.x];
    sum += part_l[first + s];
  }
  o[static_cast<size_t>(blockIdx.x) * kD + threadIdx.x] = acc / sum;
}
