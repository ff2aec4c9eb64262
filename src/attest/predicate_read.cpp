#include <algorithm>
#include <ctime>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "attest/fields.h"
#include "attest/names.h"
#include "attest/predicate.h"

namespace kverify::attest {
namespace {

using Error = std::optional<Refusal>;

FileDigest fileFrom(const Fields& descriptor) {
  return {descriptor.text("name"), descriptor.object("digest", {"sha256"}).sha256("sha256")};
}

std::optional<FileDigest> fileOrNothing(const Fields& fields, const char* name) {
  if (fields.isNull(name))
    return std::nullopt;
  return fileFrom(fields.object(name, {"name", "digest"}));
}

Outcome provedFrom(const Fields& f, Obligation& obligation) {
  Proved proved{f.text("scope"), f.texts("assumptions"), f.text("solver"), f.sha256("queryHash")};
  obligation.queries = f.hashes("queries");
  if (f.flag("bounded") != proved.scope.starts_with("bounded"))
    f.reject("bounded", "this contradicts the scope");
  if (!f.failed() && proved.query_hash != hashOfQueries(obligation.queries))
    f.error() = Refusal{Reason::Inconsistent, "the hash is not the one of the queries", f.pathOf("queryHash")};
  return proved;
}

Outcome testedFrom(const Fields& f) {
  Tested tested{.cases = f.count("cases"), .seed = f.bigCount("seed"), .scope = f.textOrNothing("scope")};
  if (!f.isNull("worstRatio"))
    tested.worst_ratio = f.number("worstRatio");
  return tested;
}

Obligation obligationFrom(const Json& json, const std::string& path, Error& error) {
  auto word = json.is_object() ? json.find("outcome") : json.end();
  std::string kind = json.is_object() && word != json.end() && word->is_string() ? word->get<std::string>() : "";
  Obligation obligation;
  auto begin = [&](const Fields& f) {
    obligation.judged.check = f.text("check");
    obligation.judged.stage = f.text("stage");
    obligation.code = f.textOrNothing("code");
    return f;
  };
  if (kind == "proved") {
    Fields f = begin(Fields(json, path, error,
                            {"check", "code", "stage", "outcome", "scope", "bounded", "assumptions", "solver", "queryHash", "queries"}));
    obligation.judged.outcome = provedFrom(f, obligation);
  } else if (kind == "tested") {
    Fields f = begin(Fields(json, path, error, {"check", "code", "stage", "outcome", "cases", "seed", "scope", "worstRatio"}));
    obligation.judged.outcome = testedFrom(f);
  } else if (kind == "refuted") {
    Fields f = begin(Fields(json, path, error, {"check", "code", "stage", "outcome", "reason", "replay"}));
    obligation.replay = fileOrNothing(f, "replay");
    obligation.judged.outcome = Refuted{f.text("reason"), obligation.replay ? obligation.replay->name : ""};
  } else {
    Fields f = begin(Fields(json, path, error, {"check", "code", "stage", "outcome", "reason", "detail"}));
    obligation.judged.outcome = Unknown{f.text("reason"), f.textOrNothing("detail")};
    if (kind != "unknown")
      f.reject("outcome", "this should be proved, tested, refuted or unknown");
  }
  return obligation;
}

AuditSettings settingsFrom(const Fields& f) {
  AuditSettings settings{.stages = f.texts("stages"),
                         .seed = f.bigCount("seed"),
                         .cases = f.count("cases"),
                         .step_limit = f.bigCount("stepLimit"),
                         .quick = f.flag("quick"),
                         .backend = f.text("backend"),
                         .query_ms = f.count("queryMilliseconds"),
                         .kernel_ms = f.count("kernelMilliseconds"),
                         .oracle_floor = f.number("oracleFloor"),
                         .require_determinism = f.flag("requireDeterminism")};
  if (!f.isNull("sameValueWrites"))
    settings.equal_writes = f.flag("sameValueWrites");
  return settings;
}

unsigned lineFrom(const Fields& f) {
  return static_cast<unsigned>(std::min<std::uint64_t>(f.count("line"), UINT32_MAX));
}

CertifiedFinding findingFrom(const Json& json, const std::string& path, Error& error) {
  Fields f(json, path, error, {"check", "severity", "file", "line", "message", "fingerprint", "confirmed"});
  CertifiedFinding finding{.check = f.text("check"), .severity = f.oneOf("severity", kSeverities)};
  finding.file = f.text("file");
  finding.line = lineFrom(f);
  finding.message = f.text("message");
  finding.fingerprint = f.textOrNothing("fingerprint");
  finding.confirmed = f.flag("confirmed");
  return finding;
}

Suppression suppressionFrom(const Json& json, const std::string& path, Error& error) {
  Fields f(json, path, error, {"check", "file", "line", "reason", "state", "silenced"});
  Suppression said{.check = f.text("check")};
  said.at.file = f.text("file");
  said.at.line = lineFrom(f);
  said.reason = f.textOrNothing("reason");
  said.state = f.oneOf("state", kStates);
  said.silenced = f.textOrNothing("silenced");
  return said;
}

Adequacy oracleFrom(const Fields& f) {
  return {f.count("rejected"), f.count("total"), f.number("floor"), f.texts("survivors")};
}

KillScore killsFrom(const Fields& f) {
  KillScore kills{f.count("killed"), f.count("survived"), f.count("equivalent"), f.count("unjudged"), f.count("sample")};
  if (!f.failed() && f.number("score") != kills.score())
    f.error() = Refusal{Reason::Inconsistent, "the score is not the one of the counts", f.pathOf("score")};
  return kills;
}

CertifiedLaunch launchFrom(const Fields& f) {
  return {f.text("grid"), f.text("block"), f.count("sharedBytes"), f.named("args")};
}

void readLists(const Fields& f, Certificate& c) {
  Error& error = f.error();
  f.each("obligations", [&](const Json& one, const std::string& path) {
    c.obligations.push_back(obligationFrom(one, path, error));
  });
  f.each("nothingToJudge", [&](const Json& one, const std::string& path) {
    Fields idle(one, path, error, {"check", "why"});
    c.idle.push_back({idle.text("check"), idle.text("why")});
  });
  f.each("findings", [&](const Json& one, const std::string& path) {
    c.findings.push_back(findingFrom(one, path, error));
  });
  f.each("suppressions", [&](const Json& one, const std::string& path) {
    c.suppressions.push_back(suppressionFrom(one, path, error));
  });
}

void readCompilation(const Fields& f, Certificate& c) {
  c.target = f.text("target");
  c.flags = f.texts("flags");
  c.cuda_headers = fileFrom(f.object("cudaHeaders", {"name", "digest"}));
  f.each("includes", [&](const Json& one, const std::string& path) {
    c.includes.push_back(fileFrom(Fields(one, path, f.error(), {"name", "digest"})));
  });
}

/// The verdict must be the one that the obligations give, and what is owed twice or never must not be there.
Checked<void> isConsistent(const Certificate& c) {
  std::vector<CheckOutcome> outcomes;
  std::set<std::pair<std::string, std::string>> judged;
  for (const Obligation& one : c.obligations) {
    outcomes.push_back(one.judged);
    if (!judged.emplace(one.judged.check, one.judged.stage).second)
      return refuse(Reason::Inconsistent,
                    fmt::format("the stage {} judges {} twice", one.judged.stage, one.judged.check), "/predicate/obligations");
  }
  Verdict verdict = foldVerdict(outcomes, c.policy);
  if (verdict != c.verdict)
    return refuse(Reason::Inconsistent,
                  fmt::format("it says {}, and its obligations come to {}", nameOf(c.verdict), nameOf(verdict)),
                  "/predicate/verdict");
  if (c.contract.has_value() == c.launch.has_value())
    return refuse(Reason::Inconsistent, "it has to name either a contract or a launch", "/predicate/contract");
  return {};
}

} // namespace

Checked<Certificate> certificateFrom(const Json& predicate, FileDigest subject) {
  Error error;
  Certificate c{.source = std::move(subject)};
  Fields f(predicate, "/predicate", error,
           {"tool", "verdict", "require", "kernel", "compile", "contract", "spec", "launch", "settings", "tolerances", "obligations",
            "steps", "nothingToJudge", "staticChecks", "findings", "suppressions", "oracle", "mutation", "assumptions",
            "notes", "environment", "runs"});
  Fields tool = f.object("tool", {"name", "version", "build"});
  if (tool.text("name") != "kverify")
    tool.reject("name", "this should be kverify");
  c.tool_version = tool.text("version");
  c.tool_build = tool.textOrNothing("build");
  c.verdict = f.oneOf("verdict", kVerdicts);
  c.policy.require = f.oneOf("require", kRequires);
  c.kernel = f.text("kernel");
  readCompilation(f.object("compile", {"target", "flags", "cudaHeaders", "includes"}), c);
  c.contract = fileOrNothing(f, "contract");
  c.spec = fileOrNothing(f, "spec");
  if (!f.isNull("launch"))
    c.launch = launchFrom(f.object("launch", {"grid", "block", "sharedBytes", "args"}));
  c.settings = settingsFrom(f.object("settings", {"stages", "seed", "cases", "stepLimit", "quick", "backend",
                                                  "queryMilliseconds", "kernelMilliseconds", "oracleFloor",
                                                  "requireDeterminism", "sameValueWrites"}));
  c.tolerances = f.named("tolerances");
  readLists(f, c);
  c.steps = f.hashes("steps");
  c.static_checks = static_cast<unsigned>(std::min<std::uint64_t>(f.count("staticChecks"), UINT32_MAX));
  if (!f.isNull("oracle"))
    c.oracle = oracleFrom(f.object("oracle", {"rejected", "total", "floor", "survivors"}));
  if (!f.isNull("mutation"))
    c.mutation = killsFrom(
        f.object("mutation", {"killed", "survived", "equivalent", "unjudged", "sample", "score"}));
  c.assumptions = f.texts("assumptions");
  c.notes = f.texts("notes");
  c.environment = f.named("environment");
  c.runs = fileOrNothing(f, "runs");
  if (error)
    return tl::unexpected(std::move(*error));
  if (auto consistent = isConsistent(c); !consistent)
    return tl::unexpected(consistent.error());
  return c;
}

Checked<ReadTiming> timingFrom(const Json& predicate) {
  Error error;
  ReadTiming read;
  Fields f(predicate, "/predicate", error, {"of", "issuedOn", "seconds", "obligations"});
  read.payload_sha256 = f.object("of", {"sha256"}).sha256("sha256");
  std::string issued = f.text("issuedOn");
  std::tm utc{};
  const char* end = strptime(issued.c_str(), "%Y-%m-%dT%H:%M:%SZ", &utc);
  read.timing.issued = end && !*end ? static_cast<std::int64_t>(timegm(&utc)) : 0;
  if (!end || *end || utcOf(read.timing.issued) != issued)
    f.reject("issuedOn", "this should be a time such as 2026-10-09T08:30:00Z");
  if (!f.isNull("seconds"))
    read.timing.seconds = f.number("seconds");
  f.each("obligations", [&](const Json& one, const std::string& path) {
    Fields row(one, path, error, {"check", "stage", "seconds"});
    read.timing.rows.push_back({row.text("check"), row.text("stage"), row.number("seconds")});
  });
  if (error)
    return tl::unexpected(std::move(*error));
  return read;
}

} // namespace kverify::attest
