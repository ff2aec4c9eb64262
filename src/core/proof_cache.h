#pragma once
// What was proved before, on disk: one small file a kernel. Only the tool that wrote an entry reads it again, and an
// entry that is damaged is as good as none.
#include <optional>
#include <string>
#include <string_view>

namespace kverify {

/// Hash of the build ids of this program and of every library it has loaded: another build, another solver or another
/// LLVM gives another one. Empty where a part of the program has no build id: then nothing may be cached.
std::string toolIdentity();

class ProofCache {
public:
  /// `folder` need not exist. Empty: nothing is read or written.
  explicit ProofCache(std::string folder) : folder_(std::move(folder)) {}

  /// $XDG_CACHE_HOME/kverify/proofs or ~/.cache/kverify/proofs; empty where there is no home or no tool identity.
  static std::string defaultFolder();

  /// What was stored last under this name by this tool, undamaged.
  std::optional<std::string> load(std::string_view name) const;

  /// Replaces the entry, in one step. False where it could not be written; that is no error.
  bool store(std::string_view name, std::string_view value) const;

private:
  std::string pathOf(std::string_view name) const;
  std::string folder_;
};

} // namespace kverify
