#include "report/run_json.h"

#include "report/summary.h"

namespace kverify::report {
namespace {

using Json = nlohmann::ordered_json;

Json orNull(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

std::string textOf(const Json& j) {
  return j.is_string() ? j.get<std::string>() : std::string();
}

Json toJson(const Isolation& isolation) {
  return {{"processes", isolation.processes},
          {"layers", isolation.layers},
          {"missing", isolation.missing},
          {"sockets_refused", isolation.sockets_refused},
          {"writes_confined", isolation.writes_confined},
          {"tracing_refused", isolation.tracing_refused},
          {"memory_bytes", isolation.memory_bytes},
          {"file_bytes", isolation.file_bytes},
          {"seconds", isolation.seconds}};
}

Json toJson(const Environment& environment) {
  return {{"isolation", toJson(environment.isolation)},
          {"jobs", environment.jobs},
          {"resumed", environment.resumed},
          {"cache", environment.cache},
          {"notes", environment.notes}};
}

Environment environmentFrom(const Json& j) {
  const Json& i = j.at("isolation");
  Environment environment{.isolation = {.processes = i.at("processes"),
                                        .layers = i.at("layers").get<std::vector<std::string>>(),
                                        .missing = i.at("missing").get<std::vector<std::string>>(),
                                        .sockets_refused = i.at("sockets_refused"),
                                        .writes_confined = i.at("writes_confined"),
                                        .tracing_refused = i.at("tracing_refused"),
                                        .memory_bytes = i.at("memory_bytes"),
                                        .file_bytes = i.at("file_bytes"),
                                        .seconds = i.at("seconds")},
                          .jobs = j.at("jobs"),
                          .resumed = j.at("resumed"),
                          .cache = j.at("cache")};
  environment.notes = j.at("notes").get<std::vector<std::string>>();
  return environment;
}

Json toJson(const Shard& shard) {
  return shard.count ? Json({{"index", shard.index}, {"count", shard.count}}) : Json(nullptr);
}

Shard shardFrom(const Json& j) {
  return j.is_null() ? Shard{} : Shard{j.at("index"), j.at("count")};
}

Json counts(const std::vector<Counted>& rows, const char* what) {
  Json list = Json::array();
  for (const Counted& row : rows)
    list.push_back({{what, row.what}, {"kernels", row.kernels}});
  return list;
}

Json toJson(const Tally& tally) {
  return {{"kernels", tally.kernels()},
          {"certified", tally.certified},
          {"refuted", tally.refuted},
          {"inconclusive", tally.inconclusive},
          {"failed", tally.failed},
          {"refuted_by", counts(tally.refuted_by, "check")},
          {"inconclusive_because", counts(tally.inconclusive_because, "reason")},
          {"failed_because", counts(tally.failed_because, "reason")}};
}

} // namespace

Json jobToJson(const JobRef& job) {
  if (job.content_sha256.empty())
    return nullptr;
  return {{"content_sha256", job.content_sha256}, {"index", job.index}};
}

JobRef jobFrom(const Json& j) {
  return j.is_null() ? JobRef{} : JobRef{j.at("content_sha256"), j.at("index")};
}

void addRun(Json& j, const Report& report) {
  j["tool_build"] = orNull(report.tool_build);
  j["settings"] = report.settings;
  j["environment"] = toJson(report.environment);
  j["corpus"] = {{"jobs", report.corpus.jobs}, {"sha256", orNull(report.corpus.sha256)}};
  j["shard"] = toJson(report.shard);
  j["shards"] = Json::array();
  for (const ShardRun& run : report.shards)
    j["shards"].push_back({{"shard", toJson(run.shard)},
                           {"jobs", run.jobs},
                           {"seconds", run.seconds},
                           {"environment", toJson(run.environment)}});
  j["summary"] = toJson(tallyOf(report));
}

void readRun(const Json& j, Report& report) {
  report.tool_build = textOf(j.at("tool_build"));
  report.settings = j.at("settings").get<Settings>();
  report.environment = environmentFrom(j.at("environment"));
  report.corpus = {j.at("corpus").at("jobs"), textOf(j.at("corpus").at("sha256"))};
  report.shard = shardFrom(j.at("shard"));
  for (const Json& run : j.at("shards"))
    report.shards.push_back(
        {shardFrom(run.at("shard")), run.at("jobs"), run.at("seconds"), environmentFrom(run.at("environment"))});
}

} // namespace kverify::report
