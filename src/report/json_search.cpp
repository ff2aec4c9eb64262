#include "report/json_search.h"

namespace kverify::report {
namespace {

using Json = nlohmann::ordered_json;

Json toJson(const Coverage& coverage) {
  Json j = {{"ways", coverage.ways},
            {"ways_reached", coverage.ways_reached},
            {"trip_classes", coverage.trip_classes},
            {"lines", coverage.lines},
            {"ways_missed", Json::array()},
            {"loops", Json::array()},
            {"lines_missed", Json::array()}};
  for (const WayMissed& way : coverage.ways_missed)
    j["ways_missed"].push_back({{"file", way.file}, {"line", way.line}, {"column", way.column}, {"when", way.when}});
  for (const LoopTrips& loop : coverage.loops)
    j["loops"].push_back({{"file", loop.file}, {"line", loop.line}, {"trips", loop.classes}});
  for (const LineMissed& line : coverage.lines_missed)
    j["lines_missed"].push_back({{"file", line.file}, {"line", line.line}});
  return j;
}

Coverage coverageFrom(const Json& j) {
  Coverage coverage{.ways = j.at("ways"),
                    .ways_reached = j.at("ways_reached"),
                    .trip_classes = j.at("trip_classes"),
                    .lines = j.at("lines")};
  for (const Json& way : j.at("ways_missed"))
    coverage.ways_missed.push_back({way.at("file"), way.at("line"), way.at("column"), way.at("when")});
  for (const Json& loop : j.at("loops"))
    coverage.loops.push_back({loop.at("file"), loop.at("line"), loop.at("trips")});
  for (const Json& line : j.at("lines_missed"))
    coverage.lines_missed.push_back({line.at("file"), line.at("line")});
  return coverage;
}

} // namespace

Json searchToJson(const Search& search) {
  Json j = {{"seed", search.seed},
            {"replayed", search.replayed},
            {"drawn", search.drawn},
            {"guided", search.guided},
            {"kept", search.kept},
            {"shapes", search.shapes},
            {"rejected", {{"requires", search.rejected_requires}, {"work", search.rejected_work}, {"saved", search.rejected_saved}}},
            {"ended", search.ended.empty() ? Json(nullptr) : Json(search.ended)},
            {"coverage", nullptr}};
  if (search.coverage)
    j["coverage"] = toJson(*search.coverage);
  return j;
}

Search searchFromJson(const Json& j) {
  const Json& rejected = j.at("rejected");
  Search search{.seed = j.at("seed"),
                .replayed = j.at("replayed"),
                .drawn = j.at("drawn"),
                .guided = j.at("guided"),
                .kept = j.at("kept"),
                .shapes = j.at("shapes"),
                .rejected_requires = rejected.at("requires"),
                .rejected_work = rejected.at("work"),
                .rejected_saved = rejected.at("saved")};
  if (j.at("ended").is_string())
    search.ended = j.at("ended");
  if (j.at("coverage").is_object())
    search.coverage = coverageFrom(j.at("coverage"));
  return search;
}

} // namespace kverify::report
