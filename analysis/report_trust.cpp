// The report's section on how far assumed numbers move the result.
#include <fmt/format.h>

#include "analysis/report_parts.h"
#include "analysis/text.h"
#include "analysis/trust_text.h"

namespace svasim::analysis {
namespace {

std::string mover_row(const uncertainty_figure& f, const uncertainty_figure::mover& m) {
  return fmt::format(
      "<tr><td></td><td>{}</td><td class=\"n\">{} to {}</td><td class=\"n\">{} to {}</td></tr>\n",
      html_escape(m.path), html_escape(m.low_value), html_escape(m.high_value),
      figure_text(f, m.at_low), figure_text(f, m.at_high));
}

}  // namespace

std::string uncertainty_section(const result& r) {
  if (!r.uncertainty) return {};
  std::string rows;
  for (const uncertainty_figure& f : r.uncertainty->figures) {
    rows += fmt::format(
        "<tr><td>{}</td><td>all assumed numbers</td><td class=\"n\">{}</td><td class=\"n\">{}"
        "</td></tr>\n",
        html_escape(figure_name(f)), figure_text(f, f.value), band_text(f));
    for (const uncertainty_figure::mover& m : f.movers) rows += mover_row(f, m);
  }
  return section("Uncertainty",
                 "How far the result moves when one assumed number at a time goes to either end of "
                 "its range: " +
                     effort_text(*r.uncertainty) + ".",
                 "<div class=\"scroll\"><table>\n<tr><th>Figure</th><th>Parameter</th>"
                 "<th class=\"n\">Value or range</th><th class=\"n\">Figure over it</th></tr>\n" +
                     rows + "</table></div>\n");
}

}  // namespace svasim::analysis
