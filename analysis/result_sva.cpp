// The member "sva" of a result: what the faults and unmaps of an SVA workload cost.
#include <fmt/format.h>

#include "analysis/result_parts.h"

namespace svasim::analysis {
namespace {

using json = nlohmann::json;

sva_hop read_hop(const json& object, const std::string& path, problem_list& problems) {
  member_reader in(object, path, problems);
  sva_hop out;
  out.step = in.text("step");
  out.actor = in.text("actor");
  out.what = in.text("what");
  out.on_path = in.boolean("on_path");
  out.ps = in.integer("ps");
  in.finish();
  return out;
}

std::vector<sva_hop> read_hops(member_reader& in, problem_list& problems) {
  std::vector<sva_hop> out;
  if (in.is_null("hops")) {
    in.skip("hops");
    return out;
  }
  const json& list = in.array("hops");
  for (std::size_t i = 0; i < list.size(); ++i) {
    out.push_back(read_hop(list[i], fmt::format("sva.hops.{}", i), problems));
  }
  return out;
}

void read_latencies(member_reader& in, sva_info& out) {
  out.faults = in.integer_or_null("faults");
  out.faults_unresolved = in.integer_or_null("faults_unresolved");
  out.fault_p50_ps = in.integer_or_null("fault_p50_ps");
  out.fault_p99_ps = in.integer_or_null("fault_p99_ps");
  out.unmap_p50_ps = in.integer_or_null("unmap_p50_ps");
  out.unmap_p99_ps = in.integer_or_null("unmap_p99_ps");
  out.message_p50_ps = in.integer_or_null("message_p50_ps");
}

// Only who runs the workload several times can say these.
void read_slowdowns(member_reader& in, sva_info& out) {
  const auto maybe = [&in](const char* key) -> std::optional<std::uint64_t> {
    return in.has(key) ? in.integer_or_null(key) : std::nullopt;
  };
  out.prefaulted_time_ps = maybe("prefaulted_time_ps");
  out.ideal_time_ps = maybe("ideal_time_ps");
  out.slowdown_prefaulted_ppm = maybe("slowdown_prefaulted_ppm");
  out.slowdown_ideal_ppm = maybe("slowdown_ideal_ppm");
}

}  // namespace

void read_sva(member_reader& parent, problem_list& problems, result& out) {
  if (!parent.has("sva")) return;
  member_reader in(parent.object("sva"), "sva", problems);
  sva_info s;
  s.variant = in.text("variant");
  s.title = in.text("title");
  read_latencies(in, s);
  s.messages_failed = in.integer("messages_failed");
  s.time_ps = in.integer("time_ps");
  s.bytes = in.integer("bytes");
  s.bytes_per_s = in.integer("bytes_per_s");
  read_slowdowns(in, s);
  s.cpu_ps = in.integers_or_null("cpu_ps");
  s.hops = read_hops(in, problems);
  in.finish();
  out.sva = std::move(s);
}

void check_sva(const result& r, problem_list& problems) {
  if (!r.sva) return;
  std::uint64_t sum = 0;
  for (const sva_hop& h : r.sva->hops) sum += h.on_path ? h.ps : 0;
  const std::optional<std::uint64_t>& whole = r.sva->fault_p50_ps;
  if (sum == whole.value_or(0)) return;
  problems.add("sva.hops", fmt::format("on the path add up to {} ps, fault_p50_ps is {}", sum,
                                       whole ? std::to_string(*whole) : "null"));
}

}  // namespace svasim::analysis
