#include "analysis/summary.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "analysis/breakdown.h"
#include "analysis/text.h"
#include "analysis/trust_text.h"
#include "base/error.h"

namespace svasim::analysis {
namespace {

std::string padded(const std::string& text, std::size_t width) {
  const std::size_t n = text_width(text);
  return n >= width ? text : text + std::string(width - n, ' ');
}

std::string right(const std::string& text, std::size_t width) {
  const std::size_t n = text_width(text);
  return n >= width ? text : std::string(width - n, ' ') + text;
}

// Text from an input on one line of at most `width` characters.
std::string shown(const std::string& text, std::size_t width) {
  std::string out = base::printable(text);
  if (text_width(out) <= width) return out;
  std::size_t end = 0;
  for (std::size_t n = 0; n < width; ++n) {
    do {
      ++end;
    } while (end < out.size() && (static_cast<unsigned char>(out[end]) & 0xc0u) == 0x80u);
  }
  return out.substr(0, end) + "\u2026";
}

class painter {
 public:
  explicit painter(bool colour) : m_colour(colour) {}
  std::string bold(const std::string& s) const { return wrap("1", s); }
  std::string quiet(const std::string& s) const { return wrap("2", s); }
  std::string group(stage_group g, const std::string& s) const {
    constexpr std::array<const char*, 4> codes{"34", "36", "33", "35"};
    return wrap(codes[static_cast<std::size_t>(g)], s);
  }

