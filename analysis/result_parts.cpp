#include "analysis/result_parts.h"

#include <fmt/format.h>

namespace svasim::analysis {
namespace {

using json = nlohmann::json;

bool is_count(const json& v) {
  return v.is_number_integer() && (v.is_number_unsigned() || v.get<std::int64_t>() >= 0);
}

// An array of 64-bit unsigned integers.
std::vector<std::uint64_t> read_counts(member_reader& in, const char* key) {
  std::vector<std::uint64_t> out;
  const json& list = in.array(key);
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (!is_count(list[i])) {
      in.problem(key, fmt::format("entry {} must be an integer from 0 to 2^64 - 1", i));
      break;
    }
    out.push_back(list[i].get<std::uint64_t>());
  }
  return out;
}

std::vector<stream_row> read_streams(const json& list, problem_list& problems) {
  std::vector<stream_row> out;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string path = fmt::format("streams.{}", i);
    member_reader in(list[i], path, problems);
    stream_row s;
    s.name = in.text("name");
    s.requests = in.integer("requests");
    s.faulted = in.integer("faulted");
    s.whole_sum_ps = in.integer("whole_sum_ps");
    member_reader translation(in.object("translation"), path + ".translation", problems);
    s.translation_sum_ps = translation.integer("sum_ps");
    s.p50_ps = translation.integer("p50_ps");
    s.p99_ps = translation.integer("p99_ps");
    s.max_ps = translation.integer("max_ps");
    translation.finish();
    in.finish();
    out.push_back(std::move(s));
  }
  return out;
}

std::vector<device_row> read_devices(const json& list, problem_list& problems) {
  std::vector<device_row> out;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string path = fmt::format("devices.{}", i);
    member_reader in(list[i], path, problems);
    device_row d;
    d.name = in.text("name");
    d.requests = in.integer("requests");
    d.completed = in.integer("completed");
    d.faulted = in.integer("faulted");
    d.in_flight = in.integer("in_flight");
    d.bytes = in.integer("bytes");
    d.time_ps = in.integer("time_ps");
    d.bytes_per_s = in.integer("bytes_per_s");
    member_reader translation(in.object("translation"), path + ".translation", problems);
    d.translation_sum_ps = translation.integer("sum_ps");
    d.p50_ps = translation.integer("p50_ps");
    d.p99_ps = translation.integer("p99_ps");
    d.max_ps = translation.integer("max_ps");
    translation.finish();
    if (in.has("faults")) {
      d.page_faults = in.integer("faults");
      d.fault_p50_ps = in.integer_or_null("fault_p50_ps");
      d.fault_p99_ps = in.integer_or_null("fault_p99_ps");
    }
    in.finish();
    out.push_back(std::move(d));
  }
  return out;
}

bool read_pair(const json& triple, std::size_t parties, eviction_table::pair& out) {
  if (!triple.is_array() || triple.size() != 3) return false;
  for (const json& v : triple) {
    if (!is_count(v)) return false;
  }
  out = {triple[0].get<std::uint64_t>(), triple[1].get<std::uint64_t>(),
         triple[2].get<std::uint64_t>()};
  return out.by < parties && out.victim < parties && out.count != 0;
}

eviction_table read_evictions(const json& object, problem_list& problems) {
  member_reader in(object, "evictions", problems);
  eviction_table out;
  out.path = in.text("path");
  out.label = in.text("label");
  const json& parties = in.array("parties");
  for (std::size_t i = 0; i < parties.size(); ++i) {
    if (!parties[i].is_string()) in.problem("parties", fmt::format("entry {} must be text", i));
    out.parties.push_back(parties[i].is_string() ? parties[i].get<std::string>() : "");
  }
  const json& pairs = in.array("pairs");
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    eviction_table::pair p;
    if (!read_pair(pairs[i], out.parties.size(), p)) {
      in.problem("pairs", fmt::format("entry {} must be [evictor, victim, count above 0]", i));
      break;
    }
    out.pairs.push_back(p);
  }
  in.finish();
  return out;
}

occupancy_over_time read_occupancy(const json& object, problem_list& problems) {
  member_reader in(object, "occupancy", problems);
  occupancy_over_time out;
  out.window_end_ps = read_counts(in, "window_end_ps");
  for (std::size_t i = 1; i < out.window_end_ps.size(); ++i) {
    if (out.window_end_ps[i] > out.window_end_ps[i - 1]) continue;
    in.problem("window_end_ps", fmt::format("entry {} does not rise", i));
    break;
  }
  const json& all = in.array("series");
  in.finish();
  for (std::size_t i = 0; i < all.size(); ++i) {
    member_reader one(all[i], fmt::format("occupancy.series.{}", i), problems);
    occupancy_over_time::series s;
    s.path = one.text("path");
    s.label = one.text("label");
    s.unit = one.text("unit");
    s.capacity = one.integer("capacity");
    s.mean_milli = read_counts(one, "mean_milli");
    one.finish();
    if (s.mean_milli.size() != out.window_end_ps.size()) {
      one.problem("mean_milli", fmt::format("{} means for {} windows", s.mean_milli.size(),
                                            out.window_end_ps.size()));
    }
    out.all.push_back(std::move(s));
  }
  return out;
}

std::vector<fault_hop> read_hops(const json& list, problem_list& problems) {
  std::vector<fault_hop> out;
  for (std::size_t i = 0; i < list.size(); ++i) {
    member_reader in(list[i], fmt::format("fault_hops.{}", i), problems);
    fault_hop h;
    h.name = in.text("hop");
    h.label = in.text("label");
    h.sum_ps = in.integer("sum_ps");
    h.count = in.integer("count");
    h.max_ps = in.integer("max_ps");
    in.finish();
    out.push_back(std::move(h));
  }
  return out;
}

}  // namespace

void read_observed(member_reader& in, problem_list& problems, result& out) {
  if (in.has("devices")) out.devices = read_devices(in.array("devices"), problems);
  if (in.has("streams")) out.streams = read_streams(in.array("streams"), problems);
  if (in.has("evictions")) out.evictions = read_evictions(in.object("evictions"), problems);
  if (in.has("occupancy")) out.occupancy = read_occupancy(in.object("occupancy"), problems);
  if (in.has("fault_hops")) out.fault_hops = read_hops(in.array("fault_hops"), problems);
}

void check_devices(const result& r, problem_list& problems) {
  if (r.devices.empty()) return;
  std::uint64_t requests = 0, bytes = 0;
  for (const device_row& d : r.devices) {
    requests += d.requests;
    bytes += d.bytes;
  }
  if (requests != r.run.requests) {
    problems.add("devices",
                 fmt::format("add up to {} requests, run to {}", requests, r.run.requests));
  }
  if (bytes != r.run.bytes) {
    problems.add("devices", fmt::format("add up to {} bytes, run to {}", bytes, r.run.bytes));
  }
}

void check_streams(const result& r, problem_list& problems) {
  if (r.streams.empty()) return;
  std::uint64_t requests = 0;
  std::uint64_t translation = 0;
  for (const stream_row& s : r.streams) {
    requests += s.requests;
    translation += s.translation_sum_ps;
  }
  if (requests != r.translation.count) {
    problems.add("streams", fmt::format("add up to {} requests, latency.translation to {}",
                                        requests, r.translation.count));
  }
  if (translation != r.translation.sum) {
    problems.add("streams", fmt::format("add up to {} ps, latency.translation to {} ps",
                                        translation, r.translation.sum));
  }
}

}  // namespace svasim::analysis
