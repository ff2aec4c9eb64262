// kverify: expect=inconclusive stages=static
// A template that nobody instantiates: its bounds are open.
template <int Threads>
__global__ void __launch_bounds__(Threads, 8) fill(float* y) { y[threadIdx.x] = 0.0f; }
__global__ void other(float* y) { y[0] = 0.0f; }
