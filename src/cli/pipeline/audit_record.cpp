#include "cli/pipeline/audit_record.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/pipeline/audit.h"
#include "cli/pipeline/case_json.h"
#include "cli/pipeline/limits.h"
#include "core/hash.h"
#include "core/write_file.h"
#include "verifier/smt/solver.h"

namespace kverify::pipeline {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kRunsFormat = "kverify.runs/1";
constexpr const char* kRecordFormat = "kverify.record/1";

/// Over the contents alone: where the system keeps its headers is no part of what they say.
std::string hashOfSystemHeaders(const std::vector<frontend::IncludedFile>& included) {
  std::vector<std::string> hashes;
  for (const frontend::IncludedFile& file : included)
    if (file.system)
      hashes.push_back(file.sha256);
  std::sort(hashes.begin(), hashes.end());
  std::string all;
  for (const std::string& one : hashes)
    all += one;
  return sha256Hex(all);
}

std::map<std::string, std::string> tolerancesOf(const Subject& subject) {
  if (!subject.judgesValues())
    return {};
  const Precision& precision = subject.contract->precision;
  std::map<std::string, std::string> all = {
      {"limit", "error / bound <= 1"},
      {"bound", "a priori, of the arithmetic below at each case's sizes"},
      {"sum", std::string(nameOf(precision.sum))},
      {"exp", precision.exp == Precision::Exp::Fast ? "fast" : "accurate"}};
  if (subject.contract->spec->name.starts_with("attention")) {
    all["qk"] = nameOf(precision.qk);
    all["p"] = nameOf(precision.p);
    all["pv"] = nameOf(precision.pv);
  }
  if (precision.out)
    all["out"] = nameOf(*precision.out);
  if (precision.tile)
    all["tile"] = precision.tile.text;
  if (precision.chain)
    all["chain"] = precision.chain.text;
  return all;
}

AuditSettings settingsOf(const Subject& subject, const AuditOptions& options) {
  AuditSettings settings;
  for (auto [runs, name] : {std::pair(options.stages.bench, "bench"), {options.stages.formal, "formal"}, {options.stages.fuzz, "fuzz"},
                            {options.stages.sanitizer, "sanitizer"}, {options.stages.stability, "stability"}, {options.stages.lint, "static"}})
    if (runs)
      settings.stages.emplace_back(name);
  settings.seed = options.seed;
  settings.cases = options.budget.cases;
  settings.step_limit = options.steps;
  settings.quick = options.quick;
  settings.backend = nameOf(options.backend.backend);
  settings.query_ms = options.formal.query_ms;
  settings.kernel_ms = static_cast<std::uint64_t>(options.formal.kernel_seconds * 1000);
  settings.oracle_floor = options.oracle_floor;
  settings.require_determinism = options.require_determinism;
  settings.equal_writes = allowsEqualWrites(subject, options);
  return settings;
}

Json toJson(const Dim3& d) {
  return Json::array({d.x, d.y, d.z});
}

Dim3 dimFrom(const Json& j) {
  return {j.at(0), j.at(1), j.at(2)};
}

Json launchToJson(const contract::AssumeOptions& launch) {
  return {{"grid", toJson(launch.grid)},   {"block", toJson(launch.block)},
          {"args", launch.args},           {"dynamic_shared_bytes", launch.dynamic_shared_bytes},
          {"integer", launch.integer},     {"real", launch.real},
          {"buffer_bytes", launch.buffer_bytes}};
}

contract::AssumeOptions launchFrom(const Json& j) {
  contract::AssumeOptions launch;
  launch.grid = dimFrom(j.at("grid"));
  launch.block = dimFrom(j.at("block"));
  launch.args = j.at("args").get<std::map<std::string, std::string>>();
  launch.dynamic_shared_bytes = j.at("dynamic_shared_bytes");
  launch.integer = j.at("integer");
  launch.real = j.at("real");
  launch.buffer_bytes = j.at("buffer_bytes");
  return launch;
}

Json toJson(const RecordedRun& run) {
  Json inputs = Json::array();
  for (const auto& [name, sha256] : run.trace.inputs)
    inputs.push_back({{"name", name}, {"sha256", sha256}});
  return {{"stage", run.stage},
          {"case", caseToJson(run.one_case)},
          {"status", run.status},
          {"inputs", std::move(inputs)},
          {"buffers_sha256", run.trace.buffers_sha256},
          {"printed_sha256", run.trace.printed_sha256}};
}

RecordedRun runFrom(const Json& j) {
  RecordedRun run{.stage = j.at("stage"), .one_case = caseFromJson(j.at("case")), .status = j.at("status")};
  for (const Json& input : j.at("inputs"))
    run.trace.inputs.emplace_back(input.at("name"), input.at("sha256"));
  run.trace.buffers_sha256 = j.at("buffers_sha256");
  run.trace.printed_sha256 = j.at("printed_sha256");
  return run;
}

Json toJson(const AuditSettings& s) {
  return {{"stages", s.stages},
          {"seed", s.seed},
          {"cases", s.cases},
          {"step_limit", s.step_limit},
          {"quick", s.quick},
          {"backend", s.backend},
          {"query_ms", s.query_ms},
          {"kernel_ms", s.kernel_ms},
          {"oracle_floor", s.oracle_floor},
          {"require_determinism", s.require_determinism},
          {"equal_writes", s.equal_writes.value_or(false)}};
}

AuditSettings settingsFrom(const Json& j) {
  AuditSettings s;
  s.stages = j.at("stages").get<std::vector<std::string>>();
  s.seed = j.at("seed");
  s.cases = j.at("cases");
  s.step_limit = j.at("step_limit");
  s.quick = j.at("quick");
  s.backend = j.at("backend");
  s.query_ms = j.at("query_ms");
  s.kernel_ms = j.at("kernel_ms");
  s.oracle_floor = j.at("oracle_floor");
  s.require_determinism = j.at("require_determinism");
  s.equal_writes = j.at("equal_writes").get<bool>();
  return s;
}

/// Reads what `read` makes of the JSON, if its format is `format`.
template <class T, class Read>
Expected<T> parsed(const std::string& name, std::string_view text, const char* format, Read read) {
  try {
    Json j = Json::parse(text);
    if (!j.is_object() || j.value("format", "") != format)
      return fail(ErrorKind::Input, fmt::format("this is no {}", format), name);
    return read(j);
  } catch (const Json::exception& error) {
    return fail(ErrorKind::Input, fmt::format("this is no {}: {}", format, error.what()), name);
  }
}

std::string written(const Json& j) {
  return j.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Expected<void> writeFile(const std::string& path, const std::string& text) {
  if (!writeWhole(path, text))
    return fail(ErrorKind::Input, "this can't be written", path);
  return {};
}

} // namespace

std::string_view nameOf(simt::RunStatus status) {
  switch (status) {
  case simt::RunStatus::Completed: return "completed";
  case simt::RunStatus::Faulted: return "faulted";
  case simt::RunStatus::Unsupported: return "unsupported";
  case simt::RunStatus::StepLimit: return "step limit";
  case simt::RunStatus::Stopped: return "stopped";
  case simt::RunStatus::Hung: return "hung";
  }
  return "stopped";
}

void AuditRecord::keep(const std::string& stage, std::span<const CaseRun> counted, const std::string& scope) {
  runs.scopes[stage] = scope;
  for (const CaseRun& run : counted)
    runs.runs.push_back({stage, run.one_case, std::string(nameOf(run.status)), run.trace.value_or(RunTrace{})});
}

void AuditRecord::keep(const Subject& subject, const AuditOptions& options) {
  runs.kernels = subject.kernels;
  runs.launch = subject.contract ? std::nullopt : subject.job.launch;
  runs.seed = options.seed;
  runs.steps = options.steps;
  runs.memory_bytes = options.memory_bytes;
  runs.equal_writes = allowsEqualWrites(subject, options);
  flags = subject.compile.extra_flags;
  system_headers_sha256 = hashOfSystemHeaders(subject.included);
  if (subject.judgesValues())
    spec_sha256 = subject.contract->spec->sha256;
  tolerances = tolerancesOf(subject);
  solver = verifier::Solver::name();
  settings = settingsOf(subject, options);
}

namespace {

/// `run` is given where its trace goes; null: nowhere.
template <typename Run> CaseRun traced(const AuditRecord* record, const Run& run) {
  if (!record)
    return run(nullptr);
  RunTrace trace;
  CaseRun done = run(&trace);
  trace.printed.clear();
  done.trace = std::move(trace);
  return done;
}

} // namespace

CaseRun runRecorded(const Subject& subject, const generate::Case& one_case, simt::Program& program,
                    const simt::RunLimits& limits, const AuditRecord* record) {
  return traced(record, [&](RunTrace* trace) { return runCase(subject, one_case, program, limits, trace); });
}

CaseRun runRecorded(const Subject& subject, const PreparedCase& prepared, simt::Program& program,
                    const simt::RunLimits& limits, const AuditRecord* record) {
  return traced(record, [&](RunTrace* trace) { return runPrepared(subject, prepared, program, limits, trace); });
}

std::string runsToJson(const RecordedRuns& runs) {
  Json list = Json::array();
  for (const RecordedRun& run : runs.runs)
    list.push_back(toJson(run));
  return written({{"format", kRunsFormat},
                  {"kernels", runs.kernels},
                  {"launch", runs.launch ? launchToJson(*runs.launch) : Json()},
                  {"seed", runs.seed},
                  {"steps", runs.steps},
                  {"memory_bytes", runs.memory_bytes},
                  {"equal_writes", runs.equal_writes},
                  {"scopes", runs.scopes},
                  {"runs", std::move(list)}});
}

Expected<RecordedRuns> runsFromJson(const std::string& name, std::string_view text) {
  return parsed<RecordedRuns>(name, text, kRunsFormat, [](const Json& j) {
    RecordedRuns runs;
    runs.kernels = j.at("kernels").get<std::vector<std::string>>();
    if (!j.at("launch").is_null())
      runs.launch = launchFrom(j.at("launch"));
    runs.seed = j.at("seed");
    runs.steps = j.at("steps");
    runs.memory_bytes = j.at("memory_bytes");
    runs.equal_writes = j.at("equal_writes");
    runs.scopes = j.at("scopes").get<std::map<std::string, std::string>>();
    for (const Json& run : j.at("runs"))
      runs.runs.push_back(runFrom(run));
    return runs;
  });
}

std::string recordToJson(const AuditRecord& record) {
  return written({{"format", kRecordFormat},
                  {"flags", record.flags},
                  {"system_headers_sha256", record.system_headers_sha256},
                  {"spec_sha256", record.spec_sha256},
                  {"tolerances", record.tolerances},
                  {"solver", record.solver},
                  {"settings", toJson(record.settings)}});
}

Expected<AuditRecord> recordFromJson(const std::string& name, std::string_view text) {
  return parsed<AuditRecord>(name, text, kRecordFormat, [](const Json& j) {
    AuditRecord record;
    record.flags = j.at("flags").get<std::vector<std::string>>();
    record.system_headers_sha256 = j.at("system_headers_sha256");
    record.spec_sha256 = j.at("spec_sha256");
    record.tolerances = j.at("tolerances").get<std::map<std::string, std::string>>();
    record.solver = j.at("solver");
    record.settings = settingsFrom(j.at("settings"));
    return record;
  });
}

Expected<void> writeRecord(const std::string& folder, const AuditRecord& record) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    return fail(ErrorKind::Input, "this folder can't be made: " + error.message(), folder);
  if (auto done = writeFile(folder + "/" + kRecordedRuns, runsToJson(record.runs)); !done)
    return done;
  return writeFile(folder + "/" + kRecordFile, recordToJson(record));
}

} // namespace kverify::pipeline
