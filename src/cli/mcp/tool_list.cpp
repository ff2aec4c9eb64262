#include "cli/mcp/tool_list.h"

#include "cli/mcp/feedback_schema.h"

namespace kverify::mcp {
namespace {

Json text(const char* description) {
  return {{"type", "string"}, {"description", description}};
}

Json list(const char* description) {
  return {{"type", "array"}, {"items", {{"type", "string"}}}, {"description", description}};
}

Json auditInput() {
  Json require = text("what it takes to be certified: tests (default), proof of all that can be proved, or unbounded-proof");
  require["enum"] = {"tests", "proof", "unbounded-proof"};
  return {{"type", "object"},
          {"additionalProperties", false},
          {"properties",
           {{"path", text("a .cu or .cuh file, a Python file with CUDA in it, or a folder of them; or give source")},
            {"source", text("the text of a .cu file, in place of path")},
            {"contract",
             {{"type", {"string", "object"}},
              {"description", "which operation, sizes, tensors and launches: a path, or the contract itself. Without one the kernel is run "
                              "as block and grid say, and values are not judged"}}},
            {"kernel", text("only this kernel, as the source writes it: flash<64, true>")},
            {"block", text("without contract: threads, as 128 or 16,16")},
            {"grid", text("without contract: blocks (default 1)")},
            {"args", {{"type", "object"}, {"description", "without contract: values of parameters by name, {\"n\": 1000}"}}},
            {"shared_bytes", {{"type", "integer"}, {"minimum", 0}, {"description", "without contract: dynamic shared memory"}}},
            {"stages", list("of static, fuzz, stability, formal, sanitizer, bench (default: the first four)")},
            {"require", require},
            {"quick", {{"type", "boolean"}, {"description", "fewer and smaller cases"}}},
            {"time_budget_seconds", {{"type", "number"}, {"minimum", 1}, {"description", "stop then; what was not judged is inconclusive"}}},
            {"clang_flags", list("flags for the compiler: -I, -D")}}}};
}

/// The schema of --format feedback, as a member of a list: its own $id would give it another base.
Json auditOutput() {
  Json schema = Json::parse(kFeedbackSchema);
  schema.erase("$schema");
  schema.erase("$id");
  return schema;
}

Json explainOutput() {
  Json properties;
  for (const char* name : {"id", "code", "stage", "severity", "summary", "why", "fix", "soundness", "example", "proved", "proof_soundness"})
    properties[name] = {{"type", "string"}};
  return {{"type", "object"},
          {"additionalProperties", false},
          {"required", {"id", "code", "stage", "severity", "summary", "why", "fix", "soundness"}},
          {"properties", properties}};
}

Json tool(const char* name, const char* title, const char* description, Json input, Json output, bool only_reads) {
  return {{"name", name},
          {"title", title},
          {"description", description},
          {"inputSchema", std::move(input)},
          {"outputSchema", std::move(output)},
          {"annotations",
           {{"readOnlyHint", only_reads}, {"destructiveHint", false}, {"idempotentHint", true}, {"openWorldHint", false}}}};
}

Json oneText(const char* name, const char* description) {
  return {{"type", "object"},
          {"additionalProperties", false},
          {"required", Json::array({name})},
          {"properties", {{name, text(description)}}}};
}

Json initInput() {
  return {{"type", "object"},
          {"additionalProperties", false},
          {"properties",
           {{"path", text("a .cu file, or a Python file with CUDA in it; or give source")},
            {"source", text("the text of a .cu file, in place of path")},
            {"kernel", text("only what launches this kernel")},
            {"clang_flags", list("flags for the compiler: -I, -D")}}}};
}

Json initOutput() {
  return {{"type", "object"},
          {"additionalProperties", false},
          {"required", {"contracts", "notes"}},
          {"properties",
           {{"contracts", text("JSON with comments, one contract after another where the code has several ways to its launches")},
            {"notes", text("what was not followed")}}}};
}

} // namespace

const Json& describedTools() {
  static const Json tools = Json::array({
      tool("audit", "Audit a CUDA kernel",
           "Judges whether a CUDA kernel is right, on a machine with no GPU: proofs, runs under checkers, comparison with the operation's "
           "reference. Gives a verdict per kernel; of a refuted one what fails first, where, with a concrete launch and the fix. Only "
           "'certified' is a pass.",
           auditInput(), auditOutput(), false),
      tool("explain", "Explain a check", "What a check looks for, why it matters, how to mend what it finds, and how far to trust it.",
           oneText("id", "a check's id or code: race.shared-write-write, KV1201"), explainOutput(), true),
      tool("replay", "Run a counterexample again", "Runs the launch of a replay file that an audit wrote, and says whether the defect is still there.",
           oneText("file", "the replay file that a finding names: out/KV1202-70d072f7.json"),
           {{"type", "object"},
            {"additionalProperties", false},
            {"required", {"reproduced", "text"}},
            {"properties",
             {{"reproduced", {{"type", "boolean"}, {"description", "bit for bit"}}},
              {"text", {{"type", "string"}, {"description", "the finding, and what differs"}}}}}},
           true),
      tool("init", "Begin a contract",
           "Writes what the host code around a kernel's launches says of it as a contract: sizes, tensors, launches. What the code does not say "
           "is under TO CHECK in it; complete it, and give it to audit.",
           initInput(), initOutput(), true),
  });
  return tools;
}

} // namespace kverify::mcp
