// What an extension includes; here it is all that the shims have.
#pragma once
#pragma GCC system_header
#include "../kverify_torch/all.h"
