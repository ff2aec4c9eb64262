#pragma once
// The tools that a model is offered: what each takes and gives, which command it is, and what the command's output means.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/child/child.h"
#include "kverify/error.h"

namespace kverify::mcp {

using Json = nlohmann::ordered_json;

/// A folder for kernels that come as text. Made when first needed, gone with the server.
class Workspace {
public:
  ~Workspace();
  /// A fresh folder in it. Errors: Environment.
  Expected<std::string> next();

private:
  std::string path_;
  unsigned number_ = 0;
};

/// What a call comes to: a command to run, or an answer that is there at once.
struct Plan {
  std::vector<std::string> command; ///< empty: `answer`
  double seconds = 0;               ///< the command is ended then; 0 = never
  Json answer;
};

/// Entries of tools/list.
Json toolList();
bool isTool(const std::string& name);

/// Errors: Input (arguments that do not fit, no such check), Environment. They are the model's to read.
Expected<Plan> planOf(const std::string& tool, const Json& arguments, Workspace& workspace);

/// A CallToolResult of a command that is over. A refuted kernel is a result like any other; only what gave no judgement
/// is an error.
Json resultOf(const std::string& tool, const cli::Child& child);

/// A CallToolResult that says in words why there is none.
Json failureOf(const std::string& why);

/// A sentence with its place and hint, as the command line prints it.
std::string textOf(const ToolError& error);

} // namespace kverify::mcp
