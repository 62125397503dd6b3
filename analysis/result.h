// One run's result.json (format 1) as the report, the summary and comparisons read it. Reading is
// strict: unknown, missing and duplicate members, anything but a 64-bit unsigned integer for a
// number, and sums that do not agree are refused, so that no report can show parts that miss the
// whole. Leaves out: the meaning of single parameters and statistics, which stay trees.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "describe/trust.h"

namespace svasim::analysis {

/// Latencies in ps, in log-linear buckets; an upper edge is at most 0.78 % above what it stands
/// for.
struct histogram {
  struct bin {
    std::uint64_t upper_edge = 0;
    std::uint64_t count = 0;
  };
  std::uint64_t count = 0;
  std::uint64_t sum = 0;
  /// Empty exactly when count is 0.
  std::optional<std::uint64_t> min, max, p50, p90, p99, p99_9, p99_99;
  /// By rising upper edge; the counts add up to `count`.
  std::vector<bin> bins;
};

enum class stage_group { translation, link, memory, device };

/// One thing transactions waited for.
struct stage {
  std::string name;   ///< "tbu_lookup"
  std::string label;  ///< "TBU lookup"
  stage_group group = stage_group::translation;
  std::uint64_t sum_ps = 0;
  std::uint64_t count = 0;  ///< times it was waited for
  std::uint64_t max_ps = 0;
};

/// A cache of translations, descriptors or configuration; lookups = hits + misses.
struct structure {
  std::string path;
  std::string label;
  std::uint64_t lookups = 0, hits = 0, misses = 0;
  std::uint64_t fills = 0, evictions = 0, invalidated = 0;
  std::uint64_t entries = 0, ways = 0;
};

struct platform_info {
  std::string name;
  std::string digest;
  nlohmann::json parameters;                      ///< effective values, nested objects
  std::map<std::string, std::string> provenance;  ///< dotted path -> where the value comes from
};

struct input_info {
  std::string kind;  ///< "trace" or "workload"
  std::string name, format, digest, note;
  std::uint64_t lines = 0, accesses = 0, commands = 0, events = 0;
};

/// requests = completed + faulted + in_flight.
struct run_info {
  std::uint64_t accesses = 0, requests = 0, completed = 0, faulted = 0, in_flight = 0;
  std::uint64_t bytes = 0, time_ps = 0, bytes_per_s = 0;
  std::uint64_t commands = 0, table_changes = 0;
  std::map<std::string, std::uint64_t> commands_by_opcode;
  std::string note;
};

/// Descriptor reads of one level of one stage, and those a walk cache made unnecessary.
struct walk_level {
  std::uint64_t stage = 0, level = 0, reads = 0, cache_hits = 0;
};

struct walk_info {
  std::uint64_t count = 0, reads = 0, config_reads = 0;
  std::vector<walk_level> by_level;
};

struct link_info {
  std::uint64_t up_busy_ps = 0, down_busy_ps = 0, time_ps = 0;
};

/// Requests of one stream; the last of a list may stand for all that are not listed.
struct stream_row {
  std::string name;  ///< "StreamID 0x8 PASID 5"
  std::uint64_t requests = 0, faulted = 0, whole_sum_ps = 0;
  std::uint64_t translation_sum_ps = 0, p50_ps = 0, p99_ps = 0, max_ps = 0;  ///< of translation
};

/// Of several devices: what one did, until its own last request.
struct device_row {
  std::string name;
  std::uint64_t requests = 0, completed = 0, faulted = 0, in_flight = 0;
  std::uint64_t bytes = 0, time_ps = 0, bytes_per_s = 0;
  std::uint64_t translation_sum_ps = 0, p50_ps = 0, p99_ps = 0, max_ps = 0;  ///< of translation
  /// That software served; empty where it serves none.
  std::optional<std::uint64_t> page_faults, fault_p50_ps, fault_p99_ps;
};

/// Who evicted whom in one TLB.
struct eviction_table {
  struct pair {
    std::uint64_t by = 0, victim = 0;  ///< indices into parties
    std::uint64_t count = 0;           ///< above 0
  };
  std::string path, label;
  std::vector<std::string> parties;
  std::vector<pair> pairs;
};

/// Mean occupancy in consecutive windows; the first begins at 0.
struct occupancy_over_time {
  struct series {
    std::string path, label, unit;
    std::uint64_t capacity = 0;             ///< 0: none
    std::vector<std::uint64_t> mean_milli;  ///< one a window, in 1/1000
  };
  std::vector<std::uint64_t> window_end_ps;
  std::vector<series> all;
};

/// One step of software or hardware on the way of a page fault.
struct fault_hop {
  std::string name, label;
  std::uint64_t sum_ps = 0, count = 0, max_ps = 0;
};

/// One row of the variant's table: what has the fault, and for how long.
struct sva_hop {
  std::string step, actor, what;  ///< "a.8", "HK", "group work queued"
  bool on_path = true;            ///< else work that the fault did not wait for
  std::uint64_t ps = 0;
};

/// What shared virtual addressing cost: of runs of SVA workloads. What the variant does not have,
/// or what did not happen, is empty.
struct sva_info {
  std::string variant, title;  ///< "a", "bare-metal SVA"
  std::optional<std::uint64_t> faults, faults_unresolved, fault_p50_ps, fault_p99_ps;
  std::optional<std::uint64_t> unmap_p50_ps, unmap_p99_ps, message_p50_ps;
  std::uint64_t messages_failed = 0, time_ps = 0, bytes = 0, bytes_per_s = 0;
  /// The same run with all pages there, and with translation that takes no time, where known.
  std::optional<std::uint64_t> prefaulted_time_ps, ideal_time_ps;
  std::optional<std::uint64_t> slowdown_prefaulted_ppm, slowdown_ideal_ppm;
  std::map<std::string, std::optional<std::uint64_t>> cpu_ps;  ///< by actor
  /// Of the fault that took fault_p50_ps, in order; those on the path sum to it.
  std::vector<sva_hop> hops;
};

/// What the numbers of the platform stand on: all of them, and those that the run reaches.
struct confidence_info {
  describe::trust_counts platform, reached;
};

/// One figure of the run over the ranges of the assumed numbers, one of them changed at a time.
struct uncertainty_figure {
  /// What one parameter did to it.
  struct mover {
    std::string path, low_value, high_value;  ///< "smmu.tcu.walk_slots", "32", "128"
    std::uint64_t at_low = 0, at_high = 0;    ///< the figure there
  };
  std::string name, unit;  ///< "translation_p99", "ps"
  std::uint64_t value = 0, low = 0, high = 0;
  std::vector<mover> movers;  ///< the most first
};

struct uncertainty_info {
  std::uint64_t runs = 0, varied = 0;  ///< simulations, numbers that were varied
  std::uint64_t unreached = 0;         ///< assumed numbers that the run does not reach
  std::uint64_t fixed = 0;             ///< reached, but zero, or with no legal neighbour
  std::uint64_t failed = 0;            ///< simulations that failed
  std::vector<uncertainty_figure> figures;
};

struct result {
  std::string svasim_version;
  platform_info platform;
  input_info input;
  run_info run;
  histogram translation, read, write;
  /// In the order a transaction meets them. All sums together are read.sum + write.sum; those of
  /// group translation are translation.sum.
  std::vector<stage> stages;
  std::vector<structure> structures;
  walk_info walks;
  link_info link;
  /// Empty in results of versions that did not record them.
  std::vector<stream_row> streams;
  std::vector<device_row> devices;  ///< empty where there is one
  eviction_table evictions;
  occupancy_over_time occupancy;
  std::vector<fault_hop> fault_hops;  ///< in the order in which a fault meets them
  std::optional<sva_info> sva;
  std::optional<confidence_info> confidence;
  std::optional<uncertainty_info> uncertainty;  ///< of runs that asked for it
  nlohmann::json statistics;                    ///< nested: name -> integer, text or histogram
  /// Units of bare integers where the run gave them: the dotted path of a statistic, or
  /// "parameters." and that of a parameter -> unit.
  std::map<std::string, std::string> units;
};

/// `name` stands for the text in messages. Throws base::input_error: "NAME:LINE:COL: ..." where the
/// text is no JSON, "NAME: path: ..." where it is no result; all problems of the latter kind at
/// once.
result parse_result(const std::string& text, const std::string& name);

/// The same from a document in memory.
result result_from_json(const nlohmann::json& document, const std::string& name);

/// Reads and parses a file of at most 256 MiB.
result read_result(const std::string& path);

}  // namespace svasim::analysis
