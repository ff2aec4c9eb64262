#include "fuzz/generate/families.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "fuzz/generate/cases.h"

namespace kverify::generate {
namespace {

using Role = TensorContext::Role;

constexpr std::pair<Family, std::string_view> kNames[] = {{Family::Normal, "normal"},
                                                          {Family::Uniform, "uniform"},
                                                          {Family::LargeScores, "large-scores"},
                                                          {Family::Ascending, "ascending"},
                                                          {Family::Descending, "descending"},
                                                          {Family::OneHotValues, "one-hot-values"},
                                                          {Family::Sentinel, "sentinel"},
                                                          {Family::Mixed, "mixed"},
                                                          {Family::Extreme, "extreme"},
                                                          {Family::Spike, "spike"},
                                                          {Family::Constant, "constant"},
                                                          {Family::Offset, "offset"},
                                                          {Family::Tiny, "tiny"},
                                                          {Family::Integers, "integers"},
                                                          {Family::HugeScores, "huge-scores"},
                                                          {Family::TileEdges, "tile-edges"},
                                                          {Family::Sink, "sink"},
                                                          {Family::Ties, "ties"},
                                                          {Family::Subnormals, "subnormals"},
                                                          {Family::Far, "far"},
                                                          {Family::Masked, "masked"}};

std::int64_t position(const std::vector<std::int64_t>& index, int dimension) {
  return dimension < 0 ? 0 : index[static_cast<std::size_t>(dimension)];
}

/// V of the family "extreme": even channels far above 1, odd ones subnormal, both in the type's own range. Large is
/// kept below max/2^24, so that no order of summation and no unnormalised accumulator overflows.
double extremeValue(DType dtype, bool is_large, Random& random) {
  double x = random.normal();
  if (dtype == DType::F16)
    return x * (is_large ? 0x1p12 : 0x1p-20);
  if (dtype == DType::E4M3)
    return x * (is_large ? 0x1p7 : 0x1p-8);
  if (dtype == DType::E5M2)
    return x * (is_large ? 0x1p12 : 0x1p-15);
  return x * (is_large ? 0x1p100 : 0x1p-132);
}

/// 1 at the end of the slope, 1/count at its start.
double levelOf(Family family, std::int64_t at, std::int64_t count) {
  std::int64_t step = family == Family::Ascending ? at + 1 : count - at;
  return static_cast<double>(step) / static_cast<double>(std::max<std::int64_t>(count, 1));
}

/// Scores climb (or fall) steadily by about 16 over the keys.
double drawSlope(const TensorContext& t, std::int64_t key, Random& random) {
  double wobble = 1 + random.normal() / 4;
  if (t.role != Role::Key)
    return wobble;
  double root = std::sqrt(static_cast<double>(std::max<std::int64_t>(t.width, 1)));
  return 16 * levelOf(t.family, key, t.keys) * wobble / root;
}

/// The number of the row that an element is in: of all its indices but these two.
std::uint64_t rowOf(const std::vector<std::int64_t>& index, int along, int also = -1) {
  std::uint64_t row = 0;
  for (std::size_t i = 0; i < index.size(); ++i)
    if (static_cast<int>(i) != along && static_cast<int>(i) != also)
      row = mix(row ^ static_cast<std::uint64_t>(index[i] + 1));
  return row;
}

/// Below 0 or above, the same for a whole row.
double sideOf(const TensorContext& t, std::uint64_t row) {
  return mix(t.seed ^ mix(row)) % 2 == 0 ? -1 : 1;
}

/// Scores of about 200, or -200, with a spread of a few units.
double drawFarScore(const TensorContext& t, const std::vector<std::int64_t>& index, Random& random) {
  const double side = t.role == Role::Key ? sideOf(t, rowOf(index, t.key_dimension, t.width_dimension)) : 1;
  const double root = std::sqrt(std::sqrt(static_cast<double>(std::max<std::int64_t>(t.width, 1))));
  return side * std::sqrt(200.0) / root * (1 + random.normal() / 20);
}

/// A score of -inf by a key with one channel of -inf, which every query meets with a positive number; or by the bias.
double drawMaskedScore(const TensorContext& t, const std::vector<std::int64_t>& index, Random& random) {
  const double x = random.normal();
  const bool is_first = position(index, t.width_dimension) == 0;
  if (t.role == Role::Value || t.has_bias || !is_first)
    return x;
  if (t.role == Role::Query)
    return std::fabs(x) + 0.5;
  const std::uint64_t row = rowOf(index, t.key_dimension, t.width_dimension);
  return isMasked(t.masked, t.seed, row, position(index, t.key_dimension), t.keys) ? -HUGE_VAL : x;
}

double drawBias(const TensorContext& t, const std::vector<std::int64_t>& index, double row_scale, Random& random) {
  const double x = row_scale * random.normal();
  const bool is_masked = t.family == Family::Masked && isMasked(t.masked, t.seed, rowOf(index, t.key_dimension),
                                                                position(index, t.key_dimension), t.keys);
  return is_masked ? -HUGE_VAL : x;
}

/// Exponents of the smallest subnormal and of the smallest normal number.
std::pair<int, int> smallestOf(DType dtype) {
  switch (dtype) {
  case DType::F16: return {-24, -14};
  case DType::BF16: return {-133, -126};
  case DType::E4M3: return {-9, -6};
  case DType::E5M2: return {-16, -14};
  default: return {-149, -126};
  }
}

/// +0, -0, subnormals of the type, its smallest normal numbers, either sign.
double drawSubnormal(DType dtype, Random& random) {
  const auto [lowest, normal] = smallestOf(dtype);
  const double sign = random.below(2) ? -1 : 1;
  switch (random.below(4)) {
  case 0: return sign * 0.0;
  case 1: return sign * std::ldexp(1.0, lowest);
  case 2: return sign * std::ldexp(1 + random.uniform(), static_cast<int>(random.between(lowest, normal - 1)));
  default: return sign * std::ldexp(1 + random.uniform(), normal);
  }
}

/// Key 0 scores about 12 above the others, whose values are far larger than its own.
double drawSink(const TensorContext& t, std::int64_t key, Random& random) {
  const double x = random.normal();
  const double root = std::sqrt(static_cast<double>(std::max<std::int64_t>(t.width, 1)));
  switch (t.role) {
  case Role::Query: return 1 + x / 16;
  case Role::Key: return key == 0 ? (12 + x / 4) / root : x / 16 / root;
  default: return key == 0 ? x / 16 : 16 * x;
  }
}

/// Every other key is the same vector, the ones between are half of it: each row's maximum is taken many times.
double drawTie(const TensorContext& t, const std::vector<std::int64_t>& index, std::int64_t key, Random& random) {
  if (t.role == Role::Value)
    return 1 + random.uniform();
  if (t.role == Role::Query)
    return random.normal();
  const double pattern = static_cast<double>(index.back() * 37 % 16 - 8) / 8;
  return key % 2 == 0 ? pattern : pattern / 2;
}

double drawAttention(const TensorContext& t, const std::vector<std::int64_t>& index, double row_scale, Random& random) {
  bool is_value = t.role == Role::Value;
  std::int64_t key = position(index, t.key_dimension), channel = position(index, t.channel_dimension);
  switch (t.family) {
  case Family::Uniform: return random.uniform();
  case Family::LargeScores: return is_value ? random.normal() : 10 * random.normal();
  case Family::Ascending:
  case Family::Descending: return is_value ? random.normal() : drawSlope(t, key, random);
  case Family::OneHotValues: return is_value && key % t.channels == channel ? 1 : 0;
  case Family::Sentinel: {
    double x = random.normal();
    return is_value && key == t.keys - 1 ? 1000 + x : x;
  }
  case Family::Mixed: return row_scale * random.normal();
  case Family::Extreme: return is_value ? extremeValue(t.dtype, channel % 2 == 0, random) : random.normal();
  case Family::Far: return is_value ? random.normal() : drawFarScore(t, index, random);
  case Family::Masked: return drawMaskedScore(t, index, random);
  case Family::HugeScores: return is_value ? random.normal() : 100 * random.normal();
  case Family::TileEdges: {
    const double x = random.normal();
    return is_value && (key % 8 == 0 || key % 8 == 7) ? 1000 + x : x;
  }
  case Family::Sink: return drawSink(t, key, random);
  case Family::Ties: return drawTie(t, index, key, random);
  case Family::Subnormals: return drawSubnormal(t.dtype, random);
  default: return random.normal();
  }
}

/// The last element and the first, by turns of rows: those that a loop misses which starts late or strides too far.
std::int64_t spikeOf(const TensorContext& t, const std::vector<std::int64_t>& index) {
  std::int64_t row = 0;
  for (std::size_t i = 0; i < index.size(); ++i)
    if (static_cast<int>(i) != t.column_dimension)
      row += index[i];
  return row % 2 == 0 ? t.columns - 1 : 0;
}

double drawRow(const TensorContext& t, const std::vector<std::int64_t>& index, double row_scale, Random& random) {
  std::int64_t column = position(index, t.column_dimension);
  switch (t.family) {
  case Family::Uniform: return random.uniform();
  case Family::LargeScores: return 100 * random.normal();
  case Family::Ascending:
  case Family::Descending: {
    double wobble = random.normal() / 4;
    return 20 * levelOf(t.family, column, t.columns) + wobble;
  }
  case Family::Spike: {
    const double x = random.normal();
    // Far enough that exp overflows in fp32 without it in the maximum.
    return column == spikeOf(t, index) ? 200 + x : x;
  }
  case Family::Constant: return 3;
  case Family::Offset: return 1000 + random.normal();
  case Family::Tiny: return random.normal() * 0x1p-12;
  case Family::Far: return 1000 * sideOf(t, rowOf(index, t.column_dimension)) + random.normal();
  case Family::Masked: {
    double x = random.normal();
    return isMasked(t.masked, t.seed, rowOf(index, t.column_dimension), column, t.columns) ? -HUGE_VAL : x;
  }
  case Family::Mixed: return row_scale * random.normal();
  case Family::HugeScores: return 1e4 * random.normal();
  case Family::Ties: return static_cast<double>(random.below(4));
  case Family::Subnormals: return drawSubnormal(t.dtype, random);
  default: return random.normal();
  }
}

/// Operations on the rows of one tensor.
bool isOfRows(const std::string& oracle) {
  static const std::array<std::string_view, 8> kNames = {"softmax",    "log_softmax",        "cross_entropy",
                                                         "layer_norm", "rms_norm",           "rms_norm.backward",
                                                         "reduce",     "layer_norm.backward"};
  return std::find(kNames.begin(), kNames.end(), oracle) != kNames.end();
}

Role roleOf(const TensorDecl& tensor, const std::string& oracle) {
  if (oracle.starts_with("attention.")) {
    if (tensor.role == "Q")
      return Role::Query;
    if (tensor.role == "K" || tensor.role == "K_cache")
      return Role::Key;
    if (tensor.role == "V" || tensor.role == "V_cache" || tensor.role == "O_partial" || tensor.role == "dO")
      return Role::Value;
    if (tensor.role == "alibi_slopes")
      return Role::Slope;
    if (tensor.role == "K_scale" || tensor.role == "V_scale")
      return Role::Scale;
    if (tensor.role == "bias")
      return Role::Bias;
  }
  if (isOfRows(oracle)) {
    if (tensor.role == "x" || tensor.role == "logits")
      return Role::Row;
    if (tensor.role == "gamma")
      return Role::Gamma;
    if (tensor.role == "beta")
      return Role::Beta;
  }
  return Role::None;
}

} // namespace

std::string_view nameOf(Family family) {
  for (const auto& [value, name] : kNames)
    if (value == family)
      return name;
  return "?";
}

std::optional<Family> parseFamily(std::string_view wanted) {
  for (const auto& [family, name] : kNames)
    if (name == wanted)
      return family;
  return std::nullopt;
}

TensorContext describeTensor(const Contract& contract, const TensorDecl& tensor, const Sizes& axes, Family family,
                             std::uint64_t seed) {
  TensorContext context;
  context.family = family;
  context.role = roleOf(tensor, contract.spec ? contract.spec->oracle : "");
  context.masked = maskedScores(contract);
  context.has_bias = contract.findRole("bias") != nullptr;
  context.seed = seed;
  context.dtype = tensor.dtype;
  auto extent = [&](const char* axis) {
    auto at = axes.find(axis);
    return at == axes.end() ? 1 : std::max<std::int64_t>(at->second, 1);
  };
  auto dimension = [&](const char* axis) {
    auto at = std::find(tensor.axes.begin(), tensor.axes.end(), axis);
    return at == tensor.axes.end() ? -1 : static_cast<int>(at - tensor.axes.begin());
  };
  context.keys = extent(axes.contains("tk") ? "tk" : axes.contains("page") ? "page" : "nk");
  context.width = extent("d");
  context.channels = extent("dv");
  context.columns = extent(axes.contains("classes") ? "classes" : "n");
  context.key_dimension = dimension(axes.contains("tk") ? "tk" : axes.contains("page") ? "page" : "nk");
  context.channel_dimension = dimension("dv");
  context.width_dimension = dimension("d");
  context.column_dimension = dimension(axes.contains("classes") ? "classes" : "n");
  return context;
}

double drawElement(const TensorContext& tensor, const std::vector<std::int64_t>& index, double row_scale,
                   Random& random) {
  switch (tensor.role) {
  case Role::Query:
  case Role::Key:
  case Role::Value: return drawAttention(tensor, index, row_scale, random);
  case Role::Row: return drawRow(tensor, index, row_scale, random);
  case Role::Gamma: return 1 + random.normal() / 2;
  case Role::Beta: return random.normal();
  case Role::Slope: return 0.01 + random.uniform() / 2;
  case Role::Scale: return 0.25 + 1.5 * random.uniform(); // far enough from 1 and from each other to be missed
  case Role::Bias: return drawBias(tensor, index, row_scale, random);
  case Role::None: break;
  }
  if (tensor.family == Family::Uniform)
    return random.uniform();
  if (tensor.family == Family::Integers)
    return static_cast<double>(random.between(-8, 8));
  if (tensor.family == Family::LargeScores)
    return 100 * random.normal();
  if (tensor.family == Family::Subnormals)
    return drawSubnormal(tensor.dtype, random);
  return row_scale * random.normal();
}

double drawRowScale(const TensorContext& tensor, Random& random) {
  if (tensor.family != Family::Mixed)
    return 1;
  bool is_score = tensor.role == Role::Query || tensor.role == Role::Key;
  return std::ldexp(1.0, static_cast<int>(is_score ? random.between(-6, 2) : random.between(-10, 6)));
}

std::vector<std::string> familyNames(const Contract& contract) {
  const std::string oracle = contract.spec ? contract.spec->oracle : "";
  std::vector<Family> families = {Family::Normal,   Family::Uniform,     Family::Mixed,
                                  Family::Integers, Family::LargeScores, Family::Subnormals};
  if (oracle.starts_with("attention."))
    families = {Family::Normal,     Family::Ascending, Family::OneHotValues, Family::Sentinel, Family::LargeScores,
                Family::Descending, Family::Uniform,   Family::Mixed,        Family::Extreme,  Family::Far,
                Family::HugeScores, Family::TileEdges, Family::Sink,         Family::Ties,     Family::Subnormals};
  if (oracle == "softmax" || oracle == "log_softmax" || oracle == "cross_entropy" || oracle == "reduce")
    families = {Family::Normal,     Family::LargeScores, Family::Ascending, Family::Spike,    Family::Far,
                Family::Descending, Family::Uniform,     Family::Mixed,     Family::Constant, Family::HugeScores,
                Family::Ties,       Family::Subnormals};
  if (oracle.starts_with("layer_norm") || oracle.starts_with("rms_norm"))
    families = {Family::Normal, Family::Offset,   Family::Uniform,    Family::Spike,     Family::Mixed,
                Family::Tiny,   Family::Constant, Family::HugeScores, Family::Subnormals};
  // dO V^T of values near the type's maximum overflows: nothing could be judged.
  if (oracle == "attention.backward")
    std::erase(families, Family::Extreme);
  if (maskedScores(contract) != MaskedScores::None)
    families.insert(families.begin() + 1, Family::Masked);
  std::vector<std::string> names;
  for (Family family : families)
    names.emplace_back(nameOf(family));
  return names;
}

} // namespace kverify::generate
