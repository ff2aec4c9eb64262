#pragma once
// The subcommand `init`.
#include "cli/subcommand.h"

namespace kverify::cli {

void addInit(CLI::App& app, Action& chosen);

} // namespace kverify::cli
