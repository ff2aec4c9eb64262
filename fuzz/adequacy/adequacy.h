#pragma once
// An oracle is judged before it judges: would these inputs and this bound reject results that are plainly wrong?
//
// Impostors are results of no kernel: zeros, an input copied, the result of another input, of an input with a part
// taken away, uniform weights, a lost key, a mask that is off by one. Each is rounded to the output's type and compared
// as a kernel's result would be. One that no input tells from the reference says that a pass means little.
#include <map>
#include <string>
#include <vector>

#include "fuzz/judge/references.h"
#include "fuzz/properties/property.h"

namespace kverify::adequacy {

/// Dense values by output role, as one wrong kernel would leave them.
using WrongResult = std::map<std::string, std::vector<double>>;

struct Impostor {
  std::string name; ///< "zeros", "copy of x", "the last nk of K taken away"
  WrongResult values;
};

/// The impostors of one launch. `setting` belongs to `plan`; `references` are its; `stale` are those of another launch of
/// the same sizes, or empty. What an operation can't be asked (an input of zeros may have no reference) is left out.
std::vector<Impostor> impostorsOf(const properties::Setting& setting, const LaunchPlan& plan,
                                  const judge::References& references, const judge::References& stale);

/// How one impostor fared, over all launches that were looked at.
struct Fate {
  std::string name;
  bool differs = false; ///< from the reference, in some bit, at some launch: else it is no wrong result here
  bool rejected = false;
  double worst_ratio = 0; ///< largest error/bound; infinite where NaN or infinity gave it away
};

class Score {
public:
  /// Compares the impostors of one launch with its references.
  void add(const properties::Setting& setting, const judge::References& references,
           const std::vector<Impostor>& impostors);

  const std::vector<Fate>& fates() const { return fates_; }
  std::size_t total() const; ///< impostors that differ from the reference at all
  std::size_t rejected() const;
  std::vector<std::string> survivors() const;

private:
  Fate& fateOf(const std::string& name);
  std::vector<Fate> fates_;
};

} // namespace kverify::adequacy
