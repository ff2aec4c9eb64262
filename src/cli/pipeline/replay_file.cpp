#include "cli/pipeline/replay_file.h"

#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/hash.h"
#include "kverify/check.h"

namespace kverify::pipeline {
namespace {

using Json = nlohmann::ordered_json;
using frontend::CudaHeaders;

constexpr std::pair<CudaHeaders, const char*> kHeaders[] = {
    {CudaHeaders::Auto, "auto"}, {CudaHeaders::Builtin, "builtin"}, {CudaHeaders::Toolkit, "toolkit"}};

const char* nameOf(CudaHeaders headers) {
  for (const auto& [value, name] : kHeaders)
    if (value == headers)
      return name;
  return "auto";
}

CudaHeaders headersFrom(const std::string& name) {
  for (const auto& [value, n] : kHeaders)
    if (n == name)
      return value;
  return CudaHeaders::Auto;
}

Json toJson(const Dim3& d) {
  return Json::array({d.x, d.y, d.z});
}

Dim3 dimFrom(const Json& j) {
  return {j.at(0), j.at(1), j.at(2)};
}

Json launchToJson(const contract::AssumeOptions& launch) {
  return {{"grid", toJson(launch.grid)},
          {"block", toJson(launch.block)},
          {"dynamic_shared_bytes", launch.dynamic_shared_bytes},
          {"args", launch.args},
          {"integer", launch.integer},
          {"real", launch.real},
          {"buffer_bytes", launch.buffer_bytes}};
}

contract::AssumeOptions launchFrom(const Json& j) {
  contract::AssumeOptions launch;
  launch.grid = dimFrom(j.at("grid"));
  launch.block = dimFrom(j.at("block"));
  launch.dynamic_shared_bytes = j.at("dynamic_shared_bytes");
  launch.args = j.at("args").get<std::map<std::string, std::string>>();
  launch.integer = j.at("integer");
  launch.real = j.at("real");
  launch.buffer_bytes = j.at("buffer_bytes");
  return launch;
}

Json expectedToJson(const Finding& finding) {
  const CheckInfo* check = findCheck(finding.check);
  Json locations = Json::array();
  for (const FindingLocation& location : finding.locations) {
    SourceLocation at = location.stack.empty() ? SourceLocation{} : location.stack[0];
    locations.push_back({{"file", at.file}, {"line", at.line}, {"column", at.column}, {"what", location.what}});
  }
  return {{"check", finding.check},
          {"code", check ? check->code : ""},
          {"message", finding.message},
          {"launch", finding.launch},
          {"locations", locations}};
}

Finding expectedFrom(const Json& j) {
  Finding finding{.check = j.at("check"), .message = j.at("message")};
  finding.launch = j.at("launch");
  for (const Json& entry : j.at("locations")) {
    FindingLocation location;
    location.stack = {{.file = entry.at("file"), .line = entry.at("line"), .column = entry.at("column")}};
    location.what = entry.at("what");
    finding.locations.push_back(std::move(location));
  }
  return finding;
}

ReplayFile parsed(const Json& j) {
  ReplayFile replay;
  replay.tool_version = j.at("tool_version");
  replay.source = j.at("source").at("path");
  replay.source_sha256 = j.at("source").at("sha256");
  const Json& compile = j.at("compile");
  replay.compile.headers = headersFrom(compile.at("headers"));
  replay.compile.target = compile.at("target");
  replay.compile.extra_flags = compile.at("flags").get<std::vector<std::string>>();
  replay.compile.kernels = compile.at("kernels").get<std::vector<std::string>>();
  if (const Json& contract = j.at("contract"); contract.is_object()) {
    replay.contract = contract.at("path");
    replay.contract_sha256 = contract.at("sha256");
  } else {
    replay.launch = launchFrom(j.at("launch"));
  }
  auto backend = parseBackend(j.value("backend", "simt"));
  replay.backend = backend.value_or(Backend::Simt);
  const Json& one_case = j.at("case");
  replay.one_case.seed = one_case.at("seed");
  replay.one_case.family = one_case.at("family");
  replay.one_case.sizes = one_case.at("sizes").get<Sizes>();
  if (one_case.contains("only_block"))
    replay.one_case.only_block = dimFrom(one_case.at("only_block"));
  replay.one_case.property = one_case.value("property", "");
  replay.one_case.schedule = one_case.value("schedule", std::uint64_t{0});
  if (one_case.contains("kept"))
    replay.one_case.kept = one_case.at("kept").get<std::map<std::string, std::vector<std::int64_t>>>();
  for (const Json& input : j.at("inputs"))
    replay.trace.inputs.emplace_back(input.at("name"), input.at("sha256"));
  replay.expected = expectedFrom(j.at("expect"));
  replay.trace.buffers_sha256 = j.at("result").at("buffers_sha256");
  replay.trace.printed_sha256 = j.at("result").at("printed_sha256");
  return replay;
}

} // namespace

std::string replayName(const ReplayFile& replay) {
  const CheckInfo* check = findCheck(replay.expected.check);
  std::string identity = fmt::format("{}\n{}\n{}\n{}", replay.source, replay.contract,
                                     fmt::join(replay.compile.kernels, ","), replay.expected.check);
  for (const auto& place : replay.expected.locations)
    if (!place.stack.empty())
      identity += fmt::format("\n{}:{}:{}", place.stack[0].file, place.stack[0].line, place.stack[0].column);
  return fmt::format("{}-{}.json", check ? check->code : "finding", sha256Hex(identity).substr(0, 8));
}

std::string replayToJson(const ReplayFile& replay) {
  Json inputs = Json::array();
  for (const auto& [name, sha256] : replay.trace.inputs)
    inputs.push_back({{"name", name}, {"sha256", sha256}});
  Json j = {
      {"format", kReplayFormat},
      {"tool_version", replay.tool_version},
      {"source", {{"path", replay.source}, {"sha256", replay.source_sha256}}},
      {"compile",
       {{"headers", nameOf(replay.compile.headers)},
        {"target", replay.compile.target},
        {"flags", replay.compile.extra_flags},
        {"kernels", replay.compile.kernels}}},
      {"contract", nullptr},
      {"launch", nullptr},
      {"case", {{"seed", replay.one_case.seed}, {"family", replay.one_case.family}, {"sizes", replay.one_case.sizes}}},
      {"inputs", inputs},
      {"expect", expectedToJson(replay.expected)},
      {"result", {{"buffers_sha256", replay.trace.buffers_sha256}, {"printed_sha256", replay.trace.printed_sha256}}}};
  if (replay.backend != Backend::Simt)
    j["backend"] = nameOf(replay.backend);
  if (!replay.contract.empty())
    j["contract"] = {{"path", replay.contract}, {"sha256", replay.contract_sha256}};
  if (replay.one_case.only_block)
    j["case"]["only_block"] = toJson(*replay.one_case.only_block);
  if (!replay.one_case.kept.empty())
    j["case"]["kept"] = replay.one_case.kept;
  if (replay.one_case.schedule)
    j["case"]["schedule"] = replay.one_case.schedule;
  if (!replay.one_case.property.empty())
    j["case"]["property"] = replay.one_case.property;
  if (replay.launch)
    j["launch"] = launchToJson(*replay.launch);
  return j.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Expected<ReplayFile> replayFromJson(const std::string& path, std::string_view text) {
  try {
    Json j = Json::parse(text);
    if (!j.is_object() || j.value("format", "") != kReplayFormat)
      return fail(ErrorKind::Input,
                  fmt::format("'{}' is not a replay file: its format is not {}", path, kReplayFormat));
    return parsed(j);
  } catch (const Json::exception& e) {
    return fail(ErrorKind::Input, fmt::format("'{}' is not a replay file: {}", path, e.what()), path,
                "kverify audit writes replay files into out/");
  }
}

Expected<std::string> writeReplay(const std::string& folder, const ReplayFile& replay) {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::create_directories(folder, error);
  fs::path path = fs::path(folder) / replayName(replay);
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << replayToJson(replay);
  if (!out.flush())
    return fail(ErrorKind::Input, fmt::format("cannot write the replay file '{}'", path.string()));
  return path.string();
}

} // namespace kverify::pipeline
