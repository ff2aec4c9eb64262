#include "attest/test_result.h"

#include <set>

#include <fmt/format.h>

#include "attest/dsse.h"
#include "attest/predicate.h"
#include "attest/utf8.h"

namespace kverify::attest {
namespace {

Json sorted(const std::set<std::string>& names) {
  Json list = Json::array();
  for (const std::string& name : names)
    list.push_back(name);
  return list;
}

Json configurationOf(const Certificate& c, const std::string& payload_sha256) {
  Json list = Json::array();
  Json audit = descriptorOf({"kernel-audit", payload_sha256});
  audit["mediaType"] = kInTotoPayload;
  list.push_back(std::move(audit));
  for (const auto* file : {&c.contract, &c.spec})
    if (*file)
      list.push_back(descriptorOf(**file));
  list.push_back(descriptorOf(c.cuda_headers));
  for (const FileDigest& header : c.includes)
    list.push_back(descriptorOf(header));
  return list;
}

} // namespace

Json testResultOf(const Certificate& c, const std::string& payload_sha256) {
  std::set<std::string> passed, warned, failed;
  for (const Obligation& one : c.obligations) {
    std::string name = mended(one.judged.stage + "/" + one.judged.check);
    const Outcome& outcome = one.judged.outcome;
    bool is_unknown = std::holds_alternative<Unknown>(outcome);
    (std::holds_alternative<Refuted>(outcome) ? failed : is_unknown ? warned : passed).insert(name);
  }
  for (const CertifiedFinding& finding : c.findings)
    if (!finding.confirmed)
      warned.insert(mended("static/" + finding.check));
  // Fail closed: a certificate of anything but a certified kernel has not passed, whatever its parts are.
  const char* result = c.verdict != Verdict::Certified || !failed.empty() ? "FAILED" : warned.empty() ? "PASSED" : "WARNED";
  return {{"result", result},
          {"configuration", configurationOf(c, payload_sha256)},
          {"passedTests", sorted(passed)},
          {"warnedTests", sorted(warned)},
          {"failedTests", sorted(failed)}};
}

} // namespace kverify::attest
