// Nothing that curand_kernel.h does not have.
#pragma once
#pragma GCC system_header
#include "curand_kernel.h"
