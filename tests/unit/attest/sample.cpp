#include "tests/unit/attest/sample.h"

#include "attest/dsse.h"
#include "attest/predicate.h"
#include "attest/statement.h"
#include "core/hash.h"

namespace kverify::tests {
namespace {

std::string hashOf(const std::string& what) {
  return sha256Hex(what);
}

FileDigest fileOf(const std::string& name) {
  return {name, hashOf(name)};
}

Obligation proved(const std::string& check, std::string scope, std::vector<std::string> queries) {
  std::sort(queries.begin(), queries.end());
  Proved outcome{std::move(scope), {"distinct tensors do not overlap", "every loop ends"}, "z3 4.8.12",
                 attest::hashOfQueries(queries)};
  return {"KV1201", {check, "formal", std::move(outcome)}, std::move(queries), std::nullopt};
}

Obligation tested(const std::string& check, std::uint64_t cases, std::optional<double> ratio = std::nullopt) {
  Tested outcome{.cases = cases, .seed = 0xFFFFFFFFFFFFFFFFu, .worst_ratio = ratio, .scope = "N in [1, 4096]"};
  return {"KV1401", {check, "fuzz", std::move(outcome)}, {}, std::nullopt};
}

} // namespace

Certificate sampleCertificate() {
  Certificate c;
  c.tool_version = "0.1.0";
  c.tool_build = hashOf("build");
  c.verdict = Verdict::Certified;
  c.source = {"flash.cu", hashOf("__global__ void flash() {}\n")};
  c.kernel = "flash<64, true>";
  c.target = "sm_80";
  c.flags = {"-DHEAD=64", "-I", "include"};
  c.cuda_headers = {"builtin", hashOf("headers")};
  c.includes = {fileOf("include/tile.h")};
  c.contract = fileOf("flash.contract.json");
  c.spec = fileOf("attention.forward");
  c.settings = {.stages = {"formal", "fuzz", "static"},
                .seed = 1,
                .cases = 40,
                .step_limit = std::uint64_t{1} << 32,
                .query_ms = 10000,
                .kernel_ms = 60000,
                .oracle_floor = 0.9};
  c.tolerances = {{"limit", "error/bound <= 1"}, {"accumulator", "f32"}};
  c.obligations = {proved("bounds.global-read", "N in [1, 4096]", {hashOf("q1"), hashOf("q2")}),
                   proved("race.shared-read-write", "bounded: N in {1, 64}", {}),
                   tested("bounds.global-read", 40), tested("numerics.bound", 40, 0.125),
                   {"KV1301", {"index.overflow", "formal", Unknown{"time budget", "no answer in 10 s"}}, {}, {}}};
  c.steps = {hashOf("step")};
  c.idle = {{"barrier.divergent", "no barrier"}};
  c.static_checks = 12;
  c.findings = {{"coding.accumulator", Severity::Warning, "flash.cu", 12, "it adds up in f16", "0011223344556677", false}};
  c.suppressions = {{.check = "coding.accumulator", .at = {.file = "flash.cu", .line = 11}, .reason = "reviewed",
                     .state = Suppression::State::Used, .silenced = "it adds up in f16"}};
  c.oracle = Adequacy{.rejected = 19, .total = 20, .floor = 0.9, .survivors = {"the last key lost"}};
  c.mutation = KillScore{.killed = 9, .survived = 1, .equivalent = 2, .unjudged = 0, .sample = 12};
  c.assumptions = {"tensors are aligned to 16 bytes"};
  c.notes = {"clang: warning: unused variable 'naïve'"};
  c.environment = {{"llvm", "19.1.7"}, {"solver", "z3 4.8.12"}};
  c.runs = fileOf("runs.json");
  return c;
}

Certificate sampleLaunchCertificate() {
  Certificate c = sampleCertificate();
  c.contract.reset();
  c.spec.reset();
  c.oracle.reset();
  c.mutation.reset();
  c.runs.reset();
  c.launch = CertifiedLaunch{"8,1,1", "64,1,1", 1024, {{"n", "1000"}}};
  return c;
}

AuditTiming sampleTiming() {
  return {.issued = 1791534600, .seconds = 2.5, .rows = {{"bounds.global-read", "formal", 0.25}}};
}

attest::SigningKey sampleKey(char which) {
  return *attest::SigningKey::fromRaw(std::string(32, which));
}

std::string sampleFile() {
  return attest::writeCertificate(sampleCertificate(), sampleTiming(), sampleKey()).value();
}

attest::Checked<attest::Opened> openSample(std::string_view file) {
  attest::PublicKey own = sampleKey().publicKey();
  return attest::openCertificate(file, std::span(&own, 1));
}

std::string signedLine(const std::string& payload, char which) {
  return attest::sealed(attest::kInTotoPayload, payload, sampleKey(which)).value();
}

attest::Json statementWith(const attest::Json& predicate, const std::string& type) {
  return {{"_type", attest::kStatementType},
          {"subject", attest::Json::array({attest::descriptorOf(sampleCertificate().source)})},
          {"predicateType", type},
          {"predicate", predicate}};
}

} // namespace kverify::tests
