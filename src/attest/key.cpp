#include "attest/key.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "core/hash.h"

namespace kverify::attest {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

/// A PEM file has a few hundred bytes.
constexpr std::size_t kLargestPem = 64 << 10;
constexpr std::size_t kRawBytes = 32;

const unsigned char* raw(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::shared_ptr<EVP_PKEY> owned(EVP_PKEY* key) {
  return {key, EVP_PKEY_free};
}

Bio reading(std::string_view bytes) {
  return {BIO_new_mem_buf(bytes.empty() ? "" : bytes.data(), static_cast<int>(bytes.size())), BIO_free};
}

Bio writing() {
  return {BIO_new(BIO_s_mem()), BIO_free};
}

std::string contentsOf(BIO* bio) {
  char* data = nullptr;
  long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

/// Gives OpenSSL the password, and none where there is none: it must not ask on the terminal.
int givePassword(char* buffer, int size, int, void* data) {
  const auto& password = *static_cast<const std::string*>(data);
  if (password.empty() || password.size() > static_cast<std::size_t>(size))
    return -1;
  password.copy(buffer, password.size());
  return static_cast<int>(password.size());
}

tl::unexpected<ToolError> noKey(const std::string& place, std::string message, std::string hint) {
  ERR_clear_error();
  return fail(ErrorKind::Input, std::move(message), place, std::move(hint));
}

Expected<void> isEd25519(const EVP_PKEY* key, const std::string& place) {
  if (EVP_PKEY_get_id(key) == EVP_PKEY_ED25519)
    return {};
  const char* name = EVP_PKEY_get0_type_name(key);
  return noKey(place, fmt::format("this is a key for {}, and certificates are signed with Ed25519", name ? name : "something else"),
               "make one: kverify keygen NAME");
}

} // namespace

PublicKey::PublicKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {
  unsigned char* der = nullptr;
  int size = i2d_PUBKEY(key_.get(), &der);
  if (size > 0)
    id_ = "sha256:" + sha256Hex(std::string_view(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)));
  OPENSSL_free(der);
}

Expected<PublicKey> PublicKey::fromPem(std::string_view pem, const std::string& place) {
  if (pem.find("PRIVATE KEY-----") != pem.npos)
    return noKey(place, "this is a private key, and the public one is wanted here",
                 "openssl pkey -in KEY -pubout writes it; kverify keygen wrote it as NAME.pub");
  if (pem.size() > kLargestPem)
    return noKey(place, "this is too large for a key", "a PEM file has a few hundred bytes");
  auto key = owned(PEM_read_bio_PUBKEY(reading(pem).get(), nullptr, nullptr, nullptr));
  if (!key)
    return noKey(place, "there is no public key in PEM here", "a file that kverify keygen wrote as NAME.pub");
  if (auto suits = isEd25519(key.get(), place); !suits)
    return tl::unexpected(suits.error());
  return PublicKey(std::move(key));
}

Expected<PublicKey> PublicKey::fromRaw(std::string_view bytes) {
  auto key = owned(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw(bytes), bytes.size()));
  if (!key)
    return noKey("", fmt::format("{} bytes are no Ed25519 public key", bytes.size()), "");
  return PublicKey(std::move(key));
}

std::string PublicKey::toPem() const {
  Bio out = writing();
  PEM_write_bio_PUBKEY(out.get(), key_.get());
  return contentsOf(out.get());
}

bool PublicKey::verifies(std::string_view message, std::string_view signature) const {
  Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  bool good = context && signature.size() == kSignatureBytes &&
              EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1 &&
              EVP_DigestVerify(context.get(), raw(signature), signature.size(), raw(message), message.size()) == 1;
  ERR_clear_error();
  return good;
}

SigningKey::SigningKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)), public_(key_) {}

Expected<SigningKey> SigningKey::generate() {
  auto key = owned(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  if (!key)
    return fail(ErrorKind::Internal, "OpenSSL made no key");
  return SigningKey(std::move(key));
}

Expected<SigningKey> SigningKey::fromPem(std::string_view pem, const std::string& place, const std::string& password) {
  if (pem.size() > kLargestPem)
    return noKey(place, "this is too large for a key", "a PEM file has a few hundred bytes");
  std::string secret = password;
  auto key = owned(PEM_read_bio_PrivateKey(reading(pem).get(), nullptr, givePassword, &secret));
  bool encrypted = pem.find("ENCRYPTED") != pem.npos;
  if (!key && encrypted)
    return noKey(place, password.empty() ? "this key is encrypted" : "the password does not open this key",
                 "KVERIFY_KEY_PASSWORD has the password");
  if (!key && pem.find("PUBLIC KEY-----") != pem.npos)
    return noKey(place, "this is a public key, and the private one signs", "kverify keygen wrote it as NAME.key");
  if (!key)
    return noKey(place, "there is no private key in PEM here", "make one: kverify keygen NAME");
  if (auto suits = isEd25519(key.get(), place); !suits)
    return tl::unexpected(suits.error());
  return SigningKey(std::move(key));
}

Expected<SigningKey> SigningKey::fromRaw(std::string_view seed) {
  auto key = owned(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, raw(seed), seed.size()));
  if (!key || seed.size() != kRawBytes)
    return noKey("", fmt::format("{} bytes are no Ed25519 seed", seed.size()), "");
  return SigningKey(std::move(key));
}

Expected<std::string> SigningKey::toPem(const std::string& password) const {
  Bio out = writing();
  const EVP_CIPHER* cipher = password.empty() ? nullptr : EVP_aes_256_cbc();
  if (PEM_write_bio_PKCS8PrivateKey(out.get(), key_.get(), cipher, password.empty() ? nullptr : password.data(),
                                    static_cast<int>(password.size()), nullptr, nullptr) != 1) {
    ERR_clear_error();
    return fail(ErrorKind::Internal, "OpenSSL could not write the key");
  }
  return contentsOf(out.get());
}

Expected<std::string> SigningKey::sign(std::string_view message) const {
  Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::string signature(kSignatureBytes, '\0');
  std::size_t size = signature.size();
  bool done = context && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1 &&
              EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, raw(message),
                             message.size()) == 1;
  if (!done || size != kSignatureBytes) {
    ERR_clear_error();
    return fail(ErrorKind::Internal, "OpenSSL could not sign");
  }
  return signature;
}

} // namespace kverify::attest
