#pragma once
// The host's half of a domain: what the inlined code does not do by itself.
#include <map>
#include <memory>
#include <string>

#include "simt/shadow/shadow.h"
#include "simt/site_table.h"

namespace kverify::simt::shadow {

/// A float that a warp operation reads: its shadow and its value.
struct Operand {
  Words words;
  double value = 0;
};

/// C + A B of one warp. A is m x k, B is k x n, row-major.
struct Product {
  int m = 0, n = 0, k = 0;
  std::vector<Operand> a, b, c;
};

/// Comparisons come as this operation, beyond the list of cell.h.
inline constexpr std::uint32_t kCompareOp = kOther + 1;
/// A float becomes an integer.
inline constexpr std::uint32_t kLeaveOp = kOther + 2;
/// Double-double: a result that is no finite number, or whose error is none.
inline constexpr std::uint32_t kNonfiniteOp = kOther + 3;

class Run;

class HostDomain {
public:
  virtual ~HostDomain() = default;

  /// A number without history: a constant, what integer code wrote, an input of a domain that does not make them up.
  virtual Words from(double concrete, std::uint32_t site) = 0;
  virtual Words fromInteger(double concrete, std::uint32_t site) { return from(concrete, site); }
  /// A number that was found in memory or in a register without its history: integer code made its bits.
  virtual Words unstamped(double concrete, std::uint32_t site) { return from(concrete, site); }
  virtual Words input(std::size_t buffer, std::uint64_t element, double concrete) = 0;
  /// `concrete`: of the operands and of the result.
  virtual Words apply(std::uint32_t op, const Words in[3], const double concrete[4], std::uint32_t site) = 0;
  /// `results`: the concrete ones, m x n.
  virtual std::vector<Words> product(const Product& product, const std::vector<double>& results,
                                     std::uint32_t site) = 0;

  void note(std::uint32_t site, std::string text) { ++notes_[{site, std::move(text)}]; }
  std::vector<Note> notes() const;
  /// "__nv_erff", for messages.
  std::string operationAt(std::uint32_t site) const;

  struct HostState : State {
    HostDomain* domain = nullptr;
    Run* run = nullptr;
  };
  HostState state;
  const SiteTable* sites = nullptr;

protected:
  std::map<std::pair<std::uint32_t, std::string>, std::uint64_t> notes_;
};

std::unique_ptr<HostDomain> makeFieldDomain(const Inputs& inputs);
std::unique_ptr<HostDomain> makeDoubleDoubleDomain();
std::unique_ptr<HostDomain> makeIntervalDomain();

} // namespace kverify::simt::shadow
