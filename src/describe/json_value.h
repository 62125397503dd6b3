// A parsed JSON value that remembers where it was written, so that every later complaint can point
// there. Integers stay as written: they never pass through a double.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace svasim::describe {

/// Where a key or value begins. Lines and columns count from 1, columns in characters; line 0 marks
/// what came from an override on the command line. `file` indexes document::files().
struct position {
  std::uint32_t file = 0;
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  bool is_override() const { return line == 0; }
};

struct json_member;

struct json_value {
  /// `count` is an integer that is not negative and fits in 64 bits, `number` any other number.
  enum class type { null, boolean, count, number, string, array, object };

  type what = type::null;
  position at;
  std::uint64_t integer = 0;         // count; boolean as 0 and 1
  std::string text;                  // string; number as written
  std::vector<json_value> elements;  // array
  std::vector<json_member> members;  // object, in the order of the file; keys are unique

  bool is(type t) const { return what == t; }
  /// The member called `key`, null when there is none or this is no object.
  const json_member* find(const std::string& key) const;
  json_member* find(const std::string& key);
};

struct json_member {
  std::string key;
  position at;
  json_value value;
};

/// True for {"value": V, "source": "..."}, the form in which a value brings its own provenance. It
/// is known by its "value" member, a name that no declared field has.
bool is_sourced(const json_value& v);

/// The value as a message shows it: "190" in quotes, 1.5, true, "an object"; long texts are cut.
std::string shown(const json_value& v);
/// `text` in quotes, cut when it is long.
std::string in_quotes(const std::string& text);

}  // namespace svasim::describe
