// The data of the interactive charts. Numbers of a result as they are; what they mean for a reader
// is said in web/run_charts.js.
#include <nlohmann/json.hpp>

#include "analysis/breakdown.h"
#include "analysis/report_parts.h"

namespace svasim::analysis {
namespace {

using json = nlohmann::json;

json latency_data(const char* name, const histogram& h) {
  json bins = json::array();
  for (const histogram::bin& b : h.bins) bins.push_back({b.upper_edge, b.count});
  return {{"name", name}, {"count", h.count}, {"max", h.max.value_or(0)}, {"bins", bins}};
}

json stages_data(const result& r) {
  json out = json::array();
  for (const stage& s : r.stages) {
    out.push_back({{"label", s.label},
                   {"group", group_name(s.group)},
                   {"sum", s.sum_ps},
                   {"count", s.count},
                   {"max", s.max_ps}});
  }
  return out;
}

json structures_data(const result& r) {
  json out = json::array();
  for (const structure& s : r.structures) {
    out.push_back(
        {{"label", s.label}, {"lookups", s.lookups}, {"hits", s.hits}, {"misses", s.misses}});
  }
  return out;
}

json occupancy_data(const occupancy_over_time& o) {
  json series = json::array();
  for (const occupancy_over_time::series& s : o.all) {
    series.push_back(
        {{"label", s.label}, {"unit", s.unit}, {"capacity", s.capacity}, {"means", s.mean_milli}});
  }
  return {{"ends", o.window_end_ps}, {"series", series}};
}

json streams_data(const result& r) {
  json out = json::array();
  for (const stream_row& s : r.streams) {
    if (s.requests == 0) continue;
    out.push_back({{"name", s.name},
                   {"requests", s.requests},
                   {"sum", s.translation_sum_ps},
                   {"p50", s.p50_ps},
                   {"p99", s.p99_ps},
                   {"max", s.max_ps}});
  }
  return out;
}

json evictions_data(const eviction_table& e) {
  json pairs = json::array();
  for (const eviction_table::pair& p : e.pairs) pairs.push_back({p.by, p.victim, p.count});
  return {{"label", e.label}, {"parties", e.parties}, {"pairs", pairs}};
}

json walks_data(const walk_info& w) {
  json out = json::array();
  for (const walk_level& l : w.by_level) {
    out.push_back(
        {{"stage", l.stage}, {"level", l.level}, {"reads", l.reads}, {"hits", l.cache_hits}});
  }
  return out;
}

json hops_data(const result& r) {
  json out = json::array();
  for (const fault_hop& h : r.fault_hops) {
    out.push_back({{"label", h.label}, {"sum", h.sum_ps}, {"count", h.count}, {"max", h.max_ps}});
  }
  return out;
}

json sva_data(const result& r) {
  json hops = json::array();
  if (r.sva) {
    for (const sva_hop& h : r.sva->hops) {
      hops.push_back({{"step", h.step},
                      {"actor", h.actor},
                      {"colour", actor_class(h.actor)},
                      {"what", h.what},
                      {"on_path", h.on_path},
                      {"ps", h.ps}});
    }
  }
  return hops;
}

}  // namespace

json chart_data(const result& r) {
  return {{"kind", "run"},
          {"latency",
           json::array({latency_data("Translation", r.translation),
                        latency_data("DMA read", r.read), latency_data("DMA write", r.write)})},
          {"transactions", r.read.count + r.write.count},
          {"stages", stages_data(r)},
          {"structures", structures_data(r)},
          {"occupancy", occupancy_data(r.occupancy)},
          {"streams", streams_data(r)},
          {"evictions", evictions_data(r.evictions)},
          {"walks", walks_data(r.walks)},
          {"hops", hops_data(r)},
          {"sva_hops", sva_data(r)}};
}

std::string data_element(const json& data) {
  const std::string text = data.dump(-1, ' ', false, json::error_handler_t::replace);
  std::string out = "<script type=\"application/json\" id=\"data\">";
  for (const char c : text) {
    if (c == '<') {
      out += "\\u003c";  // no text can end the element, or open a comment in it
    } else {
      out += c;
    }
  }
  return out + "</script>\n";
}

}  // namespace svasim::analysis
