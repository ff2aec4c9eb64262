// Ed25519 against RFC 8032 (section 7.1), and what is refused as a key.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "attest/key.h"
#include "core/hash.h"
#include "tests/unit/attest/sample.h"

namespace kverify::attest {
namespace {

std::string bytesOf(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return bytes;
}

struct Vector {
  const char *seed, *key, *message, *signature;
};
constexpr Vector kVectors[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655"
     "141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00"
     "d291612bb0c00"}};

TEST(Key, SignsAsRfc8032Does) {
  for (const Vector& one : kVectors) {
    auto key = SigningKey::fromRaw(bytesOf(one.seed));
    ASSERT_TRUE(key);
    EXPECT_EQ(key->sign(bytesOf(one.message)).value(), bytesOf(one.signature));
    auto known = PublicKey::fromRaw(bytesOf(one.key));
    ASSERT_TRUE(known);
    EXPECT_EQ(known->id(), key->publicKey().id());
    EXPECT_TRUE(known->verifies(bytesOf(one.message), bytesOf(one.signature)));
  }
}

TEST(Key, AnyOtherBitIsNoSignature) {
  SigningKey key = tests::sampleKey();
  std::string signature = key.sign("message").value();
  for (std::size_t bit = 0; bit < 8 * signature.size(); bit += 5) {
    std::string other = signature;
    other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(key.publicKey().verifies("message", other)) << "bit " << bit;
  }
  EXPECT_FALSE(key.publicKey().verifies("Message", signature));
  EXPECT_FALSE(key.publicKey().verifies("message", signature.substr(1)));
  EXPECT_FALSE(key.publicKey().verifies("message", signature + "x"));
  EXPECT_FALSE(tests::sampleKey(8).publicKey().verifies("message", signature));
}

TEST(Key, PemComesBack) {
  SigningKey key = tests::sampleKey();
  auto again = SigningKey::fromPem(key.toPem().value(), "k.key");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->sign("x").value(), key.sign("x").value());
  auto known = PublicKey::fromPem(key.publicKey().toPem(), "k.pub");
  ASSERT_TRUE(known);
  EXPECT_EQ(known->id(), key.publicKey().id());
  EXPECT_THAT(known->id(), testing::MatchesRegex("sha256:[0-9a-f]{64}"));
}

TEST(Key, NewKeysDiffer) {
  EXPECT_NE(SigningKey::generate()->publicKey().id(), SigningKey::generate()->publicKey().id());
}

TEST(Key, APasswordIsNeeded) {
  std::string pem = tests::sampleKey().toPem("secret").value();
  EXPECT_THAT(pem, testing::HasSubstr("ENCRYPTED"));
  EXPECT_TRUE(SigningKey::fromPem(pem, "k.key", "secret"));
  auto without = SigningKey::fromPem(pem, "k.key");
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().message, "this key is encrypted");
  auto wrong = SigningKey::fromPem(pem, "k.key", "Secret");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message, "the password does not open this key");
}

TEST(Key, ThePrivateKeyIsNotTakenForThePublicOne) {
  SigningKey key = tests::sampleKey();
  auto known = PublicKey::fromPem(key.toPem().value(), "k.key");
  ASSERT_FALSE(known);
  EXPECT_THAT(known.error().message, testing::HasSubstr("private key"));
  auto signing = SigningKey::fromPem(key.publicKey().toPem(), "k.pub");
  ASSERT_FALSE(signing);
  EXPECT_THAT(signing.error().message, testing::HasSubstr("public key"));
}

TEST(Key, OtherAlgorithmsAreRefused) {
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> other(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"),
                                                            EVP_PKEY_free);
  ASSERT_TRUE(other);
  std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  PEM_write_bio_PUBKEY(out.get(), other.get());
  char* data = nullptr;
  long size = BIO_get_mem_data(out.get(), &data);
  auto known = PublicKey::fromPem(std::string_view(data, static_cast<std::size_t>(size)), "ec.pub");
  ASSERT_FALSE(known);
  EXPECT_THAT(known.error().message, testing::HasSubstr("Ed25519"));
}

TEST(Key, NoPemIsNoKey) {
  for (const std::string& text : {std::string(), std::string("hello"), std::string(100 << 10, 'x'),
                                  std::string("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")}) {
    EXPECT_FALSE(PublicKey::fromPem(text, "k.pub"));
    EXPECT_FALSE(SigningKey::fromPem(text, "k.key"));
  }
  EXPECT_FALSE(PublicKey::fromRaw("short"));
  EXPECT_FALSE(SigningKey::fromRaw(std::string(31, 'x')));
}

} // namespace
} // namespace kverify::attest
