#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "analysis/breakdown.h"
#include "analysis/chart.h"
#include "analysis/page.h"
#include "analysis/report_parts.h"
#include "analysis/text.h"

namespace svasim::analysis {
namespace {

std::string capitalised(std::string text) {
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

std::string quantile_row(const char* name, const histogram& h) {
  if (h.count == 0) return {};
  std::string out = fmt::format("<tr><td>{}</td>", name);
  const auto cell = [&](const std::string& text, const char* kind) {
    out += fmt::format("<td class=\"{}\">{}</td>", kind, text);
  };
  cell(count_text(h.count), "n wide");
  cell(mean_text(h.sum, h.count), "n");
  cell(time_text(h.min), "n wide");
  cell(time_text(h.p50), "n");
  cell(time_text(h.p90), "n wide");
  cell(time_text(h.p99), "n");
  cell(time_text(h.p99_9), "n");
  cell(time_text(h.p99_99), "n wide");
  cell(time_text(h.max), "n wide");
  return out + "</tr>\n";
}

std::string quantiles(const result& r) {
  return "<div class=\"scroll\"><table class=\"sort\">\n<tr><th>Latency</th><th class=\"n "
         "wide\">Count</th>"
         "<th class=\"n\">Mean</th><th class=\"n wide\">Min</th><th class=\"n\">p50</th>"
         "<th class=\"n wide\">p90</th><th class=\"n\">p99</th><th class=\"n\">p99.9</th>"
         "<th class=\"n wide\">p99.99</th><th class=\"n wide\">Max</th></tr>\n" +
         quantile_row("Translation", r.translation) + quantile_row("DMA read", r.read) +
         quantile_row("DMA write", r.write) + "</table></div>\n";
}

std::string distribution_legend(const result& r) {
  std::string out = "<p class=\"legend\">";
  if (r.translation.count != 0) out += "<span><i class=\"rule translation\"></i>Translation</span>";
  if (r.read.count != 0) out += "<span><i class=\"rule read\"></i>DMA read</span>";
  if (r.write.count != 0) out += "<span><i class=\"rule write\"></i>DMA write</span>";
  return out + "</p>\n";
}

// One strip of segments as wide as their shares; `shares` add up to breakdown::whole.
std::string strip(const std::vector<const stage*>& stages,
                  const std::vector<std::uint64_t>& shares) {
  std::string out = "<div class=\"stack\">";
  for (std::size_t i = 0; i < stages.size(); ++i) {
    if (shares[i] == 0) continue;
    const std::string label = html_escape(stages[i]->label);
    out += fmt::format("<i class=\"{}{}\" style=\"flex:{} 0 0\" title=\"{}: {} %\">{}</i>",
                       group_name(stages[i]->group), i % 2 == 0 ? "" : " even", shares[i], label,
                       fixed_text(shares[i], 2), shares[i] >= breakdown::whole / 12 ? label : "");
  }
  return out + "</div>\n";
}

std::string whole_legend(const breakdown& b) {
  std::string out = "<p class=\"legend\">";
  for (const breakdown_group& g : b.groups) {
    out += fmt::format("<span><i class=\"{}\"></i>{} <b>{} ns</b>, {} %</span>",
                       group_name(g.group), capitalised(group_name(g.group)), fixed_text(g.mean, 2),
                       fixed_text(g.share, 2));
  }
  return out + "</p>\n";
}

std::string whole_strip(const breakdown& b) {
  std::vector<const stage*> stages;
  std::vector<std::uint64_t> shares;
  for (const breakdown_row& row : b.rows) {
    stages.push_back(row.what);
    shares.push_back(row.share);
  }
  return strip(stages, shares);
}

// Translation is often a small part of the whole; a strip of its own shows what it is made of.
std::string translation_strip(const breakdown& b) {
  std::vector<const stage*> stages;
  std::vector<std::uint64_t> sums;
  for (const breakdown_row& row : b.rows) {
    if (row.what->group != stage_group::translation) continue;
    stages.push_back(row.what);
    sums.push_back(row.what->sum_ps);
  }
  if (stages.size() < 2) return {};
  return "<p class=\"legend\"><span>Translation alone, from lookup to answer</span></p>\n" +
         strip(stages, apportion(sums, breakdown::whole));
}

std::string breakdown_rows(const breakdown& b) {
  std::uint64_t most = 1;
  for (const breakdown_row& row : b.rows) most = std::max(most, row.what->sum_ps);
  std::string out;
  for (const breakdown_row& row : b.rows) {
    const stage& s = *row.what;
    out += fmt::format(
        "<tr><td>{}</td><td class=\"n\">{} ns</td><td class=\"n\">{} %</td><td "
        "class=\"grow\">{}</td>"
        "<td class=\"n wide\">{}</td><td class=\"n wide\">{}</td><td class=\"n "
        "wide\">{}</td></tr>\n",
        html_escape(s.label), part_text(row.mean), part_text(row.share),
        bar(scaled(s.sum_ps, 1000, most), group_name(s.group)), count_text(s.count),
        mean_text(s.sum_ps, s.count), time_text(s.max_ps));
  }
  return out;
}

std::string breakdown_table(const breakdown& b) {
  std::string out =
      "<div class=\"scroll\"><table class=\"sort\">\n<tr><th>Stage</th><th class=\"n\">Mean per "
      "DMA</th>"
      "<th class=\"n\">Share</th><th></th><th class=\"n wide\">Times met</th>"
      "<th class=\"n wide\">Mean when met</th><th class=\"n wide\">Longest</th></tr>\n";
  out += breakdown_rows(b);
  out += fmt::format(
      "<tr class=\"whole\"><td>Whole</td><td class=\"n\">{} ns</td><td class=\"n\">100.00 %</td>"
      "<td></td><td class=\"n wide\">{}</td><td class=\"wide\"></td><td "
      "class=\"wide\"></td></tr>\n",
      fixed_text(b.mean, 2), count_text(b.transactions));
  return out + "</table></div>\n";
}

}  // namespace

std::string distribution_section(const result& r) {
  const std::vector<chart_series> series{
      {&r.read, "read"}, {&r.write, "write"}, {&r.translation, "translation"}};
  const std::string within = within_chart(series);
  if (within.empty()) return {};
  const std::string body =
      "<div class=\"static\">" + distribution_legend(r) + "</div>\n" +
      "<div class=\"charts static\">\n<figure><figcaption>Share of requests done "
      "within a time</figcaption>" +
      within + "</figure>\n<figure><figcaption>Share that takes longer: the tail</figcaption>" +
      beyond_chart(series) + "</figure>\n</div>\n" + chart_place("distribution") + quantiles(r);
  return section("How long it takes",
                 "Time from request to answer. Translation is the part of a DMA spent between the "
                 "arrival at the TBU and a translated address; quantiles are at most 0.78 % high, "
                 "never low.",
                 body);
}

std::string breakdown_section(const result& r) {
  const breakdown b = break_down(r);
  if (b.transactions == 0 || b.rows.empty()) return {};
  std::string idle;
  for (const std::string& label : b.idle) {
    idle += (idle.empty() ? "" : ", ") + html_escape(label);
  }
  if (!idle.empty()) idle = "<p class=\"quiet\">No time went into: " + idle + ".</p>\n";
  return section("Where the time goes",
                 "Every picosecond of every completed DMA belongs to one stage, in the order a "
                 "transaction meets them; the parts add up to the whole.",
                 whole_legend(b) + "<div class=\"static\">" + whole_strip(b) +
                     translation_strip(b) + "</div>\n" + chart_place("breakdown") +
                     breakdown_table(b) + idle);
}

}  // namespace svasim::analysis
