// kverify: expect=inconclusive kernel=neighbour target=sm_90 block=128 grid=1
// Reads another block's shared memory through a cluster (needs sm_90), which is not modelled.
__global__ void neighbour(const float* __restrict__ x, float* __restrict__ y) {
  __shared__ float tile[128];
  const int t = threadIdx.x;
  tile[t] = x[t];
  const unsigned own = static_cast<unsigned>(__cvta_generic_to_shared(&tile[t]));
  unsigned remote;
  float value;
  asm volatile("mapa.shared::cluster.u32 %0, %1, %2;" : "=r"(remote) : "r"(own), "r"(1));
  asm volatile("ld.shared::cluster.f32 %0, [%1];" : "=f"(value) : "r"(remote) : "memory");
  y[t] = value;
}
