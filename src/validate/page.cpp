#include <fmt/format.h>

#include "analysis/page.h"
#include "analysis/text.h"
#include "validate/plot.h"
#include "validate/print.h"

namespace svasim::validate {
namespace {

using analysis::html_escape;

std::string cell(const std::string& text) {
  return fmt::format("<td class=\"n\">{}</td>", html_escape(text));
}

std::string point_row(const point_outcome& p) {
  const point& of = *p.of;
  return fmt::format("<tr><td>{}</td>{}{}{}{}<td>{}{}</td></tr>\n", html_escape(of.name),
                     cell(of.expected ? number_text(*of.expected) : "–"),
                     cell(number_text(p.simulated)), cell(of.expected ? error_text(p) : "–"),
                     cell(of.role == point_role::printed ? "–" : text_of(of.tolerance, of.unit)),
                     name_of(of.role), p.good ? "" : ", <b>OUTSIDE</b>");
}

// One line of constants, each with what `says` of it.
template <class Constant>
std::string constant_list(const char* title, const std::vector<Constant>& all,
                          std::string Constant::*says) {
  if (all.empty()) return {};
  std::string out = fmt::format("<p class=\"quiet\">{}: ", title);
  const char* gap = "";
  for (const Constant& c : all) {
    out += fmt::format("{}<span class=\"path\">{}</span> = {} ({})", gap, html_escape(c.name()),
                       html_escape(c.value), html_escape(c.*says));
    gap = "; ";
  }
  return out + "</p>\n";
}

std::string gap_list(const row_outcome& r) {
  std::string out;
  for (const point_outcome& p : r.points) {
    if (p.of->role != point_role::gap) continue;
    out += fmt::format("<p class=\"quiet\">Gap, {}: {}</p>\n", html_escape(p.of->name),
                       html_escape(p.of->reason));
  }
  return out;
}

std::string row_section(const row_outcome& r) {
  std::string out = fmt::format(
      "<section id=\"{}\"><h2>{}: {}</h2><p class=\"why\">{}. {} predicted, {} constants "
      "spent.</p>\n",
      html_escape(r.of->name), html_escape(r.of->what), html_escape(r.verdict()),
      html_escape(r.of->source), r.count(point_role::predicted), r.of->spent.size());
  out += plots(r);
  out += fmt::format(
      "<div class=\"scroll\"><table><tr><th>{}</th><th class=\"n\">expected{}</th>"
      "<th class=\"n\">simulated</th><th class=\"n\">error</th><th class=\"n\">within</th>"
      "<th>role</th></tr>\n",
      html_escape(r.of->axis), r.of->unit.empty() ? "" : ", " + html_escape(r.of->unit));
  for (const point_outcome& p : r.points) out += point_row(p);
  return out + "</table></div>\n" +
         constant_list("Constants spent", r.of->spent, &spent_constant::fitted_to) +
         constant_list("Inputs", r.of->inputs, &input_constant::source) + gap_list(r) +
         "</section>\n";
}

}  // namespace

std::string page_html(const std::vector<row_outcome>& rows, const std::string& version) {
  std::size_t predicted = 0, bad = 0;
  for (const row_outcome& r : rows) {
    predicted += r.count(point_role::predicted);
    bad += r.good() ? 0 : 1;
  }
  analysis::page_parts parts;
  parts.title = "svasim: validation";
  parts.footer = "Made by svasim " + version + ".";
  parts.charts = false;
  parts.body = fmt::format(
      "<header><p class=\"eyebrow\">svasim {}</p><h1>Validation</h1><p class=\"lead\">{} rows, {} "
      "points predicted, {} rows outside their tolerance.</p></header>\n",
      html_escape(version), rows.size(), predicted, bad);
  for (const row_outcome& r : rows) parts.body += row_section(r);
  return analysis::page_html(parts, {}, {});
}

}  // namespace svasim::validate
