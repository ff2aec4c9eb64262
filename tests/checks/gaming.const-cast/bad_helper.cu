// kverify: expect=inconclusive stages=static
// A function that casts for others, and assembly that does not care.
template <class T> __device__ T* mutableOf(const T* p) {
  return const_cast<T*>(p);                                    // expect: gaming.const-cast
}
__global__ void byHelper(const float* x, float* y, int n) {
  int i = threadIdx.x;
  if (i < n) {
    y[i] = x[i];
    mutableOf(x)[i] = 0.0f;
  }
}
__global__ void byAssembly(const float* x, float* y) {
  y[threadIdx.x] = x[threadIdx.x];
  asm volatile("st.global.f32 [%0], %1;" ::"l"(x + threadIdx.x), "f"(0.0f));   // expect: gaming.const-cast
}
