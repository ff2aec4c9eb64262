#pragma once
// What was proved of one job before, in memory: where it is kept from one audit to the next is not the judge's business,
// since the judge is shut in with the source that it judges and must not reach the proofs of others.
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace kverify {

class ProofBundle {
public:
  ProofBundle() = default;
  /// Of toText; anything else is an empty bundle.
  explicit ProofBundle(std::string_view text);

  std::optional<std::string> load(const std::string& name) const;
  void store(const std::string& name, std::string value);

  /// Something was stored that was not there before.
  bool changed() const { return changed_; }
  /// One line, without newline.
  std::string toText() const;

private:
  std::map<std::string, std::string> entries_;
  bool changed_ = false;
};

} // namespace kverify
