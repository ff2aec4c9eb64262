#include "farm/merge.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>

#include <fmt/format.h>

#include "farm/identity.h"
#include "farm/shard.h"
#include "kverify/verdict.h"
#include "report/json.h"

namespace kverify::farm {
namespace {

Expected<void> refuse(std::string message, const std::string& place, std::string hint) {
  return fail(ErrorKind::Input, std::move(message), place, std::move(hint));
}

/// Both must be of one audit: the same tool, flags and files.
Expected<void> belongTogether(const NamedReport& first, const NamedReport& other) {
  const Report &a = first.report, &b = other.report;
  auto differ = [&](const std::string& what, const char* hint) {
    return refuse(fmt::format("'{}' and '{}' are not of one audit: {}", first.file, other.file, what), other.file, hint);
  };
  if (a.tool_version != b.tool_version)
    return differ(fmt::format("one was made by kverify {}, the other by {}", a.tool_version, b.tool_version),
                  "run the shards with one version");
  if (a.tool_build != b.tool_build)
    return differ("they were made by different builds of kverify, or with other libraries",
                  "run the shards with one build, for example one container image");
  Settings all = a.settings;
  all.insert(b.settings.begin(), b.settings.end());
  for (const auto& [name, ignored] : all) {
    auto valueIn = [&](const Settings& settings) {
      auto at = settings.find(name);
      return at == settings.end() || at->second.empty() ? std::string("nothing") : at->second;
    };
    if (valueIn(a.settings) != valueIn(b.settings))
      return differ(fmt::format("{} is {} in one and {} in the other", name, valueIn(a.settings), valueIn(b.settings)),
                    "run all shards with the same flags");
  }
  if (a.shard.count != b.shard.count)
    return differ(fmt::format("one is a part of {}, the other of {}", a.shard.count, b.shard.count),
                  "run all shards with the same N of --shard I/N");
  if (a.corpus.sha256 != b.corpus.sha256)
    return differ("they saw different files", "the folder must be the same, and have the same name, for every shard");
  return {};
}

/// A shard's kernels are its own: none is of another shard's part.
Expected<void> holdsItsPart(const NamedReport& part) {
  for (const KernelReport& kernel : part.report.kernels) {
    unsigned owner = kernel.job.content_sha256.empty() ? 0 : shardOf(kernel.job.content_sha256, part.report.shard.count);
    if (owner != part.report.shard.index)
      return refuse(fmt::format("'{}' is in shard {}, where it does not belong", kernel.file, part.report.shard.index),
                    part.file, "the report was changed, or is not of kverify audit --shard");
  }
  auto require = part.report.settings.find("require");
  auto known = require == part.report.settings.end() ? std::nullopt : parseRequire(require->second);
  for (const KernelReport& kernel : part.report.kernels)
    if (!kernel.error && (!known || foldVerdict(kernel.outcomes, Policy{*known}) != kernel.verdict))
      return refuse(fmt::format("the verdict on '{}' does not follow from its outcomes", kernel.file), part.file,
                    "the report was changed: run the shard again");
  if (part.report.partial)
    return refuse(fmt::format("shard {} of {} was interrupted", part.report.shard.index, part.report.shard.count),
                  part.file, "run it again: what it had judged is in its journal");
  return {};
}

Expected<void> eachOnce(const std::vector<NamedReport>& parts) {
  std::map<unsigned, std::string> seen;
  for (const NamedReport& part : parts) {
    auto [at, is_new] = seen.emplace(part.report.shard.index, part.file);
    if (!is_new)
      return refuse(fmt::format("shard {} is there twice: '{}' and '{}'", at->first, at->second, part.file), part.file,
                    "name each shard's report once");
  }
  std::vector<unsigned> missing;
  for (unsigned i = 1; i <= parts[0].report.shard.count; ++i)
    if (!seen.count(i))
      missing.push_back(i);
  if (missing.empty())
    return {};
  std::size_t count = missing.size();
  missing.resize(std::min<std::size_t>(count, 10));
  return refuse(fmt::format("{} of {} shards {} missing: {}{}", count, parts[0].report.shard.count,
                            count == 1 ? "is" : "are", fmt::join(missing, ", "), count > missing.size() ? ", …" : ""),
                "", fmt::format("run each: kverify audit … --shard {}/{}", missing[0], parts[0].report.shard.count));
}

/// The kernels of all parts in their order: every place once, and together the files that all shards saw.
Expected<std::vector<KernelReport>> allKernels(const std::vector<NamedReport>& parts) {
  std::vector<KernelReport> kernels;
  for (const NamedReport& part : parts)
    kernels.insert(kernels.end(), part.report.kernels.begin(), part.report.kernels.end());
  std::stable_sort(kernels.begin(), kernels.end(),
                   [](const KernelReport& a, const KernelReport& b) { return a.job.index < b.job.index; });
  const Corpus& corpus = parts[0].report.corpus;
  std::vector<std::pair<std::string, std::string>> names;
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    std::uint64_t index = kernels[i].job.index;
    if (index < i)
      return fail(ErrorKind::Input, fmt::format("'{}' was judged twice", kernels[i].file), "",
                  "the reports overlap: run the shards again");
    if (index > i)
      return fail(ErrorKind::Input, fmt::format("kernel {} of {} is in no report", i + 1, corpus.jobs), "",
                  "a shard's report is not whole: run it again");
    names.emplace_back(nameOf(kernels[i].file, kernels[i].contract), kernels[i].job.content_sha256);
  }
  if (kernels.size() != corpus.jobs)
    return fail(ErrorKind::Input, fmt::format("{} of {} kernels are in no report", corpus.jobs - kernels.size(), corpus.jobs),
                "", "a shard's report is not whole: run it again");
  if (corpusOf(names).sha256 != corpus.sha256)
    return fail(ErrorKind::Input, "the kernels in the reports are not those that the shards saw", "",
                "a report was changed: run the shards again");
  return kernels;
}

/// A header that two shards read must have been one.
Expected<void> sameIncludes(const std::vector<NamedReport>& parts) {
  std::map<std::string, std::pair<std::string, std::string>> seen; // path: hash, report
  for (const NamedReport& part : parts)
    for (const KernelReport& kernel : part.report.kernels)
      for (const auto& [path, hash] : kernel.includes)
        if (auto [at, is_new] = seen.try_emplace(path, hash, part.file); !is_new && at->second.first != hash)
          return refuse(fmt::format("'{}' and '{}' are not of one audit: the header '{}' was not the same", at->second.second,
                                    part.file, path), part.file, "the files must be the same for every shard");
  return {};
}

/// What held the processes of every shard: no more than of the one that was held least.
Isolation weakest(const std::vector<NamedReport>& parts) {
  Isolation all = parts[0].report.environment.isolation;
  all.missing.clear();
  for (const NamedReport& part : parts) {
    const Isolation& one = part.report.environment.isolation;
    all.processes = all.processes && one.processes;
    all.sockets_refused = all.sockets_refused && one.sockets_refused;
    all.writes_confined = all.writes_confined && one.writes_confined;
    all.tracing_refused = all.tracing_refused && one.tracing_refused;
    std::erase_if(all.layers, [&](const std::string& layer) {
      return std::find(one.layers.begin(), one.layers.end(), layer) == one.layers.end();
    });
    for (const std::string& sentence : one.missing)
      all.missing.push_back(fmt::format("shard {}: {}", part.report.shard.index, sentence));
  }
  return all;
}

} // namespace

