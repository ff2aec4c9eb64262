#include "report/json_facts.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace kverify::report {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::pair<MemorySpace, const char*> kSpaces[] = {{MemorySpace::Global, "global"},
                                                           {MemorySpace::Shared, "shared"},
                                                           {MemorySpace::Local, "local"},
                                                           {MemorySpace::Constant, "constant"}};
constexpr std::pair<AccessKind, const char*> kKinds[] = {{AccessKind::Read, "read"},
                                                         {AccessKind::Write, "write"},
                                                         {AccessKind::Atomic, "atomic"},
                                                         {AccessKind::Copy, "copy"}};

/// The value of that name; a name that nobody knows is an error and no default.
template <class T, std::size_t N>
T valueOf(const std::pair<T, const char*> (&names)[N], const Json& j) {
  for (const auto& [value, name] : names)
    if (j == name)
      return value;
  throw Json::other_error::create(502, "no such name: " + j.dump(), &j);
}

Json dims(const Dim3& d) {
  return Json::array({d.x, d.y, d.z});
}

Dim3 dimsFrom(const Json& j) {
  return {j.at(0), j.at(1), j.at(2)};
}

Json named(const std::vector<std::pair<std::string, std::int64_t>>& values) {
  Json j = Json::object();
  for (const auto& [name, value] : values)
    j[name] = value;
  return j;
}

std::vector<std::pair<std::string, std::int64_t>> namedFrom(const Json& j) {
  std::vector<std::pair<std::string, std::int64_t>> values;
  for (const auto& [name, value] : j.items())
    values.emplace_back(name, value.get<std::int64_t>());
  return values;
}

Json toJson(const SourceLocation& at) {
  return {{"file", at.file}, {"line", at.line}, {"column", at.column}, {"function", at.function}};
}

SourceLocation locationFrom(const Json& j) {
  return {j.at("file"), j.at("line"), j.at("column"), j.at("function")};
}

Json toJson(const LaunchFacts& launch) {
  Json j = {{"kernel", launch.kernel},
            {"grid", dims(launch.grid)},
            {"block", dims(launch.block)},
            {"shared_bytes", launch.shared_bytes},
            {"sizes", named(launch.sizes)}};
  if (launch.only_block)
    j["only_block"] = dims(*launch.only_block);
  if (!launch.family.empty())
    j["family"] = launch.family;
  if (launch.seed)
    j["seed"] = *launch.seed;
  return j;
}

LaunchFacts launchFrom(const Json& j) {
  LaunchFacts launch{.kernel = j.at("kernel"), .grid = dimsFrom(j.at("grid")), .block = dimsFrom(j.at("block"))};
  launch.shared_bytes = j.at("shared_bytes");
  launch.sizes = namedFrom(j.at("sizes"));
  if (j.contains("only_block"))
    launch.only_block = dimsFrom(j.at("only_block"));
  launch.family = j.value("family", "");
  if (j.contains("seed"))
    launch.seed = j.at("seed").get<std::uint64_t>();
  return launch;
}

Json toJson(const MemoryObject& object) {
  return {{"name", object.name},
          {"space", nameOf(object.space)},
          {"bytes", object.bytes},
          {"element_bytes", object.element_bytes},
          {"shape", object.shape}};
}

MemoryObject objectFrom(const Json& j) {
  return {j.at("name"), valueOf(kSpaces, j.at("space")), j.at("bytes"), j.at("element_bytes"),
          j.at("shape").get<std::vector<std::int64_t>>()};
}

Json toJson(const BarrierInterval& interval) {
  Json j = {{"number", interval.number}};
  if (interval.opened_by)
    j["opened_by"] = toJson(*interval.opened_by);
  if (interval.closed_by)
    j["closed_by"] = toJson(*interval.closed_by);
  return j;
}

BarrierInterval intervalFrom(const Json& j) {
  BarrierInterval interval{.number = j.at("number")};
  if (j.contains("opened_by"))
    interval.opened_by = locationFrom(j.at("opened_by"));
  if (j.contains("closed_by"))
    interval.closed_by = locationFrom(j.at("closed_by"));
  return interval;
}

Json toJson(const ValueFacts& value) {
  return {{"tensor", value.tensor},      {"index", named(value.index)},    {"got", realToJson(value.got)},
          {"want", realToJson(value.want)}, {"bound", realToJson(value.bound)}, {"wrong", value.wrong},
          {"compared", value.compared}};
}

ValueFacts valueFrom(const Json& j) {
  return {j.at("tensor"),
          namedFrom(j.at("index")),
          realFromJson(j.at("got")),
          realFromJson(j.at("want")),
          realFromJson(j.at("bound")),
          j.at("wrong"),
          j.at("compared")};
}

Json toJson(const Tile& tile) {
  Json j = {{"object", tile.object}, {"first", tile.first}, {"rows", tile.rows}, {"columns", tile.columns},
            {"step", tile.step}};
  if (tile.focus)
    j["focus"] = Json::array({tile.focus->first, tile.focus->second});
  Json threads = Json::array();
  for (const ThreadId& thread : tile.threads)
    threads.push_back(threadToJson(thread));
  j["threads"] = std::move(threads);
  for (auto [key, list] : {std::pair("writers", &tile.writers), {"others", &tile.others}, {"intervals", &tile.intervals}})
    if (!list->empty())
      j[key] = *list;
  if (!tile.ratios.empty()) {
    j["ratios"] = Json::array();
    for (double ratio : tile.ratios)
      j["ratios"].push_back(realToJson(ratio));
  }
  return j;
}

