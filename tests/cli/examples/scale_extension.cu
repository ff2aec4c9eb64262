// A torch extension: y = s x, and one element too many is read and written.
#include <torch/extension.h>

__global__ void scale_kernel(const float* x, float* y, float s, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i <= n) y[i] = s * x[i];
}

torch::Tensor scale(torch::Tensor x, double s) {
  auto y = torch::empty_like(x);
  int n = x.numel();
  scale_kernel<<<n / 256 + 1, 256>>>(x.data_ptr<float>(), y.data_ptr<float>(), s, n);
  return y;
}

PYBIND11_MODULE(TORCH_EXTENSION_NAME, m) { m.def("scale", &scale); }
