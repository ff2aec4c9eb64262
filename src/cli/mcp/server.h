#pragma once
// The Model Context Protocol over standard input and output: JSON-RPC 2.0, a message a line. One thread; what takes long
// runs in processes of its own, so that a crash or a hang costs one call, and nothing but messages is ever written to
// standard output. (https://modelcontextprotocol.io/specification)
#include <list>
#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "cli/child/child.h"
#include "cli/mcp/tools.h"

namespace kverify::mcp {

class Server {
public:
  Server(int in, int out) : in_(in), out_(out) {}

  /// Until the client closes its end, or a signal. Calls that still run are ended. Returns the exit code.
  int run();

private:
  /// Responses to a batch go out together (protocol 2025-03-26 and before).
  struct Batch {
    Json responses = Json::array();
    std::size_t open = 0;
  };
  using BatchPtr = std::shared_ptr<Batch>;

  struct Call {
    Json id, token;
    BatchPtr batch;
    std::string tool;
    Plan plan;
    std::unique_ptr<cli::Child> child; ///< none: it waits for its turn
    double told = -1;                  ///< seconds at the last progress notification
  };

  void take();
  void onLine(const std::string& line);
  void onMessages(const Json& messages);
  void onMessage(const Json& message, const BatchPtr& batch);
  void onNotification(const std::string& method, const Json& params);
  void onRequest(const Json& id, const std::string& method, const Json& params, const BatchPtr& batch);
  void initialize(const Json& id, const Json& params, const BatchPtr& batch);
  void callTool(const Json& id, const Json& params, const BatchPtr& batch);
  void cancel(const Json& id);

  void startWaiting();
  void pumpCalls();
  void tellProgress(Call& call);

  void answer(const Json& id, Json result, const BatchPtr& batch);
  void refuse(const Json& id, int code, const std::string& message, const BatchPtr& batch);
  void respond(Json response, const BatchPtr& batch);
  void close(const BatchPtr& batch);
  void send(const Json& message);

  int in_, out_;
  bool at_end_ = false, skipping_ = false; ///< skipping: the rest of a line that is too long
  std::string pending_;                    ///< of a line that has not ended yet
  std::string version_;                    ///< of the protocol; empty: not initialised
  Workspace workspace_;
  std::list<Call> calls_; ///< in order of arrival
};

} // namespace kverify::mcp
