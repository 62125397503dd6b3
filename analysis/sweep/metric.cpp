#include "analysis/sweep/metric.h"

#include <algorithm>

#include "analysis/sweep/storage_bits.h"
#include "analysis/text.h"

namespace svasim::sweep {
namespace {

void add_histogram(const char* name, const analysis::histogram& h, std::vector<metric>& out) {
  if (h.count == 0) return;
  const std::string prefix = std::string(name) + "_";
  out.push_back({prefix + "mean", analysis::scaled(h.sum, 1, h.count), "ps"});
  const auto add = [&](const char* what, const std::optional<std::uint64_t>& v) {
    if (v) out.push_back({prefix + what, *v, "ps"});
  };
  add("p50", h.p50);
  add("p90", h.p90);
  add("p99", h.p99);
  add("p99_9", h.p99_9);
  add("p99_99", h.p99_99);
  add("max", h.max);
}

void add_structures(const analysis::result& r, std::vector<metric>& out) {
  for (const analysis::structure& s : r.structures) {
    out.push_back({s.path + ".lookups", s.lookups, "lookups"});
    out.push_back({s.path + ".misses", s.misses, "misses"});
    if (s.lookups != 0) {
      out.push_back(
          {s.path + ".miss_ratio", analysis::scaled(s.misses, 1000000, s.lookups), "ppm"});
    }
  }
  for (const storage& s : storage_of(r.platform.parameters, r.sva.has_value())) {
    out.push_back({s.path + ".storage_bits", s.bits(), "bits"});
  }
}

void add_sva(const analysis::sva_info& s, std::vector<metric>& out) {
  const auto add = [&](const std::string& name, const std::optional<std::uint64_t>& v,
                       const char* unit) {
    if (v) out.push_back({name, *v, unit});
  };
  add("faults", s.faults, "faults");
  add("fault_p50", s.fault_p50_ps, "ps");
  add("fault_p99", s.fault_p99_ps, "ps");
  add("unmap_p50", s.unmap_p50_ps, "ps");
  add("unmap_p99", s.unmap_p99_ps, "ps");
  add("message_p50", s.message_p50_ps, "ps");
  add("slowdown_prefaulted", s.slowdown_prefaulted_ppm, "ppm");
  add("slowdown_ideal", s.slowdown_ideal_ppm, "ppm");
  for (const auto& [actor, ps] : s.cpu_ps) add("cpu." + actor, ps, "ps");
  for (const analysis::sva_hop& h : s.hops) add("hop." + h.step, h.ps, "ps");
}

}  // namespace

std::vector<metric> metrics_of(const analysis::result& r) {
  std::vector<metric> out;
  add_histogram("translation", r.translation, out);
  add_histogram("read", r.read, out);
  add_histogram("write", r.write, out);
  if (r.sva) add_sva(*r.sva, out);
  out.push_back({"time", r.run.time_ps, "ps"});
  out.push_back({"throughput", r.run.bytes_per_s, "bytes/s"});
  out.push_back({"requests", r.run.requests, "requests"});
  out.push_back({"faulted", r.run.faulted, "requests"});
  out.push_back({"walks", r.walks.count, "walks"});
  out.push_back({"walk_reads", r.walks.reads, "reads"});
  out.push_back({"storage_bits", storage_bits(r.platform.parameters, r.sva.has_value()), "bits"});
  add_structures(r, out);
  const std::uint64_t transactions = r.read.count + r.write.count;
  for (const analysis::stage& s : r.stages) {
    if (s.sum_ps == 0 || transactions == 0) continue;
    out.push_back({"stage." + s.name + ".mean", analysis::scaled(s.sum_ps, 1, transactions), "ps"});
  }
  return out;
}

const metric* find_metric(const std::vector<metric>& all, const std::string& name) {
  const auto at =
      std::find_if(all.begin(), all.end(), [&](const metric& m) { return m.name == name; });
  return at == all.end() ? nullptr : &*at;
}

std::string shown(std::uint64_t value, const std::string& unit) {
  if (unit == "ps") return analysis::time_text(value);
  if (unit == "bytes/s") return analysis::rate_text(value);
  if (unit == "bits") {
    return value < 8 ? analysis::count_text(value) + " bits" : analysis::size_text(value / 8);
  }
  if (unit == "ppm") return analysis::fixed_text(value, 4) + " %";
  return analysis::count_text(value);
}

}  // namespace svasim::sweep
