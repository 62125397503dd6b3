// Takes the members of one JSON object, one by one, and remembers which were taken: what is
// missing, of the wrong kind or left over becomes a problem with its dotted path. Kept inside
// analysis/.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"

namespace svasim::analysis {

/// The problems found in one document.
class problem_list {
 public:
  explicit problem_list(std::string file) : m_file(std::move(file)) {}
  /// Beyond 100 problems the rest says nothing new.
  void add(const std::string& path, const std::string& message);
  bool empty() const { return m_problems.empty(); }
  void throw_if_any() const;

 private:
  std::string m_file;
  std::vector<base::problem> m_problems;
};

/// One object. After a problem the value taken is zero or empty, and reading goes on.
class member_reader {
 public:
  member_reader(const nlohmann::json& object, std::string path, problem_list& problems);
  /// Reports the members that nobody took.
  void finish() const;

  std::uint64_t integer(const char* key);
  /// Whether what integer() or text() gave was there and of that kind: else they have reported it.
  bool holds_integer(const char* key) const;
  bool holds_text(const char* key) const;
  std::optional<std::uint64_t> integer_or_null(const char* key);
  bool boolean(const char* key);
  std::string text(const char* key);
  /// An empty object where it is missing or no object.
  const nlohmann::json& object(const char* key);
  const nlohmann::json& array(const char* key);
  bool has(const char* key) const { return m_object.contains(key); }
  bool is_null(const char* key) const { return has(key) && m_object.at(key).is_null(); }
  /// Takes a member that stands for nothing.
  void skip(const char* key) { m_taken.insert(key); }
  /// An object whose members are all integers, or all texts.
  std::map<std::string, std::uint64_t> integers(const char* key);
  std::map<std::string, std::optional<std::uint64_t>> integers_or_null(const char* key);
  std::map<std::string, std::string> texts(const char* key);

  std::string path_of(const std::string& key) const;
  void problem(const std::string& key, const std::string& message);

 private:
  const nlohmann::json* take(const char* key);

  const nlohmann::json& m_object;
  std::string m_path;
  problem_list& m_problems;
  std::set<std::string> m_taken;
};

}  // namespace svasim::analysis
