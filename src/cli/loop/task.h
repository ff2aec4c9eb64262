#pragma once
// What every proposal has to solve. A proposer that could choose the sizes, the tolerances or the operation would soon have a
// kernel that is fast and certified and of no use; so all of a contract is given but how the kernel is launched.
#include <string>

#include <nlohmann/json.hpp>

#include "kverify/error.h"

namespace kverify::loop {

using Json = nlohmann::ordered_json;

struct Task {
  std::string spec_name; ///< as contracts name it: "softmax", or an absolute path that ends in ".json"
  Json spec;             ///< its document
  Json contract;         ///< that all proposals share; null until the first certified proposal gives it
};

/// A built-in spec by name, or one from a file. Errors: Input, with near names.
Expected<Task> taskOf(const std::string& name_or_path);

/// A contract's text (comments are allowed), held against the task: the operation must be the task's (it is filled in where
/// it is missing), and where the task has a contract all must be equal but `launches` and temporary tensors. Errors: Input,
/// with what differs.
Expected<Json> contractFor(const Task& task, const std::string& path, const std::string& text);

} // namespace kverify::loop
