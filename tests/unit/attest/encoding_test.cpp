// Base64, UTF-8, and the DSSE pre-authentication encoding, against what their standards print.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "attest/base64.h"
#include "attest/dsse.h"
#include "attest/utf8.h"

namespace kverify::attest {
namespace {

TEST(Base64, HasTheVectorsOfRfc4648) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},         {"f", "Zg=="},         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},  {"foob", "Zm9vYg=="},  {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(toBase64(bytes), text);
    EXPECT_EQ(fromBase64(text), bytes);
  }
}

TEST(Base64, EveryByteComesBack) {
  std::string bytes;
  for (int i = 0; i < 3000; ++i)
    bytes += static_cast<char>(i * 7 + i / 256);
  EXPECT_EQ(fromBase64(toBase64(bytes)), bytes);
}

TEST(Base64, LongInputIsOneText) {
  // Longer than the steps it is encoded in, and no multiple of three.
  std::string bytes((std::size_t{3} << 20) + 1000, 'x');
  std::string text = toBase64(bytes);
  EXPECT_EQ(text.find('='), text.size() - 2) << "it was padded in the middle";
  EXPECT_EQ(fromBase64(text), bytes);
}

TEST(Base64, OnlyOneSpellingIsTaken) {
  for (const char* text : {"Zg=", "Zg", "Z", "Zh==", " Zg==", "Zg==\n", "Zg==Zg==", "Z-9v", "Zm9v====", "====", "Zm 9v", "Zg=a"})
    EXPECT_EQ(fromBase64(text), std::nullopt) << "'" << text << "' should be refused";
}

TEST(Utf8, KnowsWhatIsNone) {
  EXPECT_EQ(firstInvalidUtf8("plain, naïve, 核, 🚀"), std::nullopt);
  const std::pair<std::string, std::size_t> wrong[] = {{"a\xC0\xAF", 1},          // '/' in two bytes
                                                       {"\xED\xA0\x80", 0},      // a surrogate
                                                       {"ab\xF4\x90\x80\x80", 2}, // above U+10FFFF
                                                       {"\x80", 0},
                                                       {"\xE2\x82", 0},
                                                       {"x\xFF", 1}};
  for (const auto& [text, at] : wrong)
    EXPECT_EQ(firstInvalidUtf8(text), at);
}

TEST(Utf8, MendedTextIsValid) {
  EXPECT_EQ(mended("a\xFF" "b"), "a\xEF\xBF\xBD" "b");
  EXPECT_EQ(mended(std::string_view("a\0b", 3)), "a\xEF\xBF\xBD" "b");
  EXPECT_EQ(firstInvalidUtf8(mended("\xED\xA0\x80\xC0")), std::nullopt);
}

TEST(Dsse, PreAuthenticationEncodingIsTheProtocolsExample) {
  // protocol.md of DSSE: "PAE(payloadType, payload)" of its test vector.
  EXPECT_EQ(pae("http://example.com/HelloWorld", "hello world"),
            "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
  EXPECT_EQ(pae("", ""), "DSSEv1 0  0 ");
}

} // namespace
} // namespace kverify::attest
