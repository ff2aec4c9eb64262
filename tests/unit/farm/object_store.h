#pragma once
// Starts object_store.py beside a test.
#include <csignal>
#include <string>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

namespace kverify::tests {

class ObjectStore {
public:
  explicit ObjectStore(std::vector<std::string> options = {}) {
    int in[2], out[2];
    if (pipe(in) != 0 || pipe(out) != 0)
      return;
    pid_ = fork();
    if (pid_ == 0) {
      dup2(in[0], 0);
      dup2(out[1], 1);
      for (int fd : {in[0], in[1], out[0], out[1]})
        close(fd);
      options.insert(options.begin(), {"python3", OBJECT_STORE});
      std::vector<char*> words;
      for (std::string& word : options)
        words.push_back(word.data());
      words.push_back(nullptr);
      execvp(words[0], words.data());
      _exit(127);
    }
    close(in[0]);
    close(out[1]);
    input_ = in[1];
    std::string port;
    for (char c; read(out[0], &c, 1) == 1 && c != '\n';)
      port += c;
    close(out[0]);
    url_ = "http://127.0.0.1:" + port + "/proofs";
  }

  ~ObjectStore() { stop(); }

  void stop() {
    if (pid_ <= 0)
      return;
    close(input_);
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

  const std::string& url() const { return url_; }

private:
  pid_t pid_ = -1;
  int input_ = -1;
  std::string url_;
};

} // namespace kverify::tests
