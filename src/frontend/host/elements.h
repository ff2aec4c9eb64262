#pragma once
// The types of elements, as c10::ScalarType names them and as contracts do.
#include <string>

#include "kverify/dtype.h"

namespace kverify::frontend::host {

/// "f32" of "Float"; "" where contracts have no such type.
const char* dtypeOf(const std::string& element);
/// "Float" of F32.
const char* elementOf(DType type);

} // namespace kverify::frontend::host
