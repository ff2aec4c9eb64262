// kverify: expect=inconclusive stages=static
// Alignment may be asked for, two arguments may be compared, and a scale of one may be skipped.
__global__ void copy(const float* x, float* y, const float* scale) {
  if (reinterpret_cast<unsigned long long>(x) % 16 == 0 && x != y)
    y[threadIdx.x] = scale[0] == 1.0f ? x[threadIdx.x] : x[threadIdx.x] * scale[0];
}
