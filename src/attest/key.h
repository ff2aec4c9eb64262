#pragma once
// Ed25519 keys (RFC 8032) in PEM files, by OpenSSL.
#include <memory>
#include <string>
#include <string_view>

#include "kverify/error.h"

struct evp_pkey_st;

namespace kverify::attest {

inline constexpr std::size_t kSignatureBytes = 64;

class PublicKey {
public:
  /// A SubjectPublicKeyInfo ("-----BEGIN PUBLIC KEY-----"). `place` is for messages.
  /// Errors: Input (no such PEM; a private key; a key of another algorithm).
  static Expected<PublicKey> fromPem(std::string_view pem, const std::string& place);
  /// The 32 bytes of RFC 8032.
  static Expected<PublicKey> fromRaw(std::string_view bytes);

  std::string toPem() const;
  /// "sha256:" and the hex SHA-256 of the DER of the SubjectPublicKeyInfo:
  /// `openssl pkey -pubin -in K.pub -outform DER | sha256sum`.
  const std::string& id() const { return id_; }
  /// False too for a signature that has not kSignatureBytes.
  bool verifies(std::string_view message, std::string_view signature) const;

private:
  friend class SigningKey;
  explicit PublicKey(std::shared_ptr<evp_pkey_st> key);
  std::shared_ptr<evp_pkey_st> key_;
  std::string id_;
};

class SigningKey {
public:
  /// From the system's random numbers. Errors: Internal.
  static Expected<SigningKey> generate();
  /// PKCS #8 ("-----BEGIN PRIVATE KEY-----", or ENCRYPTED with this password).
  /// Errors: Input (no such PEM; wrong or missing password; a key of another algorithm).
  static Expected<SigningKey> fromPem(std::string_view pem, const std::string& place, const std::string& password = {});
  /// The 32-byte seed of RFC 8032.
  static Expected<SigningKey> fromRaw(std::string_view seed);

  /// Encrypted (AES-256-CBC, PBES2) where there is a password.
  Expected<std::string> toPem(const std::string& password = {}) const;
  PublicKey publicKey() const { return public_; }
  /// kSignatureBytes; the same message gives the same bytes. Errors: Internal.
  Expected<std::string> sign(std::string_view message) const;

private:
  explicit SigningKey(std::shared_ptr<evp_pkey_st> key);
  std::shared_ptr<evp_pkey_st> key_;
  PublicKey public_;
};

} // namespace kverify::attest
