// Types of the driver's functions, for those who look them up at run time.
#pragma once
#pragma GCC system_header
#include "cuda.h"

typedef decltype(&cuTensorMapEncodeTiled) PFN_cuTensorMapEncodeTiled;
typedef decltype(&cuTensorMapEncodeTiled) PFN_cuTensorMapEncodeTiled_v12000;
typedef decltype(&cuTensorMapEncodeIm2col) PFN_cuTensorMapEncodeIm2col;
typedef decltype(&cuTensorMapEncodeIm2col) PFN_cuTensorMapEncodeIm2col_v12000;
typedef decltype(&cuGetErrorString) PFN_cuGetErrorString;
typedef decltype(&cuGetErrorName) PFN_cuGetErrorName;
typedef decltype(&cuLaunchKernel) PFN_cuLaunchKernel;
