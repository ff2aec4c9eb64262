// kverify: expect=certified kernel=copies block=32 grid=1
// As large as a vector, but four floats: the tile's alignment is no demand on what it is copied to.
struct Quad {
  float element[4];
};

__global__ void copies(const Quad* __restrict__ x, Quad* __restrict__ y) {
  __shared__ __align__(16) Quad tile[32];
  __shared__ float apart[1];
  __shared__ Quad last;
  const int t = threadIdx.x;
  tile[t] = x[t];
  __syncthreads();
  if (t == 0) {
    apart[0] = tile[0].element[0];
    last = tile[31];
    last.element[0] = apart[0];
    y[0] = last;
  }
}
