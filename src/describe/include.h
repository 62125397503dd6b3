// Reads JSON files and resolves their includes; used by document only.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "describe/json_parse.h"
#include "describe/json_value.h"

namespace svasim::describe {

/// Loads one document. `files` receives the name of every text, in the order in which they are met.
class loader {
 public:
  explicit loader(std::vector<std::string>& files) : m_files(files) {}

  json_value load_file(const std::string& path);
  /// `directory` is what relative includes start from.
  json_value load_text(const std::string& text, const std::string& name,
                       const std::filesystem::path& directory, bool override_value);

 private:
  json_value load_included(const json_value& path, const std::filesystem::path& directory);
  void expand(json_value& v, const std::filesystem::path& directory);
  void expand_object(json_value& v, const std::filesystem::path& directory);
  [[noreturn]] void fail(position at, const std::string& message) const;

  std::vector<std::string>& m_files;
  std::vector<std::filesystem::path> m_stack;  // the files that are being loaded, outermost first
  std::size_t m_values_left = max_values;
  std::size_t m_bytes_left = 4 * max_file_bytes;  // of all files together
};

/// `over` on top of `into`, as document.h says.
void merge(json_value& into, json_value over);

}  // namespace svasim::describe
