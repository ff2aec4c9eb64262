#include "cli/pipeline/from_host.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "cli/pipeline/observe_host.h"
#include "cli/pipeline/spec_reading.h"
#include "core/hash.h"
#include "core/write_file.h"
#include "frontend/compile_commands.h"
#include "kverify/check.h"

namespace kverify::pipeline {
namespace {

namespace fs = std::filesystem;
using frontend::host::Guess;
using frontend::host::HostFacts;
using frontend::host::HostPath;

constexpr std::size_t kMostPaths = 12; ///< of one file that are judged

bool isMeant(const HostPath& path, const std::string& kernel) {
  return kernel.empty() || std::any_of(path.launches.begin(), path.launches.end(), [&](const auto& launch) {
           return sameKernelName(launch.kernel, kernel) || sameKernelName(launch.kernel.substr(0, launch.kernel.find('<')), kernel);
         });
}

/// Where the derived contract lies, for the user to read and for replays.
Expected<std::string> written(const HostPath& path, const Job& job, const AuditOptions& options) {
  std::string text = contractText(path, job.source);
  fs::path folder = fs::path(options.output.empty() ? fs::temp_directory_path().string() : options.output) / "derived";
  std::string stem = fs::path(job.source).stem().string();
  std::string file = (folder / fmt::format("{}-{}.contract.json", stem, sha256Hex(text).substr(0, 8))).string();
  if (!writeWhole(file, text))
    return fail(ErrorKind::Input, "can't write the derived contract", file);
  return file;
}

std::string sentence(const frontend::host::Fact& fact) {
  return fmt::format("{}{}", fact.text, fact.line ? fmt::format(" (line {}, {})", fact.line, nameOf(fact.certainty))
                                                  : fmt::format(" ({})", nameOf(fact.certainty)));
}

void addNew(std::vector<std::string>& all, std::vector<std::string> more) {
  for (std::string& one : more)
    if (std::find(all.begin(), all.end(), one) == all.end())
      all.push_back(std::move(one));
}

/// What was taken from the host code, for the report.
std::vector<std::string> sentences(const HostPath& path) {
  std::vector<std::string> all;
  for (const auto& launch : path.launches)
    addNew(all, {fmt::format("{} is launched by '{}' (line {}{})", launch.kernel, path.entry, launch.line,
                             path.way.empty() ? "" : "; where " + path.way)});
  for (const auto& size : path.sizes)
    if (!size.equals)
      all.push_back(fmt::format("{} is {}, from {} to {} (line {}, {})", size.name, size.meaning, size.low, size.high, size.line,
                                nameOf(size.certainty)));
  for (const auto& tensor : path.tensors) {
    std::string shape;
    for (const auto& size : tensor.shape)
      shape += (shape.empty() ? "" : ", ") + print(*size);
    all.push_back(fmt::format("'{}' is {}, {}[{}] (line {}, {})", tensor.name, tensor.meaning, tensor.dtype, shape, tensor.line,
                              nameOf(tensor.certainty)));
  }
  for (const auto& fact : path.facts)
    all.push_back(sentence(fact));
  all.push_back("inputs are contiguous and do not overlap (assumed)");
  return all;
}

void addUnjudged(KernelReport& report, const std::string& why, const AuditOptions& options) {
  Stages stages = options.stages;
  stages.lint = false;
  KernelReport unknown = unjudged({}, Unknown{kHostFact, why}, stages);
  std::move(unknown.outcomes.begin(), unknown.outcomes.end(), std::back_inserter(report.outcomes));
}

KernelReport auditPath(const HostPath& path, const Job& job, AuditOptions options, bool is_first) {
  Job own = job;
  own.kernel.clear();
  KernelReport report{.file = job.source};
  auto contract = written(path, job, options);
  if (!contract) {
    report.error = contract.error();
    return report;
  }
  own.contract = *contract;
  options.stages.lint &= is_first; // the source is one
  report = auditJob(own, options);
  if (report.error && report.error->kind != ErrorKind::Compile) { // the contract was ours, not the user's
    addUnjudged(report, fmt::format("the derived contract can't be used: {}", report.error->message), options);
    report.error.reset();
  }
  std::vector<std::string> said = sentences(path);
  report.assumptions.insert(report.assumptions.begin(), said.begin(), said.end());
  weaken(report, path.guesses);
  return report;
}

/// The readings after the likeliest that no other run speaks for; which one a short run agrees with, if any does.
struct Chosen {
  std::size_t reading = 0;
  ReadingFit fit = ReadingFit::Open;
};

Chosen chosenOf(const std::vector<frontend::host::Reading>& readings, const Job& job, const AuditOptions& options) {
  std::optional<Chosen> best;
  for (std::size_t i = 0; i < readings.size() && (!best || best->fit != ReadingFit::Agrees); ++i)
    if (ReadingFit fit = fitOf(auditPath(readings[i].path, job, probeOptions(options), false)); !best || fit < best->fit)
      best = Chosen{i, fit};
  return best.value_or(Chosen{});
}

/// As the operation that was asked for. Of several readings the one that the results agree with is judged; results that no
/// reading explains are wrong however the host code is read.
KernelReport auditReadings(const HostPath& path, const Job& job, const AuditOptions& options, bool is_first) {
  auto readings = readingsOf(path, job, options);
  if (!readings) {
    KernelReport report = auditPath(path, job, options, is_first);
    addUnbound(report, fmt::format("{} was not bound to '{}': {}{}", options.spec, path.entry, readings.error().message,
                                   readings.error().hint.empty() ? "" : "; " + readings.error().hint));
    return report;
  }
  Chosen chosen = readings->size() > 1 ? chosenOf(*readings, job, options) : Chosen{};
  const frontend::host::Reading& reading = (*readings)[chosen.reading];
  KernelReport report = auditPath(reading.path, job, options, is_first);
  std::vector<std::string> said = bindingSentences(reading.path);
  if (readings->size() > 1)
    said.push_back(fmt::format("of {} readings this one: {} ({})", readings->size(), fmt::join(reading.open, ", "),
                               chosen.fit == ReadingFit::Agrees      ? "the results agree with it"
                               : chosen.fit == ReadingFit::Disagrees ? "the results agree with none of them"
                                                                     : "no run decided between them"));
  report.assumptions.insert(report.assumptions.begin(), said.begin(), said.end());
  return report;
}

/// The source alone, and every other check open.
KernelReport withoutLaunch(const Job& job, const AuditOptions& options, const std::string& why) {
  AuditOptions source_only = options;
  source_only.stages = {.fuzz = false, .formal = false, .lint = options.stages.lint};
  KernelReport report = auditJob(job, source_only);
  addUnjudged(report, why, options);
  report.notes.push_back(why + "; --block and --grid say how to launch, or a contract: kverify init writes one to complete");
  report.verdict = foldVerdict(report.outcomes, options.policy);
  return report;
}

bool isShared(const std::string& check) {
  return check.find(".shared") != std::string::npos || check.starts_with("barrier.") || check == "bounds.local";
}

/// Says that accesses end where a tensor ends, or that they reach its end.
bool isOfExtents(const std::string& check) {
  return check.starts_with("bounds.global") || check.starts_with("bounds.logical") || check == "output.unwritten";
}

/// Is about what all launches together leave, or what those before have left? One that was not followed may write it.
bool isOfAllLaunches(const std::string& check) {
  return check == "output.unwritten" || check == "init.global-read" || check.starts_with("numerics.") || check.starts_with("property.") ||
         check.starts_with("algebra.");
}

/// Was it seen only with more than one of what the dimension counts? What fails without that, fails with one of them, too: the
/// search for the least case leaves one there.
bool needsDimension(const Finding& finding, const std::string& size) {
  if (!finding.facts.launch)
    return true;
  const auto& sizes = finding.facts.launch->sizes;
  auto found = std::find_if(sizes.begin(), sizes.end(), [&](const auto& one) { return one.first == size; });
  return found != sizes.end() && found->second != 1;
}

/// Does the finding's sentence name one of our tensors whose extents are certain?
bool isOfCertain(const Finding& finding, const std::vector<Guess>& guesses) {
  if (finding.message.find(" of ") == std::string::npos)
    return false;
  return std::none_of(guesses.begin(), guesses.end(), [&](const Guess& guess) {
    return guess.about == Guess::About::Extents &&
           (guess.tensor.empty() || finding.message.find(guess.tensor) != std::string::npos);
  });
}

/// The guess that a refutation of this check rests on, or null.
const Guess* behindFinding(const Finding& finding, const std::vector<Guess>& guesses) {
  for (const Guess& guess : guesses) {
    bool rests = guess.about == Guess::About::Values || (guess.about == Guess::About::Relation && !isShared(finding.check)) ||
                 (guess.about == Guess::About::Extents && isOfExtents(finding.check) && !isOfCertain(finding, guesses)) ||
                 (guess.about == Guess::About::Coverage && isOfAllLaunches(finding.check)) ||
                 (guess.about == Guess::About::Rank && needsDimension(finding, guess.size));
    if (rests)
      return &guess;
  }
  return nullptr;
}

/// The guess without which a pass of this check means nothing, or null.
const Guess* behindPass(const std::string& check, const std::vector<Guess>& guesses) {
  for (const Guess& guess : guesses)
    if (guess.about == Guess::About::Coverage || guess.about == Guess::About::Ways || (guess.about == Guess::About::Extents && isOfExtents(check)))
      return &guess;
  return nullptr;
}

int badness(const Outcome& outcome) {
  return std::holds_alternative<Refuted>(outcome) ? 3 : std::holds_alternative<Unknown>(outcome) ? 2 : std::holds_alternative<Tested>(outcome) ? 1 : 0;
}

void take(KernelReport& all, CheckOutcome one) {
  for (CheckOutcome& known : all.outcomes) {
    if (known.check != one.check || known.stage != one.stage)
      continue;
    auto *a = std::get_if<Tested>(&known.outcome), *b = std::get_if<Tested>(&one.outcome);
    double seconds = known.seconds + one.seconds;
    if (a && b) {
      a->cases += b->cases;
      a->scope += "; " + b->scope;
    } else if (badness(one.outcome) > badness(known.outcome)) {
      known = std::move(one);
    }
    known.seconds = seconds;
    return;
  }
  all.outcomes.push_back(std::move(one));
}

} // namespace

bool needsHostFacts(const Job& job, const AuditOptions& options) {
  return job.contract.empty() && !job.launch && !job.error && (options.stages.fuzz || options.stages.formal);
}

Expected<HostFacts> hostFactsFor(const Job& job, const frontend::CompileOptions& options) {
  auto flags = job.compile_commands ? frontend::flagsFromCompileCommands(job.source) : Expected<std::vector<std::string>>{};
  if (!flags)
    return tl::unexpected(flags.error());
  frontend::CompileOptions compile = options;
  compile.kernels.clear();
  compile.extra_flags = std::move(*flags);
  compile.extra_flags.insert(compile.extra_flags.end(), options.extra_flags.begin(), options.extra_flags.end());
  return frontend::host::hostFactsOf(job.source, compile);
}

void weaken(KernelReport& report, const std::vector<Guess>& guesses) {
  std::map<std::string, const Guess*> cleared; // checks that lose findings
  std::erase_if(report.findings, [&](const Finding& finding) {
    const CheckInfo* check = findCheck(finding.check);
    auto is_static = [&](const CheckOutcome& one) { return one.check == finding.check && one.stage == "static"; };
    if ((check && std::string_view(check->stage) == "static") || std::any_of(report.outcomes.begin(), report.outcomes.end(), is_static))
      return false; // it is about the source alone
    const Guess* guess = behindFinding(finding, guesses);
    if (!guess)
      return false;
    cleared[finding.check] = guess;
    unsigned line = finding.locations.empty() || finding.locations[0].stack.empty() ? 0 : finding.locations[0].stack[0].line;
    report.notes.push_back(fmt::format("{} would be shown (line {}: {}), but that rests on a guess: {}", finding.check, line, finding.message, guess->text));
    return true;
  });
  for (CheckOutcome& one : report.outcomes) {
    if (one.stage == "static")
      continue;
    bool kept = std::any_of(report.findings.begin(), report.findings.end(), [&](const Finding& finding) { return finding.check == one.check; });
    const Guess* guess = nullptr;
    if (std::holds_alternative<Refuted>(one.outcome) && !kept) {
      guess = cleared.contains(one.check) ? cleared[one.check] : behindFinding(Finding{.check = one.check}, guesses);
    } else if (!std::holds_alternative<Refuted>(one.outcome) && !std::holds_alternative<Unknown>(one.outcome)) {
      guess = behindPass(one.check, guesses);
    }
    if (guess)
      one.outcome = Unknown{kHostFact, guess->text};
  }
}

KernelReport merged(std::vector<KernelReport> reports) {
  KernelReport all = std::move(reports.front());
  for (std::size_t i = 1; i < reports.size(); ++i) {
    KernelReport& one = reports[i];
    if (all.kernel.find(one.kernel) == std::string::npos)
      all.kernel += " | " + one.kernel;
    for (CheckOutcome& outcome : one.outcomes)
      take(all, std::move(outcome));
    for (Finding& finding : one.findings)
      if (std::none_of(all.findings.begin(), all.findings.end(), [&](const Finding& known) { return known.fingerprint == finding.fingerprint; }))
        all.findings.push_back(std::move(finding));
    all.examples.merge(one.examples);
    std::move(one.idle.begin(), one.idle.end(), std::back_inserter(all.idle));
    addNew(all.notes, std::move(one.notes));
    addNew(all.assumptions, std::move(one.assumptions));
    if (!all.error)
      all.error = one.error;
    all.seconds += one.seconds;
  }
  std::vector<std::string> seen;
  std::erase_if(all.idle, [&](const NothingToJudge& idle) {
    bool judged = std::any_of(all.outcomes.begin(), all.outcomes.end(), [&](const CheckOutcome& one) { return one.check == idle.check && one.stage != "static"; });
    bool again = std::find(seen.begin(), seen.end(), idle.check) != seen.end();
    seen.push_back(idle.check);
    return judged || again;
  });
  return all;
}

KernelReport auditFromHost(const Job& job, const AuditOptions& options) {
  auto facts = hostFactsFor(job, options.compile);
  if (!facts)
    return {.file = job.source, .kernel = job.kernel, .error = facts.error()};
  observeHost(*facts);
  std::erase_if(facts->paths, [&](const HostPath& path) { return !isMeant(path, job.kernel); });
  if (facts->paths.empty()) {
    std::string why = !facts->missing.empty() ? fmt::format("in '{}': {}", facts->missing[0].entry, facts->missing[0].what)
                      : job.kernel.empty()    ? std::string("no host code in this file launches a kernel")
                                              : fmt::format("no host code in this file launches '{}'", job.kernel);
    return withoutLaunch(job, options, why);
  }
  std::vector<KernelReport> reports;
  for (std::size_t i = 0; i < facts->paths.size() && i < kMostPaths; ++i)
    reports.push_back(options.spec.empty() ? auditPath(facts->paths[i], job, options, i == 0)
                                           : auditReadings(facts->paths[i], job, options, i == 0));
  KernelReport report = merged(std::move(reports));
  std::vector<Guess> open;
  for (const auto& missing : facts->missing)
    if (job.kernel.empty())
      open.push_back({Guess::About::Ways, "", fmt::format("in '{}', one way to a launch is not judged: {}", missing.entry, missing.what)});
  if (facts->cut_off || facts->paths.size() > kMostPaths)
    open.push_back({Guess::About::Ways, "", fmt::format("the host code has more ways to its launches than the {} that were judged", std::min(facts->paths.size(), kMostPaths))});
  weaken(report, open);
  for (const Guess& guess : open)
    report.notes.push_back(guess.text);
  report.verdict = foldVerdict(report.outcomes, options.policy);
  return report;
}

} // namespace kverify::pipeline
