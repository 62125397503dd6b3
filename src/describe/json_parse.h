// Strict JSON text (RFC 8259) into json_value, with the position of every key and value. Refuses
// duplicate keys, deep nesting and texts that would take too much memory. Leaves out: comments,
// trailing commas.
#pragma once

#include <cstddef>
#include <string>

#include "describe/json_value.h"

namespace svasim::describe {

/// Whose text is parsed, and what it may still use up.
struct parse_origin {
  std::string name;          // for messages
  std::uint32_t file;        // for positions
  bool override_value;       // positions get line 0
  std::size_t& values_left;  // lowered by every value
};

constexpr std::size_t max_nesting = 64;
constexpr std::size_t max_file_bytes = std::size_t{16} << 20;
constexpr std::size_t max_values = 1000000;
/// One run names at most this many problems.
constexpr std::size_t max_problems = 100;

/// Throws base::input_error "NAME:LINE:COL: message" for a syntax error, every duplicate key,
/// nesting beyond max_nesting, a text beyond max_file_bytes and more values than are left.
json_value parse_json(const std::string& text, const parse_origin& origin);

}  // namespace svasim::describe
