#include "farm/identity.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>

#include <fmt/format.h>

#include "core/hash.h"

namespace kverify::farm {
namespace {

std::string hashOfFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (path.empty() || !in)
    return "-";
  std::string bytes(std::istreambuf_iterator<char>(in), {});
  return sha256Hex(bytes);
}

} // namespace

std::vector<JobIdentity> identify(const std::vector<JobParts>& jobs) {
  std::vector<JobIdentity> identities;
  std::map<std::string, int> seen;
  for (const JobParts& job : jobs) {
    JobIdentity one;
    one.content_sha256 =
        sha256Hex(fmt::format("kverify.job/1\nsource {}\ncontract {}\nkernel {}\nlaunch {}\n", hashOfFile(job.source),
                              hashOfFile(job.contract), job.kernel, job.launch));
    std::string name = fmt::format("{}\n{}\n{}\n", one.content_sha256, job.source, job.contract);
    one.key = sha256Hex(name + std::to_string(seen[name]++));
    identities.push_back(std::move(one));
  }
  return identities;
}

bool includesHold(const KernelReport& report) {
  return std::all_of(report.includes.begin(), report.includes.end(),
                     [](const auto& include) { return hashOfFile(include.first) == include.second; });
}

std::string nameOf(const std::string& source, const std::string& contract) {
  return contract.empty() ? source : source + " with " + contract;
}

Corpus corpusOf(const std::vector<std::pair<std::string, std::string>>& names_and_contents) {
  std::string text = "kverify.corpus/1\n";
  for (const auto& [name, content] : names_and_contents)
    text += name + "\n" + content + "\n";
  return {names_and_contents.size(), sha256Hex(text)};
}

Corpus corpusOf(const std::vector<JobParts>& jobs, const std::vector<JobIdentity>& identities) {
  std::vector<std::pair<std::string, std::string>> all;
  for (std::size_t i = 0; i < jobs.size(); ++i)
    all.emplace_back(nameOf(jobs[i].source, jobs[i].contract), identities[i].content_sha256);
  return corpusOf(all);
}

std::string hashOf(const Settings& settings) {
  std::string text = "kverify.settings/1\n";
  for (const auto& [name, value] : settings)
    text += fmt::format("{}={}\n", name, value);
  return sha256Hex(text);
}

} // namespace kverify::farm
