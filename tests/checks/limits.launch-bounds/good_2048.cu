// kverify: expect=inconclusive stages=static
__global__ void __launch_bounds__(1024, 2) fill(float* y) { y[threadIdx.x] = 0.0f; }
__global__ void __launch_bounds__(128) fill_more(float* y) { y[threadIdx.x] = 0.0f; }
template <int Threads>
__global__ void __launch_bounds__(Threads, 8) fill_some(float* y) { y[threadIdx.x] = 0.0f; }
void run(float* y) { fill_some<256><<<1, 256>>>(y); }
