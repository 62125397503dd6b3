#include "analysis/report_parts.h"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/page.h"
#include "analysis/text.h"

namespace svasim::analysis {
namespace {

std::string organisation(const structure& s) {
  if (s.entries == 0) return "absent";
  if (s.ways == s.entries) return count_text(s.entries) + " fully associative";
  return fmt::format("{} \u00d7 {}-way", count_text(s.entries), count_text(s.ways));
}

std::string link_rows(const link_info& link) {
  std::string out;
  for (const auto& [name, busy] :
       {std::pair<const char*, std::uint64_t>{"Link towards memory", link.up_busy_ps},
        {"Link towards the device", link.down_busy_ps}}) {
    out +=
        fmt::format("<tr><td>{}</td><td class=\"n\">{}</td><td class=\"grow\">{}</td></tr>\n", name,
                    percent_text(busy, link.time_ps, 1),
                    bar(std::min<std::uint64_t>(scaled(busy, 1000, link.time_ps), 1000), "link"));
  }
  return out;
}

}  // namespace

std::string structures_section(const result& r) {
  std::string rows;
  for (const structure& s : r.structures) {
    rows += fmt::format(
        "<tr><td>{}</td><td class=\"n wide\">{}</td><td class=\"n wide\">{}</td><td "
        "class=\"n\">{}</td>"
        "<td class=\"grow static\">{}</td><td class=\"n\">{}</td><td class=\"n wide\">{}</td>"
        "<td class=\"n wide\">{}</td><td class=\"n wide\">{}</td></tr>\n",
        html_escape(s.label), organisation(s), count_text(s.lookups),
        percent_text(s.hits, s.lookups, 2),
        bar(s.lookups == 0 ? 0 : scaled(s.hits, 1000, s.lookups), "translation"),
        count_text(s.misses), count_text(s.fills), count_text(s.evictions),
        count_text(s.invalidated));
  }
  if (rows.empty()) return {};
  return section(
      "Caches",
      "Hits of all lookups. Evicted entries made room for others; invalidated ones were "
      "removed by commands.",
      chart_place("hits") +
          "<div class=\"scroll\"><table class=\"sort\">\n<tr><th>Structure</th><th class=\"n "
          "wide\">Entries</th>"
          "<th class=\"n wide\">Lookups</th><th class=\"n\">Hit ratio</th><th "
          "class=\"static\"></th>"
          "<th class=\"n\">Misses</th><th class=\"n wide\">Filled</th>"
          "<th class=\"n wide\">Evicted</th><th class=\"n wide\">Invalidated</th></tr>\n" +
          rows + "</table></div>\n");
}

std::string walks_section(const result& r) {
  const walk_info& w = r.walks;
  if (w.count == 0 && w.config_reads == 0) return {};
  std::uint64_t most = 1;
  for (const walk_level& l : w.by_level) most = std::max(most, l.reads);
  std::string rows;
  for (const walk_level& l : w.by_level) {
    if (l.reads == 0 && l.cache_hits == 0) continue;
    rows += fmt::format(
        "<tr><td>Stage {} level {}</td><td class=\"n\">{}</td><td class=\"grow static\">{}</td>"
        "<td class=\"n\">{}</td></tr>\n",
        l.stage, l.level, count_text(l.reads), bar(scaled(l.reads, 1000, most), "translation"),
        count_text(l.cache_hits));
  }
  rows += fmt::format(
      "<tr><td>STE and CD</td><td class=\"n\">{}</td><td class=\"grow "
      "static\"></td><td></td></tr>\n",
      count_text(w.config_reads));
  return section(
      "Table walks",
      fmt::format("{} walks made {} descriptor reads{}. A walk-cache hit at a level saves the "
                  "reads of the levels down to it.",
                  count_text(w.count), count_text(w.reads),
                  w.count == 0
                      ? ""
                      : fmt::format(", {} a walk", fixed_text(scaled(w.reads, 100, w.count), 2))),
      chart_place("walks") +
          "<div class=\"scroll\"><table class=\"counts sort\">\n<tr><th>Level</th><th "
          "class=\"n\">Reads</th><th class=\"static\"></th>"
          "<th class=\"n\">Walk-cache hits</th></tr>\n" +
          rows + "</table></div>\n");
}

std::string commands_section(const result& r) {
  if (r.run.commands == 0 && r.link.time_ps == 0) return {};
  std::string rows;
  std::uint64_t most = 1;
  for (const auto& [name, count] : r.run.commands_by_opcode) most = std::max(most, count);
  for (const auto& [name, count] : r.run.commands_by_opcode) {
    rows += fmt::format(
        "<tr><td class=\"path\">{}</td><td class=\"n\">{}</td><td class=\"grow\">{}</td></tr>\n",
        html_escape(name), count_text(count), bar(scaled(count, 1000, most), "device"));
  }
  if (r.link.time_ps != 0) rows += link_rows(r.link);
  return section(
      "Commands and link",
      fmt::format("{} SMMU commands and {} changes of translation tables; how busy the link "
                  "was over the whole run.",
                  count_text(r.run.commands), count_text(r.run.table_changes)),
      "<div class=\"scroll\"><table class=\"counts\">\n" + rows + "</table></div>\n");
}

}  // namespace svasim::analysis
