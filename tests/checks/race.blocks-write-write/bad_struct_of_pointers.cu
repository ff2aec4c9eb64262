// kverify: expect=refuted kernel=scale_rows block=64 grid=4
// The views come in a struct. Only the thread's own index is used for the output: every block writes the same 64
// elements, as soon as there are more than 64.
struct View {
  float *data;
  int count;
};

struct Params {
  View out;
  const float *in[2];
  float factor;
};

__global__ void scale_rows(Params p) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i <= p.out.count)
    p.out.data[threadIdx.x] = p.factor * (p.in[0][i] + p.in[1][i]); // expect: race.blocks-write-write
}
