#include "farm/proof_shelf.h"

#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>

#include "core/hash.h"
#include "core/tool_identity.h"
#include "farm/seal.h"

namespace kverify::farm {
namespace {

/// One name for all versions of a file: an old one's proofs are replaced, and those that still hold are found again.
std::string localName(const JobParts& job) {
  std::error_code ignored;
  std::string path = std::filesystem::absolute(job.source, ignored).string();
  return sha256Hex(fmt::format("kverify.local/2\n{}\n{}\n{}\n{}", path, job.contract, job.kernel, job.launch));
}

/// The tool is in it so that builds do not push out each other's entries.
std::string sharedName(const JobIdentity& identity, const std::string& compile) {
  return sha256Hex(fmt::format("kverify.shared/2\n{}\n{}\n{}", identity.content_sha256, compile, toolIdentity()));
}

/// The local bundle is kept with the shared name of the content it was made for, as its first line.
std::string withContent(const std::string& shared_name, const std::string& bundle) {
  return shared_name + "\n" + bundle;
}

} // namespace

ProofShelf::ProofShelf(std::string local, std::unique_ptr<Porter> porter) : porter_(std::move(porter)) {
  if (!local.empty())
    local_ = std::make_unique<FolderStore>(std::move(local), true);
}

std::string ProofShelf::defaultFolder() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  if (toolIdentity().empty())
    return {};
  if (cache && *cache == '/')
    return std::string(cache) + "/kverify/proofs";
  return home && *home == '/' ? std::string(home) + "/.cache/kverify/proofs" : std::string();
}

std::string ProofShelf::take(const JobParts& job, const JobIdentity& identity, const std::string& compile) {
  std::string shared = sharedName(identity, compile), older;
  if (local_) {
    std::string name = localName(job);
    auto bytes = local_->get(name);
    if (bytes && *bytes) {
      auto text = unseal(name, **bytes, nullptr);
      damaged_ += !text && text.error() != Broken::OtherTool;
      std::size_t newline = text ? text->find('\n') : std::string::npos;
      if (newline != std::string::npos) {
        older = text->substr(newline + 1);
        if (text->substr(0, newline) == shared)
          return shareToo(shared, older);
      }
    }
  }
  if (porter_)
    if (auto bundle = porter_->get(shared))
      return *bundle;
  return older;
}

std::string ProofShelf::shareToo(const std::string& shared, const std::string& bundle) {
  if (porter_ && !porter_->get(shared))
    porter_->put(shared, bundle);
  return bundle;
}

void ProofShelf::keep(const JobParts& job, const JobIdentity& identity, const std::string& compile,
                      const std::string& bundle) {
  std::string shared = sharedName(identity, compile);
  if (local_) {
    std::string name = localName(job);
    (void)local_->put(name, seal(name, withContent(shared, bundle), nullptr)); // a cache that is full is no error
  }
  if (porter_)
    porter_->put(shared, bundle);
}

std::vector<std::string> ProofShelf::problems() const {
  std::vector<std::string> all;
  if (damaged_)
    all.push_back(fmt::format("{} of the local cache of proofs {} damaged, and not used",
                              damaged_ == 1 ? "an entry" : fmt::format("{} entries", damaged_), damaged_ == 1 ? "was" : "were"));
  if (porter_)
    for (std::string& problem : porter_->problems())
      all.push_back(std::move(problem));
  return all;
}

} // namespace kverify::farm