Expected<NamedReport> readShardReport(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in)
    return fail(ErrorKind::Input, fmt::format("'{}' cannot be read: {}", file, std::strerror(errno)), file);
  std::string text(std::istreambuf_iterator<char>(in), {});
  auto report = report::reportFromJson(file, text);
  if (!report)
    return tl::unexpected(report.error());
  if (!report->shards.empty())
    return fail(ErrorKind::Input, fmt::format("'{}' is a merged report already", file), file, "merge the shards' own");
  if (report->shard.count == 0)
    return fail(ErrorKind::Input, fmt::format("'{}' is the report of a whole audit, not of a shard", file), file,
                "kverify audit DIR --shard I/N --format json > FILE makes one of a shard");
  return NamedReport{file, std::move(*report)};
}

Expected<Report> merge(const std::vector<NamedReport>& parts) {
  for (const NamedReport& part : parts) {
    if (auto fits = belongTogether(parts[0], part); !fits)
      return tl::unexpected(fits.error());
    if (auto own = holdsItsPart(part); !own)
      return tl::unexpected(own.error());
  }
  if (auto whole = eachOnce(parts); !whole)
    return tl::unexpected(whole.error());
  if (auto same = sameIncludes(parts); !same)
    return tl::unexpected(same.error());
  auto kernels = allKernels(parts);
  if (!kernels)
    return tl::unexpected(kernels.error());
  const Report& first = parts[0].report;
  Report merged{.tool_version = first.tool_version,
                .tool_build = first.tool_build,
                .settings = first.settings,
                .corpus = first.corpus,
                .seed = first.seed,
                .kernels = std::move(*kernels)};
  merged.environment.isolation = weakest(parts);
  std::vector<int> codes;
  for (const KernelReport& kernel : merged.kernels)
    codes.push_back(kernel.error ? int{kExitError} : exitCodeOf(kernel.verdict));
  merged.exit_code = worstExitCode(codes);
  for (const NamedReport& part : parts) {
    merged.seconds += part.report.seconds;
    merged.environment.resumed += part.report.environment.resumed;
    merged.shards.push_back(
        {part.report.shard, part.report.kernels.size(), part.report.seconds, part.report.environment});
  }
  std::sort(merged.shards.begin(), merged.shards.end(),
            [](const ShardRun& a, const ShardRun& b) { return a.shard.index < b.shard.index; });
  return merged;
}

} // namespace kverify::farm