Tile tileFrom(const Json& j) {
  Tile tile{.object = j.at("object"), .first = j.at("first").get<std::vector<std::int64_t>>(), .rows = j.at("rows")};
  tile.columns = j.at("columns");
  tile.step = j.at("step");
  if (j.contains("focus"))
    tile.focus.emplace(j.at("focus").at(0), j.at("focus").at(1));
  for (const Json& thread : j.at("threads"))
    tile.threads.push_back(threadFromJson(thread));
  std::size_t cells = std::size_t{tile.rows} * tile.columns;
  auto check = [&](std::size_t size) {
    if (size != cells)
      throw Json::other_error::create(503, "a tile has one entry a cell", &j);
  };
  for (auto [key, list] : {std::pair("writers", &tile.writers), {"others", &tile.others}, {"intervals", &tile.intervals}}) {
    if (!j.contains(key))
      continue;
    *list = j.at(key).get<std::vector<std::int32_t>>();
    check(list->size());
  }
  for (const std::vector<std::int32_t>* list : {&tile.writers, &tile.others})
    for (std::int32_t index : *list)
      if (index < Tile::Earlier || index >= static_cast<std::int32_t>(tile.threads.size()))
        throw Json::other_error::create(503, "a tile names a thread that it does not have", &j);
  if (j.contains("ratios")) {
    for (const Json& ratio : j.at("ratios"))
      tile.ratios.push_back(realFromJson(ratio));
    check(tile.ratios.size());
  }
  return tile;
}

} // namespace

const char* nameOf(MemorySpace space) {
  return std::find_if(std::begin(kSpaces), std::end(kSpaces), [&](const auto& one) { return one.first == space; })->second;
}

const char* nameOf(AccessKind kind) {
  return std::find_if(std::begin(kKinds), std::end(kKinds), [&](const auto& one) { return one.first == kind; })->second;
}

Json realToJson(double value) {
  if (std::isfinite(value))
    return value;
  return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

double realFromJson(const Json& j) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (!j.is_string())
    return j.get<double>();
  static constexpr std::pair<double, const char*> kNames[] = {
      {kInfinity, "inf"}, {-kInfinity, "-inf"}, {std::numeric_limits<double>::quiet_NaN(), "nan"}};
  return valueOf(kNames, j);
}

Json threadToJson(const ThreadId& thread) {
  return {{"thread", thread.thread}, {"block", thread.block}};
}

ThreadId threadFromJson(const Json& j) {
  return {j.at("thread").get<std::array<std::uint32_t, 3>>(), j.at("block").get<std::array<std::uint32_t, 3>>()};
}

Json accessToJson(const MemoryAccess& access) {
  Json j = {{"kind", nameOf(access.kind)}, {"bytes", access.bytes}, {"offset", access.offset},
            {"index", access.index}};
  if (access.interval)
    j["interval"] = *access.interval;
  return j;
}

MemoryAccess accessFromJson(const Json& j) {
  MemoryAccess access{valueOf(kKinds, j.at("kind")), j.at("bytes"), j.at("offset"),
                      j.at("index").get<std::vector<std::int64_t>>(), std::nullopt};
  if (j.contains("interval"))
    access.interval = j.at("interval").get<std::uint32_t>();
  return access;
}

Json linesToJson(const std::vector<JudgedLine>& lines) {
  Json j = Json::object();
  for (const JudgedLine& one : lines)
    j[one.file].push_back(one.line);
  return j;
}

std::vector<JudgedLine> linesFromJson(const Json& j) {
  std::vector<JudgedLine> lines;
  for (const auto& [file, numbers] : j.items())
    for (const Json& line : numbers)
      lines.push_back({file, line.get<unsigned>()});
  return lines;
}

Json factsToJson(const FindingFacts& facts) {
  Json j = Json::object();
  if (facts.launch)
    j["launch"] = toJson(*facts.launch);
  if (facts.object)
    j["object"] = toJson(*facts.object);
  if (facts.interval)
    j["interval"] = toJson(*facts.interval);
  if (const auto& v = facts.violation)
    j["violation"] = {
        {"what", v->what}, {"actual", realToJson(v->actual)}, {"allowed", realToJson(v->allowed)}, {"unit", v->unit}};
  if (facts.value)
    j["value"] = toJson(*facts.value);
  if (facts.tile)
    j["tile"] = toJson(*facts.tile);
  return j;
}

FindingFacts factsFromJson(const Json& j) {
  FindingFacts facts;
  if (j.contains("launch"))
    facts.launch = launchFrom(j.at("launch"));
  if (j.contains("object"))
    facts.object = objectFrom(j.at("object"));
  if (j.contains("interval"))
    facts.interval = intervalFrom(j.at("interval"));
  if (j.contains("violation")) {
    const Json& v = j.at("violation");
    facts.violation = {v.at("what"), realFromJson(v.at("actual")), realFromJson(v.at("allowed")), v.at("unit")};
  }
  if (j.contains("value"))
    facts.value = valueFrom(j.at("value"));
  if (j.contains("tile"))
    facts.tile = tileFrom(j.at("tile"));
  return facts;
}

} // namespace kverify::report
