#include "cli/mcp/server.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

namespace kverify::mcp {
namespace {

/// Newest first. What a client asks for is spoken where it is one of these, else the newest.
constexpr std::array<std::string_view, 4> kVersions = {"2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"};
constexpr int kParseError = -32700, kInvalidRequest = -32600, kMethodNotFound = -32601, kInvalidParams = -32602;
constexpr std::size_t kLongestLine = std::size_t{8} << 20;
constexpr std::size_t kCallsAtOnce = 2; ///< an audit uses all cores by itself; a short replay need not wait for one
constexpr std::size_t kMostCalls = 64;
constexpr double kProgressEvery = 2; ///< seconds

constexpr const char* kInstructions =
    "Audits CUDA kernels without a GPU. Call audit with the kernel's text or path and, for the values to be judged, a contract; mend what "
    "'first' names, and audit again until the verdict is certified. explain says what a check means; replay runs a counterexample again; "
    "init begins a contract from the host code around a kernel.";

volatile std::sig_atomic_t the_signal = 0;

void onSignal(int signal) {
  the_signal = signal;
}

void catchSignals() {
  struct sigaction action {};
  action.sa_handler = onSignal; // no SA_RESTART: poll() must wake up
  for (int signal : {SIGINT, SIGTERM, SIGHUP})
    sigaction(signal, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

bool isId(const Json& id) {
  return id.is_string() || id.is_number();
}

/// The last line of what the audit says about its progress, without its own name.
std::string lastLine(const std::string& text) {
  std::string words = cli::lastWords(text, 300);
  std::string line = words.substr(words.find_last_of('\n') + 1);
  constexpr std::string_view kName = "kverify: ";
  return line.starts_with(kName) ? line.substr(kName.size()) : line;
}

} // namespace

int Server::run() {
  catchSignals();
  while (!at_end_ && !the_signal) {
    std::vector<pollfd> waiting = {{in_, POLLIN, 0}};
    for (const Call& call : calls_)
      if (call.child)
        call.child->addTo(waiting);
    if (poll(waiting.data(), waiting.size(), calls_.empty() ? -1 : 200) < 0 && errno != EINTR)
      return 2;
    if (waiting[0].revents)
      take();
    pumpCalls();
  }
  calls_.clear(); // their processes end with them
  return 0;
}

void Server::take() {
  char bytes[1 << 16];
  ssize_t n = read(in_, bytes, sizeof(bytes));
  if (n < 0 && (errno == EINTR || errno == EAGAIN))
    return;
  at_end_ = n <= 0;
  std::string_view fresh(bytes, n > 0 ? static_cast<std::size_t>(n) : 0);
  for (std::size_t end; (end = fresh.find('\n')) != std::string_view::npos; fresh.remove_prefix(end + 1)) {
    pending_ += fresh.substr(0, end);
    if (!skipping_)
      onLine(pending_);
    skipping_ = false;
    pending_.clear();
  }
  if (!skipping_)
    pending_ += fresh;
  if (pending_.size() > kLongestLine) {
    refuse(nullptr, kInvalidRequest, fmt::format("a message of more than {} bytes is not taken", kLongestLine), nullptr);
    skipping_ = true;
    pending_.clear();
  }
}

void Server::onLine(const std::string& line) {
  if (line.find_first_not_of(" \t\r") == std::string::npos)
    return;
  Json message = Json::parse(line, nullptr, false);
  if (message.is_discarded())
    return refuse(nullptr, kParseError, "this line is no JSON", nullptr);
  if (message.is_array())
    return onMessages(message);
  onMessage(message, nullptr);
}

void Server::onMessages(const Json& messages) {
  if (version_ > "2025-03-26")
    return refuse(nullptr, kInvalidRequest, "protocol " + version_ + " has no batches", nullptr);
  if (messages.empty())
    return refuse(nullptr, kInvalidRequest, "an empty batch", nullptr);
  auto batch = std::make_shared<Batch>();
  ++batch->open; // this loop's own: nothing goes out before its end
  for (const Json& message : messages)
    onMessage(message, batch);
  close(batch);
}

void Server::onMessage(const Json& message, const BatchPtr& batch) {
  Json id = message.is_object() && message.contains("id") ? message["id"] : Json();
  if (batch)
    ++batch->open;
  if (!message.is_object() || message.value("jsonrpc", Json()) != "2.0")
    return refuse(isId(id) ? id : Json(), kInvalidRequest, "this is no message of JSON-RPC 2.0", batch);
  bool is_response = !message.contains("method") && (message.contains("result") || message.contains("error"));
  bool has_method = message.contains("method") && message["method"].is_string();
  Json params = message.value("params", Json::object());
  if (has_method && !message.contains("id"))
    onNotification(message["method"].get<std::string>(), params);
  if (is_response || (has_method && !message.contains("id")))
    return close(batch); // nothing is asked of a client, and a notification has no response
  if (!has_method || !isId(id))
    return refuse(isId(id) ? id : Json(), kInvalidRequest, has_method ? "'id' must be a string or a number" : "'method' is missing", batch);
  if (!params.is_object())
    return refuse(id, kInvalidParams, "'params' must be an object", batch);
  onRequest(id, message["method"].get<std::string>(), params, batch);
}

void Server::onNotification(const std::string& method, const Json& params) {
  if (method == "notifications/cancelled" && params.is_object() && params.contains("requestId"))
    cancel(params["requestId"]);
}

void Server::onRequest(const Json& id, const std::string& method, const Json& params, const BatchPtr& batch) {
  bool known = method == "initialize" || method == "ping" || method == "tools/list" || method == "tools/call";
  if (!known)
    return refuse(id, kMethodNotFound, fmt::format("there is no method '{}'", method), batch);
  if (method == "ping")
    return answer(id, Json::object(), batch);
  if (method == "initialize")
    return initialize(id, params, batch);
  if (version_.empty())
    return refuse(id, kInvalidRequest, "'initialize' comes first", batch);
  if (method == "tools/call")
    return callTool(id, params, batch);
  if (params.contains("cursor"))
    return refuse(id, kInvalidParams, "the list of tools has one page: there is no cursor", batch);
  answer(id, {{"tools", toolList()}}, batch);
}

void Server::initialize(const Json& id, const Json& params, const BatchPtr& batch) {
  Json asked = params.value("protocolVersion", Json());
  if (!version_.empty())
    return refuse(id, kInvalidRequest, "this session is initialised", batch);
  if (!asked.is_string())
    return refuse(id, kInvalidParams, "'protocolVersion' must be a string", batch);
  bool spoken = std::find(kVersions.begin(), kVersions.end(), asked.get<std::string>()) != kVersions.end();
  version_ = spoken ? asked.get<std::string>() : std::string(kVersions.front());
  answer(id,
         {{"protocolVersion", version_},
          {"capabilities", {{"tools", {{"listChanged", false}}}}},
          {"serverInfo", {{"name", "kverify"}, {"title", "kverify: audits CUDA kernels"}, {"version", KVERIFY_VERSION}}},
          {"instructions", kInstructions}},
         batch);
}

void Server::callTool(const Json& id, const Json& params, const BatchPtr& batch) {
  Json name = params.value("name", Json()), arguments = params.value("arguments", Json::object());
  if (!name.is_string() || !arguments.is_object())
    return refuse(id, kInvalidParams, "a call needs 'name', a string, and 'arguments', an object", batch);
  const std::string tool = name.get<std::string>();
  if (!isTool(tool))
    return refuse(id, kInvalidParams, fmt::format("there is no tool '{}'", tool), batch);
  if (std::any_of(calls_.begin(), calls_.end(), [&](const Call& call) { return call.id == id; }))
    return refuse(id, kInvalidRequest, "a request with this id still runs", batch);
  if (calls_.size() >= kMostCalls)
    return answer(id, failureOf(fmt::format("{} calls run or wait: ask again when one is done", kMostCalls)), batch);
  auto plan = planOf(tool, arguments, workspace_);
  if (!plan) // for the model to read, who can mend it: not an error of the protocol
    return answer(id, failureOf(textOf(plan.error())), batch);
  if (plan->command.empty())
    return answer(id, plan->answer, batch);
  Json meta = params.value("_meta", Json::object());
  Json token = meta.is_object() ? meta.value("progressToken", Json()) : Json();
  calls_.push_back({.id = id, .token = isId(token) ? token : Json(), .batch = batch, .tool = tool, .plan = std::move(*plan)});
  startWaiting();
}

void Server::startWaiting() {
  std::size_t running = static_cast<std::size_t>(std::count_if(calls_.begin(), calls_.end(), [](const Call& call) { return !!call.child; }));
  for (auto call = calls_.begin(); call != calls_.end() && running < kCallsAtOnce;) {
    auto next = std::next(call);
    if (!call->child) {
      auto child = cli::Child::start(call->plan.command, {.seconds = call->plan.seconds});
      if (child) {
        call->child = std::move(*child);
        ++running;
        tellProgress(*call);
      } else {
        answer(call->id, failureOf(textOf(child.error())), call->batch);
        calls_.erase(call);
      }
    }
    call = next;
  }
}

void Server::pumpCalls() {
  for (auto call = calls_.begin(); call != calls_.end();) {
    auto next = std::next(call);
    if (call->child && call->child->pump()) {
      answer(call->id, resultOf(call->tool, *call->child), call->batch);
      calls_.erase(call);
    } else if (call->child) {
      tellProgress(*call);
    }
    call = next;
  }
  startWaiting();
}

void Server::tellProgress(Call& call) {
  double seconds = call.child->secondsSoFar();
  if (call.token.is_null() || (call.told >= 0 && seconds < call.told + kProgressEvery))
    return;
  call.told = seconds;
  Json params = {{"progressToken", call.token}, {"progress", seconds}};
  if (version_ >= "2025-03-26") { // older ones have no message
    std::string said = lastLine(call.child->err());
    params["message"] = said.empty() ? fmt::format("{}: {:.0f} s", call.tool, seconds) : said;
  }
  send({{"jsonrpc", "2.0"}, {"method", "notifications/progress"}, {"params", params}});
}

void Server::cancel(const Json& id) {
  for (auto call = calls_.begin(); call != calls_.end(); ++call)
    if (call->id == id) { // a cancelled request gets no response
      close(call->batch);
      calls_.erase(call);
      return;
    }
}

void Server::answer(const Json& id, Json result, const BatchPtr& batch) {
  respond({{"jsonrpc", "2.0"}, {"id", id}, {"result", std::move(result)}}, batch);
}

void Server::refuse(const Json& id, int code, const std::string& message, const BatchPtr& batch) {
  respond({{"jsonrpc", "2.0"}, {"id", id}, {"error", {{"code", code}, {"message", message}}}}, batch);
}

void Server::respond(Json response, const BatchPtr& batch) {
  if (!batch)
    return send(response);
  batch->responses.push_back(std::move(response));
  close(batch);
}

void Server::close(const BatchPtr& batch) {
  if (batch && --batch->open == 0 && !batch->responses.empty())
    send(batch->responses);
}

void Server::send(const Json& message) {
  std::string line = message.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  for (std::size_t done = 0; done < line.size();) {
    ssize_t n = write(out_, line.data() + done, line.size() - done);
    if (n < 0 && errno == EINTR && !the_signal)
      continue;
    if (n <= 0) {
      at_end_ = true; // nobody reads any more
      return;
    }
    done += static_cast<std::size_t>(n);
  }
}

} // namespace kverify::mcp
