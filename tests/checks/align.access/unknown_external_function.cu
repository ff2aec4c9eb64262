// kverify: expect=inconclusive kernel=unpack block=128 grid=1
// How the function in another file loads from the address cannot be seen here.
extern __device__ float4 loadPacked(const float* from);

__global__ void unpack(const float* __restrict__ x, float* __restrict__ y) {
  const float4 value = loadPacked(x + 3 * threadIdx.x);
  y[threadIdx.x] = value.x + value.y + value.z + value.w;
}
