#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "analysis/sweep/spec_reader.h"
#include "describe/document.h"
#include "describe/spelling.h"
#include "validate/formula.h"
#include "validate/row.h"

namespace svasim::validate {
namespace {

namespace fs = std::filesystem;
using describe::json_value;
using sweep::object_reader;

constexpr const char* kinds[] = {"validation", "calibration", "information"};
constexpr const char* roles[] = {"predicted", "spent", "gap", "printed"};

// Reads one file; what a point does not say is as the row says.
class reader {
 public:
  explicit reader(const describe::document& d, std::string folder)
      : m_problems(d), m_document(d), m_folder(std::move(folder)) {}

  row read() {
    object_reader in(m_document.root(), "a row", m_problems);
    row r;
    r.name = needed(in, "name");
    r.what = needed(in, "what");
    r.source = needed(in, "source");
    r.kind = static_cast<row_kind>(choice(in, "kind", kinds, 3, 0));
    r.experiment = needed(in, "experiment");
    r.axis = in.text("axis");
    point defaults;
    if (r.kind == row_kind::information) defaults.role = point_role::printed;
    common(in, defaults, r.kind != row_kind::information);
    r.tolerance = defaults.tolerance;
    r.unit = defaults.unit;
    points(in, defaults, r);
    spent(in, r);
    inputs(in, r);
    in.finish();
    if (r.kind == row_kind::information) only_printed(r);
    m_problems.throw_if_any();
    return r;
  }

 private:
  std::string needed(object_reader& in, const char* key) {
    std::string text = in.text(key);
    if (text.empty()) m_problems.add(in.at(), fmt::format("{} needs \"{}\"", in.what(), key));
    return text;
  }

  std::size_t choice(object_reader& in, const char* key, const char* const* names,
                     std::size_t count, std::size_t standard) {
    const json_value* v = in.take(key);
    if (v == nullptr) return standard;
    for (std::size_t i = 0; i < count; ++i) {
      if (v->is(json_value::type::string) && v->text == names[i]) return i;
    }
    m_problems.add(v->at, fmt::format("{} needs one of {}, not {}", key,
                                      fmt::join(names, names + count, ", "), describe::shown(*v)));
    return standard;
  }

  std::optional<double> number(object_reader& in, const char* key) {
    const json_value* v = in.take(key);
    if (v == nullptr) return std::nullopt;
    if (v->is(json_value::type::count)) return static_cast<double>(v->integer);
    if (v->is(json_value::type::number)) return std::strtod(v->text.c_str(), nullptr);
    m_problems.add(v->at, fmt::format("{} needs a number, not {}", key, describe::shown(*v)));
    return std::nullopt;
  }

  std::string file(object_reader& in, const char* key, const std::string& standard) {
    const std::string text = in.text(key);
    return text.empty() ? standard : (fs::path(m_folder) / text).lexically_normal().string();
  }

  void settings_of(object_reader& in, const char* key, settings& out) {
    const json_value* v = in.take(key);
    if (v == nullptr) return;
    if (!v->is(json_value::type::object)) {
      m_problems.add(v->at, fmt::format("{} needs an object, not {}", key, describe::shown(*v)));
      return;
    }
    for (const describe::json_member& m : v->members) {
      const json_value& given = m.value;
      using type = json_value::type;
      if (given.is(type::string)) {
        // Quoted where it would be read as something else.
        out.emplace_back(m.key, given.text);
      } else if (given.is(type::count)) {
        out.emplace_back(m.key, std::to_string(given.integer));
      } else if (given.is(type::boolean)) {
        out.emplace_back(m.key, given.integer != 0 ? "true" : "false");
      } else {
        m_problems.add(given.at, fmt::format("{} needs a string, a whole number, true or false, "
                                             "not {}",
                                             m.key, describe::shown(given)));
      }
    }
  }

