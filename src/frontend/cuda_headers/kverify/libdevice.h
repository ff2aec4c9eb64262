// Declarations of NVIDIA's libdevice: the names that both kinds of headers call for mathematics.
#pragma once
#include <__clang_cuda_libdevice_declares.h>
