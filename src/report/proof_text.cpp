#include "report/proof_text.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "kverify/check.h"
#include "report/ink.h"

namespace kverify::report {
namespace {

constexpr std::size_t kWidth = 100;
constexpr std::string_view kFormal = "formal";

/// One proof: its check, its outcome and how long it took.
struct Entry {
  std::string check;
  const Proved* proved;
  double seconds;
};

std::string timeOf(const Entry& entry) {
  return entry.proved->cached ? "cached" : durationText(entry.seconds);
}

/// Words joined by commas into lines that start at column `indent`.
std::string wrapped(const std::vector<std::string>& words, std::size_t indent) {
  std::string text;
  std::size_t column = indent;
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string word = words[i] + (i + 1 < words.size() ? "," : "");
    if (i > 0 && column + 1 + word.size() > kWidth) {
      text += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (i > 0) {
      text += " ";
      ++column;
    }
    text += word;
    column += word.size();
  }
  return text + "\n";
}

/// One line a family: "race      shared-read-write 12 ms, shared-write-write cached".
std::string byFamily(const std::vector<Entry>& entries) {
  std::map<std::string, std::vector<std::string>> families;
  std::size_t width = 0;
  for (const Entry& entry : entries) {
    std::size_t dot = entry.check.find('.');
    std::string family = entry.check.substr(0, dot);
    width = std::max(width, family.size());
    families[family].push_back(entry.check.substr(std::min(dot, entry.check.size() - 1) + 1) + " " + timeOf(entry));
  }
  std::string text;
  for (const auto& [family, words] : families)
    text += fmt::format("    {:<{}}  {}", family, width, wrapped(words, width + 6));
  return text;
}

/// One line a check, with the question that the solver said no to.
std::string oneByOne(const std::vector<Entry>& entries) {
  std::size_t width = 0;
  for (const Entry& entry : entries)
    width = std::max(width, entry.check.size());
  std::string text;
  for (const Entry& entry : entries) {
    const ProofInfo* info = findProof(entry.check);
    text += fmt::format("    {:<{}}  {:>7}  {}\n", entry.check, width, timeOf(entry),
                        info ? fmt::format("{} no", info->question) : "");
  }
  return text;
}

/// What all proofs assume, and what only some of them do, each once.
std::string assumptions(const std::vector<Entry>& entries, bool color) {
  std::vector<std::string> order;
  std::map<std::string, std::set<std::string>> families;
  std::map<std::string, std::size_t> count;
  for (const Entry& entry : entries)
    for (const std::string& one : entry.proved->assumptions) {
      if (count[one]++ == 0)
        order.push_back(one);
      families[one].insert(entry.check.substr(0, entry.check.find('.')));
    }
  std::map<std::string, std::vector<std::string>> by_whom;
  for (const std::string& one : order)
    by_whom[count[one] == entries.size() ? "" : fmt::format(" by {}.*", fmt::join(families[one], ".*, "))].push_back(one);
  std::string text;
  for (const auto& [whom, what] : by_whom)
    text += fmt::format("  {} assumed{}: {}\n", inked("=", Ink::Blue, color), whom, fmt::join(what, "; "));
  return text;
}

bool isPassed(std::span<const CheckOutcome> outcomes, const std::string& check) {
  return std::any_of(outcomes.begin(), outcomes.end(), [&](const CheckOutcome& o) {
    const auto* tested = std::get_if<Tested>(&o.outcome);
    return o.check == check && tested && tested->cases > 0;
  });
}

} // namespace

std::string durationText(double seconds) {
  return seconds < 0.9995 ? fmt::format("{:.0f} ms", seconds * 1e3) : fmt::format("{:.1f} s", seconds);
}

std::string renderProofs(std::span<const CheckOutcome> outcomes, const TextOptions& options) {
  std::map<std::pair<std::string, std::string>, std::vector<Entry>> scopes;
  std::vector<Entry> all;
  for (const CheckOutcome& o : outcomes)
    if (const auto* proved = std::get_if<Proved>(&o.outcome)) {
      std::string solver = proved->solver.substr(0, options.all_checks ? std::string::npos : proved->solver.find(','));
      scopes[{proved->scope, solver}].push_back({o.check, proved, o.seconds});
      all.push_back({o.check, proved, o.seconds});
    }
  std::string text;
  for (const auto& [scope, entries] : scopes) {
    bool bounded = scope.first.starts_with("bounded");
    text += fmt::format("  {}{} {}{}\n", inked("proved", Ink::Green, options.color), bounded ? "," : " for", scope.first,
                        scope.second.empty() ? "" : fmt::format(" ({})", scope.second));
    text += options.all_checks ? oneByOne(entries) : byFamily(entries);
  }
  return text + assumptions(all, options.color);
}

std::string renderUnproved(std::span<const CheckOutcome> outcomes, const TextOptions& options) {
  std::map<std::pair<bool, std::string>, std::vector<std::string>> reasons;
  for (const CheckOutcome& o : outcomes) {
    const auto* unknown = std::get_if<Unknown>(&o.outcome);
    if (unknown && o.stage == kFormal)
      reasons[{isPassed(outcomes, o.check), unknown->detail.empty() ? unknown->code : unknown->code + ": " + unknown->detail}]
          .push_back(o.check);
  }
  std::string text;
  for (const auto& [reason, checks] : reasons) {
    const char* how = reason.first ? "tested, not proved" : "not proved";
    text += fmt::format("  {}  {}", inked(how, Ink::Yellow, options.color), wrapped(checks, std::string_view(how).size() + 4));
    text += fmt::format("    {}\n", reason.second);
  }
  return text;
}

std::string renderIdle(std::span<const NothingToJudge> idle, const TextOptions& options) {
  std::map<std::string, std::vector<std::string>> reasons;
  for (const NothingToJudge& one : idle)
    reasons[one.why].push_back(one.check);
  std::vector<std::string> parts;
  for (const auto& [why, checks] : reasons)
    parts.push_back(fmt::format("{} ({})", fmt::join(checks, ", "), why));
  if (parts.empty())
    return {};
  std::string_view words = "nothing to judge";
  return fmt::format("  {}  {}", inked(words, Ink::Faint, options.color), wrapped(parts, words.size() + 4));
}

} // namespace kverify::report
