#include "cli/pipeline/case_json.h"

namespace kverify::pipeline {

using Json = nlohmann::ordered_json;

Json caseToJson(const generate::Case& one) {
  Json j = {{"seed", one.seed}, {"family", one.family}, {"sizes", one.sizes}};
  if (one.only_block)
    j["only_block"] = {one.only_block->x, one.only_block->y, one.only_block->z};
  if (!one.kept.empty())
    j["kept"] = one.kept;
  if (!one.changed.empty())
    j["changed"] = one.changed;
  if (one.schedule)
    j["schedule"] = one.schedule;
  if (!one.property.empty())
    j["property"] = one.property;
  return j;
}

namespace {

/// A number with a fraction, or one beyond 64 bits, is no size.
Sizes sizesFrom(const Json& j) {
  for (const auto& [name, value] : j.items())
    if (!value.is_number_integer())
      throw Json::type_error::create(302, "the size '" + name + "' is no integer", &value);
  return j.get<Sizes>();
}

} // namespace

generate::Case caseFromJson(const Json& j) {
  generate::Case one;
  one.seed = j.at("seed");
  one.family = j.at("family");
  one.sizes = sizesFrom(j.at("sizes"));
  if (j.contains("only_block"))
    one.only_block = Dim3{j.at("only_block").at(0), j.at("only_block").at(1), j.at("only_block").at(2)};
  if (j.contains("kept"))
    one.kept = j.at("kept").get<std::map<std::string, std::vector<std::int64_t>>>();
  if (j.contains("changed"))
    one.changed = j.at("changed").get<std::map<std::string, generate::Values>>();
  one.schedule = j.value("schedule", std::uint64_t{0});
  one.property = j.value("property", "");
  return one;
}

} // namespace kverify::pipeline
