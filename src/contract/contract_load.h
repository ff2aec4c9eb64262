#pragma once
// The readers of a contract's parts; each reports through its cursor.
#include <string>
#include <vector>

#include "contract/json_document.h"
#include "kverify/contract.h"

namespace kverify::contract {

/// A name that the expression language can say, and that is not one of its own words.
void expectIdentifier(const JsonCursor& at);

/// {"dtype": …, "shape": …}; role and axes are settled against the spec, which may be null.
TensorDecl readTensor(const JsonCursor& at, const std::vector<std::string>& size_names, const Spec* spec);

OptionValue readOptionValue(const JsonCursor& at, const std::vector<std::string>& size_names, const Spec* spec);

/// `contract` has its sizes and tensors already.
LaunchDecl readLaunch(const JsonCursor& at, const std::vector<std::string>& size_names, const Contract& contract);

Precision readPrecision(const JsonCursor& at, const std::vector<std::string>& size_names);

} // namespace kverify::contract
