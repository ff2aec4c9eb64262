#include "fuzz/shadow/shadow_json.h"

#include <cmath>

#include <nlohmann/json.hpp>

namespace kverify::shadow {
namespace {

using Json = nlohmann::json;

/// JSON has no infinity.
Json number(double x) {
  return std::isfinite(x) ? Json(x) : Json(std::isnan(x) ? "nan" : x > 0 ? "inf" : "-inf");
}

Json orNull(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

Json head(const ShadowSubject& subject, const char* domain) {
  return {{"format", "kverify.shadow/1"},         {"domain", domain},
          {"file", subject.file},                 {"kernel", subject.kernel},
          {"contract", orNull(subject.contract)}, {"sizes", Json::object_t(subject.sizes.begin(), subject.sizes.end())},
          {"family", subject.family},             {"seed", subject.seed}};
}

Json lineOf(const LineReport& line, bool intervals) {
  Json one = {{"file", line.location.file}, {"line", line.location.line}, {"operations", line.operations}};
  if (intervals)
    one.update({{"worst_width", number(line.worst_width)},
                {"worst_relative_width", number(line.worst_relative_width)},
                {"undecided_comparisons", line.undecided}});
  else
    one.update({{"share_of_error", number(line.share)},
                {"worst_rounding", number(line.worst_rounding)},
                {"sum_of_roundings", number(line.rounding)},
                {"worst_error", number(line.worst_error)},
                {"cancelled_bits", number(line.cancelled_bits)}});
  return one;
}

Json worstOf(const ShadowReport& report, bool intervals) {
  if (report.worst.buffer.empty())
    return nullptr;
  Json worst = {{"buffer", report.worst.buffer},
                {"element", report.worst.element},
                {"value", number(report.worst.value)}};
  if (intervals)
    worst.update({{"low", number(report.worst.low)}, {"high", number(report.worst.high)}});
  else
    worst.update({{"exact", number(report.worst.exact)}, {"error", number(report.worst.error)}});
  return worst;
}

} // namespace

std::string toJson(const ShadowSubject& subject, const ShadowReport& report) {
  const bool intervals = report.domain == simt::ShadowDomain::Interval;
  Json out = head(subject, intervals ? "interval" : "double-double");
  Json lines = Json::array();
  for (const LineReport& line : report.lines)
    lines.push_back(lineOf(line, intervals));
  out.update({{"outputs", report.outputs},
              {"outputs_without_shadow", report.lost},
              {"lines", std::move(lines)},
              {"notes", report.notes},
              {"worst", worstOf(report, intervals)}});
  if (intervals)
    out.update({{"worst_width", number(report.worst_width)}, {"mean_width", number(report.mean_width)}});
  else
    out.update({{"worst_error", number(report.worst_error)},
                {"mean_error", number(report.mean_error)},
                {"signed_mean_error", number(report.signed_mean_error)}});
  return out.dump(2) + "\n";
}

std::string toJson(const ShadowSubject& subject, const AlgebraVerdict& verdict) {
  using Kind = AlgebraVerdict::Kind;
  const bool equal = verdict.kind == Kind::Equal;
  Json out = head(subject, "field");
  out.update({{"outcome", equal ? "equal" : verdict.kind == Kind::Unequal ? "unequal" : "unknown"},
              {"reason", orNull(verdict.reason)},
              {"differs", verdict.kind == Kind::Unequal || verdict.differs},
              {"place", verdict.place.line ? Json{{"file", verdict.place.file}, {"line", verdict.place.line}} : Json(nullptr)},
              {"compared", verdict.compared},
              {"unequal", verdict.unequal},
              {"first_unequal", orNull(verdict.first)},
              {"escape_probability", equal ? Json(verdict.escape_probability) : Json(nullptr)}});
  return out.dump(2) + "\n";
}

} // namespace kverify::shadow
