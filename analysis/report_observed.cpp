// What a run looked like from within: occupancy over time, streams and their evictions, faults.
#include <fmt/format.h>

#include <algorithm>

#include "analysis/chart.h"
#include "analysis/page.h"
#include "analysis/report_parts.h"
#include "analysis/text.h"

namespace svasim::analysis {
namespace {

std::string capacity_text(const occupancy_over_time::series& s) {
  return s.capacity == 0 ? "no limit" : count_text(s.capacity) + " " + s.unit;
}

// Time-weighted mean of the windows, and the fullest of them.
std::string occupancy_row(const occupancy_over_time& o, const occupancy_over_time::series& s) {
  __extension__ unsigned __int128 area = 0;
  std::uint64_t before = 0;
  std::uint64_t most = 0;
  for (std::size_t i = 0; i < s.mean_milli.size(); ++i) {
    area += static_cast<unsigned __int128>(s.mean_milli[i]) * (o.window_end_ps[i] - before);
    before = o.window_end_ps[i];
    most = std::max(most, s.mean_milli[i]);
  }
  const auto mean = before == 0 ? 0 : static_cast<std::uint64_t>((area + before / 2) / before);
  return fmt::format(
      "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>"
      "<td class=\"n wide\">{}</td></tr>\n",
      html_escape(s.label), html_escape(capacity_text(s)), fixed_text((mean + 5) / 10, 2),
      fixed_text((most + 5) / 10, 2),
      s.capacity == 0 ? "" : percent_text(mean, s.capacity * 1000, 2));
}

std::string evictions_table(const eviction_table& e) {
  if (e.pairs.empty()) return {};
  std::uint64_t all = 0;
  for (const eviction_table::pair& p : e.pairs) all += p.count;
  std::vector<eviction_table::pair> rows = e.pairs;
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.count > b.count; });
  constexpr std::size_t shown = 20;
  std::uint64_t rest = 0;
  std::string out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i >= shown) {
      rest += rows[i].count;
      continue;
    }
    out += fmt::format(
        "<tr><td>{}</td><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>\n",
        html_escape(e.parties[rows[i].by]), html_escape(e.parties[rows[i].victim]),
        count_text(rows[i].count), percent_text(rows[i].count, all, 2));
  }
  if (rest != 0) {
    out += fmt::format(
        "<tr class=\"whole\"><td>All other pairs</td><td></td><td class=\"n\">{}</td>"
        "<td class=\"n\">{}</td></tr>\n",
        count_text(rest), percent_text(rest, all, 2));
  }
  return fmt::format(
             "<h3>Who evicted whom in the {}</h3>\n<div class=\"scroll\"><table class=\"sort\">\n"
             "<tr><th>Evictor</th><th>Victim</th><th class=\"n\">Evictions</th>"
             "<th class=\"n\">Share</th></tr>\n",
             html_escape(e.label)) +
         out + "</table></div>\n";
}

}  // namespace

std::string occupancy_section(const result& r) {
  const occupancy_over_time& o = r.occupancy;
  if (o.window_end_ps.empty() || o.all.empty()) return {};
  std::string rows;
  for (const occupancy_over_time::series& s : o.all) rows += occupancy_row(o, s);
  return section("How full it was",
                 fmt::format("Queues and slots over the run, in {} windows.",
                             count_text(o.window_end_ps.size())),
                 "<div class=\"static\">" + over_time_chart(o) + "</div>\n" +
                     chart_place("occupancy") +
                     "<div class=\"scroll\"><table class=\"sort\">\n<tr><th>Of what</th>"
                     "<th class=\"n\">Capacity</th><th class=\"n\">Mean</th>"
                     "<th class=\"n\">Fullest window</th><th class=\"n wide\">Mean of capacity</th>"
                     "</tr>\n" +
                     rows + "</table></div>\n");
}

