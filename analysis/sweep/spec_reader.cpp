#include "analysis/sweep/spec_reader.h"

#include <fmt/format.h>

#include <utility>

#include "describe/json_parse.h"
#include "describe/spelling.h"

namespace svasim::sweep {

using describe::json_value;

void problems::add(describe::position at, std::string message) {
  if (m_found.size() < describe::max_problems) {
    m_found.push_back(m_document.problem_at(at, std::move(message)));
  }
}

void problems::throw_if_any() const {
  if (!m_found.empty()) throw base::input_error(m_found);
}

object_reader::object_reader(const json_value& v, std::string what, problems& p)
    : m_value(v), m_what(std::move(what)), m_problems(p) {
  if (!v.is(json_value::type::object)) {
    p.add(v.at, fmt::format("{} needs an object, not {}", m_what, describe::shown(v)));
  }
}

const json_value* object_reader::take(const std::string& key) {
  m_known.push_back(key);
  m_taken.insert(key);
  const describe::json_member* m = m_value.find(key);
  return m == nullptr ? nullptr : &m->value;
}

std::string object_reader::text(const std::string& key) {
  const json_value* v = take(key);
  if (v == nullptr) return {};
  if (v->is(json_value::type::string)) return v->text;
  m_problems.add(v->at, fmt::format("{} needs a string, not {}", key, describe::shown(*v)));
  return {};
}

std::optional<std::uint64_t> object_reader::count(const std::string& key, std::uint64_t min,
                                                  std::uint64_t max) {
  const json_value* v = take(key);
  if (v == nullptr) return std::nullopt;
  if (v->is(json_value::type::count) && v->integer >= min && v->integer <= max) return v->integer;
  m_problems.add(v->at, fmt::format("{} needs a whole number from {} to {}, not {}", key, min, max,
                                    describe::shown(*v)));
  return std::nullopt;
}

void object_reader::finish() {
  if (!m_value.is(json_value::type::object)) return;
  for (const describe::json_member& m : m_value.members) {
    if (m_taken.count(m.key) != 0 || m.key == "$schema" || m.key == "$comment") continue;
    const std::string nearest = describe::nearest_name(m.key, m_known);
    m_problems.add(m.at, fmt::format("{}: unknown key {}{}", m_what, describe::in_quotes(m.key),
                                     nearest.empty() ? "" : "; did you mean \"" + nearest + "\"?"));
  }
}

}  // namespace svasim::sweep
