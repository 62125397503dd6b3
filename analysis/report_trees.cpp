// The two trees of a result, configuration and statistics, as tables of dotted paths.
#include "analysis/report_parts.h"

#include <fmt/format.h>

#include <functional>

#include "analysis/text.h"

namespace svasim::analysis {
namespace {

using json = nlohmann::json;
using row_of = std::function<std::string(const std::string& path, const json& value)>;

std::string joined(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "." + name;
}

bool is_histogram(const json& v) {
  return v.is_object() && v.contains("bins") && v.contains("count") && v.contains("sum");
}

// A row for each leaf, in order. The depth of a document is bounded where it is parsed.
std::string rows_of(const std::string& path, const json& tree, const row_of& row) {
  std::string out;
  if (tree.is_object() && !is_histogram(tree)) {
    for (const auto& [name, value] : tree.items()) out += rows_of(joined(path, name), value, row);
  } else if (tree.is_array()) {
    for (std::size_t i = 0; i < tree.size(); ++i) {
      out += rows_of(joined(path, std::to_string(i)), tree[i], row);
    }
  } else {
    out += row(path, tree);
  }
  return out;
}

std::string unit_of(const result& r, const std::string& path) {
  const auto it = r.units.find(path);
  return it == r.units.end() ? std::string() : it->second;
}

std::string number_text(std::uint64_t n, const std::string& unit) {
  if (unit == "ps") return time_text(n);
  if (unit == "bytes" || unit == "B") return size_text(n);
  return unit.empty() ? count_text(n) : count_text(n) + " " + unit;
}

std::string value_text(const result& r, const std::string& path, const json& v) {
  if (v.is_string()) return v.get<std::string>();
  if (v.is_boolean()) return v.get<bool>() ? "yes" : "no";
  if (v.is_number_unsigned()) return number_text(v.get<std::uint64_t>(), unit_of(r, path));
  return v.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::uint64_t member(const json& h, const char* name) {
  const auto it = h.find(name);
  return it != h.end() && it->is_number_unsigned() ? it->get<std::uint64_t>() : 0;
}

std::string histogram_text(const result& r, const std::string& path, const json& h) {
  const std::uint64_t count = member(h, "count");
  if (count == 0) return "none";
  const std::string given = unit_of(r, path);
  const std::string unit = given.empty() ? "ps" : given;  // result.json: histograms are in ps
  return fmt::format("{} samples, mean {}, p99 {}, longest {}", count_text(count),
                     number_text(scaled(member(h, "sum"), 1, count), unit),
                     number_text(member(h, "p99"), unit), number_text(member(h, "max"), unit));
}

// "T: MMU-700 TRM" has the trust in its source in front, see legend() below.
std::string provenance_html(const std::string& text) {
  const bool tagged = text.size() > 3 && text[1] == ':' && text[2] == ' ' &&
                      std::string("MTDSA").find(text[0]) != std::string::npos;
  if (!tagged) return html_escape(text);
  return fmt::format("<span class=\"tag\">{}</span>{}", text[0], html_escape(text.substr(3)));
}

constexpr const char* legend =
    "<p class=\"quiet\"><span class=\"tag\">M</span>measured and published &ensp;"
    "<span class=\"tag\">T</span>vendor documentation or specification &ensp;"
    "<span class=\"tag\">D</span>derived from these &ensp;"
    "<span class=\"tag\">S</span>secondary source &ensp;"
    "<span class=\"tag\">A</span>assumed</p>\n";

}  // namespace

std::string configuration_section(const result& r) {
  const platform_info& p = r.platform;
  if (p.parameters.empty()) return {};
  const row_of row = [&](const std::string& path, const json& value) {
    const auto from = p.provenance.find(path);
    return fmt::format("<tr><td class=\"path\">{}</td><td>{}</td><td class=\"from\">{}</td></tr>\n",
                       html_escape(path), html_escape(value_text(r, "parameters." + path, value)),
                       from == p.provenance.end() ? "" : provenance_html(from->second));
  };
  std::string body =
      "<table class=\"config\">\n<tr><th>Parameter</th><th>Value</th><th>Where it comes "
      "from</th></tr>\n";
  std::string plain;
  std::string groups;
  for (const auto& [name, value] : p.parameters.items()) {
    if (value.is_structured()) {
      groups +=
          fmt::format("<tr class=\"head\"><td colspan=\"3\">{}</td></tr>\n", html_escape(name)) +
          rows_of(name, value, row);
    } else {
      plain += row(name, value);
    }
  }
  body += plain + groups + "</table>\n" + legend;
  return section("Configuration",
                 fmt::format("The effective value of every parameter of {}.", p.name), body);
}

std::string statistics_section(const result& r) {
  if (r.statistics.empty()) return {};
  const row_of row = [&](const std::string& path, const json& value) {
    return fmt::format("<tr><td class=\"path\">{}</td><td>{}</td></tr>\n", html_escape(path),
                       html_escape(is_histogram(value) ? histogram_text(r, path, value)
                                                       : value_text(r, path, value)));
  };
  return "<section>\n<details><summary>All statistics</summary>\n<table class=\"config\">\n" +
         rows_of("", r.statistics, row) + "</table>\n</details>\n</section>\n";
}

}  // namespace svasim::analysis