 private:
  std::string wrap(const char* code, const std::string& s) const {
    return m_colour ? fmt::format("\x1b[{}m{}\x1b[0m", code, s) : s;
  }
  bool m_colour;
};

// A bar of eighths of a character; breakdown::whole is `width` characters.
std::string bar(std::uint64_t share, std::uint64_t width) {
  constexpr std::array<const char*, 8> parts{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const std::uint64_t eighths =
      std::max<std::uint64_t>(scaled(share, width * 8, breakdown::whole), 1);
  std::string out;
  for (std::uint64_t i = 0; i < eighths / 8; ++i) out += "█";
  return out + parts[eighths % 8];
}

std::string line(const char* label, const std::string& value) {
  return fmt::format("  {} {}\n", padded(label, 10), value);
}

// The opcodes on as many lines as they need.
std::string commands(const run_info& run) {
  std::string out = line("commands", count_text(run.commands));
  std::string row;
  for (const auto& [name, count] : run.commands_by_opcode) {
    const std::string item = fmt::format("{} {}", shown(name, 40), count_text(count));
    if (!row.empty() && row.size() + item.size() > 90) {
      out += line("", row + ",");
      row.clear();
    }
    row += (row.empty() ? "" : ", ") + item;
  }
  return row.empty() ? out : out + line("", row);
}

std::string head(const result& r, const painter& paint) {
  const input_info& in = r.input;
  const run_info& run = r.run;
  std::string out =
      paint.bold(fmt::format("{} on {}", shown(in.name, 60), shown(r.platform.name, 30))) + "\n";
  out += line(in.kind.c_str(),
              fmt::format("{}, digest {}", shown(in.format, 20), shown(in.digest, 20)));
  out += line("platform", fmt::format("digest {}, svasim {}", shown(r.platform.digest, 20),
                                      shown(r.svasim_version, 20)));
  out += line("accesses", fmt::format("{} in {} requests: {} completed, {} faulted, {} in flight",
                                      count_text(run.accesses), count_text(run.requests),
                                      count_text(run.completed), count_text(run.faulted),
                                      count_text(run.in_flight)));
  out += line("data", fmt::format("{} in {}, {}", size_text(run.bytes), time_text(run.time_ps),
                                  rate_text(run.bytes_per_s)));
  out += commands(run);
  for (const std::string* note : {&in.note, &run.note}) {
    if (!note->empty()) out += line("note", shown(*note, 95));
  }
  if (const std::string text = confidence_text(r); !text.empty()) {
    const std::size_t cut = text.find("; ") + 1;
    out += line("confidence", text.substr(0, cut)) + line("", text.substr(cut + 1));
  }
  if (const std::string text = assumption_warning(r); !text.empty()) out += line("warning", text);
  return out;
}

std::string devices(const result& r, const painter& paint) {
  if (r.devices.empty()) return {};
  std::string header = "  " + padded("device", 20);
  for (const char* name : {"requests", "faulted", "data", "throughput"}) header += right(name, 13);
  header += right("translation p50", 17) + right("p99", 11);
  const bool served = r.devices.front().page_faults.has_value();
  if (served) header += right("page faults", 13) + right("p50", 11) + right("p99", 11);
  const auto time_or_none = [](const std::optional<std::uint64_t>& t) {
    return right(t ? time_text(*t) : "-", 11);
  };
  std::string out = paint.quiet(header) + "\n";
  for (const device_row& d : r.devices) {
    out += "  " + padded(shown(d.name, 19), 20) + right(count_text(d.requests), 13) +
           right(count_text(d.faulted), 13) + right(size_text(d.bytes), 13) +
           right(rate_text(d.bytes_per_s), 13) + right(time_text(d.p50_ps), 17) +
           right(time_text(d.p99_ps), 11);
    if (served) {
      out += right(count_text(d.page_faults.value_or(0)), 13) + time_or_none(d.fault_p50_ps) +
             time_or_none(d.fault_p99_ps);
    }
    out += "\n";
  }
  return out;
}

std::string latency_row(const char* label, const histogram& h) {
  std::string out = fmt::format("  {}{}", padded(label, 12), right(count_text(h.count), 12));
  out += right(mean_text(h.sum, h.count), 11);
  for (const auto& v : {h.p50, h.p90, h.p99, h.p99_9, h.p99_99, h.max}) {
    out += right(time_text(v), 11);
  }
  return out + "\n";
}

std::string latencies(const result& r, const painter& paint) {
  std::string header = "  " + padded("latency", 12) + right("count", 12);
  for (const char* name : {"mean", "p50", "p90", "p99", "p99.9", "p99.99", "max"}) {
    header += right(name, 11);
  }
  return paint.quiet(header) + "\n" + latency_row("translation", r.translation) +
         latency_row("DMA read", r.read) + latency_row("DMA write", r.write);
}

std::string stages(const result& r, const painter& paint) {
  const breakdown b = break_down(r);
  if (b.transactions == 0 || b.rows.empty()) return {};
  std::string out = paint.quiet(fmt::format("  {}{}{}", padded("mean of reads and writes", 34),
                                            right("ns", 12), right("share", 10))) +
                    "\n";
  for (const breakdown_row& row : b.rows) {
    out += fmt::format("  {}{}{} %  {}\n", padded(shown(row.what->label, 33), 34),
                       right(part_text(row.mean), 12), right(part_text(row.share), 8),
                       paint.group(row.what->group, bar(row.share, 40)));
  }
  out += paint.bold(fmt::format("  {}{}{} %", padded("whole", 34), right(fixed_text(b.mean, 2), 12),
                                right("100.00", 8))) +
         "\n";
  for (const breakdown_group& g : b.groups) {
    out += fmt::format("  {}{}{} %  {}\n", padded(std::string("of it ") + group_name(g.group), 34),
                       right(fixed_text(g.mean, 2), 12), right(fixed_text(g.share, 2), 8),
                       paint.group(g.group, bar(g.share, 40)));
  }
  return out;
}

std::string caches(const result& r, const painter& paint) {
  std::string header = "  " + padded("structure", 34) + right("entries", 9);
  for (const char* name : {"lookups", "hit ratio", "misses", "evicted", "invalidated"}) {
    header += right(name, 13);
  }
  std::string out;
  for (const structure& s : r.structures) {
    if (s.lookups == 0) continue;
    out += "  " + padded(shown(s.label, 33), 34) + right(count_text(s.entries), 9) +
           right(count_text(s.lookups), 13) + right(percent_text(s.hits, s.lookups, 2), 13) +
           right(count_text(s.misses), 13) + right(count_text(s.evictions), 13) +
           right(count_text(s.invalidated), 13) + "\n";
  }
  return out.empty() ? out : paint.quiet(header) + "\n" + out;
}

std::string walks(const result& r) {
  const walk_info& w = r.walks;
  std::string out = line(
      "walks", fmt::format("{}, {} descriptor reads{}, {} configuration reads", count_text(w.count),
                           count_text(w.reads),
                           w.count == 0 ? ""
                                        : fmt::format(" ({} a walk)",
                                                      fixed_text(scaled(w.reads, 100, w.count), 2)),
                           count_text(w.config_reads)));
  for (const std::uint64_t number : {1u, 2u}) {
    std::string levels;
    for (const walk_level& l : w.by_level) {
      if (l.stage != number || (l.reads == 0 && l.cache_hits == 0)) continue;
      levels += fmt::format("{}L{} {}", levels.empty() ? "" : ", ", l.level, count_text(l.reads));
    }
    if (!levels.empty()) out += line("", fmt::format("stage {} reads: {}", number, levels));
  }
  return out;
}

std::string link(const result& r) {
  if (r.link.time_ps == 0) return {};
  return line("link", fmt::format("busy {} towards memory, {} towards the device",
                                  percent_text(r.link.up_busy_ps, r.link.time_ps, 1),
                                  percent_text(r.link.down_busy_ps, r.link.time_ps, 1)));
}

std::string uncertainty(const result& r, const painter& paint) {
  if (!r.uncertainty) return {};
  std::string out =
      paint.quiet(fmt::format("  {}{}  {}", padded("uncertainty", 24), right("value", 11),
                              "band over the ranges of assumed numbers")) +
      "\n";
  for (const uncertainty_figure& f : r.uncertainty->figures) {
    out += fmt::format("  {}{}  {}\n", padded(shown(figure_name(f), 23), 24),
                       right(figure_text(f, f.value), 11), band_text(f));
    for (const uncertainty_figure::mover& m : f.movers) {
      out +=
          fmt::format("    {} {} to {}: {} to {}\n", shown(m.path, 50), shown(m.low_value, 20),
                      shown(m.high_value, 20), figure_text(f, m.at_low), figure_text(f, m.at_high));
    }
  }
  std::string effort = effort_text(*r.uncertainty);
  const std::size_t cut = effort.find("; ");
  return out + "  " + effort.substr(0, cut + 1) + "\n  " + effort.substr(cut + 2) + "\n";
}

std::string quantiles(const std::optional<std::uint64_t>& p50,
                      const std::optional<std::uint64_t>& p99) {
  return fmt::format("p50 {}, p99 {}", time_text(p50), time_text(p99));
}

std::string cpu_times(const sva_info& s) {
  std::string out;
  for (const auto& [actor, ps] : s.cpu_ps) {
    if (!ps) continue;
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", shown(actor, 20), time_text(*ps));
  }
  return out.empty() ? out : line("CPU time", out);
}

// Where the time of a fault of median latency goes.
std::string hops(const sva_info& s, const painter& paint) {
  if (s.hops.empty()) return {};
  const std::uint64_t whole = s.fault_p50_ps.value_or(0);
  std::string out = "\n" +
                    paint.quiet(fmt::format("  {}{}{}{}{}", padded("hop", 9), padded("actor", 10),
                                            padded("of a fault of median latency", 36),
                                            right("time", 12), right("share", 11))) +
                    "\n";
  for (const sva_hop& h : s.hops) {
    out += "  " + padded(shown(h.step, 8), 9) + padded(shown(h.actor, 9), 10) +
           padded(shown(h.what, 35), 36) + right(time_text(h.ps), 12) +
           right(h.on_path ? percent_text(h.ps, whole, 2) : "beside", 11);
    if (h.on_path && h.ps != 0) {
      out +=
          "  " + paint.group(stage_group::memory, bar(scaled(h.ps, breakdown::whole, whole), 24));
    }
    out += "\n";
  }
  return out + paint.bold("  " + padded("whole", 55) + right(time_text(whole), 12)) + "\n";
}

std::string sva(const result& r, const painter& paint) {
  if (!r.sva) return {};
  const sva_info& s = *r.sva;
  std::string out =
      paint.bold(fmt::format("  ({}) {}", shown(s.variant, 8), shown(s.title, 60))) + "\n";
  if (s.faults) {
    out += line("faults", fmt::format("{}, {}, {} unresolved", count_text(*s.faults),
                                      quantiles(s.fault_p50_ps, s.fault_p99_ps),
                                      count_text(s.faults_unresolved.value_or(0))));
  }
  if (s.unmap_p50_ps) out += line("unmaps", quantiles(s.unmap_p50_ps, s.unmap_p99_ps));
  out += line("messages", fmt::format("p50 {}, {} failed", time_text(s.message_p50_ps),
                                      count_text(s.messages_failed)));
  if (s.slowdown_prefaulted_ppm) {
    out +=
        line("slowdown", fmt::format("{} times the run with all pages there",
                                     fixed_text((*s.slowdown_prefaulted_ppm + 5000) / 10000, 2)));
  }
  if (s.slowdown_ideal_ppm) {
    out += line("", fmt::format("{} times the run with ideal translation",
                                fixed_text((*s.slowdown_ideal_ppm + 5000) / 10000, 2)));
  }
  return out + cpu_times(s) + hops(s, paint);
}

}  // namespace

std::string summary_text(const result& r, bool colour) {
  const painter paint(colour);
  std::string out = head(r, paint);
  for (const std::string& part :
       {sva(r, paint), devices(r, paint), latencies(r, paint), stages(r, paint), caches(r, paint),
        walks(r) + link(r), uncertainty(r, paint)}) {
    if (!part.empty()) out += "\n" + part;
  }
  return out;
}

}  // namespace svasim::analysis
