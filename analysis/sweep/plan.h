// A sweep's plan as sweep.json keeps it: what was asked, and which points that makes. README.md has
// the format.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "analysis/sweep/space.h"

namespace svasim::sweep {

struct plan_axis {
  std::vector<std::string> paths;
  std::string kind, unit;
  std::vector<std::string> values;     ///< as a person writes them
  std::vector<std::uint64_t> numbers;  ///< in `unit`; empty for texts, choices and booleans
  bool repeat = false;

  const std::string& name() const { return paths.front(); }
};

struct plan_point {
  std::string name;  ///< of its files; 32 hexadecimal digits
  choice values;
};

struct plan {
  std::string svasim_version;
  std::string name, description, platform;
  std::string input_kind, input_name;
  std::string sampling;
  std::map<std::string, std::string> set;  ///< fixed: path -> value
  std::vector<plan_axis> axes;
  std::vector<std::string> constraints;
  std::vector<plan_point> points;  ///< names are unique

  std::string label(const plan_point& p) const;
};

/// What `s` says; the rest is for the caller to fill in.
plan plan_of(const space& s);
/// 32 hexadecimal digits: SHA-1 of `identity`, as a name-based UUID (RFC 4122) without dashes.
std::string point_name(const std::string& identity);
bool is_point_name(const std::string& text);

std::string json_text(const plan& p);
/// DIR/sweep.json. Throws base::input_error where it cannot be read or is not what json_text()
/// writes.
plan read_plan(const std::string& directory);

}  // namespace svasim::sweep
