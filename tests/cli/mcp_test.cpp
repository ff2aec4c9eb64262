// kverify mcp, driven over pipes as a client would.
#include <chrono>
#include <csignal>
#include <fstream>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/cli/cli_fixture.h"
#include "tests/support/json_schema.h"

namespace kverify::tests {
namespace {

using Json = nlohmann::json;
using Clock = std::chrono::steady_clock;
using testing::HasSubstr;

class Mcp : public Cli {
protected:
  void SetUp() override {
    std::signal(SIGPIPE, SIG_IGN); // a server that is gone is a failure of the test, not its end
    ASSERT_EQ(pipe2(to_, O_CLOEXEC), 0);
    ASSERT_EQ(pipe2(from_, O_CLOEXEC), 0);
    pid_ = fork();
    if (pid_ == 0) {
      dup2(to_[0], STDIN_FILENO);
      dup2(from_[1], STDOUT_FILENO);
      setenv("XDG_CACHE_HOME", (folder.path() + "/cache").c_str(), 1);
      if (chdir(folder.path().c_str()) == 0)
        execl(KVERIFY_PROGRAM, KVERIFY_PROGRAM, "mcp", nullptr);
      _exit(127);
    }
    close(to_[0]);
    close(from_[1]);
  }

  void TearDown() override {
    closeInput();
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
    close(from_[0]);
  }

  void closeInput() {
    if (to_[1] >= 0)
      close(to_[1]);
    to_[1] = -1;
  }

