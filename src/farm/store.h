#pragma once
// Where bytes are kept under a name: a folder, or whatever answers GET and PUT. A store is not asked to be honest, only to
// exist; seal.h is what makes its bytes proofs.
#include <memory>
#include <optional>
#include <string>

#include "kverify/error.h"

namespace kverify::farm {

class Store {
public:
  virtual ~Store() = default;
  /// What was put last under this name, or nothing. Names are lower-case hex. Errors: Environment (it cannot be asked).
  virtual Expected<std::optional<std::string>> get(const std::string& name) = 0;
  /// In one step: a reader sees all of it or what was there before. Errors: Environment.
  virtual Expected<void> put(const std::string& name, const std::string& bytes) = 0;
};

/// One file a name, in 256 folders. Writers on several machines may share it over a network file system: each writes a
/// file of its own and renames it.
class FolderStore : public Store {
public:
  /// `only_ours`: files that others could have written are as good as none (see `isOurs`).
  FolderStore(std::string folder, bool only_ours) : folder_(std::move(folder)), only_ours_(only_ours) {}
  Expected<std::optional<std::string>> get(const std::string& name) override;
  Expected<void> put(const std::string& name, const std::string& bytes) override;

private:
  std::string pathOf(const std::string& name) const;
  std::string folder_;
  bool only_ours_;
};

/// Can nobody but this user (and root) write the folder? False too where it is not there.
bool isOurs(const std::string& folder);

/// NAME at URL/NAME by HTTP GET and PUT: WebDAV, a bucket behind a gateway, a build cache. `header_file` has lines
/// "Header: value" that are sent along, for example Authorization, and "?query" which is added to each address. libcurl is
/// loaded when this is called. Errors: Input (neither http nor https, a bad header file), Environment (no libcurl).
Expected<std::unique_ptr<Store>> openHttpStore(const std::string& url, const std::string& header_file);

} // namespace kverify::farm
