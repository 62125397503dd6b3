#include "analysis/sweep/specification.h"

#include <fmt/format.h>

#include <filesystem>
#include <set>

#include "analysis/sweep/axis_reader.h"
#include "analysis/sweep/spec_reader.h"

namespace svasim::sweep {
namespace {

using describe::json_value;

// Relative names mean files beside the specification.
std::string seen_from(const std::string& spec, const std::string& file) {
  namespace fs = std::filesystem;
  if (file.empty() || fs::path(file).is_absolute()) return file;
  return (fs::path(spec).parent_path() / file).lexically_normal().string();
}

// A path that two members set.
class used_paths {
 public:
  explicit used_paths(problems& p) : m_problems(p) {}
  void add(const std::string& path, describe::position at) {
    if (m_seen.insert(path).second) return;
    m_problems.add(at, fmt::format("{} is set twice", path));
  }

 private:
  problems& m_problems;
  std::set<std::string> m_seen;
};

void read_fixed(const json_value* v, const parameter_table& table, used_paths& used, problems& p,
                space& out) {
  if (v == nullptr) return;
  if (!v->is(json_value::type::object)) {
    p.add(v->at, fmt::format("set needs an object, not {}", describe::shown(*v)));
    return;
  }
  for (const describe::json_member& m : v->members) {
    if (m.key == "$comment") continue;
    const describe::parameter_info* info = nullptr;
    try {
      info = &table.at(m.key);
    } catch (const bad_value& e) {
      p.add(m.at, e.what());
      continue;
    }
    used.add(m.key, m.at);
    try {
      out.fixed.emplace_back(m.key, value_of(*info, m.value));
    } catch (const bad_value& e) {
      p.add(m.value.at, e.what());
    }
  }
}

void read_axes(const json_value* v, const parameter_table& table, used_paths& used, problems& p,
               space& out) {
  if (v == nullptr) return;
  if (!v->is(json_value::type::array)) {
    p.add(v->at, fmt::format("axes needs a list, not {}", describe::shown(*v)));
    return;
  }
  if (v->elements.size() > 64) {
    p.add(v->at, "more than 64 axes");
    return;
  }
  for (const json_value& e : v->elements) {
    if (auto a = read_axis(e, table, p)) {
      for (const std::string& path : a->paths) used.add(path, e.at);
      out.axes.push_back(std::move(*a));
    }
  }
}

void read_constraints(const json_value* v, const parameter_table& table, problems& p, space& out) {
  if (v == nullptr) return;
  if (!v->is(json_value::type::array)) {
    p.add(v->at, fmt::format("constraints needs a list, not {}", describe::shown(*v)));
    return;
  }
  for (const json_value& e : v->elements) {
    if (!e.is(json_value::type::string)) {
      p.add(e.at, fmt::format("a constraint needs a string, not {}", describe::shown(e)));
      continue;
    }
    base::problem at = p.place(e.at);
    at.column += 1;  // behind the quote
    try {
      out.constraints.push_back({expression(e.text, table), at});
    } catch (const bad_expression& b) {
      describe::position where = e.at;
      where.column += static_cast<std::uint32_t>(1 + b.offset());
      p.add(where, b.what());
    }
  }
}

void read_sampling(const json_value* v, problems& p, space& out) {
  if (v == nullptr) return;
  object_reader in(*v, "sampling", p);
  const std::string kind = in.text("kind");
  const auto points = in.count("points", 1, space::most_points);
  const auto seed = in.count("seed", 0, ~std::uint64_t{0});
  in.finish();
  if (kind == "random") {
    out.how.kind = sampling_kind::random;
  } else if (kind == "latin_hypercube") {
    out.how.kind = sampling_kind::latin_hypercube;
  } else if (kind != "grid") {
    p.add(v->at, fmt::format("sampling needs a kind: \"grid\", \"random\" or \"latin_hypercube\"{}",
                             kind.empty() ? "" : ", not " + describe::in_quotes(kind)));
    return;
  }
  const bool grid = out.how.kind == sampling_kind::grid;
  if (grid && (points || seed)) p.add(v->at, "a grid has neither points nor a seed");
  if (!grid && v->find("points") == nullptr) p.add(v->at, kind + " needs \"points\"");
  out.how.points = points.value_or(0);
  out.how.seed = seed.value_or(1);
}

}  // namespace

specification specification::from_file(const std::string& path) {
  return specification(describe::document::from_file(path));
}

specification specification::from_text(const std::string& text, const std::string& name) {
  return specification(describe::document::from_text(text, name));
}

specification::specification(describe::document d) : m_document(std::move(d)) {
  problems p(m_document);
  object_reader in(m_document.root(), "the specification", p);
  if (!m_document.root().is(json_value::type::object)) p.throw_if_any();
  m_name = in.text("name");
  m_description = in.text("description");
  const std::string& file = m_document.files().front();
  m_platform = seen_from(file, in.text("platform"));
  m_workload = seen_from(file, in.text("workload"));
  m_trace = seen_from(file, in.text("trace"));
  for (const char* later : {"set", "axes", "seeds", "sampling", "constraints"}) in.take(later);
  in.finish();
  const describe::position at = m_document.root().at;
  if (m_document.root().find("platform") == nullptr) p.add(at, "a \"platform\" is missing");
  if ((m_document.root().find("workload") == nullptr) ==
      (m_document.root().find("trace") == nullptr)) {
    p.add(at, "it needs either a \"workload\" or a \"trace\"");
  }
  p.throw_if_any();
  if (m_name.empty()) m_name = std::filesystem::path(file).stem().string();
}

space specification::resolve(const parameter_table& parameters) const {
  problems p(m_document);
  used_paths used(p);
  const json_value& root = m_document.root();
  const auto member = [&root](const char* key) {
    const describe::json_member* m = root.find(key);
    return m == nullptr ? nullptr : &m->value;
  };
  space out;
  const json_value* axes = member("axes");
  out.at = p.place(axes != nullptr ? axes->at : root.at);
  read_fixed(member("set"), parameters, used, p, out);
  read_axes(axes, parameters, used, p, out);
  if (const json_value* seeds = member("seeds")) {
    if (auto a = read_seeds(*seeds, parameters, p)) {
      used.add(a->name(), seeds->at);
      out.axes.push_back(std::move(*a));
    }
  }
  read_constraints(member("constraints"), parameters, p, out);
  read_sampling(member("sampling"), p, out);
  p.throw_if_any();
  return out;
}

}  // namespace svasim::sweep
