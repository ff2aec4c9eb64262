#include "verifier/checks/sizes.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace kverify::verifier {

namespace {

using Values = std::vector<std::int64_t>;

Values valuesOf(const SizeDecl& size) {
  Values values = size.kind == SizeDecl::Kind::List ? size.list : size.extra;
  if (size.kind == SizeDecl::Kind::Range)
    for (std::int64_t edge : {size.low, size.low + (size.low < size.high), size.high - (size.low < size.high), size.high})
      values.push_back(edge);
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

double combinations(const std::map<std::string, Values>& choices) {
  double count = 1;
  for (const auto& [name, values] : choices)
    count *= static_cast<double>(values.size());
  return count;
}

/// Takes values out of the middle of the longest list; of two, the smaller.
void thinOut(std::map<std::string, Values>& choices, std::size_t most) {
  while (combinations(choices) > static_cast<double>(most)) {
    auto longest = std::max_element(choices.begin(), choices.end(), [](const auto& a, const auto& b) {
      return a.second.size() < b.second.size();
    });
    Values& values = longest->second;
    values.erase(values.begin() + static_cast<std::ptrdiff_t>(values.size() > 2 ? values.size() / 2 : 0));
  }
}

class AtSizes : public Rewriter {
public:
  AtSizes(TermPool& pool, const Domain& domain, const Sizes& sizes) : Rewriter(pool) {
    for (const auto& [name, value] : sizes) {
      auto multiple = domain.multiples.find(name);
      std::int64_t factor = multiple == domain.multiples.end() ? 1 : multiple->second;
      fits_ = fits_ && value % factor == 0;
      values_["size." + name] = value;
      values_["multiple." + name] = value / factor;
    }
  }
  bool fits() const { return fits_; }

protected:
  TermPtr replace(const Sym& sym, TermPtr original) override {
    auto found = values_.find(sym.name);
    return found == values_.end() ? original : pool_.constant(found->second);
  }

private:
  std::map<std::string, std::int64_t> values_;
  bool fits_ = true;
};

} // namespace

ListedSizes listedSizes(const Contract& contract, std::size_t most) {
  std::map<std::string, Values> choices;
  for (const SizeDecl& size : contract.sizes)
    if (size.kind != SizeDecl::Kind::Equals)
      if (Values values = valuesOf(size); !values.empty())
        choices[size.name] = std::move(values);
  thinOut(choices, std::max<std::size_t>(most, 1));
  ListedSizes listed;
  listed.all.emplace_back();
  for (const auto& [name, values] : choices) {
    listed.scope += fmt::format("{}{} in {{{}}}", listed.scope.empty() ? "bounded: " : ", ", name, fmt::join(values, ", "));
    std::vector<Sizes> more;
    for (const Sizes& sizes : listed.all)
      for (std::int64_t value : values) {
        more.push_back(sizes);
        more.back()[name] = value;
      }
    listed.all = std::move(more);
  }
  return listed;
}

TermPtr atSizes(TermPool& pool, const Domain& domain, const Sizes& sizes, TermPtr term) {
  AtSizes rewrite(pool, domain, sizes);
  if (!rewrite.fits())
    return nullptr;
  for (TermPtr fact : domain.facts)
    if (rewrite(fact) == pool.boolean(false))
      return nullptr;
  return rewrite(term);
}

bool isLaunch(TermPool& pool, const Domain& domain, const Sizes& sizes) {
  AtSizes rewrite(pool, domain, sizes);
  return rewrite.fits() && std::all_of(domain.facts.begin(), domain.facts.end(), [&](TermPtr fact) {
           return rewrite(fact) == pool.boolean(true);
         });
}

} // namespace kverify::verifier
