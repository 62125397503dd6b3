#include "platforms/scenario/fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "describe/spelling.h"

namespace svasim::scenario {

using describe::json_value;
using type = json_value::type;

void origin::fail(const describe::position& at, const std::string& message) const {
  throw base::input_error(base::problem{file, line, at.column, message});
}

object_fields::object_fields(const origin& from, const json_value& object, const char* of)
    : m_from(from), m_object(object), m_of(of) {
  if (!object.is(type::object)) {
    from.fail(object.at, fmt::format("{} must be an object, not {}", of, shown(object)));
  }
}

void object_fields::only(std::initializer_list<const char*> known) const {
  for (const describe::json_member& m : m_object.members) {
    if (std::any_of(known.begin(), known.end(), [&](const char* k) { return m.key == k; })) {
      continue;
    }
    const std::string nearest =
        describe::nearest_name(m.key, std::vector<std::string>(known.begin(), known.end()));
    m_from.fail(m.at, fmt::format("unknown key {} in {}{}", describe::in_quotes(m.key), m_of,
                                  nearest.empty() ? "" : "; did you mean \"" + nearest + "\"?"));
  }
}

const json_value* object_fields::find(const char* key) const {
  const describe::json_member* m = m_object.find(key);
  return m == nullptr ? nullptr : &m->value;
}

const json_value& object_fields::need(const char* key) const {
  const json_value* v = find(key);
  if (v == nullptr) m_from.fail(m_object.at, fmt::format("{} has no \"{}\"", m_of, key));
  return *v;
}

namespace {

bool parse_word(const std::string& text, std::uint64_t& value) {
  if (text.size() < 3 || text.size() > 18 || text[0] != '0' || text[1] != 'x') return false;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + 2, end, value, 16);
  return error == std::errc() && stop == end;
}

}  // namespace

std::uint64_t word_of(const origin& from, const json_value& v, const std::string& what) {
  std::uint64_t value = 0;
  if (!v.is(type::string) || !parse_word(v.text, value)) {
    from.fail(v.at, fmt::format("{} must be a string such as \"0x1f00\" of at most 16 digits, "
                                "not {}",
                                what, shown(v)));
  }
  return value;
}

std::uint32_t word32_of(const origin& from, const json_value& v, const std::string& what) {
  const std::uint64_t value = word_of(from, v, what);
  if (value >> 32 != 0) {
    from.fail(v.at, fmt::format("{} has 32 bits, not {}", what, shown(v)));
  }
  return static_cast<std::uint32_t>(value);
}

std::uint64_t count_of(const origin& from, const json_value& v, const std::string& what,
                       std::uint64_t most) {
  if (!v.is(type::count) || v.integer > most) {
    from.fail(v.at, fmt::format("{} must be a number from 0 to {}, not {}", what, most, shown(v)));
  }
  return v.integer;
}

bool boolean_of(const origin& from, const json_value& v, const std::string& what) {
  if (!v.is(type::boolean)) {
    from.fail(v.at, fmt::format("{} must be true or false, not {}", what, shown(v)));
  }
  return v.integer != 0;
}

const std::string& string_of(const origin& from, const json_value& v, const std::string& what) {
  if (!v.is(type::string)) {
    from.fail(v.at, fmt::format("{} must be a string, not {}", what, shown(v)));
  }
  return v.text;
}

const std::vector<json_value>& array_of(const origin& from, const json_value& v,
                                        const std::string& what, std::size_t least,
                                        std::size_t most) {
  if (!v.is(type::array)) {
    from.fail(v.at, fmt::format("{} must be a list, not {}", what, shown(v)));
  }
  if (v.elements.size() < least || v.elements.size() > most) {
    from.fail(v.at, fmt::format("{} must have {}{} elements, not {}", what,
                                most == least ? "" : "at least ", least, v.elements.size()));
  }
  return v.elements;
}

std::size_t choice_of(const origin& from, const json_value& v, const std::string& what,
                      std::initializer_list<const char*> names) {
  std::string all;
  for (const char* n : names) all += fmt::format("{}\"{}\"", all.empty() ? "" : ", ", n);
  if (v.is(type::string)) {
    const auto found = std::find(names.begin(), names.end(), v.text);
    if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  }
  from.fail(v.at, fmt::format("{} must be one of {}, not {}", what, all, shown(v)));
}

}  // namespace svasim::scenario
