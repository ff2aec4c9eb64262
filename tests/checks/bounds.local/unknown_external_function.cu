// kverify: expect=inconclusive kernel=smooth block=128 grid=1
// The function that fills the array is in another file: how far it writes cannot be seen here.
extern __device__ void fillTaps(float* taps, int count);

__global__ void smooth(const float* __restrict__ x, float* __restrict__ y) {
  float taps[4];
  fillTaps(taps, 4);
  float sum = 0.0f;
  for (int i = 0; i < 4; ++i) sum += taps[i] * x[threadIdx.x + i];
  y[threadIdx.x] = sum;
}