std::string devices_section(const result& r) {
  if (r.devices.empty()) return {};
  std::string rows;
  const bool served = r.devices.front().page_faults.has_value();
  for (const device_row& d : r.devices) {
    std::string faults;
    if (served) {
      faults = fmt::format("<td class=\"n\">{}</td><td class=\"n\">{}</td>",
                           count_text(d.page_faults.value_or(0)),
                           d.fault_p50_ps ? time_text(*d.fault_p50_ps) : "-");
    }
    rows += fmt::format(
        "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n wide\">{}</td>"
        "<td class=\"n\">{}</td><td class=\"n wide\">{}</td><td class=\"n\">{}</td>"
        "<td class=\"n\">{}</td><td class=\"n wide\">{}</td>{}</tr>\n",
        html_escape(d.name), count_text(d.requests), count_text(d.faulted), size_text(d.bytes),
        time_text(d.time_ps), rate_text(d.bytes_per_s), mean_text(d.translation_sum_ps, d.requests),
        time_text(d.p99_ps), faults);
  }
  const std::string faults =
      served ? "<th class=\"n\">Page faults</th><th class=\"n\">Fault, p50</th>" : "";
  return section("Devices",
                 "Requests of each device, and its throughput until its own last request.",
                 "<div class=\"scroll\"><table class=\"sort\">\n<tr><th>Device</th>"
                 "<th class=\"n\">Requests</th><th class=\"n wide\">Faulted</th>"
                 "<th class=\"n\">Data</th><th class=\"n wide\">Time</th>"
                 "<th class=\"n\">Throughput</th><th class=\"n\">Translation, mean</th>"
                 "<th class=\"n wide\">p99</th>" +
                     faults + "</tr>\n" + rows + "</table></div>\n");
}

std::string streams_section(const result& r) {
  if (r.streams.empty()) return {};
  std::string rows;
  for (const stream_row& s : r.streams) {
    rows += fmt::format(
        "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n wide\">{}</td><td class=\"n\">{}</td>"
        "<td class=\"n\">{}</td><td class=\"n wide\">{}</td><td class=\"n\">{}</td>"
        "<td class=\"n wide\">{}</td></tr>\n",
        html_escape(s.name), count_text(s.requests), count_text(s.faulted),
        mean_text(s.whole_sum_ps, s.requests), mean_text(s.translation_sum_ps, s.requests),
        time_text(s.p50_ps), time_text(s.p99_ps), time_text(s.max_ps));
  }
  return section("Streams",
                 "Requests of each stream with the most of them: mean time of a DMA, and of its "
                 "translation with its quantiles.",
                 "<div class=\"scroll\"><table class=\"sort\">\n<tr><th>Stream</th>"
                 "<th class=\"n\">Requests</th><th class=\"n wide\">Faulted</th>"
                 "<th class=\"n\">DMA, mean</th><th class=\"n\">Translation, mean</th>"
                 "<th class=\"n wide\">p50</th><th class=\"n\">p99</th>"
                 "<th class=\"n wide\">Longest</th></tr>\n" +
                     rows + "</table></div>\n" + chart_place("streams") +
                     evictions_table(r.evictions));
}

std::string faults_section(const result& r) {
  std::string rows;
  for (const fault_hop& h : r.fault_hops) {
    if (h.count == 0) continue;
    rows += fmt::format(
        "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>"
        "</tr>\n",
        html_escape(h.label), mean_text(h.sum_ps, h.count), count_text(h.count),
        time_text(h.max_ps));
  }
  if (rows.empty()) return {};
  return section("The way of a fault",
                 "Each hop between hardware and software that a page fault takes, in order.",
                 chart_place("faults") +
                     "<div class=\"scroll\"><table class=\"sort\">\n<tr><th>Hop</th>"
                     "<th class=\"n\">Mean</th><th class=\"n\">Times met</th>"
                     "<th class=\"n\">Longest</th></tr>\n" +
                     rows + "</table></div>\n");
}

}  // namespace svasim::analysis
