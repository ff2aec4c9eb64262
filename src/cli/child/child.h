#pragma once
// A program that is started with text on its standard input, whose output is caught, and of which nothing is left when this
// process ends, however it ends: below it runs a keeper (sandbox/spawn.h) that takes everything down. It is not shut in.
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <poll.h>

#include "kverify/error.h"
#include "sandbox/spawn.h"

namespace kverify::cli {

/// First word of a command that runs this very program.
inline constexpr const char* kThisProgram = "/proc/self/exe";

struct ChildOptions {
  std::string input;                                ///< what it reads
  double seconds = 0;                               ///< then it is ended; 0 = never
  std::size_t most_bytes = std::size_t{16} << 20;   ///< of each stream; what writes more is ended
};

class Child {
public:
  /// `command[0]` is a path. To be called while this process has one thread. Errors: Environment (no process, no memory).
  static Expected<std::unique_ptr<Child>> start(const std::vector<std::string>& command, const ChildOptions& options);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// What to wait for; a stream that has ended has fd -1.
  void addTo(std::vector<pollfd>& waiting) const;
  /// Takes what is there, and looks at the clock. True once it is over.
  bool pump();
  void end();

  const std::string& out() const { return out_; }
  const std::string& err() const { return err_; }
  /// 128 + signal where a signal ended it; 127 where the program could not be started.
  int exitCode() const { return exit_code_; }
  bool timedOut() const { return timed_out_; }
  bool wroteTooMuch() const { return too_much_; }
  double secondsSoFar() const;

private:
  Child(const sandbox::Started& started, const ChildOptions& options);
  void drain(int& fd, std::string& text);

  sandbox::Started started_;
  ChildOptions options_;
  std::chrono::steady_clock::time_point begin_;
  std::string out_, err_;
  int out_fd_, err_fd_, exit_code_ = -1;
  bool over_ = false, timed_out_ = false, too_much_ = false;
};

/// Runs it to its end; `stop` is asked several times a second and ends it. Errors: as start.
Expected<std::unique_ptr<Child>> runChild(const std::vector<std::string>& command, const ChildOptions& options,
                                          const std::function<bool()>& stop);

/// The end of what it said, at most so many bytes, for a message: whole lines, no blanks around.
std::string lastWords(const std::string& text, std::size_t most = 2000);

} // namespace kverify::cli
