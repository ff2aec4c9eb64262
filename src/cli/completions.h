#pragma once
// Completion scripts for shells, written from the command tree.
#include <string>

#include "cli/command_tree.h"

namespace kverify::cli {

/// A bash script that defines the function _kverify and registers it (`complete -F _kverify kverify`).
std::string bashCompletions(const Command& program);

/// A zsh function file (`#compdef kverify`) for a folder of $fpath, where it is called _kverify.
std::string zshCompletions(const Command& program);

/// A fish script for one of fish's completion folders, where it is called kverify.fish.
std::string fishCompletions(const Command& program);

/// The text as one word of a POSIX shell: in single quotes.
std::string shellQuoted(const std::string& text);

/// The first sentence-like part of a summary, for a menu of a shell: at most `limit` bytes, never within a character.
std::string shortened(const std::string& summary, std::size_t limit = 80);

} // namespace kverify::cli
