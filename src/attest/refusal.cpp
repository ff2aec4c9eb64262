#include "attest/refusal.h"

namespace kverify::attest {

std::string_view nameOf(Reason reason) {
  switch (reason) {
  case Reason::TooLarge: return "too-large";
  case Reason::NotText: return "not-text";
  case Reason::Truncated: return "truncated";
  case Reason::MalformedEnvelope: return "malformed-envelope";
  case Reason::PayloadType: return "payload-type";
  case Reason::SignatureCount: return "signature-count";
  case Reason::UntrustedKey: return "untrusted-key";
  case Reason::BadSignature: return "bad-signature";
  case Reason::TooDeep: return "too-deep";
  case Reason::DuplicateKey: return "duplicate-key";
  case Reason::BadNumber: return "bad-number";
  case Reason::MalformedPayload: return "malformed-payload";
  case Reason::StatementType: return "statement-type";
  case Reason::PredicateType: return "predicate-type";
  case Reason::StatementSet: return "statement-set";
  case Reason::SubjectForm: return "subject-form";
  case Reason::SubjectsDiffer: return "subjects-differ";
  case Reason::UnknownField: return "unknown-field";
  case Reason::MalformedPredicate: return "malformed-predicate";
  case Reason::Inconsistent: return "inconsistent";
  case Reason::SubjectMismatch: return "subject-mismatch";
  case Reason::ContractMismatch: return "contract-mismatch";
  case Reason::SpecMismatch: return "spec-mismatch";
  case Reason::HeaderMismatch: return "header-mismatch";
  case Reason::NotCertified: return "not-certified";
  case Reason::Policy: return "policy";
  case Reason::BundleIncomplete: return "bundle-incomplete";
  case Reason::BundleMismatch: return "bundle-mismatch";
  case Reason::QueryForm: return "query-form";
  case Reason::QueryRefuted: return "query-refuted";
  case Reason::QueryOpen: return "query-open";
  case Reason::RunDiffers: return "run-differs";
  }
  return "refused";
}

} // namespace kverify::attest
