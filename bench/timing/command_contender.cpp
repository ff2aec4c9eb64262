// A baseline that is another program: JSON lines on its standard input and output (kverify.baseline/1, bench/README.md).
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <limits>
#include <sstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/timing/baseline_reply.h"
#include "bench/timing/contender.h"
#include "contract/instantiate.h"
#include "fuzz/judge/operation_run.h"

namespace kverify::bench {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kStartMs = 180000; // importing a framework takes its time
constexpr int kAnswerMs = 120000;

/// The program, and lines to and from it.
class Program {
public:
  explicit Program(const std::string& command) {
    int to[2], from[2];
    if (pipe2(to, O_CLOEXEC) != 0)
      return;
    if (pipe2(from, O_CLOEXEC) != 0) {
      close(to[0]);
      close(to[1]);
      return;
    }
    pid_ = fork();
    if (pid_ == 0) {
      setpgid(0, 0);
      dup2(to[0], STDIN_FILENO);
      dup2(from[1], STDOUT_FILENO);
      execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
      _exit(127);
    }
    close(to[0]);
    close(from[1]);
    in_ = to[1];
    out_ = from[0];
  }
  ~Program() {
    if (in_ >= 0)
      close(in_);
    if (out_ >= 0)
      close(out_);
    if (pid_ <= 0)
      return;
    for (int i = 0; i < 300; ++i) {
      if (i == 100)
        kill(-pid_, SIGKILL);
      pid_t got = waitpid(pid_, nullptr, WNOHANG);
      if (got == pid_ || (got < 0 && errno != EINTR))
        break;
      usleep(10000);
    }
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  Expected<std::string> ask(const std::string& line, int timeout_ms) {
    const std::string text = line + "\n";
    if (in_ < 0 || write(in_, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
      return fail(ErrorKind::Environment, "the baseline's program is gone");
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
    for (;;) {
      if (std::size_t newline = buffer_.find('\n'); newline != std::string::npos) {
        std::string answer = buffer_.substr(0, newline);
        buffer_.erase(0, newline + 1);
        return answer;
      }
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count();
      pollfd waiting{out_, POLLIN, 0};
      if (left <= 0 || poll(&waiting, 1, static_cast<int>(left)) == 0)
        return fail(ErrorKind::Environment, fmt::format("the baseline did not answer within {} s", timeout_ms / 1000));
      char bytes[4096];
      ssize_t n = read(out_, bytes, sizeof bytes);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return fail(ErrorKind::Environment, "the baseline's program ended without an answer");
      buffer_.append(bytes, static_cast<std::size_t>(n));
    }
  }

private:
  pid_t pid_ = -1;
  int in_ = -1, out_ = -1;
  std::string buffer_;
};

class CommandContender : public Contender {
public:
  CommandContender(const std::string& command, const pipeline::Subject& subject, std::uint64_t seed)
      : program_(command), subject_(subject), seed_(seed), name_(command) {}

  Expected<void> start() {
    auto reply = ask({{"do", "hello"}}, kStartMs);
    if (!reply)
      return tl::unexpected(reply.error());
    auto about = readHello(*reply);
    if (!about)
      return tl::unexpected(about.error());
    name_ = *about;
    return {};
  }

  std::string name() const override { return name_; }

  Expected<void> prepare(const Shape& shape) override {
    auto request = requestFor(shape);
    if (!request)
      return tl::unexpected(request.error());
    auto reply = ask(*request, kAnswerMs);
    if (!reply)
      return tl::unexpected(reply.error());
    return readReady(*reply);
  }

  Expected<SampleSet> sample(unsigned samples, unsigned batch, bool cold) override {
    auto reply = ask({{"do", "time"}, {"samples", samples}, {"batch", batch}, {"cold", cold}}, kAnswerMs);
    if (!reply)
      return tl::unexpected(reply.error());
    auto ms = readTimes(*reply, samples);
    if (!ms)
      return tl::unexpected(ms.error());
    return SampleSet{.ms = std::move(*ms)};
  }

  Recheck recheck() override { return {.judgement = std::nullopt, .problem = "a baseline's results are its own business"}; }

private:
  Expected<std::string> ask(const Json& request, int timeout_ms) { return program_.ask(request.dump(), timeout_ms); }

  Expected<Json> requestFor(const Shape& shape) const {
    const Contract& contract = *subject_.contract;
    if (!contract.spec)
      return fail(ErrorKind::Input, "the contract names no operation that another program could do");
    auto plan = contract::instantiate(contract, subject_.module.kernels, shape.sizes,
                                      {.memory_bytes = std::numeric_limits<std::uint64_t>::max()});
    if (!plan)
      return tl::unexpected(plan.error());
    auto run = judge::OperationRun::make(contract, *plan);
    if (!run)
      return tl::unexpected(run.error());
    Json request = {{"do", "prepare"}, {"operation", contract.spec->name}, {"seed", seed_}, {"axes", run->axes()},
                    {"options", Json::object()}, {"tensors", Json::object()}};
    for (const SpecOption& option : contract.spec->options) {
      if (option.type == SpecOption::Type::Choice)
        request["options"][option.name] = run->choice(option.name);
      else if (option.type == SpecOption::Type::Integer)
        request["options"][option.name] = run->integer(option.name);
      else
        request["options"][option.name] = run->real(option.name);
    }
    for (const SpecRole& role : contract.spec->roles) {
      judge::RoleView view = judge::viewRole(contract, *plan, run->axes(), role.name);
      if (view.tensor)
        request["tensors"][role.name] = {{"dtype", nameOf(view.tensor->dtype)}, {"shape", view.extents}};
    }
    return request;
  }

  Program program_;
  const pipeline::Subject& subject_;
  std::uint64_t seed_;
  std::string name_;
};

} // namespace

Expected<std::unique_ptr<Contender>> commandContender(const std::string& command, const pipeline::Subject& subject,
                                                      std::uint64_t seed) {
  auto contender = std::make_unique<CommandContender>(command, subject, seed);
  if (auto started = contender->start(); !started)
    return tl::unexpected(started.error());
  return contender;
}

} // namespace kverify::bench
