// Declarations of NVIDIA's libdevice: the names that both kinds of headers call for mathematics.
#pragma once
#pragma GCC system_header
#include <__clang_cuda_libdevice_declares.h>
