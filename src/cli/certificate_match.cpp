#include "cli/certificate_match.h"

#include <filesystem>

#include <fmt/format.h>

#include "attest/bundle.h"
#include "cli/pipeline/job.h"
#include "core/hash.h"
#include "kverify/contract.h"

namespace kverify::cli {
namespace {

namespace fs = std::filesystem;
using attest::Checked;
using attest::Reason;

constexpr std::size_t kLargestInput = std::size_t{64} << 20;

/// SHA-256 of a file; empty where it can't be read.
std::string hashOf(const std::string& path) {
  auto bytes = attest::readBounded(path, kLargestInput);
  return bytes ? sha256Hex(*bytes) : "";
}

std::string contractBeside(const std::string& kernel) {
  auto jobs = pipeline::findJobs({.paths = {kernel}});
  return jobs && !jobs->empty() ? jobs->front().contract : "";
}

Checked<void> specMatches(const Certificate& certificate, const std::string& path) {
  auto contract = loadContract(path);
  if (!contract)
    return attest::refuse(Reason::ContractMismatch, "the contract can't be read: " + contract.error().message, path);
  const Spec* spec = contract->spec.get();
  if (!certificate.spec && !spec)
    return {};
  if (!certificate.spec || !spec)
    return attest::refuse(Reason::SpecMismatch, "an operation is named on one side only");
  if (spec->sha256 != certificate.spec->sha256)
    return attest::refuse(Reason::SpecMismatch, fmt::format("'{}' is described otherwise here ({}) than where the kernel was certified ({})",
                                                            certificate.spec->name, spec->sha256, certificate.spec->sha256));
  return {};
}

Checked<std::string> contractMatches(const Certificate& certificate, const Here& here) {
  if (!certificate.contract)
    return std::string(); // a launch: whether that is enough, the policy says
  std::string path = here.contract.empty() ? contractBeside(here.kernel) : here.contract;
  if (path.empty())
    return attest::refuse(Reason::ContractMismatch,
                          "it was certified under a contract, and there is none beside the kernel: give the one that you mean with --contract");
  std::string hash = hashOf(path);
  if (hash.empty())
    return attest::refuse(Reason::ContractMismatch, "the contract can't be read", path);
  if (hash != certificate.contract->sha256)
    return attest::refuse(Reason::ContractMismatch, fmt::format("it was certified under another contract: SHA-256 {} here, {} there", hash,
                                                                certificate.contract->sha256), path);
  if (auto spec = specMatches(certificate, path); !spec)
    return tl::unexpected(spec.error());
  return path;
}

Checked<void> headersMatch(const Certificate& certificate, const std::string& kernel) {
  fs::path folder = fs::absolute(kernel).lexically_normal().parent_path();
  for (const FileDigest& header : certificate.includes) {
    std::string hash = hashOf((folder / header.name).lexically_normal().string());
    if (hash.empty())
      return attest::refuse(Reason::HeaderMismatch, "it includes a file that is not here", header.name);
    if (hash != header.sha256)
      return attest::refuse(Reason::HeaderMismatch, "it includes a file that is another one here", header.name);
  }
  return {};
}

} // namespace

Checked<Matched> matches(const Certificate& certificate, const Here& here) {
  std::string hash = hashOf(here.kernel);
  if (hash != certificate.source.sha256)
    return attest::refuse(Reason::SubjectMismatch, fmt::format("it is about another file: '{}' with SHA-256 {}, and '{}' has {}", certificate.source.name,
                                                               certificate.source.sha256, here.kernel, hash.empty() ? "none that can be read" : hash));
  auto contract = contractMatches(certificate, here);
  if (!contract)
    return tl::unexpected(contract.error());
  if (auto headers = headersMatch(certificate, here.kernel); !headers)
    return tl::unexpected(headers.error());
  return Matched{std::move(*contract)};
}

std::string bundleBeside(const std::string& file) {
  constexpr std::string_view ending = ".intoto.jsonl";
  std::string base = file.ends_with(ending) ? file.substr(0, file.size() - ending.size()) : file;
  return base + ".bundle";
}

} // namespace kverify::cli
