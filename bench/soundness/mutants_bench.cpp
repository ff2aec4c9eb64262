// Every mutant of the corpus: what the executor breaks, what is proved. A table, and each wrong proof in full.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "tests/soundness/corpus.h"

using namespace kverify::soundness;
namespace fs = std::filesystem;

namespace {

std::string textOf(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

void row(const std::string& name, const MutantCounts& counts) {
  std::printf("| %s | %zu | %zu | %zu | %zu | %zu | %zu | %zu |\n", name.c_str(), counts.mutants, counts.not_compiled,
              counts.broken, counts.refuted, counts.unknown, counts.proved, counts.wrong);
  std::fflush(stdout);
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app("Mutants of the corpus, prover against executor");
  std::string folder = "kernels", only;
  std::size_t every = 1;
  MutantOptions options;
  bool verbose = false;
  app.add_option("--corpus", folder, "the corpus");
  app.add_option("--only", only, "kernels whose path contains this");
  app.add_option("--every", every, "take every n-th mutant")->check(CLI::PositiveNumber);
  app.add_option("--cases", options.cases, "launches that the executor tries");
  app.add_flag("--verbose", verbose, "a line for each mutant");
  CLI11_PARSE(app, argc, argv);

  std::vector<std::string> folders;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.path().filename() == "kernel.cu" && entry.path().string().find(only) != std::string::npos)
      folders.push_back(entry.path().parent_path().string());
  std::sort(folders.begin(), folders.end());
  std::string scratch = (fs::temp_directory_path() / ("kverify_mutants_" + std::to_string(getpid()))).string();
  std::printf(
      "| kernel | mutants | not compiled | broken by the executor | refuted by proof stage | unknown | proved | "
      "proved and broken |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n");
  MutantCounts total;
  for (const std::string& one : folders) {
    MutantCounts counts;
    std::vector<Mutant> mutants = mutantsOf(textOf(fs::path(one) / "kernel.cu"));
    for (std::size_t i = 0; i < mutants.size(); i += every) {
      MutantJudged judged = judgeMutant(mutants[i], one, scratch, options);
      counts.add(judged);
      total.add(judged);
      for (const std::string& what : judged.wrong)
        std::printf("UNSOUND %s line %u, %s: %s\n", one.c_str(), mutants[i].line, mutants[i].what.c_str(),
                    what.c_str());
      if (!verbose)
        continue;
      std::string said;
      for (const auto& [check, outcome] : judged.formal)
        said += outcome == "proved" ? "" : " " + check + " " + outcome;
      for (const auto& [check, launch] : judged.broken)
        said += " | breaks " + check;
      std::fprintf(stderr, "%s:%u %s:%s\n", one.c_str(), mutants[i].line, mutants[i].what.c_str(), said.c_str());
    }
    row(one, counts);
  }
  row("all", total);
  fs::remove_all(scratch);
  return total.wrong == 0 ? 0 : 1;
}
