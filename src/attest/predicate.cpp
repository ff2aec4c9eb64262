#include "attest/predicate.h"

#include <chrono>
#include <cmath>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "attest/names.h"
#include "attest/utf8.h"
#include "core/hash.h"

namespace kverify::attest {
namespace {

Json orNull(const std::string& text) {
  return text.empty() ? Json() : Json(mended(text));
}

Json texts(const std::vector<std::string>& all) {
  Json list = Json::array();
  for (const std::string& one : all)
    list.push_back(mended(one));
  return list;
}

Json named(const std::map<std::string, std::string>& all) {
  Json object = Json::object();
  for (const auto& [name, value] : all)
    object[mended(name)] = mended(value);
  return object;
}

Json orNull(const std::optional<FileDigest>& file) {
  return file ? descriptorOf(*file) : Json();
}

Json descriptors(const std::vector<FileDigest>& files) {
  Json list = Json::array();
  for (const FileDigest& file : files)
    list.push_back(descriptorOf(file));
  return list;
}

bool isBounded(const Proved& proved) {
  return proved.scope.starts_with("bounded");
}

Json toJson(const Obligation& obligation) {
  const CheckOutcome& judged = obligation.judged;
  Json j = {{"check", judged.check}, {"code", orNull(obligation.code)}, {"stage", judged.stage}};
  if (const auto* proved = std::get_if<Proved>(&judged.outcome)) {
    j["outcome"] = "proved";
    j["scope"] = mended(proved->scope);
    j["bounded"] = isBounded(*proved);
    j["assumptions"] = texts(proved->assumptions);
    j["solver"] = proved->solver;
    j["queryHash"] = proved->query_hash;
    j["queries"] = texts(obligation.queries);
  } else if (const auto* tested = std::get_if<Tested>(&judged.outcome)) {
    j["outcome"] = "tested";
    j["cases"] = tested->cases;
    j["seed"] = std::to_string(tested->seed);
    j["scope"] = orNull(tested->scope);
    bool known = tested->worst_ratio && std::isfinite(*tested->worst_ratio);
    j["worstRatio"] = known ? Json(*tested->worst_ratio) : Json();
  } else if (const auto* refuted = std::get_if<Refuted>(&judged.outcome)) {
    j["outcome"] = "refuted";
    j["reason"] = mended(refuted->summary);
    j["replay"] = orNull(obligation.replay);
  } else if (const auto* unknown = std::get_if<Unknown>(&judged.outcome)) {
    j["outcome"] = "unknown";
    j["reason"] = mended(unknown->code);
    j["detail"] = orNull(unknown->detail);
  }
  return j;
}

Json toJson(const AuditSettings& settings) {
  return {{"stages", texts(settings.stages)},
          {"seed", std::to_string(settings.seed)},
          {"cases", settings.cases},
          {"stepLimit", std::to_string(settings.step_limit)},
          {"quick", settings.quick},
          {"backend", settings.backend},
          {"queryMilliseconds", settings.query_ms},
          {"kernelMilliseconds", settings.kernel_ms},
          {"oracleFloor", settings.oracle_floor},
          {"requireDeterminism", settings.require_determinism},
          {"sameValueWrites", settings.equal_writes ? Json(*settings.equal_writes) : Json()}};
}

Json toJson(const CertifiedFinding& finding) {
  return {{"check", finding.check},
          {"severity", spellingOf(kSeverities, finding.severity)},
          {"file", mended(finding.file)},
          {"line", finding.line},
          {"message", mended(finding.message)},
          {"fingerprint", orNull(finding.fingerprint)},
          {"confirmed", finding.confirmed}};
}

Json toJson(const Suppression& said) {
  return {{"check", mended(said.check)},
          {"file", mended(said.at.file)},
          {"line", said.at.line},
          {"reason", orNull(said.reason)},
          {"state", spellingOf(kStates, said.state)},
          {"silenced", orNull(said.silenced)}};
}

Json toJson(const Adequacy& oracle) {
  return {{"rejected", oracle.rejected},
          {"total", oracle.total},
          {"floor", oracle.floor},
          {"survivors", texts(oracle.survivors)}};
}

Json toJson(const KillScore& kills) {
  return {{"killed", kills.killed},     {"survived", kills.survived},         {"equivalent", kills.equivalent},
          {"unjudged", kills.unjudged}, {"sample", kills.sample}, {"score", kills.score()}};
}

Json toJson(const CertifiedLaunch& launch) {
  return {{"grid", launch.grid},
          {"block", launch.block},
          {"sharedBytes", launch.shared_bytes},
          {"args", named(launch.args)}};
}

Json toJson(const NothingToJudge& idle) {
  return {{"check", idle.check}, {"why", mended(idle.why)}};
}

template <class T>
Json listOf(const std::vector<T>& all) {
  Json list = Json::array();
  for (const T& one : all)
    list.push_back(toJson(one));
  return list;
}

} // namespace

std::string hashOfQueries(const std::vector<std::string>& queries) {
  std::string all;
  for (const std::string& one : queries)
    all += one;
  return sha256Hex(all);
}

Json descriptorOf(const FileDigest& file) {
  return {{"name", mended(file.name)}, {"digest", {{"sha256", file.sha256}}}};
}

Json predicateOf(const Certificate& c) {
  Json j;
  j["tool"] = {{"name", "kverify"}, {"version", c.tool_version}, {"build", orNull(c.tool_build)}};
  j["verdict"] = spellingOf(kVerdicts, c.verdict);
  j["require"] = spellingOf(kRequires, c.policy.require);
  j["kernel"] = mended(c.kernel);
  j["compile"] = {{"target", c.target},
                  {"flags", texts(c.flags)},
                  {"cudaHeaders", descriptorOf(c.cuda_headers)},
                  {"includes", descriptors(c.includes)}};
  j["contract"] = orNull(c.contract);
  j["spec"] = orNull(c.spec);
  j["launch"] = c.launch ? toJson(*c.launch) : Json();
  j["settings"] = toJson(c.settings);
  j["tolerances"] = named(c.tolerances);
  j["obligations"] = listOf(c.obligations);
  j["steps"] = texts(c.steps);
  j["nothingToJudge"] = listOf(c.idle);
  j["staticChecks"] = c.static_checks;
  j["findings"] = listOf(c.findings);
  j["suppressions"] = listOf(c.suppressions);
  j["oracle"] = c.oracle ? toJson(*c.oracle) : Json();
  j["mutation"] = c.mutation ? toJson(*c.mutation) : Json();
  j["assumptions"] = texts(c.assumptions);
  j["notes"] = texts(c.notes);
  j["environment"] = named(c.environment);
  j["runs"] = orNull(c.runs);
  return j;
}

std::string utcOf(std::int64_t seconds) {
  std::time_t time = static_cast<std::time_t>(seconds);
  std::tm utc{};
  return gmtime_r(&time, &utc) ? fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", utc) : std::string("1970-01-01T00:00:00Z");
}

Json timingOf(const AuditTiming& timing, const std::string& payload_sha256) {
  Json rows = Json::array();
  for (const AuditTiming::Row& row : timing.rows)
    rows.push_back({{"check", row.check}, {"stage", row.stage}, {"seconds", row.seconds}});
  return {{"of", {{"sha256", payload_sha256}}},
          {"issuedOn", utcOf(timing.issued)},
          {"seconds", timing.seconds ? Json(*timing.seconds) : Json()},
          {"obligations", std::move(rows)}};
}

} // namespace kverify::attest
