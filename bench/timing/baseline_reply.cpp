#include "bench/timing/baseline_reply.h"

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace kverify::bench {
namespace {

using Json = nlohmann::ordered_json;

Expected<Json> readObject(const std::string& line) {
  Json j = Json::parse(line, nullptr, false);
  if (j.is_discarded() || !j.is_object())
    return fail(ErrorKind::Input, fmt::format("the baseline's answer is no JSON object: {}", line.substr(0, 200)), "--baseline",
                std::string("it must speak ") + kBaselineFormat);
  if (auto error = j.find("error"); error != j.end() && !error->is_null())
    return fail(ErrorKind::Environment, fmt::format("the baseline refuses: {}", error->is_string() ? error->get<std::string>() : error->dump()));
  return j;
}

} // namespace

Expected<std::string> readHello(const std::string& line) {
  auto j = readObject(line);
  if (!j)
    return tl::unexpected(j.error());
  auto format = j->find("format");
  if (format == j->end() || *format != kBaselineFormat)
    return fail(ErrorKind::Input, "the baseline does not say that it speaks " + std::string(kBaselineFormat), "--baseline");
  auto word = [&](const char* key) {
    auto at = j->find(key);
    return at != j->end() && at->is_string() ? at->get<std::string>() : std::string();
  };
  std::string name = word("name"), backend = word("backend"), versions;
  if (name.empty())
    return fail(ErrorKind::Input, "the baseline gives no name", "--baseline");
  if (auto at = j->find("versions"); at != j->end() && at->is_object())
    for (const auto& [what, version] : at->items())
      versions += fmt::format("{}{} {}", versions.empty() ? "" : ", ", what,
                              version.is_string() ? version.get<std::string>() : version.dump());
  return name + (backend.empty() ? "" : " " + backend) + (versions.empty() ? "" : " (" + versions + ")");
}

Expected<void> readReady(const std::string& line) {
  auto j = readObject(line);
  if (!j)
    return tl::unexpected(j.error());
  auto ready = j->find("ready");
  if (ready == j->end() || *ready != true)
    return fail(ErrorKind::Input, "the baseline does not say that it is ready", "--baseline");
  return {};
}

Expected<std::vector<double>> readTimes(const std::string& line, unsigned samples) {
  auto j = readObject(line);
  if (!j)
    return tl::unexpected(j.error());
  auto ms = j->find("ms");
  if (ms == j->end() || !ms->is_array() || ms->size() != samples)
    return fail(ErrorKind::Input, fmt::format("the baseline was asked for {} times and gave something else", samples), "--baseline");
  std::vector<double> times;
  for (const Json& one : *ms) {
    if (!one.is_number() || !std::isfinite(one.get<double>()) || one.get<double>() <= 0)
      return fail(ErrorKind::Input, fmt::format("the baseline gave {} for a time", one.dump()), "--baseline");
    times.push_back(one.get<double>());
  }
  return times;
}

} // namespace kverify::bench
