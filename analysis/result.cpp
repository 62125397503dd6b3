#include "analysis/result.h"

#include <fmt/format.h>

#include <filesystem>

#include "analysis/json_text.h"
#include "analysis/member_reader.h"
#include "analysis/result_parts.h"
#include "base/error.h"
#include "base/file.h"

namespace svasim::analysis {
namespace {

using json = nlohmann::json;

void read_bins(const json& pairs, const member_reader& in, problem_list& problems, histogram& out) {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const json& pair = pairs[i];
    const auto is_count = [](const json& v) {
      return v.is_number_integer() && (v.is_number_unsigned() || v.get<std::int64_t>() >= 0);
    };
    if (!pair.is_array() || pair.size() != 2 || !is_count(pair[0]) || !is_count(pair[1])) {
      problems.add(in.path_of("bins"), fmt::format("entry {} must be [upper edge, count]", i));
      return;
    }
    const histogram::bin b{pair[0].get<std::uint64_t>(), pair[1].get<std::uint64_t>()};
    if (!out.bins.empty() && b.upper_edge <= out.bins.back().upper_edge) {
      problems.add(in.path_of("bins"), fmt::format("entry {} does not rise", i));
      return;
    }
    total += b.count;
    out.bins.push_back(b);
  }
  if (total == out.count) return;
  problems.add(in.path_of("bins"), fmt::format("add up to {}, but count is {}", total, out.count));
}

histogram read_histogram(const json& object, const std::string& path, problem_list& problems) {
  member_reader in(object, path, problems);
  histogram out;
  out.count = in.integer("count");
  out.sum = in.integer("sum");
  out.min = in.integer_or_null("min");
  out.max = in.integer_or_null("max");
  out.p50 = in.integer_or_null("p50");
  out.p90 = in.integer_or_null("p90");
  out.p99 = in.integer_or_null("p99");
  out.p99_9 = in.integer_or_null("p99_9");
  out.p99_99 = in.integer_or_null("p99_99");
  for (const auto& v : {out.min, out.max, out.p50, out.p90, out.p99, out.p99_9, out.p99_99}) {
    if (v.has_value() == (out.count != 0)) continue;
    problems.add(path, out.count == 0 ? "min, max and quantiles of nothing must be null"
                                      : "min, max and quantiles must be integers");
    break;
  }
  read_bins(in.array("bins"), in, problems, out);
  in.finish();
  return out;
}

platform_info read_platform(const json& object, problem_list& problems) {
  member_reader in(object, "platform", problems);
  platform_info out;
  out.name = in.text("name");
  out.digest = in.text("digest");
  out.parameters = in.object("parameters");
  out.provenance = in.texts("provenance");
  in.finish();
  return out;
}

input_info read_input(const json& object, problem_list& problems) {
  member_reader in(object, "input", problems);
  input_info out;
  out.kind = in.text("kind");
  if (in.holds_text("kind") && out.kind != "trace" && out.kind != "workload") {
    in.problem("kind", "must be \"trace\" or \"workload\"");
  }
  out.name = in.text("name");
  out.format = in.text("format");
  out.digest = in.text("digest");
  out.note = in.text("note");
  out.lines = in.integer("lines");
  out.accesses = in.integer("accesses");
  out.commands = in.integer("commands");
  out.events = in.integer("events");
  in.finish();
  return out;
}

run_info read_run(const json& object, problem_list& problems) {
  member_reader in(object, "run", problems);
  run_info out;
  out.accesses = in.integer("accesses");
  out.requests = in.integer("requests");
  out.completed = in.integer("completed");
  out.faulted = in.integer("faulted");
  out.in_flight = in.integer("in_flight");
  out.bytes = in.integer("bytes");
  out.time_ps = in.integer("time_ps");
  out.bytes_per_s = in.integer("bytes_per_s");
  out.commands = in.integer("commands");
  out.table_changes = in.integer("table_changes");
  out.commands_by_opcode = in.integers("commands_by_opcode");
  out.note = in.text("note");
  in.finish();
  const std::uint64_t accounted = out.completed + out.faulted + out.in_flight;
  if (accounted == out.requests) return out;
  problems.add("run", fmt::format("{} requests, but {} completed, faulted or in flight",
                                  out.requests, accounted));
  return out;
}

stage_group read_group(const std::string& name, member_reader& in) {
  if (name == "translation") return stage_group::translation;
  if (name == "link") return stage_group::link;
  if (name == "memory") return stage_group::memory;
  if (name != "device") in.problem("group", "must be translation, link, memory or device");
  return stage_group::device;
}

std::vector<stage> read_stages(const json& list, problem_list& problems) {
  std::vector<stage> out;
  for (std::size_t i = 0; i < list.size(); ++i) {
    member_reader in(list[i], fmt::format("stages.{}", i), problems);
    stage s;
    s.name = in.text("stage");
    s.label = in.text("label");
    s.group = read_group(in.text("group"), in);
    s.sum_ps = in.integer("sum_ps");
    s.count = in.integer("count");
    s.max_ps = in.integer("max_ps");
    in.finish();
    out.push_back(std::move(s));
  }
  return out;
}

std::vector<structure> read_structures(const json& list, problem_list& problems) {
  std::vector<structure> out;
  for (std::size_t i = 0; i < list.size(); ++i) {
    member_reader in(list[i], fmt::format("structures.{}", i), problems);
    structure s;
    s.path = in.text("path");
    s.label = in.text("label");
    s.lookups = in.integer("lookups");
    s.hits = in.integer("hits");
    s.misses = in.integer("misses");
    s.fills = in.integer("fills");
    s.evictions = in.integer("evictions");
    s.invalidated = in.integer("invalidated");
    s.entries = in.integer("entries");
    s.ways = in.integer("ways");
    in.finish();
    if (s.hits + s.misses != s.lookups) {
      in.problem("lookups",
                 fmt::format("{} is not {} hits + {} misses", s.lookups, s.hits, s.misses));
    }
    out.push_back(std::move(s));
  }
  return out;
}

walk_info read_walks(const json& object, problem_list& problems) {
  member_reader in(object, "walks", problems);
  walk_info out;
  out.count = in.integer("count");
  out.reads = in.integer("reads");
  out.config_reads = in.integer("config_reads");
  const json& levels = in.array("by_level");
  in.finish();
  for (std::size_t i = 0; i < levels.size(); ++i) {
    member_reader level(levels[i], fmt::format("walks.by_level.{}", i), problems);
    walk_level l;
    l.stage = level.integer("stage");
    l.level = level.integer("level");
    l.reads = level.integer("reads");
    l.cache_hits = level.integer("cache_hits");
    level.finish();
    out.by_level.push_back(l);
  }
  return out;
}

link_info read_link(const json& object, problem_list& problems) {
  member_reader in(object, "link", problems);
  link_info out;
  out.up_busy_ps = in.integer("up_busy_ps");
  out.down_busy_ps = in.integer("down_busy_ps");
  out.time_ps = in.integer("time_ps");
  in.finish();
  return out;
}

// The parts must be the whole: what a report shows as shares of a latency has to add up to it.
void check_sums(const result& r, problem_list& problems) {
  std::uint64_t all = 0;
  std::uint64_t translation = 0;
  for (const stage& s : r.stages) {
    all += s.sum_ps;
    if (s.group == stage_group::translation) translation += s.sum_ps;
  }
  const std::uint64_t whole = r.read.sum + r.write.sum;
  if (all != whole) {
    problems.add("stages", fmt::format("add up to {} ps, reads and writes to {} ps", all, whole));
  }
  if (translation != r.translation.sum) {
    problems.add("stages",
                 fmt::format("of translation add up to {} ps, latency.translation to {} ps",
                             translation, r.translation.sum));
  }
}

}  // namespace