  // "2 %", "10 ns" in the unit of the point, "exact".
  void tolerance_of(object_reader& in, point& p, bool required) {
    const json_value* v = in.take("tolerance");
    if (v == nullptr) {
      if (required) m_problems.add(in.at(), in.what() + " needs \"tolerance\"");
      return;
    }
    if (v->is(json_value::type::string)) {
      if (v->text == "exact") {
        p.tolerance = {tolerance::kind::exact, 0};
        return;
      }
      char* end = nullptr;
      const double value = std::strtod(v->text.c_str(), &end);
      const std::string unit = *end == ' ' ? end + 1 : end;
      if (end != v->text.c_str() && value > 0 && (unit == "%" || unit == p.unit)) {
        p.tolerance = {unit == "%" ? tolerance::kind::percent : tolerance::kind::absolute, value};
        return;
      }
    }
    m_problems.add(v->at, fmt::format("tolerance needs \"N %\", \"N {}\" or \"exact\", not {}",
                                      p.unit.empty() ? "UNIT" : p.unit, describe::shown(*v)));
  }

  // What both a row and a point may say.
  void common(object_reader& in, point& p, bool needs_tolerance) {
    p.platform = file(in, "platform", p.platform);
    p.workload = file(in, "workload", p.workload);
    p.trace = file(in, "trace", p.trace);
    settings_of(in, "set", p.set);
    settings_of(in, "arguments", p.arguments);
    if (const std::string unit = in.text("unit"); !unit.empty()) p.unit = unit;
    tolerance_of(in, p, needs_tolerance);
    const json_value* metric = in.take("metric");
    if (metric == nullptr) return;
    p.metric = metric->text.empty() ? " " : metric->text;
    try {
      formula parsed(metric->text);
    } catch (const bad_formula& e) {
      m_problems.add(metric->at, fmt::format("metric: {}", e.what()));
    }
  }

  void points(object_reader& in, const point& defaults, row& r) {
    const json_value* v = in.take("points");
    if (v == nullptr || !v->is(json_value::type::array) || v->elements.empty()) {
      m_problems.add(v == nullptr ? in.at() : v->at, "a row needs \"points\", a list of some");
      return;
    }
    std::set<std::string> names;
    for (const json_value& e : v->elements) {
      object_reader one(e, "a point", m_problems);
      point p = read_point(one, defaults);
      if (!names.insert(p.name).second) {
        m_problems.add(e.at, fmt::format("there is a point {} already", p.name));
      }
      r.points.push_back(std::move(p));
    }
  }

  point read_point(object_reader& in, point p) {
    p.at = m_problems.place(in.at());
    p.name = needed(in, "name");
    p.series = in.text("series");
    common(in, p, false);
    if (p.metric.empty()) m_problems.add(in.at(), "a point needs \"metric\", or its row");
    p.role =
        static_cast<point_role>(choice(in, "role", roles, 4, static_cast<std::size_t>(p.role)));
    p.expected = number(in, "expected");
    p.shows = number(in, "shows");
    p.reason = in.text("reason");
    if (const json_value* v = in.take("slow"); v != nullptr) p.slow = v->integer != 0;
    in.finish();
    if (!p.expected && p.role != point_role::printed) {
      m_problems.add(in.at(), "a point needs \"expected\" where its role is not printed");
    }
    if (p.role == point_role::gap && (!p.shows || p.reason.empty())) {
      m_problems.add(in.at(), "a gap needs \"shows\", what the model has, and \"reason\"");
    }
    if (p.role != point_role::gap && (p.shows || !p.reason.empty())) {
      m_problems.add(in.at(), "\"shows\" and \"reason\" are for gaps");
    }
    return p;
  }

  // The objects of a list; none where there is no list.
  const std::vector<json_value>& objects(object_reader& in, const char* key) {
    static const std::vector<json_value> none;
    const json_value* v = in.take(key);
    if (v == nullptr) return none;
    if (v->is(json_value::type::array)) return v->elements;
    m_problems.add(v->at, fmt::format("{} needs a list, not {}", key, describe::shown(*v)));
    return none;
  }

