// kverify: expect=inconclusive kernel=consume target=sm_90 contract
// Waits for the launch before it to finish (programmatic dependent launch, sm_90): what that one has written by then is
// not modelled.
__global__ void consume(const float* __restrict__ partial, float* __restrict__ y, int n) {
  asm volatile("griddepcontrol.wait;" ::: "memory");
  const int i = threadIdx.x;
  if (i < n) y[i] = partial[i];
}
