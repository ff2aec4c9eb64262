#pragma once
// What the fake driver takes for a cubin: text, a line each function.
//   kverify-fake
//   function _Z5twicePKfPfi run twice us=20 jitter=1
// The behaviours are run HOST, hang, illegal, misaligned, trap, refuse, crash. `us` is how long a launch takes, `jitter` by how
// many percent at most it varies.
#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace kverify::fake {

struct Function {
  std::string name, behaviour, host;
  double us = 20, jitter = 0;
  int shared_limit = 0;
  std::uint64_t launches = 0;
  const void* cached_for = nullptr; ///< of the host functions that cheat
  std::string cache;

  /// Of the next launch: the same sequence in every process.
  double microseconds();
};

struct Module {
  std::map<std::string, Function> functions;
};

/// Null where the text is none of ours.
std::unique_ptr<Module> parseModule(const char* text);

/// Runs the function's host function on the launch's arguments.
void runHost(Function& function, void** arguments);

} // namespace kverify::fake
