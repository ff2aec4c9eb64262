// Nothing that cublas_v2.h does not have.
#pragma once
#pragma GCC system_header
#include "cublas_v2.h"