result result_from_json(const json& document, const std::string& name) {
  problem_list problems(name);
  member_reader in(document, "", problems);
  const std::uint64_t format = in.integer("format");
  if (in.holds_integer("format") && format != 1) in.problem("format", "must be 1");
  problems.throw_if_any();
  result out;
  out.svasim_version = in.text("svasim");
  out.platform = read_platform(in.object("platform"), problems);
  out.input = read_input(in.object("input"), problems);
  out.run = read_run(in.object("run"), problems);
  member_reader latency(in.object("latency"), "latency", problems);
  out.translation = read_histogram(latency.object("translation"), "latency.translation", problems);
  out.read = read_histogram(latency.object("read"), "latency.read", problems);
  out.write = read_histogram(latency.object("write"), "latency.write", problems);
  latency.finish();
  out.stages = read_stages(in.array("stages"), problems);
  out.structures = read_structures(in.array("structures"), problems);
  out.walks = read_walks(in.object("walks"), problems);
  out.link = read_link(in.object("link"), problems);
  read_observed(in, problems, out);
  read_sva(in, problems, out);
  read_trust(in, problems, out);
  out.statistics = in.object("statistics");
  if (in.has("units")) out.units = in.texts("units");
  in.finish();
  problems.throw_if_any();
  check_sums(out, problems);
  check_devices(out, problems);
  check_streams(out, problems);
  check_sva(out, problems);
  problems.throw_if_any();
  return out;
}

result parse_result(const std::string& text, const std::string& name) {
  return result_from_json(parse_json(text, name), name);
}

result read_result(const std::string& path) {
  constexpr std::uintmax_t most = std::uintmax_t{256} << 20;
  std::error_code ignored;  // read_file says what is wrong with the file
  const auto size = std::filesystem::file_size(path, ignored);
  if (!ignored && size > most) throw base::input_error({path, 0, 0, "larger than 256 MiB"});
  return parse_result(base::read_file(path), path);
}

}  // namespace svasim::analysis
