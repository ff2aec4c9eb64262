#pragma once
// Manual pages (man(7) macros), written from the command tree.
#include <string>

#include "cli/command_tree.h"

namespace kverify::cli {

/// kverify(1): what there is, environment, files, exit codes.
std::string programPage(const Command& program);

/// kverify-NAME(1), of one subcommand.
std::string commandPage(const Command& program, const Command& command);

/// Text with everything that roff would read as its own escaped; what is not ASCII becomes \[uXXXX].
std::string roffText(const std::string& text);

} // namespace kverify::cli
