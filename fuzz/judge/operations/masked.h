#pragma once
#include "fuzz/judge/operation_run.h"
#include "fuzz/oracle/masked_row.h"

namespace kverify::judge {

/// The option masked_rows, which the spec must have.
oracle::MaskedRow readMaskedRow(const OperationRun& run);

} // namespace kverify::judge
