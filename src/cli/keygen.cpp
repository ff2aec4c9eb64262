// kverify keygen NAME: a pair of keys to sign certificates with, NAME.key and NAME.pub.
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "attest/key.h"
#include "cli/subcommand.h"
#include "kverify/verdict.h"

namespace kverify::cli {
namespace {

struct KeygenFlags {
  std::string name;
  bool encrypt = false;
};

/// Never over a file that is there: a lost key can't be made again.
Expected<void> writeNew(const std::string& path, const std::string& text, unsigned mode) {
  int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
  if (file < 0 && errno == EEXIST)
    return fail(ErrorKind::Input, "there is such a file already, and keys are not overwritten", path, "take another name");
  bool written = file >= 0 && write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(file) == 0;
  std::string why = std::strerror(errno);
  if (file >= 0)
    close(file);
  if (written)
    return {};
  if (file >= 0)
    unlink(path.c_str());
  return fail(ErrorKind::Input, "this can't be written: " + why, path);
}

int keygen(const KeygenFlags& flags) {
  const char* password = std::getenv("KVERIFY_KEY_PASSWORD");
  if (flags.encrypt && (!password || !*password))
    return complain({ErrorKind::Usage, "there is no password to encrypt the key with", "--encrypt",
                     "put it into the environment variable KVERIFY_KEY_PASSWORD"});
  auto key = attest::SigningKey::generate();
  if (!key)
    return complain(key.error());
  auto pem = key->toPem(flags.encrypt ? password : "");
  if (!pem)
    return complain(pem.error());
  std::string secret = flags.name + ".key", open = flags.name + ".pub";
  if (auto done = writeNew(secret, *pem, 0600); !done)
    return complain(done.error());
  if (auto done = writeNew(open, key->publicKey().toPem(), 0644); !done) {
    unlink(secret.c_str());
    return complain(done.error());
  }
  fmt::print("{}: signs certificates{}; keep it to yourself\n{}: for those who check them\nkey {}\n", secret,
             flags.encrypt ? ", with the password" : "", open, key->publicKey().id());
  return kExitCertified;
}

} // namespace

void addKeygen(CLI::App& app, Action& chosen) {
  CLI::App* sub = app.add_subcommand("keygen", "make a pair of keys to sign certificates with (Ed25519)");
  auto flags = std::make_shared<KeygenFlags>();
  sub->add_option("NAME", flags->name, "writes NAME.key and NAME.pub")->required();
  sub->add_flag("--encrypt", flags->encrypt, "encrypt NAME.key with the password in KVERIFY_KEY_PASSWORD");
  sub->footer("Examples:\n  kverify keygen team && kverify certify k.cu --key team.key -o k.intoto.jsonl");
  sub->callback([flags, &chosen] { chosen = [flags](const Invocation&) { return keygen(*flags); }; });
}

} // namespace kverify::cli
