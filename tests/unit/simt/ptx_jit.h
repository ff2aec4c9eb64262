#pragma once
// Runs one inline asm on the host: a module with one function around it, lowered, linked with the runtime, compiled.
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace llvm::orc {
class LLJIT;
}

namespace kverify::simt::ptx::testing {

/// IR of `void @run(ptr %in, ptr %out)` around a call of an asm; operand i of each side lies at byte 8*i.
/// Classes as in CUDA's constraints: h r l f d.
std::string asmModule(const std::string& text, const std::string& outputs, const std::string& inputs);

class Compiled {
public:
  /// `ir`: a module with `void @run(ptr, ptr)`. Undefined symbols may be libm's and those of `symbols`.
  explicit Compiled(const std::string& ir, const std::map<std::string, void*>& symbols = {});
  ~Compiled();

  void operator()(const void* in, void* out) const { run_(in, out); }
  std::uint64_t operator()(std::uint64_t a, std::uint64_t b = 0, std::uint64_t c = 0) const;
  const std::vector<std::string>& unsupported() const { return unsupported_; }
  const std::string& loweredIr() const { return lowered_; }

private:
  std::unique_ptr<llvm::orc::LLJIT> jit_;
  void (*run_)(const void*, void*) = nullptr;
  std::vector<std::string> unsupported_;
  std::string lowered_;
};

inline Compiled compileAsm(const std::string& text, const std::string& outputs, const std::string& inputs,
                           const std::map<std::string, void*>& symbols = {}) {
  return Compiled(asmModule(text, outputs, inputs), symbols);
}

} // namespace kverify::simt::ptx::testing
