#pragma once
// The predicate of our own: a kernel's audit as JSON (specs/schema/certificate.schema.json), and back.
#include <string>
#include <string_view>
#include <vector>

#include "attest/refusal.h"
#include "attest/strict_json.h"
#include "kverify/certificate.h"

namespace kverify::attest {

/// The version is part of the type, and a reader takes the versions that it knows: fields are added by a new version, never
/// in passing. A URN, because there is no site to serve an address of.
inline constexpr std::string_view kAuditPredicate = "urn:kverify:kernel-audit:v1";
inline constexpr std::string_view kTimingPredicate = "urn:kverify:audit-timing:v1";

/// SHA-256 over the hashes of questions, sorted: what Proved::query_hash is.
std::string hashOfQueries(const std::vector<std::string>& queries);

/// Text that is not UTF-8 is mended. Everything but the subject is in it.
Json predicateOf(const Certificate& certificate);

/// Refuses what is missing, unknown, of another type, or contradicts itself: a verdict that does not follow from the
/// obligations under the policy, a query hash that is not the one of the queries, a scope that is bounded or not.
/// `subject` is the statement's.
Checked<Certificate> certificateFrom(const Json& predicate, FileDigest subject);

/// `payload_sha256`: of the statement that it times.
Json timingOf(const AuditTiming& timing, const std::string& payload_sha256);

struct ReadTiming {
  AuditTiming timing;
  std::string payload_sha256;
};
Checked<ReadTiming> timingFrom(const Json& predicate);

/// "2026-10-09T08:30:00Z" of seconds since 1970.
std::string utcOf(std::int64_t seconds);

/// {"name": …, "digest": {"sha256": …}}: an in-toto ResourceDescriptor.
Json descriptorOf(const FileDigest& file);

} // namespace kverify::attest
