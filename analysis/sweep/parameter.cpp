#include "analysis/sweep/parameter.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>

#include "describe/quantity_kind.h"
#include "describe/spelling.h"

namespace svasim::sweep {
namespace {

using describe::json_value;
using describe::parameter_info;
using describe::shown;
using kind = value::kind;

// What the messages about a parameter say: "PATH needs ..." with the path as given.
[[noreturn]] void fail(const parameter_info& p, const std::string& what) {
  throw bad_value(p.path + " " + what);
}

value checked_number(const parameter_info& p, std::uint64_t n) {
  if (n < p.min || n > p.max) {
    const std::string unit = p.kind == kind::count && !p.unit.empty() ? " " + p.unit : "";
    fail(p,
         fmt::format("must be {} to {}{}, but is {}", describe::value_text(p.kind, p.min),
                     describe::value_text(p.kind, p.max), unit, describe::value_text(p.kind, n)));
  }
  return {p.kind, n, {}};
}

template <class Q>
value quantity(const parameter_info& p, const json_value& v) {
  using about = describe::quantity_kind<Q>;
  const auto parsed = v.is(json_value::type::string) ? about::parse(v.text) : std::nullopt;
  if (!parsed) {
    fail(p,
         fmt::format("needs {} such as \"{}\", not {}", about::a_name, about::example, shown(v)));
  }
  return checked_number(p, parsed->value());
}

value count(const parameter_info& p, const json_value& v) {
  if (!v.is(json_value::type::count)) {
    fail(p, fmt::format("needs a whole number{}{}, not {}", p.unit.empty() ? "" : " of ", p.unit,
                        shown(v)));
  }
  return checked_number(p, v.integer);
}

value choice(const parameter_info& p, const json_value& v) {
  const bool known =
      v.is(json_value::type::string) && std::count(p.choices.begin(), p.choices.end(), v.text) != 0;
  if (!known) {
    fail(p, fmt::format("must be one of \"{}\", not {}", fmt::join(p.choices, "\", \""), shown(v)));
  }
  return {kind::choice, 0, v.text};
}

}  // namespace

std::string to_string(const value& v) {
  if (v.is_text()) return v.text;
  if (v.what == kind::boolean) return v.number != 0 ? "true" : "false";
  return describe::value_text(v.what, v.number);
}

std::string assignment(const std::string& path, const value& v) {
  const bool plain = v.what == kind::count || v.what == kind::boolean;
  return path + "=" + (plain ? to_string(v) : nlohmann::json(to_string(v)).dump());
}

value value_of(const parameter_info& p, const json_value& v) {
  switch (p.kind) {
    case kind::count:
      return count(p, v);
    case kind::time:
      return quantity<base::duration>(p, v);
    case kind::size:
      return quantity<base::byte_size>(p, v);
    case kind::frequency:
      return quantity<base::frequency>(p, v);
    case kind::rate:
      return quantity<base::byte_rate>(p, v);
    case kind::boolean:
      if (v.is(json_value::type::boolean)) return {kind::boolean, v.integer, {}};
      fail(p, fmt::format("needs true or false, not {}", shown(v)));
    case kind::choice:
      return choice(p, v);
    case kind::string:
      if (v.is(json_value::type::string)) return {kind::string, 0, v.text};
      fail(p, fmt::format("needs a string, not {}", shown(v)));
    case kind::group:
    case kind::list:
      break;
  }
  throw std::logic_error(p.path + " is no field");
}

value value_of(const parameter_info& p, const std::string& text) {
  json_value v;
  v.what = json_value::type::string;
  v.text = text;
  const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  const std::string largest = std::to_string(~std::uint64_t{0});
  if (p.kind == kind::count && digits &&
      (text.size() < largest.size() || (text.size() == largest.size() && text <= largest))) {
    v.what = json_value::type::count;
    v.integer = std::stoull(text);
  } else if (p.kind == kind::boolean && (text == "true" || text == "false")) {
    v.what = json_value::type::boolean;
    v.integer = text == "true" ? 1 : 0;
  }
  return value_of(p, v);
}

value value_of(const parameter_info& p, std::uint64_t number) {
  if (p.kind > kind::rate) throw std::logic_error(p.path + " is no number");
  return checked_number(p, number);
}

void parameter_table::add(const std::vector<parameter_info>& all, const std::string& prefix) {
  for (parameter_info p : all) {
    p.path.insert(0, prefix);
    m_base.emplace(p.path, value_of(p, p.value));
    const std::string path = p.path;
    m_all.emplace(path, std::move(p));
  }
}

const parameter_info& parameter_table::at(const std::string& path) const {
  const auto found = m_all.find(path);
  if (found != m_all.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [name, info] : m_all) names.push_back(name);
  const std::string nearest = describe::nearest_name(path, names);
  throw bad_value(fmt::format("no parameter {}{}", describe::in_quotes(path),
                              nearest.empty() ? "" : "; did you mean \"" + nearest + "\"?"));
}

}  // namespace svasim::sweep
