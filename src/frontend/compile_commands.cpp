#include "frontend/compile_commands.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>

#include <nlohmann/json.hpp>

#include "frontend/files_read.h"
#include "frontend/python_source.h"

namespace kverify::frontend {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

std::optional<fs::path> databaseFor(const fs::path& file) {
  for (fs::path folder = file.parent_path(); !folder.empty(); folder = folder.parent_path()) {
    std::error_code ignored;
    if (fs::path found = folder / "compile_commands.json"; fs::exists(found, ignored))
      return found;
    if (fs::path found = folder / "build" / "compile_commands.json"; fs::exists(found, ignored))
      return found;
    if (folder == folder.root_path())
      break;
  }
  return std::nullopt;
}

/// Splits as a POSIX shell does, as far as compilation databases need: quotes and backslashes.
std::vector<std::string> splitCommand(std::string_view command) {
  std::vector<std::string> words;
  std::string word;
  bool started = false;
  char quote = 0;
  for (std::size_t i = 0; i < command.size(); ++i) {
    char c = command[i];
    if (c == '\\' && quote != '\'' && i + 1 < command.size()) {
      word += command[++i];
      started = true;
    } else if (quote) {
      if (c == quote)
        quote = 0;
      else
        word += c;
    } else if (c == '"' || c == '\'') {
      quote = c;
      started = true;
    } else if (c == ' ' || c == '\t' || c == '\n') {
      if (started)
        words.push_back(std::move(word));
      word.clear();
      started = false;
    } else {
      word += c;
      started = true;
    }
  }
  if (started)
    words.push_back(std::move(word));
  return words;
}

std::vector<std::string> wordsOf(const Json& entry) {
  std::vector<std::string> words;
  if (auto arguments = entry.find("arguments"); arguments != entry.end() && arguments->is_array()) {
    for (const Json& argument : *arguments)
      if (argument.is_string())
        words.push_back(argument.get<std::string>());
  } else if (auto command = entry.find("command"); command != entry.end() && command->is_string()) {
    words = splitCommand(command->get<std::string>());
  }
  return words;
}

/// Keeps what says how the source reads; drops outputs, architectures and nvcc's own options.
std::vector<std::string> sourceFlags(const std::vector<std::string>& words, const fs::path& directory) {
  constexpr std::string_view with_folder[] = {"-isystem", "-iquote", "-idirafter", "-include", "-I"};
  constexpr std::string_view with_text[] = {"-D", "-U", "-std="};
  std::vector<std::string> flags;
  auto absolute = [&](const std::string& folder) { return (directory / folder).lexically_normal().string(); };
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string& word = words[i];
    for (std::string_view flag : with_folder) {
      if (!word.starts_with(flag))
        continue;
      bool joined = word.size() > flag.size();
      if (!joined && i + 1 >= words.size())
        break;
      std::string value = joined ? word.substr(flag.size()) : words[++i];
      if (value.starts_with('='))
        value.erase(0, 1); // nvcc's spelling: -isystem=folder
      flags.push_back(std::string(flag));
      flags.push_back(absolute(value));
      break;
    }
    for (std::string_view flag : with_text) {
      if (!word.starts_with(flag))
        continue;
      if (word.size() > flag.size())
        flags.push_back(word);
      else if (i + 1 < words.size())
        flags.push_back(std::string(flag) + words[++i]);
      break;
    }
  }
  return flags;
}



Expected<std::vector<std::string>> flagsFromDatabase(const std::string& path) {
  std::error_code failed;
  fs::path file = fs::weakly_canonical(path, failed);
  if (failed)
    return std::vector<std::string>{};
  std::optional<fs::path> database = databaseFor(file);
  if (!database)
    return std::vector<std::string>{};
  noteRead(database->string());
  std::ifstream stream(*database, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  Json entries = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!entries.is_array())
    return fail(ErrorKind::Input, "this is not a compilation database (a JSON array of commands)", database->string());
  for (const Json& entry : entries) {
    if (!entry.is_object() || !entry.contains("file") || !entry["file"].is_string())
      continue;
    fs::path directory = database->parent_path();
    if (auto given = entry.find("directory"); given != entry.end() && given->is_string())
      directory = directory / given->get<std::string>();
    fs::path named = fs::weakly_canonical(directory / entry["file"].get<std::string>(), failed);
    if (!failed && named == file)
      return sourceFlags(wordsOf(entry), directory);
  }
  return std::vector<std::string>{};
}
} // namespace

Expected<std::vector<std::string>> flagsFromCompileCommands(const std::string& path) {
  auto flags = flagsFromDatabase(path);
  if (!flags)
    return flags;
  std::vector<std::string> loaded = loadFlags(path);
  flags->insert(flags->begin(), loaded.begin(), loaded.end());
  return flags;
}

} // namespace kverify::frontend
