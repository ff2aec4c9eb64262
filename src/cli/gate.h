#pragma once
// kverify gate on the command line; see subcommand.h.
#include "cli/subcommand.h"

namespace kverify::cli {

void addGate(CLI::App& app, Action& chosen);

} // namespace kverify::cli