  void sendLine(const std::string& line) const {
    std::string text = line + "\n";
    ASSERT_EQ(write(to_[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void send(const Json& message) const { sendLine(message.dump()); }
  void request(const Json& id, const std::string& method, const Json& params = Json::object()) const {
    send({{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}});
  }

  /// The next message; a failure, and null, where none comes in time or a line is no message.
  Json next(double seconds = 120) {
    auto end = Clock::now() + std::chrono::duration<double>(seconds);
    while (got_.find('\n') == std::string::npos && Clock::now() < end) {
      pollfd ready{from_[0], POLLIN, 0};
      char bytes[1 << 16];
      if (poll(&ready, 1, 100) <= 0)
        continue;
      ssize_t n = read(from_[0], bytes, sizeof(bytes));
      if (n <= 0)
        break;
      got_.append(bytes, static_cast<std::size_t>(n));
    }
    std::size_t line = got_.find('\n');
    if (line == std::string::npos)
      return nullptr;
    Json message = Json::parse(got_.substr(0, line), nullptr, false);
    EXPECT_FALSE(message.is_discarded()) << "stdout has a line that is no message: " << got_.substr(0, line);
    got_.erase(0, line + 1);
    return message;
  }

  /// The response to `id`; notifications on the way are kept in `told_`.
  Json response(const Json& id) {
    for (;;) {
      Json message = next();
      if (message.is_null()) {
        ADD_FAILURE() << "no response to " << id;
        return Json::object();
      }
      if (message.value("id", Json()) == id && !message.contains("method"))
        return message;
      told_.push_back(message);
    }
  }

  Json initialize(const std::string& version = "2025-06-18") {
    request("hello", "initialize",
            {{"protocolVersion", version}, {"capabilities", Json::object()}, {"clientInfo", {{"name", "test"}, {"version", "1"}}}});
    Json answer = response("hello");
    send({{"jsonrpc", "2.0"}, {"method", "notifications/initialized"}});
    return answer;
  }

  Json call(const Json& id, const std::string& tool, const Json& arguments, const Json& meta = Json::object()) {
    request(id, "tools/call", {{"name", tool}, {"arguments", arguments}, {"_meta", meta}});
    return response(id);
  }

  /// Its exit code once it ends by itself; -1 where it does not within the time.
  int exitCode(double seconds = 20) {
    auto end = Clock::now() + std::chrono::duration<double>(seconds);
    int status = 0;
    while (Clock::now() < end) {
      if (waitpid(pid_, &status, WNOHANG) == pid_) {
        pid_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      }
      usleep(10000);
    }
    return -1;
  }

  static Json schema(const std::string& name) {
    std::ifstream in(std::string(SCHEMA_DIR) + "/" + name);
    return Json::parse(in);
  }

  int to_[2] = {-1, -1}, from_[2] = {-1, -1};
  pid_t pid_ = -1;
  std::string got_;
  std::vector<Json> told_;
};

TEST_F(Mcp, ShakesHandsAndListsItsTools) {
  Json hello = initialize();
  EXPECT_EQ(hello["result"]["protocolVersion"], "2025-06-18");
  EXPECT_TRUE(hello["result"]["capabilities"].contains("tools"));
  EXPECT_EQ(hello["result"]["serverInfo"]["name"], "kverify");
  request(1, "ping");
  EXPECT_EQ(response(1)["result"], Json::object());
  request(2, "tools/list");
  Json tools = response(2)["result"]["tools"];
  std::vector<std::string> names;
  for (const Json& tool : tools) {
    names.push_back(tool["name"]);
    EXPECT_EQ(tool["inputSchema"]["type"], "object") << tool["name"];
    EXPECT_EQ(tool["outputSchema"]["type"], "object") << tool["name"];
    EXPECT_FALSE(tool["description"].get<std::string>().empty());
  }
  EXPECT_THAT(names, testing::ElementsAre("audit", "explain", "replay", "init"));
}

TEST_F(Mcp, SpeaksAnOlderVersionAndOffersItsOwnForAnUnknownOne) {
  EXPECT_EQ(initialize("2024-11-05")["result"]["protocolVersion"], "2024-11-05");
  request("again", "initialize", {{"protocolVersion", "2025-06-18"}});
  EXPECT_EQ(response("again")["error"]["code"], -32600) << "a session is initialised once";
}

TEST_F(Mcp, OffersTheNewestVersionForAnUnknownOne) {
  EXPECT_EQ(initialize("1999-01-01")["result"]["protocolVersion"], "2025-11-25");
}

TEST_F(Mcp, ARefutedKernelIsAResultAndItsCounterexampleReplays) {
  initialize();
  folder.write("race.cu", kRace);
  Json answer = call(1, "audit", {{"path", "race.cu"}, {"block", "32"}, {"stages", {"fuzz"}}, {"quick", true}}, {{"progressToken", "t"}});
  Json result = answer["result"];
  ASSERT_EQ(result["isError"], false) << answer;
  EXPECT_EQ(result["structuredContent"]["verdict"], "refuted");
  EXPECT_THAT(violations(schema("feedback.schema.json"), result["structuredContent"]), testing::IsEmpty());
  EXPECT_EQ(Json::parse(result["content"][0]["text"].get<std::string>()), result["structuredContent"]);
  Json first = result["structuredContent"]["kernels"][0]["first"];
  EXPECT_EQ(first["check"], "race.shared-write-write");

  ASSERT_FALSE(told_.empty()) << "the request had a progressToken";
  double last = -1;
  for (const Json& note : told_) {
    EXPECT_EQ(note["method"], "notifications/progress");
    EXPECT_EQ(note["params"]["progressToken"], "t");
    EXPECT_GT(note["params"]["progress"].get<double>(), last) << "progress must grow";
    last = note["params"]["progress"];
  }

  std::string replay = first["replay"];
  Json again = call(2, "replay", {{"file", replay.substr(replay.find("out/"))}});
  EXPECT_EQ(again["result"]["structuredContent"]["reproduced"], true) << again;
  Json check = call(3, "explain", {{"id", first["code"]}});
  EXPECT_EQ(check["result"]["structuredContent"]["id"], "race.shared-write-write") << check;
}

TEST_F(Mcp, AGoodKernelComesAsText) {
  initialize();
  Json answer = call(1, "audit", {{"source", kTwice}, {"contract", Json::parse(kTwiceContract)}, {"stages", {"fuzz"}}, {"quick", true}});
  EXPECT_EQ(answer["result"]["isError"], false) << answer;
  EXPECT_EQ(answer["result"]["structuredContent"]["verdict"], "certified") << answer;
  EXPECT_TRUE(told_.empty()) << "nobody asked for progress";
}

TEST_F(Mcp, AContractBeginsWithWhatTheHostCodeSays) {
  initialize();
  const std::string kernel = "__global__ void scale(float* y, int n) { int i = blockIdx.x * blockDim.x + threadIdx.x; if (i < n) y[i] *= 2; }\n";
  Json answer = call(1, "init", {{"source", kernel + "void run(float* y, int n) { scale<<<(n + 255) / 256, 256>>>(y, n); }\n"}});
  ASSERT_EQ(answer["result"]["isError"], false) << answer;
  Json contract = Json::parse(answer["result"]["structuredContent"]["contracts"].get<std::string>(), nullptr, false, true);
  EXPECT_EQ(contract["launches"][0]["kernel"], "scale") << answer;
  Json nothing = call(2, "init", {{"source", kernel}});
  EXPECT_EQ(nothing["result"]["isError"], true) << "there is no launch: " << nothing;
  EXPECT_EQ(call(3, "init", Json::object())["result"]["isError"], true) << "neither path nor source";
}

TEST_F(Mcp, WhatTheModelCanMendIsNoErrorOfTheProtocol) {
  initialize();
  Json missing = call(1, "audit", {{"path", "nowhere.cu"}});
  EXPECT_EQ(missing["result"]["isError"], true) << missing;
  EXPECT_THAT(missing["result"]["content"][0]["text"].get<std::string>(), HasSubstr("nowhere.cu"));
  Json typo = call(2, "audit", {{"pth", "k.cu"}});
  EXPECT_EQ(typo["result"]["isError"], true) << typo;
  EXPECT_THAT(typo["result"]["content"][0]["text"].get<std::string>(), HasSubstr("did you mean 'path'?"));
  EXPECT_EQ(call(3, "explain", {{"id", "race.shared-write-wrote"}})["result"]["isError"], true);
  EXPECT_EQ(call(4, "replay", {{"file", 7}})["result"]["isError"], true);
  EXPECT_EQ(call(5, "replay", {{"file", "--help"}})["result"]["isError"], true) << "a path is never a flag";
}

TEST_F(Mcp, ErrorsOfTheProtocolHaveTheirCodes) {
  request(1, "tools/list");
  EXPECT_EQ(response(1)["error"]["code"], -32600) << "initialize comes first";
  initialize();
  sendLine("{\"jsonrpc\": \"2.0\", ");
  EXPECT_EQ(response(nullptr)["error"]["code"], -32700);
  send({{"id", 2}, {"method", "ping"}});
  EXPECT_EQ(response(2)["error"]["code"], -32600);
  send({{"jsonrpc", "2.0"}, {"id", Json::array()}, {"method", "ping"}});
  EXPECT_EQ(response(nullptr)["error"]["code"], -32600);
  request(3, "resources/list");
  EXPECT_EQ(response(3)["error"]["code"], -32601);
  request(4, "tools/call", {{"name", "no such tool"}});
  EXPECT_EQ(response(4)["error"]["code"], -32602);
  request(5, "tools/call", {{"arguments", Json::object()}});
  EXPECT_EQ(response(5)["error"]["code"], -32602);
  sendLine("[]");
  EXPECT_EQ(response(nullptr)["error"]["code"], -32600) << "this version has no batches";
  sendLine(std::string(9 << 20, ' ') + "{}");
  EXPECT_EQ(response(nullptr)["error"]["code"], -32600) << "a line without end fills no memory";
  request(6, "ping");
  EXPECT_TRUE(response(6).contains("result")) << "it goes on after all that";
}

TEST_F(Mcp, ABatchOfAnOlderProtocolIsAnsweredAtOnce) {
  initialize("2025-03-26");
  send(Json::array({{{"jsonrpc", "2.0"}, {"id", 1}, {"method", "ping"}},
                    {{"jsonrpc", "2.0"}, {"method", "notifications/initialized"}},
                    {{"jsonrpc", "2.0"}, {"id", 2}, {"method", "nothing"}}}));
  Json answers = next();
  ASSERT_TRUE(answers.is_array()) << answers;
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[1]["error"]["code"], -32601);
}

/// Loops for hours: only an end from outside ends it in time.
constexpr const char* kEndless = R"(__global__ void endless(float* y, int n) {
  float s = y[threadIdx.x];
  for (long long i = 0; i < 1000000000000LL; ++i) s = s * 1.5f + (float)n;
  y[threadIdx.x] = s;
}
)";

TEST_F(Mcp, ACancelledCallGetsNoResponseAndLeavesNoProcess) {
  initialize();
  folder.write("endless.cu", kEndless);
  request(1, "tools/call", {{"name", "audit"}, {"arguments", {{"path", "endless.cu"}, {"block", "32"}, {"stages", {"fuzz"}}}}, {"_meta", {{"progressToken", 1}}}});
  EXPECT_EQ(next()["method"], "notifications/progress");
  send({{"jsonrpc", "2.0"}, {"method", "notifications/cancelled"}, {"params", {{"requestId", 1}, {"reason", "enough"}}}});
  request(2, "ping");
  EXPECT_TRUE(response(2).contains("result"));
  for (const Json& message : told_)
    EXPECT_NE(message.value("id", Json()), 1) << "a cancelled request was answered";
  std::ifstream children("/proc/" + std::to_string(pid_) + "/task/" + std::to_string(pid_) + "/children");
  std::string pids;
  std::getline(children, pids);
  EXPECT_EQ(pids, "") << "the audit still runs";
}

TEST_F(Mcp, EndOfInputEndsItAndWhatItRuns) {
  initialize();
  folder.write("endless.cu", kEndless);
  request(1, "tools/call", {{"name", "audit"}, {"arguments", {{"path", "endless.cu"}, {"block", "32"}, {"stages", {"fuzz"}}}}, {"_meta", {{"progressToken", 1}}}});
  next();
  closeInput();
  EXPECT_EQ(exitCode(), 0);
}

} // namespace
} // namespace kverify::tests
