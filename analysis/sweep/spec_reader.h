// Members of one object of a specification, taken one by one with what is wrong told by line and
// column. Kept inside analysis/sweep.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "describe/document.h"

namespace svasim::sweep {

class problems {
 public:
  explicit problems(const describe::document& d) : m_document(d) {}
  void add(describe::position at, std::string message);
  void throw_if_any() const;
  base::problem place(describe::position at) const { return m_document.problem_at(at, ""); }

 private:
  const describe::document& m_document;
  std::vector<base::problem> m_found;
};

class object_reader {
 public:
  /// `what` names the object in messages. A value that is no object is a problem, and empty.
  object_reader(const describe::json_value& v, std::string what, problems& p);

  const describe::json_value* take(const std::string& key);
  /// Empty where it is missing or, which is a problem, no text.
  std::string text(const std::string& key);
  /// Empty where it is missing or, which is a problem, no whole number of that range.
  std::optional<std::uint64_t> count(const std::string& key, std::uint64_t min, std::uint64_t max);
  /// Members that nobody took are problems.
  void finish();

  describe::position at() const { return m_value.at; }
  const std::string& what() const { return m_what; }

 private:
  const describe::json_value& m_value;
  std::string m_what;
  problems& m_problems;
  std::set<std::string> m_taken;
  std::vector<std::string> m_known;
};

}  // namespace svasim::sweep
