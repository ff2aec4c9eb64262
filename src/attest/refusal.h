#pragma once
// Why a certificate is not accepted. Every way to attack one has a reason of its own, so that a person, a gate and a test
// can tell them apart.
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace kverify::attest {

enum class Reason {
  // The file, before any signature.
  TooLarge,          ///< more bytes, values or lines than a certificate has
  NotText,           ///< NUL, byte order mark, or not UTF-8
  Truncated,         ///< it ends too early
  MalformedEnvelope, ///< a line that is no DSSE envelope, or not as kverify writes it
  PayloadType,       ///< not application/vnd.in-toto+json
  SignatureCount,    ///< none, or more than one
  UntrustedKey,      ///< signed by a key that is not trusted
  BadSignature,      ///< the signature is not of these bytes
  // What was signed.
  TooDeep,
  DuplicateKey,
  BadNumber,
  MalformedPayload, ///< no JSON, or not in its canonical form
  StatementType,    ///< no in-toto Statement v1
  PredicateType,    ///< another version or another kind of predicate
  StatementSet,     ///< a statement that is missing, given twice, out of place, or of another certificate
  SubjectForm,      ///< not exactly one subject with exactly one SHA-256
  SubjectsDiffer,   ///< statements about different files
  UnknownField,
  MalformedPredicate,
  Inconsistent, ///< its parts contradict each other
  // What it says, beside what is here.
  SubjectMismatch,
  ContractMismatch,
  SpecMismatch,
  HeaderMismatch,
  NotCertified, ///< it attests a refutation, or nothing
  // What is asked for.
  Policy,
  // The bundle, and asking again.
  BundleIncomplete,
  BundleMismatch,
  QueryForm,     ///< no plain question: other commands than declarations, assertions and one check-sat
  QueryRefuted,  ///< the second solver says that it can be satisfied
  QueryOpen,     ///< the second solver gave no answer in its time: neither accepted nor disproved
  RunDiffers,    ///< a run of the bundle gives other bits, breaks a check, or comes to something else than was signed
};

/// "bad-signature".
std::string_view nameOf(Reason reason);

struct Refusal {
  Reason reason = Reason::MalformedEnvelope;
  std::string message; ///< one sentence
  std::string place;   ///< "line 2", "/predicate/obligations/3", or empty
};

template <class T>
using Checked = tl::expected<T, Refusal>;

inline tl::unexpected<Refusal> refuse(Reason reason, std::string message, std::string place = {}) {
  return tl::unexpected(Refusal{reason, std::move(message), std::move(place)});
}

} // namespace kverify::attest
