#include "cli/manual.h"

#include <sstream>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace kverify::cli {
namespace {

/// The code point that starts at `at`, which is moved behind it.
unsigned takeCodePoint(const std::string& text, std::size_t& at) {
  auto byte = static_cast<unsigned char>(text[at++]);
  int more = byte >= 0xF0 ? 3 : byte >= 0xE0 ? 2 : byte >= 0xC0 ? 1 : 0;
  unsigned point = more ? byte & (0x3Fu >> more) : byte;
  for (; more > 0 && at < text.size(); --more)
    point = point << 6 | (static_cast<unsigned char>(text[at++]) & 0x3Fu);
  return point;
}

std::string heading(const std::string& page, const std::string& summary) {
  std::string upper = page;
  for (char& c : upper)
    c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  // No date: the same program gives the same page.
  return fmt::format(".TH \"{}\" 1 \"\" \"kverify {}\" \"User Commands\"\n.SH NAME\n{} \\- {}\n", roffText(upper),
                     KVERIFY_VERSION, roffText(page), roffText(summary));
}

std::string entry(const std::string& tag, const std::string& text) {
  return fmt::format(".TP\n{}\n{}\n", tag, roffText(text));
}

/// A tag with more words than this is no tag; they are in the text then.
constexpr std::size_t kLongestType = 48;

std::string optionEntry(const Argument& argument) {
  std::vector<std::string> names;
  for (const std::string& name : argument.names)
    names.push_back("\\fB" + roffText(name) + "\\fR");
  std::string tag = fmt::format("{}", fmt::join(names, ", "));
  const bool long_type = argument.type.size() > kLongestType && !argument.choices.empty();
  if (argument.kind != ValueKind::None)
    tag += " \\fI" + roffText(argument.type.empty() || long_type ? "VALUE" : argument.type) + "\\fR";
  std::string text = argument.summary;
  if (long_type)
    text += fmt::format(": {}", fmt::join(argument.choices, ", "));
  if (!argument.default_value.empty())
    text += fmt::format(" (default: {})", argument.default_value);
  if (!argument.environment.empty())
    text += fmt::format(" (environment: {})", argument.environment);
  if (argument.required)
    text += " (required)";
  return entry(tag, text);
}

std::string positionalEntry(const Argument& argument) {
  std::string text = argument.summary;
  if (argument.kind == ValueKind::Choice)
    text += fmt::format(": {}", fmt::join(argument.choices, ", "));
  return entry("\\fI" + roffText(argument.names[0]) + "\\fR", text);
}

/// Adds lines as they are, in a fixed-width block: a paragraph of its own, but for the first one of a section.
void addVerbatim(std::string& section, const std::vector<std::string>& lines) {
  section += section.empty() ? ".nf\n" : ".PP\n.nf\n";
  for (const std::string& line : lines)
    section += roffText(line) + "\n";
  section += ".fi\n";
}

/// What one footer says, as sections.
struct Footer {
  std::string examples, notes, exit_codes;
};

Footer readFooter(const std::string& footer) {
  Footer parts;
  std::vector<std::string> lines;
  auto close = [&] {
    if (lines.empty())
      return;
    if (lines[0] == "Examples:" || lines[0] == "Example:")
      addVerbatim(parts.examples, {lines.begin() + 1, lines.end()});
    else if (lines[0].starts_with("Exit codes: "))
      parts.exit_codes = roffText(lines[0].substr(12)) + "\n";
    else
      addVerbatim(parts.notes, lines);
    lines.clear();
  };
  std::istringstream in(footer);
  for (std::string line; std::getline(in, line);)
    if (line.empty())
      close();
    else
      lines.push_back(line);
  close();
  return parts;
}

std::string sections(const Footer& footer) {
  return (footer.notes.empty() ? "" : ".SH NOTES\n" + footer.notes) +
         (footer.examples.empty() ? "" : ".SH EXAMPLES\n" + footer.examples);
}

constexpr const char* kExitStatus = R"(.SH EXIT STATUS
.TP
\fB0\fR
certified, or done
.TP
\fB1\fR
refuted
.TP
\fB2\fR
usage or tool error
.TP
\fB3\fR
inconclusive: never a pass
.PP
Over several kernels 1 comes before 2, 2 before 3, 3 before 0.
)";

const std::vector<std::pair<const char*, const char*>>& environment() {
  static const std::vector<std::pair<const char*, const char*>> variables = {
      {"NO_COLOR", "no colour anywhere, where it is set and not empty; --color always still asks for it"},
      {"SOURCE_DATE_EPOCH", "the time that reports carry, in seconds since 1970, so that they can be reproduced"},
      {"XDG_CACHE_HOME", "where proofs and compiled GPU code are kept, in a folder kverify (default: ~/.cache)"},
      {"XDG_STATE_HOME", "where journals of interrupted audits are kept (default: ~/.local/state)"},
      {"TMPDIR", "folder of temporary files (default: /tmp)"},
      {"CUDA_HOME", "a CUDA toolkit, where none is found otherwise"},
      {"KVERIFY_KEY_PASSWORD", "the password of a signing key that has one"},
      {"KVERIFY_CLANG_RESOURCE_DIR", "clang 19's own headers, where they are not found in a usual place"},
      {"KVERIFY_NVCC", "the nvcc to use"},
      {"KVERIFY_COMPUTE_SANITIZER", "the compute-sanitizer to use"},
      {"KVERIFY_GPU_WORKER", "the program that runs kernels on the GPU"},
      {"KVERIFY_LIBCUDA", "the CUDA driver's library, instead of libcuda.so.1"},
      {"KVERIFY_LIBNVML", "NVML's library, instead of libnvidia-ml.so.1"},
  };
  return variables;
}

