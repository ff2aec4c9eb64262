// kverify: expect=refuted kernel=shift_left block=32 grid=1
// In place: the row is overwritten while the asynchronous copies still read it.
__global__ void shift_left(float* x) {
  __shared__ float row[32];
  const int t = threadIdx.x;
  const unsigned to = static_cast<unsigned>(__cvta_generic_to_shared(&row[t]));
  asm volatile("cp.async.ca.shared.global [%0], [%1], 4;" ::"r"(to), "l"(x + t));  // expect: race.async-copy
  __syncthreads();
  x[t] = 0.0f;  // expect: race.async-copy
  asm volatile("cp.async.wait_all;" ::: "memory");
  __syncthreads();
  x[t] += row[31 - t];
}
