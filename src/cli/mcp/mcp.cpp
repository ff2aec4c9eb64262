// kverify mcp: audits for a model, over the Model Context Protocol.
#include <unistd.h>

#include "cli/mcp/server.h"
#include "cli/subcommand.h"

namespace kverify::cli {

void addMcp(CLI::App& app, Action& chosen) {
  CLI::App* sub = app.add_subcommand("mcp", "serve audits to a model, over the Model Context Protocol (stdio)");
  sub->footer(R"(Examples:
  kverify mcp < requests.jsonl                what a client sends, one JSON-RPC message a line

In a client's configuration:
  { "mcpServers": { "kverify": { "command": "kverify", "args": ["mcp"] } } }

Tools: audit, explain, replay, init. It is a client that starts this command; a terminal is no client.

Exit codes: 0 the client closed its end, 2 usage or tool error.)");
  sub->callback([&chosen] {
    chosen = [](const Invocation&) { return mcp::Server(STDIN_FILENO, STDOUT_FILENO).run(); };
  });
}

} // namespace kverify::cli
