// kverify shadow K.cu: one case with a shadow value beside every float; what it says, line by line.
#include <algorithm>
#include <charconv>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/pipeline/case_run.h"
#include "cli/pipeline/job.h"
#include "cli/pipeline/subject.h"
#include "cli/subcommand.h"
#include "fuzz/shadow/algebra.h"
#include "fuzz/shadow/blame.h"
#include "fuzz/shadow/listing.h"
#include "fuzz/shadow/shadow_json.h"
#include "kverify/verdict.h"

namespace kverify::cli {
namespace {

using pipeline::Subject;
using simt::ShadowDomain;

struct ShadowFlags {
  pipeline::JobQuery query;
  std::string path, domain = "dd", format = "text", block, grid, cuda_headers = "auto", target = "sm_80";
  std::string family = "normal";
  std::vector<std::string> sizes;
  std::uint64_t seed = 1;
  bool all_lines = false;
};

ShadowDomain domainOf(const std::string& name) {
  return name == "field" ? ShadowDomain::Field : name == "interval" ? ShadowDomain::Interval : ShadowDomain::DoubleDouble;
}

Expected<Subject> subjectOf(const ShadowFlags& flags, const Invocation& invocation) {
  pipeline::JobQuery query = flags.query;
  query.paths = {flags.path};
  if (!flags.block.empty()) {
    contract::AssumeOptions launch;
    auto block = parseDim(flags.block, "--block"), grid = parseDim(flags.grid.empty() ? "1" : flags.grid, "--grid");
    if (!block || !grid)
      return tl::unexpected(block ? grid.error() : block.error());
    launch.block = *block, launch.grid = *grid;
    query.launch = launch;
  }
  auto headers = parseHeaders(flags.cuda_headers);
  if (!headers)
    return tl::unexpected(headers.error());
  auto jobs = pipeline::findJobs(query);
  if (!jobs)
    return tl::unexpected(jobs.error());
  if (jobs->size() != 1)
    return fail(ErrorKind::Usage, fmt::format("{} kernels are behind '{}': name one", jobs->size(), flags.path),
                "--kernel");
  if (jobs->front().error)
    return tl::unexpected(*jobs->front().error);
  return pipeline::prepare(jobs->front(),
                           {.headers = *headers, .target = flags.target, .extra_flags = invocation.clang_flags});
}

/// The sizes asked for over those of a case of middling size.
Expected<generate::Case> caseOf(const ShadowFlags& flags, const Subject& subject) {
  auto cases = pipeline::casesOf(subject, flags.seed, {.cases = 12, .work = 3e5, .large_work = 3e5});
  if (!cases)
    return tl::unexpected(cases.error());
  generate::Case one = cases->cases[cases->cases.size() / 2];
  one.family = flags.family;
  one.seed = flags.seed;
  if (flags.sizes.empty())
    return one;
  if (!subject.contract)
    return fail(ErrorKind::Usage, "sizes are those of a contract, and there is none", "--size");
  Sizes free;
  for (const SizeDecl& size : subject.contract->sizes)
    if (size.kind != SizeDecl::Kind::Equals)
      free[size.name] = one.sizes[size.name];
  for (const std::string& text : flags.sizes) {
    std::size_t equals = text.find('=');
    std::int64_t value = 0;
    const char *first = text.data() + equals + 1, *last = text.data() + text.size();
    if (equals == std::string::npos || std::from_chars(first, last, value).ptr != last || first == last)
      return fail(ErrorKind::Usage, fmt::format("'{}' is not name=number", text), "--size", "for example --size Nk=33");
    free[text.substr(0, equals)] = value;
  }
  auto complete = completeSizes(*subject.contract, free);
  if (!complete)
    return tl::unexpected(complete.error());
  one.sizes = *complete;
  return one;
}

/// Shadow runs are unchecked: what breaks a rule is not run.
Expected<void> isClean(const Subject& subject, const generate::Case& one, const simt::RunLimits& limits) {
  auto program = simt::Program::create(subject.module);
  if (!program)
    return tl::unexpected(program.error());
  pipeline::CaseRun run = pipeline::runCase(subject, one, **program, limits);
  if (run.error)
    return tl::unexpected(*run.error);
  for (const Finding& finding : run.findings)
    if (!finding.check.starts_with("numerics."))
      return fail(ErrorKind::Input, fmt::format("{}: {}", finding.check, finding.message), subject.module.source.path,
                  "kverify audit shows it in full; mend it first");
  if (run.status != simt::RunStatus::Completed)
    return fail(ErrorKind::Input, "the kernel does not run to its end: " + run.reason, subject.module.source.path);
  return {};
}

shadow::ShadowSubject subjectText(const Subject& subject, const generate::Case& one) {
  shadow::ShadowSubject text{subject.module.source.path, "", "", one.sizes, one.family, one.seed};
  std::vector<std::string> kernels;
  if (subject.contract) {
    text.contract = subject.contract->path;
    for (const LaunchDecl& launch : subject.contract->launches)
      if (std::find(kernels.begin(), kernels.end(), launch.kernel) == kernels.end())
        kernels.push_back(launch.kernel);
  }
  text.kernel = kernels.empty() && !subject.module.kernels.empty() ? subject.module.kernels.front().name
                                                                   : fmt::format("{}", fmt::join(kernels, ", "));
  return text;
}

void printHeading(const shadow::ShadowSubject& subject, const generate::Case& one) {
  fmt::print("{}  {}\n  case: {}\n\n", subject.file, subject.kernel, one.describe());
}

void printAlgebra(const shadow::AlgebraVerdict& verdict) {
  using Kind = shadow::AlgebraVerdict::Kind;
  if (verdict.kind == Kind::Equal) {
    fmt::print("equal to its operation in a finite field, on all {} elements; a wrong algebra would be with probability "
               "{:.1g} at most\n",
               verdict.compared, verdict.escape_probability);
    return;
  }
  fmt::print("{}: {}\n", verdict.kind == Kind::Unequal ? "not equal" : "unknown", verdict.reason);
  if (verdict.place.line)
    fmt::print("  --> {}:{}\n", verdict.place.file, verdict.place.line);
}

int exitCodeOf(const shadow::AlgebraVerdict& verdict) {
  using Kind = shadow::AlgebraVerdict::Kind;
  return verdict.kind == Kind::Equal     ? kExitCertified
         : verdict.kind == Kind::Unequal ? kExitRefuted
                                         : kExitInconclusive;
}

int shadowRun(const ShadowFlags& flags, const Invocation& invocation) {
  auto subject = subjectOf(flags, invocation);
  if (!subject)
    return complain(subject.error());
  auto one = caseOf(flags, *subject);
  if (!one)
    return complain(one.error());
  simt::RunLimits limits;
  limits.stop = &stopOnInterrupt().stop;
  if (auto clean = isClean(*subject, *one, limits); !clean)
    return complain(clean.error());
  auto plan = pipeline::planOf(*subject, *one, limits.memory_bytes);
  if (!plan)
    return complain(plan.error());
  const shadow::ShadowSubject what = subjectText(*subject, *one);
  const ShadowDomain domain = domainOf(flags.domain);
  auto program = simt::Program::create(subject->module, {.checks = false, .shadow = domain});
  if (!program)
    return complain(program.error());
  if (domain == ShadowDomain::Field) {
    if (!subject->judgesValues())
      return complain({ErrorKind::Usage, "the field run compares with an operation, and the contract names none",
                       "--domain field", "give a contract with a \"spec\""});
    auto verdict = shadow::judgeAlgebra(*subject->contract, **program, *plan, one->seed, limits);
    if (!verdict)
      return complain(verdict.error());
    if (flags.format == "json") {
      fmt::print("{}", shadow::toJson(what, *verdict));
    } else {
      printHeading(what, *one);
      printAlgebra(*verdict);
    }
    return exitCodeOf(*verdict);
  }
  auto run = (*program)->run(*plan, limits);
  if (!run)
    return complain(run.error());
  shadow::ShadowReport report = shadow::blameLines(domain, *plan, *run);
  if (flags.format == "json") {
    fmt::print("{}", shadow::toJson(what, report));
  } else {
    printHeading(what, *one);
    fmt::print("{}", shadow::annotatedListing(report, subject->module.source.path, subject->module.source.bytes,
                                              {flags.all_lines}));
  }
  return kExitCertified;
}

constexpr const char* kExamples = R"(Examples:
  kverify shadow flash.cu                                  rounding errors line by line, in double-double
  kverify shadow flash.cu --domain interval --size Nk=33   enclosures, at one size
  kverify shadow flash.cu --domain field                   the algebra, modulo primes
  kverify shadow scale.cu --block 128 --format json        a kernel without contract)";

} // namespace

