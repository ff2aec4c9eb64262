#pragma once
// Values of flags, read with errors that say what would have been right.
#include <string>

#include "cli/pipeline/audit.h"
#include "frontend/compile.h"
#include "kverify/error.h"
#include "kverify/launch.h"

namespace kverify::cli {

/// "128", "16,16", "8,8,2" (or x for the comma). `flag` is for the message.
Expected<Dim3> parseDim(const std::string& text, const std::string& flag);

/// "90", "90s", "10m", "1h" in seconds; "" is 0.
Expected<double> parseDuration(const std::string& text, const std::string& flag);

/// "auto" (SearchBudget's defaults), "200" (cases), "30s" (time), "0" (no search).
Expected<pipeline::SearchBudget> parseSearchBudget(const std::string& text, const std::string& flag);

/// "auto", "builtin", "toolkit".
Expected<frontend::CudaHeaders> parseHeaders(const std::string& text);

/// Whether NO_COLOR is set and not empty (no-color.org): then nothing is coloured unless a flag asks for it.
bool noColor();

/// always, never, or auto: stdout is a terminal and there is no noColor().
bool wantsColor(const std::string& choice);

} // namespace kverify::cli
