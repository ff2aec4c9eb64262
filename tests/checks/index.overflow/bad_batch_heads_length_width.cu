// kverify: expect=refuted contract stages=formal
// B*H*N*D in int, the classic: it wraps where the tensors take more than 4 GiB, and no test has memory for that. One block
// of the launch that the proof failed at shows it.
__global__ void scaleHeads(const unsigned short* __restrict__ q, unsigned short* __restrict__ o, int heads, int length,
                           int width) {
  const int head = blockIdx.y % heads, batch = blockIdx.y / heads;
  for (int n = threadIdx.x; n < length; n += blockDim.x)
    for (int d = 0; d < width; ++d) {
      const int at = ((batch * heads + head) * length + n) * width + d;  // expect: index.overflow
      o[at] = q[at];
    }
}
