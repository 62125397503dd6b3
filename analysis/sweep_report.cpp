#include "analysis/sweep_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "analysis/page.h"
#include "analysis/report_parts.h"
#include "analysis/text.h"
#include "analysis/trust_text.h"

namespace svasim::analysis {
namespace {

constexpr std::size_t most_rows = 1000;       // of the table of points
constexpr std::size_t most_heat_cells = 600;  // of the static heat map

// What the sections share.
struct view {
  const sweep_table& table;
  std::size_t metric;
  std::vector<design> designs;
  std::vector<std::size_t> front;
  std::vector<axis_effect> effects;

  std::string value(std::uint64_t v) const { return shown(v, table.metrics[metric].unit); }
  std::string shown(std::uint64_t v, const std::string& unit) const {
    return html_escape(table.shown(v, unit));
  }
  std::string name() const { return html_escape(table.metrics[metric].name); }
  std::string at(std::size_t axis, std::size_t v) const {
    return html_escape(table.axes[axis].values[v]);
  }
};

std::string head_cells(const view& v) {
  std::string out;
  for (const sweep_table::axis& a : v.table.axes) {
    if (!a.repeat) out += fmt::format("<th class=\"path\">{}</th>", html_escape(a.name));
  }
  return out;
}

std::string value_cells(const view& v, const std::vector<std::uint32_t>& values) {
  std::string out;
  for (std::size_t a = 0; a < values.size(); ++a) {
    if (!v.table.axes[a].repeat) out += fmt::format("<td>{}</td>", v.at(a, values[a]));
  }
  return out;
}

std::string tile(const char* what, const std::string& value, const std::string& detail) {
  return fmt::format("<div class=\"tile\"><span>{}</span><b>{}</b><span>{}</span></div>\n", what,
                     value, detail);
}

std::string header(const sweep_table& t) {
  std::string out =
      fmt::format("<header>\n<p class=\"eyebrow\">svasim {} \u00b7 design sweep</p>\n<h1>{}</h1>\n",
                  html_escape(t.svasim_version), html_escape(t.name));
  if (!t.description.empty()) {
    out += fmt::format("<p class=\"lead\">{}</p>\n", html_escape(t.description));
  }
  if (t.points.size() < t.planned) {
    out += fmt::format("<p class=\"note\">{} of {} points have no result yet.</p>\n",
                       count_text(t.planned - t.points.size()), count_text(t.planned));
  }
  if (t.confidence) {
    if (const std::string warning = assumption_warning(*t.confidence); !warning.empty()) {
      out += fmt::format("<p class=\"note\">This sweep {}.</p>\n", html_escape(warning));
    }
  }
  out += "<dl class=\"facts\">\n";
  for (const auto& [what, value] :
       {std::pair<const char*, const std::string*>{"Platform", &t.platform},
        {"Input", &t.input},
        {"Sampling", &t.sampling}}) {
    out += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", what, html_escape(*value));
  }
  if (t.confidence) {
    out += fmt::format("<div><dt>Confidence</dt><dd>{}</dd></div>\n",
                       html_escape(confidence_text(*t.confidence)));
  }
  return out + "</dl>\n</header>\n";
}

std::string tiles(const view& v) {
  std::string out = "<div class=\"tiles\">\n";
  out += tile("Points", count_text(v.table.points.size()),
              fmt::format("{} designs", count_text(v.designs.size())));
  if (!v.front.empty()) {
    const design& smallest = v.designs[v.front.front()];
    const design& best = v.designs[v.front.back()];
    out += tile("Best", v.value(best.metric), v.name());
    if (v.table.find("storage_bits")) {
      out += tile("\u2026 with storage of", v.shown(best.storage, "bits"), "");
      out += tile("Least storage", v.shown(smallest.storage, "bits"),
                  fmt::format("{} {}", v.value(smallest.metric), v.name()));
    }
    out += tile("On the front", count_text(v.front.size()), "designs");
  }
  if (!v.effects.empty()) {
    out += tile("Moves most", v.value(v.effects[0].spread),
                html_escape(v.table.axes[v.effects[0].axis].name));
  }
  return out + "</div>\n";
}

std::string front_section(const view& v) {
  if (v.front.empty() || !v.table.find("storage_bits")) return {};
  std::string rows;
  for (const std::size_t i : v.front) {
    const design& d = v.designs[i];
    rows += fmt::format("<tr><td class=\"n\">{}</td><td class=\"n\">{}</td>{}</tr>\n",
                        v.shown(d.storage, "bits"), v.value(d.metric), value_cells(v, d.values));
  }
  return section("What storage buys",
                 "Designs that no other beats: each step up in storage is the least that makes it "
                 "better. Storage is the sum over all lookup structures, from their geometry.",
                 chart_place("pareto") +
                     fmt::format("<div class=\"scroll\"><table class=\"sort\">\n<tr><th "
                                 "class=\"n\">Storage</th><th class=\"n\">{}</th>{}</tr>\n",
                                 v.name(), head_cells(v)) +
                     rows + "</table></div>\n");
}

std::string effects_section(const view& v) {
  if (v.effects.empty()) return {};
  const std::uint64_t most = std::max<std::uint64_t>(v.effects.front().spread, 1);
  std::string rows;
  for (const axis_effect& e : v.effects) {
    rows += fmt::format(
        "<tr><td class=\"path\">{}</td><td class=\"n\">{}</td><td class=\"grow static\">{}</td>"
        "<td class=\"n\">{}</td><td class=\"n\">{}</td></tr>\n",
        html_escape(v.table.axes[e.axis].name), v.value(e.spread),
        bar(scaled(e.spread, 1000, most), "translation"),
        fmt::format("{} at {}", v.value(*e.means[e.lowest]), v.at(e.axis, e.lowest)),
        fmt::format("{} at {}", v.value(*e.means[e.highest]), v.at(e.axis, e.highest)));
  }
  return section("Which parameter moves it",
                 fmt::format("Mean of {} over all points with one value of a parameter: the spread "
                             "between its lowest and highest is what the parameter moves.",
                             v.table.metrics[v.metric].name),
                 chart_place("sensitivity") +
                     "<div class=\"scroll\"><table class=\"sort counts\">\n<tr><th>Parameter</th>"
                     "<th class=\"n\">Spread</th><th class=\"static\"></th><th "
                     "class=\"n\">Lowest mean</th><th class=\"n\">Highest mean</th></tr>\n" +
                     rows + "</table></div>\n");
}

// The two axes that move most: means over everything else, darker where higher.
std::string heat_table(const view& v) {
  if (v.effects.size() < 2) return {};
  const std::size_t x = v.effects[0].axis;
  const std::size_t y = v.effects[1].axis;
  const std::size_t columns = v.table.axes[x].values.size();
  const std::size_t lines = v.table.axes[y].values.size();
  if (columns * lines > most_heat_cells) return {};
  std::vector<std::pair<std::uint64_t, std::uint64_t>> cells(columns * lines);  // sum, count
  for (const design& d : v.designs) {
    auto& [sum, count] = cells[d.values[y] * columns + d.values[x]];
    sum += d.metric;
    ++count;
  }
  std::uint64_t least = ~std::uint64_t{0};
  std::uint64_t most = 0;
  for (auto& [sum, count] : cells) {
    if (count == 0) continue;
    sum = scaled(sum, 1, count);
    least = std::min(least, sum);
    most = std::max(most, sum);
  }
  std::string out = fmt::format(
      "<p class=\"quiet\">Columns: {}, rows: {}.</p>\n<div class=\"scroll\"><table "
      "class=\"heat\">\n<tr><th></th>",
      html_escape(v.table.axes[x].name), html_escape(v.table.axes[y].name));
  for (std::size_t c = 0; c < columns; ++c)
    out += fmt::format("<th class=\"n\">{}</th>", v.at(x, c));
  out += "</tr>\n";
  for (std::size_t l = 0; l < lines; ++l) {
    out += fmt::format("<tr><th>{}</th>", v.at(y, l));
    for (std::size_t c = 0; c < columns; ++c) {
      const auto& [mean, count] = cells[l * columns + c];
      if (count == 0) {
        out += "<td class=\"n\">\u2013</td>";
        continue;
      }
      const std::uint64_t shade = most == least ? 0 : scaled(mean - least, 70, most - least);
      out += fmt::format("<td class=\"n\" style=\"--shade:{}%\">{}</td>", shade, v.value(mean));
    }
    out += "</tr>\n";
  }
  return "<div class=\"static\">" + out + "</table></div>\n</div>\n";
}

std::string heat_section(const view& v) {
  if (v.effects.size() < 2) return {};
  return section("Two parameters together",
                 "Means over all points that share two values; empty where there is none.",
                 chart_place("heat") + heat_table(v));
}

std::string points_section(const view& v) {
  std::vector<std::size_t> columns;
  for (const char* name : {"translation_mean", "translation_p50", "translation_p99",
                           "translation_p99_9", "throughput", "walks", "storage_bits"}) {
    if (const auto at = v.table.find(name)) columns.push_back(*at);
  }
  std::string head;
  for (const sweep_table::axis& a : v.table.axes) {
    head += fmt::format("<th class=\"path\">{}</th>", html_escape(a.name));
  }
  for (const std::size_t c : columns) {
    head += fmt::format("<th class=\"n\">{}</th>", html_escape(v.table.metrics[c].name));
  }
  std::string rows;
  const std::size_t shown = std::min(v.table.points.size(), most_rows);
  for (std::size_t i = 0; i < shown; ++i) {
    const sweep_table::point& p = v.table.points[i];
    rows += "<tr>";
    for (std::size_t a = 0; a < p.values.size(); ++a) {
      rows += fmt::format("<td>{}</td>", v.at(a, p.values[a]));
    }
    for (const std::size_t c : columns) {
      rows +=
          fmt::format("<td class=\"n\">{}</td>",
                      p.metrics[c] ? v.shown(*p.metrics[c], v.table.metrics[c].unit) : "\u2013");
    }
    rows += "</tr>\n";
  }
  const std::string left = shown == v.table.points.size()
                               ? ""
                               : fmt::format(
                                     "<p class=\"quiet\">The first {} of {}; all are in "
                                     "results.csv.</p>\n",
                                     count_text(shown), count_text(v.table.points.size()));
  return "<section>\n<details><summary>All points</summary>\n<div class=\"scroll\"><table "
         "class=\"sort\">\n<tr>" +
         head + "</tr>\n" + rows + "</table></div>\n" + left + "</details>\n</section>\n";
}

std::string space_section(const sweep_table& t) {
  std::string rows;
  const auto row = [&](const std::string& what, const std::string& values, const char* how) {
    rows +=
        fmt::format("<tr><td class=\"path\">{}</td><td>{}</td><td class=\"from\">{}</td></tr>\n",
                    html_escape(what), html_escape(values), how);
  };
  for (const sweep_table::axis& a : t.axes) {
    std::string values;
    for (const std::string& v : a.values) values += (values.empty() ? "" : ", ") + v;
    row(a.name, values, a.repeat ? "repeated with each" : "varied");
  }
  for (const auto& [path, value] : t.fixed) row(path, value, "fixed");
  for (const std::string& c : t.constraints) row(c, "", "must hold");
  return section("What was swept", "Everything else is as the platform and input files say.",
                 "<table class=\"config\">\n<tr><th>Parameter</th><th>Values</th><th></th></tr>\n" +
                     rows + "</table>\n");
}

}  // namespace

std::string sweep_report_html(const sweep_table& t, const chart_script& script) {
  page_parts page;
  page.title = fmt::format("{} \u2013 svasim sweep", t.name);
  page.body = header(t);
  if (const auto metric = t.main_metric(); metric && !t.points.empty()) {
    view v{t, *metric, designs_of(t, *metric), {}, {}};
    v.front = pareto_front(v.designs, more_is_better(t.metrics[*metric]));
    v.effects = effects_of(t, v.designs);
    page.body += tiles(v) + "<div class=\"live\" data-chart=\"choose\"></div>\n" +
                 front_section(v) + effects_section(v) + heat_section(v) + points_section(v);
  } else {
    page.body += "<p class=\"note\">No point has a result.</p>\n";
  }
  page.body += space_section(t);
  page.footer = fmt::format(
      "Made from the point files of the sweep by svasim {}. Times are "
      "simulated.",
      t.svasim_version);
  return page_html(page, script.text.empty() ? nlohmann::json() : sweep_chart_data(t), script);
}

}  // namespace svasim::analysis
