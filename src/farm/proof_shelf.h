#pragma once
// Where the proofs of a job are kept from one audit to the next: on this machine under the job's path, so that an edited
// kernel finds what it had, and in a shared cache under its content, so that any machine finds it.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "farm/identity.h"
#include "farm/porter.h"
#include "farm/store.h"

namespace kverify::farm {

class ProofShelf {
public:
  /// `local`: a folder, or empty. `porter`: of the shared cache, or null.
  ProofShelf(std::string local, std::unique_ptr<Porter> porter);

  /// $XDG_CACHE_HOME/kverify/proofs or ~/.cache/kverify/proofs; empty where there is no home or no tool identity.
  static std::string defaultFolder();

  /// The bundle (core/proof_bundle.h) to start the job with; empty where nothing fits. `compile`: the flags that decide
  /// what the source means, which a shared name must have in it.
  std::string take(const JobParts& job, const JobIdentity& identity, const std::string& compile);
  void keep(const JobParts& job, const JobIdentity& identity, const std::string& compile, const std::string& bundle);

  std::vector<std::string> problems() const;
  bool isShared() const { return porter_ != nullptr; }

private:
  /// What was proved here before the shared cache was there is put into it. Returns the bundle.
  std::string shareToo(const std::string& shared, const std::string& bundle);

  std::unique_ptr<FolderStore> local_;
  std::unique_ptr<Porter> porter_;
  int damaged_ = 0;
};

} // namespace kverify::farm
