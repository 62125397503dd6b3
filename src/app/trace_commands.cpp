#include "app/trace_commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <ctime>

#include "analysis/text.h"
#include "app/commands.h"
#include "base/error.h"
#include "base/file.h"
#include "describe/spelling.h"
#include "workloads/convert.h"
#include "workloads/generator.h"
#include "workloads/open_trace.h"

namespace svasim::app {
namespace {

// Of this process, on whatever cores: what others do on the machine does not count.
double cpu_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

workloads::trace_kind kind_of(const std::string& name) {
  if (const auto kind = workloads::format_named(name)) return *kind;
  std::vector<std::string> names;
  for (const workloads::format_info& f : workloads::known_formats) names.emplace_back(f.name);
  const std::string nearest = describe::nearest_name(name, names);
  throw base::input_error(fmt::format(
      "unknown trace format \"{}\"{}; svasim trace import --help lists them", base::printable(name),
      nearest.empty() ? "" : "; did you mean \"" + nearest + "\"?"));
}

workloads::trace_format out_format(const std::string& out) {
  const auto format = workloads::format_of(out);
  if (!format) throw base::input_error(out + ": the name must end in .csv or .svt");
  return *format;
}

/// What opening told besides the trace.
struct findings {
  workloads::bad_lines skipped;
  workloads::join_counts joined;
};

std::uint32_t stream_id_of(const std::string& text) {
  const bool hex = text.substr(0, 2) == "0x";
  std::uint32_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, code] = std::from_chars(text.data() + (hex ? 2 : 0), end, value, hex ? 16 : 10);
  if (code == std::errc() && stop == end) return value;
  throw base::input_error(fmt::format("--sid: \"{}\" is no StreamID", base::printable(text)));
}

std::unique_ptr<trace::source> open(const trace_options& o, findings& found) {
  workloads::open_options options;
  if (!o.format.empty()) options.kind = kind_of(o.format);
  options.skip_bad = o.skip_bad;
  options.skipped = &found.skipped;
  options.join = o.join;
  options.joined = &found.joined;
  if (!o.sid.empty()) options.nvme.sid = options.nic.sid = stream_id_of(o.sid);
  if (!o.mac.empty()) {
    options.nic.host_mac = workloads::parse_mac(o.mac);
    if (!options.nic.host_mac) {
      throw base::input_error(
          fmt::format("--mac: \"{}\" is no address aa:bb:cc:dd:ee:ff", base::printable(o.mac)));
    }
  }
  return workloads::open_trace(o.file, options);
}

void tell_skipped(const workloads::bad_lines& bad) {
  if (bad.count == 0) return;
  fmt::print(stderr, "svasim: {} bad line{} passed over, the first:\n",
             analysis::count_text(bad.count), bad.count == 1 ? "" : "s");
  for (const base::problem& p : bad.first) fmt::print(stderr, "  {}\n", p.text());
}

}  // namespace

std::unique_ptr<trace::source> open_input(const trace_options& o) {
  findings found;
  auto source = open(o, found);
  tell_skipped(found.skipped);
  if (!o.join.empty()) {
    fmt::print(stderr, "svasim: {} of {} accesses took length and direction from the ftrace text\n",
               analysis::count_text(found.joined.matched),
               analysis::count_text(found.joined.accesses));
  }
  return source;
}

int trace_convert(const trace_options& o) {
  const auto format = out_format(o.out);
  workloads::convert(*open_input(o), o.out, format);
  return 0;
}

int trace_import(const trace_options& o) {
  const auto format = out_format(o.out);
  const double start = cpu_seconds();
  const auto source = open_input(o);
  workloads::convert(*source, o.out, format);
  const trace::summary& s = source->about();
  fmt::print("{}: {} accesses, {} commands, {} requests, {} events of {} in {} streams\n", o.out,
             analysis::count_text(s.accesses), analysis::count_text(s.commands),
             analysis::count_text(s.requests), analysis::count_text(s.events), s.format,
             s.streams.size());
  const double took = std::max(cpu_seconds() - start, 1e-6);
  fmt::print(stderr, "svasim: {} lines in {:.2f} s of CPU time, {:.2f} M/s\n", s.lines, took,
             static_cast<double>(s.lines) / took / 1e6);
  return 0;
}

int trace_generate(const trace_options& o) {
  const auto format = out_format(o.out);
  workloads::generated_trace source(workloads::read_workload(o.file));
  workloads::convert(source, o.out, format);
  return 0;
}

std::string trace_formats() {
  std::string out;
  for (const workloads::format_info& f : workloads::known_formats) {
    out += fmt::format("  {:18} {}\n", f.name, f.what);
  }
  return out;
}

// CPU time, from the file (or what the system caches of it) to records; a second at least.
void print_read_speed(const trace_options& o) {
  double took = 0;
  std::uint64_t records = 0;
  std::uint64_t lines = 0;
  findings found;
  while (took < 1) {
    const auto source = open(o, found);
    const double start = cpu_seconds();
    trace::record r;
    while (source->next(r)) ++records;
    took += cpu_seconds() - start;
    lines += source->about().lines;
  }
  fmt::print(stderr,
             "svasim: {:.2f} M records/s, {:.2f} M lines/s ({} lines in {:.2f} s of CPU time)\n",
             static_cast<double>(records) / took / 1e6, static_cast<double>(lines) / took / 1e6,
             lines, took);
}

}  // namespace svasim::app