void addShadow(CLI::App& app, Action& chosen) {
  CLI::App* sub = app.add_subcommand("shadow", "run one case with a shadow value beside every float");
  auto flags = std::make_shared<ShadowFlags>();
  sub->add_option("FILE", flags->path, "a .cu file")->required();
  sub->add_option("--domain", flags->domain,
                  "dd: rounding errors and who brought them; interval: enclosures; field: the algebra")
      ->check(CLI::IsMember({"dd", "interval", "field"}))
      ->capture_default_str();
  sub->add_option("--contract", flags->query.contract, "the contract, if it is not the one beside the file")->type_name("FILE");
  sub->add_option("--kernel", flags->query.kernel, "only this kernel");
  sub->add_option("--block", flags->block, "threads of a block, for a kernel without contract");
  sub->add_option("--grid", flags->grid, "blocks, for a kernel without contract");
  sub->add_option("--size", flags->sizes, "a size of the contract: Nk=33 (may be repeated)");
  sub->add_option("--family", flags->family, "the family of input values")->capture_default_str();
  sub->add_option("--seed", flags->seed, "of inputs and residues")->capture_default_str();
  sub->add_option("--target", flags->target, "the GPU that is compiled for")->capture_default_str();
  sub->add_option("--cuda-headers", flags->cuda_headers, "whose CUDA headers")->type_name("{auto,builtin,toolkit}")->capture_default_str();
  sub->add_flag("--all-lines", flags->all_lines, "show lines far from every number, too");
  sub->add_option("--format", flags->format, "text or json (specs/schema/shadow.schema.json)")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  sub->footer(kExamples);
  sub->callback([flags, &chosen] {
    chosen = [flags](const Invocation& invocation) { return shadowRun(*flags, invocation); };
  });
}

} // namespace kverify::cli
