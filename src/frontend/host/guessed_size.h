#pragma once
// Sizes that host code says nothing about.
#include "frontend/host/facts.h"
#include "frontend/host/term.h"

namespace kverify::frontend::host {

/// What is tried for a size is guessed; on a way that only other values take, it is those next to its condition.
void goesThisWay(HostSize& size, const Term& condition);

} // namespace kverify::frontend::host
