// kverify: expect=inconclusive kernel=consume target=sm_90 block=64 grid=2
// Tells the next launch that it may start (programmatic dependent launch, sm_90), then goes on writing: an order
// between launches that is not modelled.
__global__ void consume(const float* __restrict__ x, float* __restrict__ y) {
  const int i = blockIdx.x * 64 + threadIdx.x;
  asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
  y[i] = x[i];
}
