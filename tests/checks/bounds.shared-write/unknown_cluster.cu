// kverify: expect=inconclusive kernel=push target=sm_90 block=128 grid=1
// Writes into another block's shared memory through a cluster (needs sm_90), which is not modelled.
__global__ void push(const float* __restrict__ x, float* __restrict__ y) {
  __shared__ float tile[128];
  const int t = threadIdx.x;
  tile[t] = 0.0f;
  const unsigned own = static_cast<unsigned>(__cvta_generic_to_shared(&tile[t]));
  unsigned remote;
  asm volatile("mapa.shared::cluster.u32 %0, %1, %2;" : "=r"(remote) : "r"(own), "r"(1));
  asm volatile("st.shared::cluster.f32 [%0], %1;" ::"r"(remote), "f"(x[t]) : "memory");
  y[t] = tile[t];
}
