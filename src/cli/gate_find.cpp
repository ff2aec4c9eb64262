#include "cli/gate_find.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "cli/gate_certificate.h"
#include "cli/pipeline/job.h"
#include "frontend/python_source.h"
#include "gate/glob.h"
#include "gate/includes.h"
#include "gate/touched.h"
#include "kverify/contract.h"

namespace kverify::cli {
namespace {

namespace fs = std::filesystem;

/// The file that a source is in: a CUDA text of a Python file is a piece of it.
std::string fileOf(const std::string& source) {
  return frontend::splitPiecePath(source).first;
}

/// From `folder`, with '/'; both may be written in any way. A link stays the link: it is what git tracks.
std::string below(const std::string& folder, const std::string& path) {
  std::error_code error;
  fs::path absolute = fs::absolute(fileOf(path), error).lexically_normal();
  fs::path real = fs::weakly_canonical(absolute.parent_path(), error) / absolute.filename();
  return real.lexically_relative(fs::weakly_canonical(folder, error)).generic_string();
}

/// The contract, the specification that it names by a path, the file behind a link, and what may be its certificate.
std::vector<std::string> documentsOf(const pipeline::Job& job, const gate::Policy& policy, const gate::CertificateDemand& certificate, const std::string& root) {
  std::error_code error;
  std::vector<std::string> documents{below(root, fs::weakly_canonical(fileOf(job.source), error).string())}; // behind a link
  if (certificate.asked())
    for (const std::string& path : certificatesOf(certificate, policy.folder, job.source))
      documents.push_back(below(root, path));
  if (job.contract.empty())
    return documents;
  documents.push_back(below(root, job.contract));
  if (auto contract = loadContract(job.contract); contract && contract->spec && fs::exists(contract->spec->path, error))
    documents.push_back(below(root, contract->spec->path));
  return documents;
}

/// Keeps what git does not ignore, of what was found in folders.
Expected<std::vector<pipeline::Job>> withoutIgnored(std::vector<pipeline::Job> jobs, const GateQuery& query) {
  auto root = gate::topOf(".");
  if (!root)
    return jobs; // no repository: nothing is ignored
  auto files = gate::filesOf(*root);
  if (!files)
    return tl::unexpected(files.error());
  std::set<std::string> known(files->begin(), files->end());
  std::set<std::string> named;
  for (const std::string& path : query.paths)
    named.insert(fs::path(path).lexically_normal().string());
  std::erase_if(jobs, [&](const pipeline::Job& job) {
    std::string path = below(*root, job.source);
    return !path.starts_with("..") && !known.count(path) && !named.count(job.source) && !named.count(fileOf(job.source));
  });
  return jobs;
}

Expected<std::vector<pipeline::Job>> findFiles(const GateQuery& query, const gate::Policy& policy) {
  pipeline::JobQuery jobs{.paths = query.paths};
  if (jobs.paths.empty())
    jobs.paths = {seenFromHere(policy.folder, ".")};
  auto found = pipeline::findJobs(jobs);
  if (!found)
    return tl::unexpected(found.error());
  for (pipeline::Job& job : *found)
    job.source = fs::path(job.source).lexically_normal().string();
  return withoutIgnored(std::move(*found), query);
}

Expected<std::optional<gate::Change>> changeAsked(const GateQuery& query) {
  if (query.since.empty() && query.changed.empty())
    return std::nullopt;
  auto change = query.since.empty() ? gate::changeOf(".", query.changed) : gate::changeSince(".", query.since);
  if (!change)
    return tl::unexpected(change.error());
  return std::optional(std::move(*change));
}

gate::SharedFiles sharedFiles(const GateQuery& query, const gate::Policy& policy, const std::string& root) {
  gate::SharedFiles shared;
  if (!policy.path.empty())
    shared.policy.push_back(below(root, policy.path));
  if (!query.baseline.empty())
    shared.policy.push_back(below(root, query.baseline));
  auto add = [&](const std::optional<gate::CertificateDemand>& certificate) {
    if (!certificate)
      return;
    for (const std::string& key : certificate->keys)
      shared.policy.push_back(below(root, seenFromHere(policy.folder, key)));
    shared.policy.push_back(below(root, seenFromHere(policy.folder, certificate->policy))); // a preset's name is no file
  };
  add(policy.demands.certificate);
  for (const gate::PathRule& rule : policy.rules)
    add(rule.demands.certificate);
  return shared;
}

/// A rule that is about nothing is likely to be misspelt, and would then ask for nothing.
void noteUnusedRules(const gate::Policy& policy, const std::vector<std::string>& paths, gate::GateReport& gate) {
  for (const gate::PathRule& rule : policy.rules)
    for (const std::string& pattern : rule.paths)
      if (std::none_of(paths.begin(), paths.end(), [&](const std::string& path) { return gate::matchesPath(pattern, path); }))
        gate.notes.push_back(fmt::format("no kernel is in '{}' ({})", pattern, rule.place));
}

void noteChange(const gate::Change& change, const gate::SharedFiles& shared, gate::GateReport& gate) {
  gate.since = change.since;
  gate.base = change.base;
  for (const std::string& file : shared.policy)
    if (change.files.count(file))
      gate.notes.push_back(fmt::format("the change edits {}, which says what must pass", file));
  for (const std::string& file : change.gone)
    if (file.ends_with(".cu"))
      gate.notes.push_back(fmt::format("{} is gone, and not judged", file));
}

} // namespace

std::string seenFromHere(const std::string& folder, const std::string& path) {
  std::error_code error;
  fs::path absolute = (fs::path(folder) / path).lexically_normal();
  fs::path seen = absolute.lexically_relative(fs::current_path(error));
  return seen.empty() ? absolute.string() : seen.lexically_normal().string();
}

Expected<GatePlan> planGate(const GateQuery& query, const gate::Policy& policy, gate::GateReport& gate) {
  auto jobs = findFiles(query, policy);
  if (!jobs)
    return tl::unexpected(jobs.error());
  auto change = changeAsked(query);
  if (!change)
    return tl::unexpected(change.error());
  gate.of_change = change->has_value();
  gate::SharedFiles shared;
  std::optional<gate::IncludeGraph> graph;
  if (*change) {
    auto files = gate::filesOf((*change)->root);
    if (!files)
      return tl::unexpected(files.error());
    files->insert(files->end(), (*change)->files.begin(), (*change)->files.end());
    graph.emplace((*change)->root, *files);
    shared = sharedFiles(query, policy, (*change)->root);
    noteChange(**change, shared, gate);
  }
  GatePlan plan;
  std::vector<std::string> paths;
  std::set<std::string> seen;
  for (const pipeline::Job& job : *jobs) {
    if (!seen.insert(job.source).second)
      continue; // named twice
    std::string path = below(policy.folder, job.source);
    paths.push_back(path);
    if (const gate::Exemption* exempt = policy.exemptionOf(path)) {
      gate.ignored.push_back({job.source, exempt->reason});
      continue;
    }
    ++gate.found;
    std::string why;
    if (*change) {
      const std::string& root = (*change)->root;
      why = gate::whyTouched({below(root, job.source), documentsOf(job, policy, policy.demandsFor(path).certificate, root)}, **change, shared, *graph);
      if (why.empty())
        continue;
    }
    plan.tasks.push_back({job.source, policy.demandsFor(path)});
    plan.why.push_back(why);
  }
  gate.touched = plan.tasks.size();
  if (query.paths.empty())
    noteUnusedRules(policy, paths, gate);
  return plan;
}

} // namespace kverify::cli
