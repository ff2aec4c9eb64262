#pragma once
// The folder beside a certificate with what it takes to ask again. The signed certificate has the hash of every file: what
// is in the folder is trusted only as far as it fits.
#include <string>
#include <string_view>

#include "attest/refusal.h"
#include "kverify/error.h"

namespace kverify::attest {

/// Names in it.
inline constexpr const char* kRunsFile = "runs.json";
inline constexpr const char* kContractFile = "contract.json";
std::string queryFile(const std::string& sha256);       ///< "queries/<sha256>.smt2"
std::string replayFile(const std::string& replay_name); ///< "replays/KV1203-a91f03bc.json"

/// No file of a bundle is larger.
inline constexpr std::size_t kLargestBundleFile = std::size_t{64} << 20;

class Bundle {
public:
  explicit Bundle(std::string folder) : folder_(std::move(folder)) {}

  const std::string& folder() const { return folder_; }
  std::string pathOf(const std::string& name) const { return folder_ + "/" + name; }

  /// The bytes of a file, which are those of the hash. Refusals: BundleIncomplete (no such plain file; links are none),
  /// BundleMismatch (other bytes), TooLarge.
  Checked<std::string> read(const std::string& name, const std::string& sha256) const;

  /// Writes a file whole or not at all, creating folders. Errors: Input.
  Expected<void> write(const std::string& name, std::string_view bytes) const;

private:
  std::string folder_;
};

/// A whole plain file of at most `limit` bytes. Errors: Input (not there, a folder, a device, too large), with the path.
Expected<std::string> readBounded(const std::string& path, std::size_t limit);

/// Whole or not at all, over what was there. Errors: Input.
Expected<void> writeWhole(const std::string& path, std::string_view bytes);

} // namespace kverify::attest
