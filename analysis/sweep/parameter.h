// The parameters that a sweep may vary, by dotted path, and their values: checked against the
// declaration before anything runs. Platform parameters have their own paths, those of a workload
// the prefix "workload.".
#pragma once

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "describe/effective.h"
#include "describe/json_value.h"

namespace svasim::sweep {

/// A value of one parameter.
struct value {
  using kind = describe::declaration::kind;

  kind what = kind::count;
  std::uint64_t number = 0;  ///< count, quantity in its base unit, boolean as 0 and 1
  std::string text;          ///< string, choice

  bool is_text() const { return what == kind::string || what == kind::choice; }
  friend bool operator==(const value& a, const value& b) {
    return a.what == b.what && a.number == b.number && a.text == b.text;
  }
};

/// As a person writes it: "64", "190ns", "true", "lru".
std::string to_string(const value& v);
/// "PATH=VALUE" as `--set` takes it, whatever characters the value holds.
std::string assignment(const std::string& path, const value& v);

/// Something wrong with a value or name; whoever reads the specification adds the position.
class bad_value : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// `v` as a value of `p`. Throws bad_value: of another type or unit, out of range, unknown choice.
value value_of(const describe::parameter_info& p, const describe::json_value& v);
/// The same from a text as to_string() gives it. Throws bad_value.
value value_of(const describe::parameter_info& p, const std::string& text);
/// The same from a number in the parameter's unit; throws bad_value out of range, std::logic_error
/// for a parameter that is no number.
value value_of(const describe::parameter_info& p, std::uint64_t number);

class parameter_table {
 public:
  /// Adds `all`, with `prefix` before each path.
  void add(const std::vector<describe::parameter_info>& all, const std::string& prefix);
  /// Throws bad_value `no parameter "PATH"; did you mean "..."?`.
  const describe::parameter_info& at(const std::string& path) const;
  /// What a file says or its default.
  const value& base(const std::string& path) const { return m_base.at(path); }
  bool has(const std::string& path) const { return m_all.count(path) != 0; }

 private:
  std::map<std::string, describe::parameter_info> m_all;
  std::map<std::string, value> m_base;
};

}  // namespace svasim::sweep
