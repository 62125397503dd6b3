#include "analysis/sweep/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid.hpp>
#include <set>

#include "analysis/json_text.h"
#include "analysis/member_reader.h"
#include "base/file.h"

namespace svasim::sweep {
namespace {

using analysis::member_reader;
using analysis::problem_list;
using nlohmann::json;

json axis_json(const plan_axis& a) {
  return {{"paths", a.paths},   {"kind", a.kind},       {"unit", a.unit},
          {"values", a.values}, {"numbers", a.numbers}, {"repeat", a.repeat ? 1 : 0}};
}

// A list of which every element is of the kind that `is` tells; empty after a problem.
template <class T>
std::vector<T> list_of(member_reader& in, const char* key, bool (json::*is)() const noexcept) {
  const json& list = in.array(key);
  const bool good = std::all_of(list.begin(), list.end(), [&](const json& v) { return (v.*is)(); });
  if (good) return list.get<std::vector<T>>();
  in.problem(key, "holds an element of the wrong kind");
  return {};
}

plan_axis read_axis(const json& v, const std::string& path, problem_list& problems) {
  member_reader in(v, path, problems);
  plan_axis out;
  out.paths = list_of<std::string>(in, "paths", &json::is_string);
  out.kind = in.text("kind");
  out.unit = in.text("unit");
  out.values = list_of<std::string>(in, "values", &json::is_string);
  out.numbers = list_of<std::uint64_t>(in, "numbers", &json::is_number_unsigned);
  out.repeat = in.integer("repeat") != 0;
  in.finish();
  if (out.paths.empty()) in.problem("paths", "must not be empty");
  if (!out.numbers.empty() && out.numbers.size() != out.values.size()) {
    in.problem("numbers", "must be as many as values");
  }
  return out;
}

plan_point read_point(const json& v, const std::string& path, const std::vector<plan_axis>& axes,
                      problem_list& problems) {
  member_reader in(v, path, problems);
  plan_point out;
  out.name = in.text("name");
  const auto values = list_of<std::uint64_t>(in, "values", &json::is_number_unsigned);
  in.finish();
  if (!is_point_name(out.name)) in.problem("name", "must be 32 hexadecimal digits");
  bool good = values.size() == axes.size();
  for (std::size_t i = 0; good && i < values.size(); ++i) good = values[i] < axes[i].values.size();
  if (!good) {
    in.problem("values", "must be one index for each axis");
    return out;
  }
  for (const std::uint64_t i : values) out.values.push_back(static_cast<std::uint32_t>(i));
  return out;
}

void read_points(member_reader& in, plan& out, problem_list& problems) {
  const json& points = in.array("points");
  std::set<std::string> names;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const std::string path = fmt::format("points.{}", i);
    out.points.push_back(read_point(points[i], path, out.axes, problems));
    if (!names.insert(out.points.back().name).second) problems.add(path, "is there twice");
  }
}

}  // namespace

std::string plan::label(const plan_point& p) const {
  std::string out;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    out += fmt::format("{}{}={}", i == 0 ? "" : ", ", axes[i].name(), axes[i].values[p.values[i]]);
  }
  return out.empty() ? "the only point" : out;
}

plan plan_of(const space& s) {
  plan out;
  out.sampling = name_of(s.how.kind);
  for (const auto& [path, v] : s.fixed) out.set[path] = to_string(v);
  for (const axis& a : s.axes) {
    plan_axis p{a.paths, describe::name_of(a.kind), a.unit, {}, {}, a.repeat};
    for (const value& v : a.values) {
      p.values.push_back(to_string(v));
      if (a.kind <= value::kind::rate) p.numbers.push_back(v.number);
    }
    out.axes.push_back(std::move(p));
  }
  for (const constraint& c : s.constraints) out.constraints.push_back(c.condition.text());
  return out;
}

std::string point_name(const std::string& identity) {
  const boost::uuids::name_generator_sha1 names(boost::uuids::ns::oid());
  std::string out;
  for (const std::uint8_t byte : names(identity)) out += fmt::format("{:02x}", byte);
  return out;
}

bool is_point_name(const std::string& text) {
  return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

std::string json_text(const plan& p) {
  json axes = json::array(), points = json::array();
  for (const plan_axis& a : p.axes) axes.push_back(axis_json(a));
  for (const plan_point& q : p.points) points.push_back({{"name", q.name}, {"values", q.values}});
  const json out = {{"format", 1},
                    {"svasim", p.svasim_version},
                    {"name", p.name},
                    {"description", p.description},
                    {"platform", p.platform},
                    {"input", {{"kind", p.input_kind}, {"name", p.input_name}}},
                    {"sampling", p.sampling},
                    {"set", p.set},
                    {"axes", axes},
                    {"constraints", p.constraints},
                    {"points", points}};
  return out.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

plan read_plan(const std::string& directory) {
  const std::string file = directory + "/sweep.json";
  const json document = analysis::parse_json(base::read_file(file), file);
  problem_list problems(file);
  member_reader in(document, "", problems);
  if (in.integer("format") != 1) in.problem("format", "must be 1");
  plan out;
  out.svasim_version = in.text("svasim");
  out.name = in.text("name");
  out.description = in.text("description");
  out.platform = in.text("platform");
  member_reader input(in.object("input"), "input", problems);
  out.input_kind = input.text("kind");
  out.input_name = input.text("name");
  input.finish();
  out.sampling = in.text("sampling");
  out.set = in.texts("set");
  const json& axes = in.array("axes");
  for (std::size_t i = 0; i < axes.size(); ++i) {
    out.axes.push_back(read_axis(axes[i], fmt::format("axes.{}", i), problems));
  }
  out.constraints = list_of<std::string>(in, "constraints", &json::is_string);
  read_points(in, out, problems);
  in.finish();
  problems.throw_if_any();
  return out;
}

}  // namespace svasim::sweep
