#include "analysis/sweep/axis_reader.h"

#include <fmt/format.h>

#include <algorithm>

namespace svasim::sweep {
namespace {

using describe::json_value;
using describe::parameter_info;
using kind = value::kind;

constexpr const char* seed_path = "workload.seed";

// The parameters of the axis; empty after a problem.
std::vector<parameter_info> parameters_of(const json_value& v, const parameter_table& table,
                                          problems& p) {
  std::vector<const json_value*> given{&v};
  if (v.is(json_value::type::array)) {
    given.clear();
    for (const json_value& e : v.elements) given.push_back(&e);
    if (given.empty()) p.add(v.at, "path needs at least one path");
  }
  std::vector<parameter_info> out;
  for (const json_value* g : given) {
    if (!g->is(json_value::type::string)) {
      p.add(g->at,
            fmt::format("path needs a string or a list of them, not {}", describe::shown(*g)));
      return {};
    }
    try {
      out.push_back(table.at(g->text));
    } catch (const bad_value& e) {
      p.add(g->at, e.what());
      return {};
    }
    if (out.back().kind != out.front().kind) {
      p.add(g->at, fmt::format("{} is a {}, but {} a {}; one axis gives both the same value",
                               out.back().path, name_of(out.back().kind), out.front().path,
                               name_of(out.front().kind)));
      return {};
    }
  }
  return out;
}

class value_reader {
 public:
  value_reader(const std::vector<parameter_info>& of, problems& p) : m_of(of), m_problems(p) {}

  // Empty after a problem.
  std::vector<value> read(object_reader& in) {
    const json_value* list = in.take("values");
    const json_value* from = in.take("from");
    const json_value* to = in.take("to");
    const json_value* step = in.take("step");
    const json_value* scale = in.take("scale");
    in.finish();
    if ((list != nullptr) == (from != nullptr || to != nullptr) ||
        (from == nullptr) != (to == nullptr)) {
      m_problems.add(in.at(), "an axis needs either \"values\" or \"from\" and \"to\"");
      return {};
    }
    if (list != nullptr) return from_list(*list);
    if (m_of.front().kind > kind::rate) {
      m_problems.add(from->at, fmt::format("{} has no order; list its values", m_of.front().path));
      return {};
    }
    const auto first = checked(*from), last = checked(*to);
    if (!first || !last) return {};
    if (first->number > last->number) {
      m_problems.add(to->at, "a range must not end below its beginning");
      return {};
    }
    if (scale != nullptr) return doubling(*scale, step, from->at, *first, *last);
    return by_steps(step, from->at, *first, *last);
  }

  std::vector<value> from_list(const json_value& v) {
    if (!v.is(json_value::type::array) || v.elements.empty()) {
      m_problems.add(v.at,
                     fmt::format("values needs a list of at least one value, not {}",
                                 v.is(json_value::type::array) ? "none" : describe::shown(v)));
      return {};
    }
    std::vector<value> out;
    for (const json_value& e : v.elements) {
      const auto one = checked(e);
      if (!one) continue;
      if (std::find(out.begin(), out.end(), *one) != out.end()) {
        m_problems.add(e.at, fmt::format("{} is in the list twice", to_string(*one)));
        continue;
      }
      out.push_back(*one);
      if (out.size() > space::most_values) {
        m_problems.add(v.at, fmt::format("more than {} values", space::most_values));
        return {};
      }
    }
    return out;
  }

 private:
  // `v` as a value of every path of the axis.
  std::optional<value> checked(const json_value& v) {
    try {
      for (const parameter_info& i : m_of) value_of(i, v);
      return value_of(m_of.front(), v);
    } catch (const bad_value& e) {
      m_problems.add(v.at, e.what());
      return std::nullopt;
    }
  }

  std::vector<value> doubling(const json_value& scale, const json_value* step,
                              describe::position at, const value& first, const value& last) {
    if (!scale.is(json_value::type::string) || scale.text != "log2") {
      m_problems.add(scale.at,
                     fmt::format("scale must be \"log2\", not {}", describe::shown(scale)));
      return {};
    }
    if (step != nullptr) {
      m_problems.add(step->at, "a log2 range doubles; it has no step");
      return {};
    }
    if (first.number == 0) {
      m_problems.add(at, "a log2 range cannot begin at 0");
      return {};
    }
    std::vector<value> out;
    for (value v = first; v.number <= last.number; v.number *= 2) {
      out.push_back(v);
      if (v.number > last.number / 2) break;
    }
    return out;
  }

  std::vector<value> by_steps(const json_value* step, describe::position at, const value& first,
                              const value& last) {
    std::uint64_t by = 1;
    if (step != nullptr) {
      parameter_info wide = m_of.front();
      wide.path = "step";
      wide.min = 1;
      wide.max = ~std::uint64_t{0};
      try {
        by = value_of(wide, *step).number;
      } catch (const bad_value& e) {
        m_problems.add(step->at, e.what());
        return {};
      }
    } else if (m_of.front().kind != kind::count) {
      m_problems.add(at, fmt::format("a range of a {} needs a step, or \"scale\": \"log2\"",
                                     name_of(m_of.front().kind)));
      return {};
    }
    if ((last.number - first.number) / by >= space::most_values) {
      m_problems.add(at, fmt::format("more than {} values", space::most_values));
      return {};
    }
    std::vector<value> out;
    for (value v = first;; v.number += by) {
      out.push_back(v);
      if (last.number - v.number < by) return out;
    }
  }

  const std::vector<parameter_info>& m_of;
  problems& m_problems;
};

std::optional<axis> axis_of(const std::vector<parameter_info>& of, std::vector<value> values) {
  if (values.empty()) return std::nullopt;
  axis out;
  for (const parameter_info& i : of) out.paths.push_back(i.path);
  out.kind = of.front().kind;
  out.unit = of.front().unit;
  out.values = std::move(values);
  return out;
}

}  // namespace

std::optional<axis> read_axis(const json_value& v, const parameter_table& table, problems& p) {
  object_reader in(v, "an axis", p);
  const json_value* path = in.take("path");
  if (path == nullptr) {
    if (v.is(json_value::type::object)) p.add(v.at, "an axis needs a \"path\"");
    return std::nullopt;
  }
  const std::vector<parameter_info> of = parameters_of(*path, table, p);
  if (of.empty()) return std::nullopt;
  return axis_of(of, value_reader(of, p).read(in));
}

std::optional<axis> read_seeds(const json_value& v, const parameter_table& table, problems& p) {
  if (!table.has(seed_path)) {
    p.add(v.at, "seeds need a workload: a trace has none");
    return std::nullopt;
  }
  const std::vector<parameter_info> of{table.at(seed_path)};
  value_reader values(of, p);
  std::optional<axis> out;
  if (v.is(json_value::type::array)) {
    out = axis_of(of, values.from_list(v));
  } else {
    object_reader in(v, "seeds", p);
    if (!v.is(json_value::type::object)) return std::nullopt;
    out = axis_of(of, values.read(in));
  }
  if (out) out->repeat = true;
  return out;
}

}  // namespace svasim::sweep
