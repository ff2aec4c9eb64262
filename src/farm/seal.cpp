#include "farm/seal.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/hash.h"
#include "core/tool_identity.h"

namespace kverify::farm {
namespace {

constexpr const char* kFormat = "kverify.proofs/2";
constexpr std::size_t kPage = 4096;

/// What the key vouches for.
std::string vouchedFor(const std::string& name, const std::string& tool, std::string_view value) {
  return fmt::format("{}\n{}\n{}\n{}", kFormat, name, tool, value);
}

bool equalInConstantTime(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace

Expected<SecretKey> SecretKey::read(const std::string& file) {
  int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat info {};
  if (fd < 0 || fstat(fd, &info) != 0) {
    int error = errno;
    if (fd >= 0)
      close(fd);
    return fail(ErrorKind::Input, fmt::format("the key '{}' cannot be read: {}", file, std::strerror(error)), "--cache-key",
                "openssl rand -hex 32 > FILE makes one");
  }
  SecretKey key;
  void* page = mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page != MAP_FAILED && madvise(page, kPage, MADV_WIPEONFORK) == 0) {
    key.page_ = static_cast<unsigned char*>(page);
    ssize_t n = ::read(fd, key.page_, kPage);
    key.size_ = n > 0 ? static_cast<std::size_t>(n) : 0;
  }
  close(fd);
  if (info.st_mode & (S_IWGRP | S_IWOTH))
    return fail(ErrorKind::Input, fmt::format("the key '{}' can be written by others", file), "--cache-key",
                "chmod go-w it, after a look at what is in it");
  while (key.size_ && std::strchr(" \t\r\n", key.page_[key.size_ - 1]))
    --key.size_;
  if (key.size_ < 16)
    return fail(ErrorKind::Input, fmt::format("the key '{}' has less than 16 bytes", file), "--cache-key",
                "openssl rand -hex 32 > FILE makes one");
  return key;
}

SecretKey::SecretKey(SecretKey&& other) noexcept
    : page_(std::exchange(other.page_, nullptr)), size_(std::exchange(other.size_, 0)) {}

SecretKey::~SecretKey() {
  if (!page_)
    return;
  OPENSSL_cleanse(page_, kPage);
  munmap(page_, kPage);
}

std::string SecretKey::mac(std::string_view text) const {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  HMAC(EVP_sha256(), page_, static_cast<int>(size_), reinterpret_cast<const unsigned char*>(text.data()), text.size(),
       digest.data(), &size);
  std::string hex;
  for (unsigned i = 0; i < size; ++i)
    hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

std::string seal(const std::string& name, std::string_view value, const SecretKey* key) {
  std::string tool = toolIdentity();
  std::string text = vouchedFor(name, tool, value);
  return fmt::format("{} {} {} {}\n{}", kFormat, tool, key ? "hmac" : "plain", key ? key->mac(text) : sha256Hex(text), value);
}

tl::expected<std::string, Broken> unseal(const std::string& name, std::string_view text, const SecretKey* key) {
  std::size_t end = text.find('\n');
  std::string_view head = text.substr(0, end);
  std::string start = std::string(kFormat) + " ";
  constexpr std::size_t kHash = 64;
  if (end == std::string_view::npos || !head.starts_with(start) || head.size() < start.size() + kHash + 1)
    return tl::unexpected(Broken::Damaged);
  std::string tool(head.substr(start.size(), kHash));
  std::string_view rest = head.substr(start.size() + kHash + 1), value = text.substr(end + 1);
  bool keyed = rest.starts_with("hmac ");
  if (!keyed && !rest.starts_with("plain "))
    return tl::unexpected(Broken::Damaged);
  if (keyed != (key != nullptr))
    return tl::unexpected(Broken::NotOurs);
  std::string vouched = vouchedFor(name, tool, value);
  if (!equalInConstantTime(rest.substr(keyed ? 5 : 6), key ? key->mac(vouched) : sha256Hex(vouched)))
    return tl::unexpected(keyed ? Broken::NotOurs : Broken::Damaged);
  if (tool != toolIdentity())
    return tl::unexpected(Broken::OtherTool);
  return std::string(value);
}

} // namespace kverify::farm
