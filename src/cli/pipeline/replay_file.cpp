#include "cli/pipeline/replay_file.h"

#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/pipeline/case_json.h"
#include "core/hash.h"
#include "core/write_file.h"
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
  replay.one_case = caseFromJson(j.at("case"));
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
      {"case", caseToJson(replay.one_case)},
      {"inputs", inputs},
      {"expect", expectedToJson(replay.expected)},
      {"result", {{"buffers_sha256", replay.trace.buffers_sha256}, {"printed_sha256", replay.trace.printed_sha256}}}};
  if (replay.backend != Backend::Simt)
    j["backend"] = nameOf(replay.backend);
  if (!replay.contract.empty())
    j["contract"] = {{"path", replay.contract}, {"sha256", replay.contract_sha256}};
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
  std::string path = (std::filesystem::path(folder) / replayName(replay)).string();
  if (auto written = writeWhole(path, replayToJson(replay)); !written)
    return fail(ErrorKind::Input, "a replay file is missing: " + written.error().message);
  return path;
}

} // namespace kverify::pipeline
