#pragma once
// Which outputs are written, over all launches of a contract.
#include "verifier/checks/context.h"

namespace kverify::verifier {

void checkWritten(Context& context);

} // namespace kverify::verifier
