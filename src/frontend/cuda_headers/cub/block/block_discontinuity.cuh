// Nothing that block_shuffle.cuh does not have.
#pragma once
#pragma GCC system_header
#include "block_shuffle.cuh"
