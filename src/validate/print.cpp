#include "validate/print.h"

#include <fmt/format.h>

#include <cmath>

#include "analysis/text.h"
#include "base/error.h"

namespace svasim::validate {
namespace {

using nlohmann::json;

constexpr std::size_t what_width = 54;

std::string padded(const std::string& text, std::size_t width) {
  const std::size_t is = analysis::text_width(text);
  return is < width ? text + std::string(width - is, ' ') : text;
}

std::string value_text(double v, const std::string& unit) {
  return unit.empty() ? number_text(v) : number_text(v) + " " + unit;
}

std::string figures_text(const point_outcome& p) {
  const point& of = *p.of;
  return fmt::format("{:>14}{:>15}{:>10}{:>13}",
                     of.expected ? value_text(*of.expected, of.unit) : "-",
                     value_text(p.simulated, of.unit), of.expected ? error_text(p) : "-",
                     of.role == point_role::printed ? "-" : text_of(of.tolerance, of.unit));
}

json point_json(const point_outcome& p) {
  const point& of = *p.of;
  json out = {{"name", of.name},          {"role", name_of(of.role)}, {"unit", of.unit},
              {"simulated", p.simulated}, {"good", p.good},           {"expected", nullptr},
              {"error_percent", nullptr}};
  if (of.expected) out["expected"] = *of.expected;
  if (p.error_percent) out["error_percent"] = *p.error_percent;
  if (!of.series.empty()) out["series"] = of.series;
  if (of.role != point_role::printed) out["tolerance"] = text_of(of.tolerance, of.unit);
  if (!of.reason.empty()) out["reason"] = of.reason;
  return out;
}

json row_json(const row_outcome& r) {
  json points = json::array(), spent = json::array(), inputs = json::array();
  for (const point_outcome& p : r.points) points.push_back(point_json(p));
  for (const spent_constant& s : r.of->spent) {
    spent.push_back({{"constant", s.name()}, {"value", s.value}, {"fitted_to", s.fitted_to}});
  }
  for (const input_constant& c : r.of->inputs) {
    inputs.push_back({{"constant", c.name()}, {"value", c.value}, {"source", c.source}});
  }
  return {{"name", r.of->name},
          {"what", r.of->what},
          {"source", r.of->source},
          {"kind", name_of(r.of->kind)},
          {"experiment", r.of->experiment},
          {"predicted", r.count(point_role::predicted)},
          {"gaps", r.count(point_role::gap)},
          {"spent", spent},
          {"inputs", inputs},
          {"points", points},
          {"good", r.good()},
          {"verdict", r.verdict()}};
}

}  // namespace

std::string number_text(double v) {
  if (v < 0) return "-" + number_text(-v);
  if (v < 1e15 && (v >= 1000 || v == std::floor(v))) {
    return analysis::count_text(static_cast<std::uint64_t>(std::llround(v)));
  }
  return fmt::format("{:.4g}", v);
}

std::string error_text(const point_outcome& p) {
  if (!p.error_percent) return "-";
  const std::string text = fmt::format("{:+.2f} %", *p.error_percent);
  return text == "-0.00 %" ? "+0.00 %" : text;
}

std::string table_text(const std::vector<row_outcome>& rows, bool points) {
  std::string out =
      fmt::format("{}{:>14}{:>15}{:>10}{:>13}{:>7}{:>11}  {}\n", padded("", what_width), "expected",
                  "simulated", "error", "within", "spent", "predicted", "verdict");
  for (const row_outcome& r : rows) {
    const point_outcome& worst = r.worst();
    out += fmt::format("{}{}{:>7}{:>11}  {}\n", padded(base::printable(r.of->what), what_width),
                       figures_text(worst), r.of->spent.size(), r.count(point_role::predicted),
                       r.verdict());
    out += "  " +
           base::printable(fmt::format("{}: {}; {}", r.of->name, worst.of->name, r.of->source)) +
           "\n";
    if (!points) continue;
    for (const point_outcome& p : r.points) {
      out += fmt::format("{}{}  {}{}\n", padded("    " + base::printable(p.of->name), what_width),
                         figures_text(p), name_of(p.of->role), p.good ? "" : "  OUTSIDE");
    }
  }
  return out;
}

json outcome_json(const std::vector<row_outcome>& rows) {
  json all = json::array();
  bool good = true;
  for (const row_outcome& r : rows) {
    all.push_back(row_json(r));
    good = good && r.good();
  }
  return {{"good", good}, {"rows", all}};
}

}  // namespace svasim::validate
