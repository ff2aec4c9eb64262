// kverify: expect=refuted kernel=fragment block=32 grid=1
// A view of a local array does not know how many elements it has.
struct View {
  int stride;
  float* data;
  __device__ float& operator[](int i) const { return data[i * stride]; }
};

__global__ void fragment(const float* __restrict__ x, float* __restrict__ y) {
  const int t = threadIdx.x;
  float four[4] = {x[t], x[t + 32], x[t + 64], x[t + 96]};
  const View view{2, four};
  y[t] = view[2];  // expect: bounds.local
}
