#include "fuzz/stability/stability.h"

#include <algorithm>
#include <iterator>

#include "fuzz/generate/cases.h"

namespace kverify::stability {
namespace {

struct Purpose {
  std::string_view family, finds;
};

constexpr Purpose kPurposes[] = {
    {"normal", "what usual inputs show"},
    {"uniform", "biased rounding: all of one sign"},
    {"large-scores", "missing shift by the maximum, overflow of scores"},
    {"ascending", "missing or wrong rescale: the maximum moves at every tile"},
    {"descending", "missing or wrong rescale: the maximum never moves"},
    {"one-hot-values", "dropped, duplicated or padded keys; a wrong denominator"},
    {"sentinel", "tails and masks off by one"},
    {"mixed", "paths that look at the magnitude; lost small terms"},
    {"extreme", "flush to zero, overflow of the accumulator"},
    {"spike", "one element far above the rest"},
    {"constant", "0 / 0, variance 0"},
    {"offset", "cancellation: a mean far above the deviation"},
    {"tiny", "a variance below epsilon"},
    {"integers", "results that must be exact"},
    {"far", "a maximum that starts at a finite number, a missing shift"},
    {"masked", "-inf - (-inf), rows and tiles of nothing but masked scores"},
    {"huge-scores", "overflow of scores that are kept in fp16, a missing shift"},
    {"tile-edges", "keys lost or doubled between two tiles"},
    {"subnormals", "flush to zero, signs of zero"},
    {"sink", "one key that takes nearly all weight: underflow of the rest"},
    {"ties", "repeated maxima, values of one sign: biased rounding"},
};

} // namespace

std::vector<StressCase> stressCases(const Contract& contract) {
  std::vector<StressCase> cases;
  for (const std::string& family : generate::familyNames(contract)) {
    auto at = std::find_if(std::begin(kPurposes), std::end(kPurposes),
                           [&](const Purpose& purpose) { return purpose.family == family; });
    cases.push_back({family, at == std::end(kPurposes) ? "" : std::string(at->finds)});
  }
  return cases;
}

} // namespace kverify::stability
