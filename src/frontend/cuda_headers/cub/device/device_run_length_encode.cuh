// Nothing that kverify_device.h does not have.
#pragma once
#pragma GCC system_header
#include "kverify_device.h"
