#include "validate/row.h"

#include <fmt/format.h>

#include <filesystem>

#include "describe/spelling.h"

namespace svasim::validate {

namespace fs = std::filesystem;

std::vector<std::string> row_files(const std::string& folder) {
  std::error_code code;
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(folder, code)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path().string());
  }
  if (code) throw base::input_error("cannot list " + folder + ": " + code.message());
  std::sort(files.begin(), files.end());
  return files;
}

std::string row_file(const std::string& row, const std::string& folder) {
  if (row.find('/') != std::string::npos || fs::path(row).extension() == ".json") return row;
  std::vector<std::string> names;
  for (const std::string& f : row_files(folder)) {
    names.push_back(fs::path(f).stem().string());
    if (names.back() == row) return f;
  }
  const std::string nearest = describe::nearest_name(row, names);
  throw base::input_error(
      fmt::format("no row \"{}\" in {}{}", row, folder,
                  nearest.empty() ? "" : "; did you mean \"" + nearest + "\"?"));
}

std::string text_of(const tolerance& t, const std::string& unit) {
  if (t.what == tolerance::kind::exact) return "exact";
  return fmt::format("{:g} {}", t.value, t.what == tolerance::kind::percent ? "%" : unit);
}

}  // namespace svasim::validate
