// Nothing that ../kverify_base.h does not have.
#pragma once
#pragma GCC system_header
#include "../kverify_base.h"
