#pragma once
// How a kept proof is written: bound to its name and to the tool that made it, and, where others can write the place it is
// kept in, to a key. Why: a proof that is believed and was never made is a wrong 'proved', the worst thing that kverify can
// say. Whoever holds the key is trusted to run kverify honestly; nobody else is trusted at all.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "kverify/error.h"

namespace kverify::farm {

/// A key that is not in the memory of forked processes.
class SecretKey {
public:
  /// Reads a file: at least 16 bytes; blanks at its end do not count. Errors: Input, Environment.
  static Expected<SecretKey> read(const std::string& file);
  ~SecretKey();
  SecretKey(SecretKey&& other) noexcept;
  SecretKey& operator=(SecretKey&&) = delete;

  /// HMAC-SHA256 (RFC 2104), lower-case hex.
  std::string mac(std::string_view text) const;

private:
  SecretKey() = default;
  unsigned char* page_ = nullptr; ///< wiped on fork
  std::size_t size_ = 0;
};

/// One line that says what it is, then the value. Without key: `key` is null.
std::string seal(const std::string& name, std::string_view value, const SecretKey* key);

enum class Broken {
  Damaged,   ///< cut off, changed, or something else
  OtherTool, ///< another build made it, which is nobody's fault
  NotOurs,   ///< no key, another key, or it was made for another name
};

/// The value, if the name, the tool and the key are those that it was sealed with.
tl::expected<std::string, Broken> unseal(const std::string& name, std::string_view text, const SecretKey* key);

} // namespace kverify::farm
