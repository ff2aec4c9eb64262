#pragma once
// The work of close.h, in two files: shapes and launches (close.cpp), then what is guessed and required (close_finish.cpp).
// Private to them.
#include <map>
#include <set>

#include <fmt/format.h>

#include "frontend/host/close.h"
#include "frontend/host/term.h"
#include "frontend/kernel_info.h"

namespace kverify::frontend::host {

class Closing {
public:
  Closing(Trace trace, const clang::FunctionDecl& entry, clang::ASTContext& context)
      : trace_(std::move(trace)), entry_(entry), context_(context) {}

  std::variant<std::monostate, HostPath, Missing> run() {
    if (trace_.launches.empty() || !trace_.possible)
      return trace_.missing.empty() ? std::variant<std::monostate, HostPath, Missing>{} : named(trace_.missing.front());
    if (!trace_.missing.empty())
      return named(trace_.missing.front());
    path_.entry = entry_.getNameAsString();
    path_.qualified = entry_.getQualifiedNameAsString();
    settleShapes();
    if (!settleRequirements())
      return {};
    for (const MetLaunch& met : trace_.launches)
      if (!takeLaunch(met))
        return never_ ? std::variant<std::monostate, HostPath, Missing>{} : named(missing_);
    if (!finish())
      return {};
    return std::move(path_);
  }

  /// What the entry may be called with on this way, as far as it was followed.
  std::optional<HostPath> inputs();

private:
  Missing named(Missing missing) const {
    missing.entry = entry_.getNameAsString();
    return missing;
  }
  std::size_t ownerOf(std::size_t tensor) const {
    while (trace_.tensors[tensor].like != Value::kNoTensor)
      tensor = trace_.tensors[tensor].like;
    return tensor;
  }
  bool hasOwnShape(std::size_t i) const { return trace_.tensors[i].like == Value::kNoTensor && trace_.tensors[i].origin != TensorState::Origin::Allocated; }
  Term settled(const Term& term) const {
    Term result = substitute(term, aliases_);
    for (int i = 0; i < 8 && !same(result, substitute(result, aliases_)); ++i)
      result = substitute(result, aliases_);
    return withoutFacts(result);
  }
  /// What is left of conditions on types and shapes ("$type:3:Float") as what is known of them; null where nothing is.
  Term withoutFacts(const Term& term) const;
  Term saidOfEmpty(const Term& term) const;
  bool countsWith(const std::string& size) const;
  bool isNoQuestion(const Term& term) const;

  Term settledFormula(const Term& formula) const;
  void rememberNames();
  void settleShapes();
  void settleInput(std::size_t i);
  bool settleRequirements();
  bool alias(const Term& a, const Term& b);
  bool takeLaunch(const MetLaunch& met);
  std::optional<HostArg> argument(const Value& value, const KernelParam& param, const MetLaunch& met, const std::string& kernel);
  HostArg integerArg(const Value& value, const KernelParam& param, const MetLaunch& met);
  std::optional<HostArg> tensorArg(const Value& value, const KernelParam& param, const MetLaunch& met, const std::string& kernel);
  std::optional<std::size_t> place(std::size_t tensor, const KernelParam& param, const MetLaunch& met, const std::string& kernel);
  std::vector<Term> dimsOf(const Value& dims) const;
  bool miss(unsigned line, std::string what) {
    missing_ = {"", line, std::move(what)};
    return false;
  }
  HostParameter parameter(const std::string& name, const Value& value) const;
  bool mayHold() const; ///< no requirement is known to be broken
  bool finish();
  void sizesUsed(std::set<std::string>& names) const;
  void relations();
  void guesses();
  void inputGuesses(const std::set<std::string>& names);
  std::string sourceOf(const std::string& name) const;
  void guess(Guess::About about, std::string text, std::string tensor = {}) {
    for (const Guess& known : path_.guesses)
      if (known.text == text)
        return;
    path_.guesses.push_back({about, std::move(tensor), std::move(text)});
  }

  Trace trace_;
  const clang::FunctionDecl& entry_;
  clang::ASTContext& context_;
  HostPath path_;
  Missing missing_;
  bool never_ = false; ///< this way reads a variable without a value: no caller may take it
  std::map<std::string, Term> aliases_;
  std::map<std::string, HostSize> sizes_; ///< free ones
  std::map<std::string, std::size_t> source_; ///< of a size: the tensor it is asked of
  std::vector<std::vector<Term>> shapes_;
  std::map<std::size_t, std::size_t> placed_; ///< tensor -> index in path_.tensors
  std::set<std::string> unobserved_; ///< sizes of inputs that the host code never looks at
  std::map<std::size_t, std::string> widened_; ///< tensors with a dimension for what else there may be, and its size
  std::set<std::size_t> written_;    ///< of the path's tensors: some kernel may write them
  std::set<std::size_t> uncertain_;  ///< tensors that may have more dimensions than the host code asks about
  std::set<std::string> open_;       ///< tensors of which it looks at nothing
};

} // namespace kverify::frontend::host