  void constant_of(object_reader& in, const row& r, constant& c) {
    c.at = m_problems.place(in.at());
    c.parameter = in.text("parameter");
    c.argument = in.text("argument");
    c.value = needed(in, "value");
    c.points = names_of(in, r);
    c.with = texts_of(in, "with");
    if (c.parameter.empty() == c.argument.empty()) {
      m_problems.add(in.at(), in.what() + " needs one of \"parameter\" and \"argument\"");
    }
  }

  void spent(object_reader& in, row& r) {
    for (const json_value& e : objects(in, "spent")) {
      object_reader one(e, "a spent constant", m_problems);
      spent_constant s;
      constant_of(one, r, s);
      s.step = step_of(one);
      s.part_of = one.text("part_of");
      s.fitted_to = needed(one, "fitted_to");
      one.finish();
      r.spent.push_back(std::move(s));
    }
  }

  // Counts have no unit, and are changed by one.
  std::string step_of(object_reader& in) {
    const json_value* v = in.take("step");
    if (v == nullptr) return {};
    const bool is_text = v->is(json_value::type::string);
    const bool has_unit = is_text && v->text.find_first_not_of("+-0123456789") != std::string::npos;
    if (has_unit || (is_text && v->text == "1")) return v->text;
    m_problems.add(v->at, "counts are changed by one: step needs a value with a unit, not " +
                              describe::shown(*v));
    return {};
  }

  void inputs(object_reader& in, row& r) {
    for (const json_value& e : objects(in, "inputs")) {
      object_reader one(e, "an input", m_problems);
      input_constant c;
      constant_of(one, r, c);
      c.source = needed(one, "source");
      if (!c.source.empty() && !is_tagged(c.source)) {
        m_problems.add(e.at, "source of an input begins with a tag, M:, T:, D:, S: or A:, not " +
                                 describe::in_quotes(c.source));
      }
      one.finish();
      r.inputs.push_back(std::move(c));
    }
  }

  static bool is_tagged(const std::string& source) {
    return source.size() > 3 && std::string("MTDSA").find(source[0]) != std::string::npos &&
           source[1] == ':';
  }

  std::vector<std::string> texts_of(object_reader& in, const char* key) {
    std::vector<std::string> out;
    const json_value* v = in.take(key);
    if (v == nullptr) return out;
    const auto is_text = [](const json_value& e) { return e.is(json_value::type::string); };
    if (!v->is(json_value::type::array) ||
        !std::all_of(v->elements.begin(), v->elements.end(), is_text)) {
      m_problems.add(v->at, fmt::format("{} needs a list of strings", key));
      return out;
    }
    for (const json_value& e : v->elements) out.push_back(e.text);
    return out;
  }

  std::vector<std::string> names_of(object_reader& in, const row& r) {
    std::vector<std::string> out = texts_of(in, "points");
    for (const std::string& name : out) {
      const bool known = std::any_of(r.points.begin(), r.points.end(),
                                     [&](const point& p) { return p.name == name; });
      if (!known) m_problems.add(in.at(), "no point " + describe::in_quotes(name));
    }
    return out;
  }

  void only_printed(const row& r) {
    for (const point& p : r.points) {
      if (p.role == point_role::printed) continue;
      m_problems.add(
          {0, static_cast<std::uint32_t>(p.at.line), static_cast<std::uint32_t>(p.at.column)},
          "points of a row of kind information have the role printed");
    }
  }

  sweep::problems m_problems;
  const describe::document& m_document;
  const std::string m_folder;
};

row read_document(const describe::document& d, const std::string& file) {
  return reader(d, fs::path(file).parent_path().string()).read();
}

}  // namespace

row read_row(const std::string& file) {
  return read_document(describe::document::from_file(file), file);
}

row read_row_text(const std::string& text, const std::string& name) {
  return read_document(describe::document::from_text(text, name), name);
}

const char* name_of(row_kind k) {
  return kinds[static_cast<std::size_t>(k)];
}

const char* name_of(point_role r) {
  return roles[static_cast<std::size_t>(r)];
}

}  // namespace svasim::validate
