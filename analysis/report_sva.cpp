// What shared virtual addressing cost in a run: key figures, a fault hop by hop, CPU time.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "analysis/page.h"
#include "analysis/report_parts.h"
#include "analysis/text.h"

namespace svasim::analysis {
namespace {

struct known_actor {
  const char* name;
  const char* kind;
  const char* words;
};
// As vsva-flow.md abbreviates them.
constexpr std::array<known_actor, 7> actors{{{"DEV", "dev", "device"},
                                             {"RC", "rc", "root complex"},
                                             {"SMMU", "smmu", "SMMU"},
                                             {"HK", "hk", "host kernel"},
                                             {"VMM", "vmm", "VMM"},
                                             {"vCPU", "vcpu", "virtual CPU"},
                                             {"GK", "gk", "guest kernel"}}};

const known_actor* find_actor(const std::string& name) {
  const std::string first = name.substr(0, name.find('/'));
  for (const known_actor& a : actors) {
    if (first == a.name) return &a;
  }
  return nullptr;
}

std::string actor_words(const std::string& name) {
  const known_actor* a = find_actor(name);
  return a == nullptr || name != a->name ? name : a->words;
}

std::string times_text(const std::optional<std::uint64_t>& ppm) {
  return ppm ? fixed_text((*ppm + 5000) / 10000, 2) + " \u00d7" : "\u2013";
}

std::string key_figures(const sva_info& s) {
  std::string out = "<div class=\"tiles\">\n";
  if (s.faults) {
    out += tile(time_text(s.fault_p50_ps), "Page fault, p50",
                fmt::format("p99 {}", time_text(s.fault_p99_ps)));
    out += tile(count_text(*s.faults), "Page faults",
                fmt::format("{} unresolved", count_text(s.faults_unresolved.value_or(0))));
  }
  out += tile(time_text(s.unmap_p50_ps), "Unmap, p50",
              fmt::format("p99 {}", time_text(s.unmap_p99_ps)));
  out += tile(time_text(s.message_p50_ps), "Message, p50",
              fmt::format("{} failed", count_text(s.messages_failed)));
  if (s.slowdown_prefaulted_ppm || s.slowdown_ideal_ppm) {
    out += tile(times_text(s.slowdown_prefaulted_ppm), "Slowdown",
                fmt::format("of all pages there<br>{} of ideal translation",
                            times_text(s.slowdown_ideal_ppm)));
  }
  return out + "</div>\n";
}

std::string hop_legend(const sva_info& s) {
  std::string out = "<p class=\"legend\">";
  for (const known_actor& a : actors) {
    std::uint64_t sum = 0;
    for (const sva_hop& h : s.hops) sum += h.on_path && find_actor(h.actor) == &a ? h.ps : 0;
    if (sum == 0) continue;
    out += fmt::format("<span><i class=\"{}\"></i>{} <b>{}</b></span>", a.kind, a.words,
                       time_text(sum));
  }
  return out + "</p>\n";
}

// A bar from where the hop begins to where it ends.
std::string hop_bar(std::uint64_t start, const sva_hop& h, std::uint64_t whole) {
  if (!h.on_path || h.ps == 0) return "<span class=\"bar\"></span>";
  const std::uint64_t left = scaled(start, 1000, whole);
  const std::uint64_t end = scaled(start + h.ps, 1000, whole);
  return fmt::format(
      "<span class=\"bar\"><i class=\"{}\" style=\"margin-left:{}.{}%;width:{}.{}%\"></i></span>",
      actor_class(h.actor), left / 10, left % 10, (end - left) / 10, (end - left) % 10);
}

std::string hop_rows(const sva_info& s) {
  const std::uint64_t whole = s.fault_p50_ps.value_or(0);
  std::uint64_t start = 0;
  std::string out;
  for (const sva_hop& h : s.hops) {
    out += fmt::format(
        "<tr><td class=\"step\">{}</td><td>{}</td><td>{}</td><td class=\"n\">{}</td>"
        "<td class=\"n\">{}</td><td class=\"grow static\">{}</td></tr>\n",
        html_escape(h.step), html_escape(h.actor), html_escape(h.what), time_text(h.ps),
        h.on_path ? percent_text(h.ps, whole, 2) : "beside", hop_bar(start, h, whole));
    if (h.on_path) start += h.ps;
  }
  return out + fmt::format(
                   "<tr class=\"whole\"><td class=\"step\">Whole</td><td></td><td></td>"
                   "<td class=\"n\">{}</td><td class=\"n\"></td><td class=\"static\"></td></tr>\n",
                   time_text(whole));
}

std::string hop_table(const sva_info& s) {
  if (s.hops.empty()) return {};
  return "<h3>A fault of median latency, hop by hop</h3>\n" + hop_legend(s) + chart_place("sva") +
         "<div class=\"scroll\"><table class=\"sort hops\">\n<tr><th>Step</th><th>Actor</th>"
         "<th>What</th><th class=\"n\">Time</th><th class=\"n\">Share</th>"
         "<th class=\"static\"></th></tr>\n" +
         hop_rows(s) + "</table></div>\n";
}

std::string cpu_table(const sva_info& s) {
  std::uint64_t most = 0;
  for (const auto& [actor, ps] : s.cpu_ps) most = std::max(most, ps.value_or(0));
  if (most == 0) return {};
  std::string rows;
  for (const auto& [actor, ps] : s.cpu_ps) {
    if (!ps) continue;
    rows += fmt::format(
        "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"grow\">{}</td>"
        "</tr>\n",
        html_escape(actor_words(actor)), time_text(*ps), percent_text(*ps, s.time_ps, 2),
        bar(scaled(*ps, 1000, most), actor_class(actor).c_str()));
  }
  return "<h3>CPU time burnt</h3>\n<div class=\"scroll\"><table class=\"sort\">\n<tr><th>By</th>"
         "<th class=\"n\">Time</th><th class=\"n\">Of one core</th><th></th></tr>\n" +
         rows + "</table></div>\n";
}

}  // namespace

std::string actor_class(const std::string& actor) {
  const known_actor* a = find_actor(actor);
  return a == nullptr ? "dev" : a->kind;
}

std::string sva_lead(const result& r) {
  if (!r.sva || !r.sva->fault_p50_ps || r.sva->hops.empty()) return {};
  const std::uint64_t whole = *r.sva->fault_p50_ps;
  const sva_hop* most = nullptr;
  for (const sva_hop& h : r.sva->hops) {
    if (h.on_path && (most == nullptr || most->ps < h.ps)) most = &h;
  }
  if (most == nullptr) return {};
  return fmt::format(
      "A page fault takes {} at the median; its longest hop is \u201c{}\u201d ({}, {} of it). ",
      time_text(whole), most->what, actor_words(most->actor), percent_text(most->ps, whole, 1));
}

std::string sva_section(const result& r) {
  if (!r.sva) return {};
  const sva_info& s = *r.sva;
  const std::string why = fmt::format(
      "Variant ({}), {}. {}", s.variant, s.title,
      s.faults ? "A fault lasts from the access that misses to the retry that is translated; its "
                 "hops follow one another and add up to the whole."
               : "It has no page faults: buffers are mapped before and unmapped after they are "
                 "used.");
  return section("What sharing the address space costs", why,
                 key_figures(s) + hop_table(s) + cpu_table(s));
}

}  // namespace svasim::analysis
