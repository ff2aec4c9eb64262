#include "cli/certificate_trust.h"

#include <chrono>
#include <filesystem>

#include "attest/bundle.h"
#include "kverify/check.h"

namespace kverify::cli {
namespace {

namespace fs = std::filesystem;

std::vector<attest::KnownCheck> knownChecks() {
  std::vector<attest::KnownCheck> all;
  for (const CheckInfo* check : allChecks()) {
    const bool provable = findProof(check->id) != nullptr;
    if (provable || std::string_view(check->stage) == "fuzz") // the others certify nothing: sources read, clocks, a GPU
      all.push_back({check->id, provable});
  }
  for (const ProofInfo* proof : allProofs())
    if (!findCheck(proof->check))
      all.push_back({proof->check, true});
  return all;
}

std::int64_t now() {
  using namespace std::chrono;
  return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
}

} // namespace

Expected<std::vector<attest::PublicKey>> readKeys(const std::vector<std::string>& paths) {
  std::vector<attest::PublicKey> keys;
  for (const std::string& path : paths) {
    auto pem = attest::readBounded(path, 64 << 10);
    if (!pem)
      return tl::unexpected(pem.error());
    auto key = attest::PublicKey::fromPem(*pem, path);
    if (!key)
      return tl::unexpected(key.error());
    keys.push_back(std::move(*key));
  }
  return keys;
}

Expected<std::string> readCertificate(const std::string& path) {
  std::error_code ignored;
  auto file = attest::readBounded(path, attest::kLargestFile + 1);
  if (!file && fs::is_regular_file(path, ignored) && fs::file_size(path, ignored) > attest::kLargestFile)
    file = std::string(attest::kLargestFile + 1, ' ');
  return file;
}

attest::Checked<Accepted> accept(std::string_view file, const Here& here, const std::vector<attest::PublicKey>& trusted,
                                 const attest::CertificatePolicy& policy) {
  auto opened = attest::openCertificate(file, trusted);
  if (!opened)
    return tl::unexpected(opened.error());
  auto matched = matches(opened->certificate, here);
  if (!matched)
    return tl::unexpected(matched.error());
  if (auto enough = attest::satisfies(*opened, policy, knownChecks(), now()); !enough)
    return tl::unexpected(enough.error());
  return Accepted{std::move(*opened), std::move(*matched)};
}

} // namespace kverify::cli
