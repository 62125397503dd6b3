#include "analysis/report.h"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/breakdown.h"
#include "analysis/page.h"
#include "analysis/report_parts.h"
#include "analysis/text.h"
#include "analysis/trust_text.h"

namespace svasim::analysis {
namespace {

std::string fact(const char* what, const std::string& value) {
  if (value.empty()) return {};
  return fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", what, html_escape(value));
}

// The row of `g` that took most time; there is one.
const breakdown_row& largest(const breakdown& b, stage_group g) {
  const breakdown_row* out = nullptr;
  for (const breakdown_row& row : b.rows) {
    if (row.what->group != g) continue;
    if (out == nullptr || out->what->sum_ps < row.what->sum_ps) out = &row;
  }
  return *out;
}

// What the run says, in words: the reader should not have to search for it.
std::string lead(const result& r) {
  const breakdown b = break_down(r);
  if (b.transactions == 0) return "No access completed, so there is no latency to show.";
  std::string out =
      sva_lead(r) + fmt::format("A DMA takes {} on average.", mean_text(b.sum_ps, b.transactions));
  for (const breakdown_group& g : b.groups) {
    if (g.group != stage_group::translation) continue;
    const breakdown_row& most = largest(b, g.group);
    out += fmt::format(
        " Address translation is {} of it ({} %); its largest part is \u201c{}\u201d ({} of "
        "translation).",
        mean_text(g.sum_ps, b.transactions), fixed_text(g.share, 2), most.what->label,
        percent_text(most.what->sum_ps, g.sum_ps, 1));
  }
  return out;
}

std::string header(const result& r) {
  const input_info& in = r.input;
  std::string out = fmt::format(
      "<header>\n<p class=\"eyebrow\">svasim {} \u00b7 {} replayed on a platform</p>\n"
      "<h1>{} on {}</h1>\n<p class=\"lead\">{}</p>\n",
      html_escape(r.svasim_version), html_escape(in.kind), html_escape(in.name),
      html_escape(r.platform.name), html_escape(lead(r)));
  for (const std::string* note : {&r.run.note, &in.note}) {
    if (!note->empty()) out += fmt::format("<p class=\"note\">{}</p>\n", html_escape(*note));
  }
  if (const std::string warning = assumption_warning(r); !warning.empty()) {
    out += fmt::format("<p class=\"note\">This result {}.</p>\n", html_escape(warning));
  }
  out += "<dl class=\"facts\">\n";
  out += fact("Input format", in.format);
  out += fact("Lines", count_text(in.lines));
  out += fact("Accesses", count_text(in.accesses));
  out += fact("Commands", count_text(in.commands));
  out += fact("Fault events in it", count_text(in.events));
  out += fact("Input digest", in.digest);
  out += fact("Platform digest", r.platform.digest);
  out += fact("Confidence", confidence_text(r));
  return out + "</dl>\n</header>\n";
}

std::string tiles(const result& r) {
  const run_info& run = r.run;
  const histogram& dma = r.read.count != 0 ? r.read : r.write;
  std::string out = "<div class=\"tiles\">\n";
  out += tile(time_text(r.translation.p99), "Translation, p99",
              fmt::format("p50 {}<br>p99.9 {}", time_text(r.translation.p50),
                          time_text(r.translation.p99_9)));
  out += tile(mean_text(r.translation.sum, r.translation.count), "Translation, mean",
              fmt::format("longest {}", time_text(r.translation.max)));
  out +=
      tile(mean_text(dma.sum, dma.count), r.read.count != 0 ? "DMA read, mean" : "DMA write, mean",
           fmt::format("p99 {}", time_text(dma.p99)));
  out += tile(rate_text(run.bytes_per_s), "Throughput",
              fmt::format("{}<br>in {}", size_text(run.bytes), time_text(run.time_ps)));
  out += tile(count_text(r.walks.count), "Table walks",
              run.requests == 0 ? std::string()
                                : fmt::format("{}<br>of {} requests",
                                              percent_text(r.walks.count, run.requests, 2),
                                              count_text(run.requests)));
  out += tile(count_text(run.completed), "Completed",
              fmt::format("{} faulted<br>{} in flight", count_text(run.faulted),
                          count_text(run.in_flight)));
  return out + "</div>\n";
}

}  // namespace

std::string tile(const std::string& value, const char* what, const std::string& detail) {
  return fmt::format("<div class=\"tile\"><span>{}</span><b>{}</b><span>{}</span></div>\n", what,
                     value, detail);
}

std::string section(const char* title, const std::string& sentence, const std::string& body) {
  return fmt::format("<section>\n<h2>{}</h2>\n<p class=\"why\">{}</p>\n{}</section>\n", title,
                     html_escape(sentence), body);
}

std::string bar(std::uint64_t share, const char* kind) {
  if (share == 0) return "<span class=\"bar\"></span>";
  return fmt::format("<span class=\"bar\"><i class=\"{}\" style=\"width:{}.{}%\"></i></span>", kind,
                     share / 10, share % 10);
}

std::string report_html(const result& r, const chart_script& script) {
  page_parts page;
  page.title = fmt::format("{} on {} \u2013 svasim", r.input.name, r.platform.name);
  page.body = header(r) + tiles(r) + sva_section(r) + distribution_section(r) +
              breakdown_section(r) + faults_section(r) + occupancy_section(r) +
              structures_section(r) + devices_section(r) + streams_section(r) + walks_section(r) +
              commands_section(r) + uncertainty_section(r) + configuration_section(r) +
              statistics_section(r);
  page.footer = fmt::format(
      "Made from result.json alone by svasim {}: platform {}, input {}. Times are simulated.",
      r.svasim_version, r.platform.digest, r.input.digest);
  return page_html(page, script.text.empty() ? nlohmann::json() : chart_data(r), script);
}

}  // namespace svasim::analysis