/// A summary as NAME has it: one line, no full stop.
std::string summaryOf(const Command& command) {
  std::string summary = command.summary;
  while (!summary.empty() && summary.back() == '.')
    summary.pop_back();
  return summary;
}

} // namespace

std::string roffText(const std::string& text) {
  std::string escaped;
  for (std::size_t at = 0; at < text.size();) {
    bool line_start = escaped.empty() || escaped.back() == '\n';
    unsigned point = takeCodePoint(text, at);
    if (line_start && (point == '.' || point == '\''))
      escaped += "\\&";
    if (point == '\\')
      escaped += "\\e";
    else if (point == '-')
      escaped += "\\-";
    else if (point == '\'')
      escaped += "\\(aq";
    else if (point == '`')
      escaped += "\\(ga";
    else if (point == '^')
      escaped += "\\(ha";
    else if (point == '~')
      escaped += "\\(ti";
    else if (point == '"')
      escaped += "\\(dq";
    else if (point < 0x80)
      escaped += static_cast<char>(point);
    else
      escaped += fmt::format("\\[u{:04X}]", point);
  }
  return escaped;
}

std::string programPage(const Command& program) {
  std::string page = heading(program.name, "verification of CUDA kernels: can this kernel be merged?");
  page += ".SH SYNOPSIS\n\\fBkverify\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR]... [\\fIARGUMENT\\fR]... [\\fB\\-\\-\\fR "
          "\\fICLANG\\-FLAG\\fR...]\n";
  page += ".SH DESCRIPTION\n" + roffText(program.summary) +
          "\n.PP\nA kernel is compiled once to device LLVM IR. Proofs are made about it, and it is run under checkers "
          "that see every "
          "memory access. A refutation comes with a launch that anyone can run again; a proof says for which sizes and "
          "under "
          "which assumptions it holds, a test what it covered.\n";
  page += ".SH COMMANDS\nEach has a page of its own.\n";
  for (const Command& command : program.subcommands)
    page += entry(fmt::format("\\fBkverify\\-{}\\fR(1)", roffText(command.name)), command.summary);
  page += ".SH OPTIONS\n";
  for (const Argument& option : program.options)
    page += optionEntry(option);
  page += sections(readFooter(program.footer));
  page += kExitStatus;
  page += ".SH ENVIRONMENT\n";
  for (const auto& [name, text] : environment())
    page += entry(std::string("\\fB") + name + "\\fR", text);
  page += ".SH FILES\n";
  page += entry("\\fIkernel.contract.json\\fR, \\fIcontract.json\\fR",
                "what a kernel promises: operation, sizes, tensors, launches; beside the source");
  page += entry("\\fIout/\\fR", "counterexamples that kverify replay runs again");
  page += entry("\\fI~/.cache/kverify\\fR", "proofs, by the tool that made them");
  std::vector<std::string> others;
  for (const Command& command : program.subcommands)
    others.push_back(fmt::format("\\fBkverify\\-{}\\fR(1)", roffText(command.name)));
  return page + ".SH SEE ALSO\n" + fmt::format("{}\n", fmt::join(others, ",\n"));
}

std::string commandPage(const Command& program, const Command& command) {
  std::string page = heading(program.name + "-" + command.name, summaryOf(command));
  page += fmt::format(".SH SYNOPSIS\n\\fBkverify {}\\fR", roffText(command.name));
  if (!command.options.empty())
    page += " [\\fIOPTION\\fR]...";
  for (const Argument& positional : command.positionals) {
    std::string name = "\\fI" + roffText(positional.names[0]) + "\\fR" + (positional.repeatable ? "..." : "");
    page += positional.required ? " " + name : " [" + name + "]";
  }
  page += "\n.SH DESCRIPTION\n" + roffText(command.summary) + "\n";
  if (!command.positionals.empty())
    page += ".SH ARGUMENTS\n";
  for (const Argument& positional : command.positionals)
    page += positionalEntry(positional);
  page += ".SH OPTIONS\n";
  for (const Argument& option : command.options)
    page += optionEntry(option);
  Footer footer = readFooter(command.footer);
  page += sections(footer) + ".SH EXIT STATUS\n";
  page +=
      footer.exit_codes.empty() ? "0 where it did what was asked, else as in\n.BR kverify (1).\n" : footer.exit_codes;
  return page + ".SH SEE ALSO\n\\fBkverify\\fR(1)\n";
}

} // namespace kverify::cli
