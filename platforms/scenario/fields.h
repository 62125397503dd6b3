// Typed access to the JSON of a scenario: each function throws base::input_error
// "FILE:LINE:COLUMN: message" at the value that is not what the format asks for.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

#include "describe/json_value.h"

namespace svasim::scenario {

/// The line of the file that a case stands on.
struct origin {
  std::string file;
  std::uint64_t line = 0;

  [[noreturn]] void fail(const describe::position& at, const std::string& message) const;
};

/// One JSON object. `of` names it in messages: "the case", "a query".
class object_fields {
 public:
  object_fields(const origin& from, const describe::json_value& object, const char* of);

  /// Refuses keys that are not among `known`.
  void only(std::initializer_list<const char*> known) const;
  /// The value of `key`; null, or an error for need(), where it is missing.
  const describe::json_value* find(const char* key) const;
  const describe::json_value& need(const char* key) const;

  const origin& from() const { return m_from; }

 private:
  const origin& m_from;
  const describe::json_value& m_object;
  const char* m_of;
};

/// A 64-bit word as a string: "0x1f00".
std::uint64_t word_of(const origin& from, const describe::json_value& v, const std::string& what);
/// The same where the value must fit in 32 bits.
std::uint32_t word32_of(const origin& from, const describe::json_value& v, const std::string& what);
/// A plain number from 0 to `most`.
std::uint64_t count_of(const origin& from, const describe::json_value& v, const std::string& what,
                       std::uint64_t most);
bool boolean_of(const origin& from, const describe::json_value& v, const std::string& what);
const std::string& string_of(const origin& from, const describe::json_value& v,
                             const std::string& what);
/// The elements of a list of at least `least` and at most `most` elements.
const std::vector<describe::json_value>& array_of(const origin& from, const describe::json_value& v,
                                                  const std::string& what, std::size_t least = 0,
                                                  std::size_t most = ~std::size_t{0});
/// Index of the string `v` in `names`; the message lists them.
std::size_t choice_of(const origin& from, const describe::json_value& v, const std::string& what,
                      std::initializer_list<const char*> names);

}  // namespace svasim::scenario
