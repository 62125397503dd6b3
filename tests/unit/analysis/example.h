// The example result of this folder: 100 transactions written out by hand, 20 of them writes.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "analysis/result.h"
#include "base/file.h"

namespace svasim::test {

inline std::string example_path(const char* name) {
  return std::string(SVASIM_SOURCE_DIR "/tests/unit/analysis/") + name;
}

inline std::string example_text() {
  return base::read_file(example_path("example.result.json"));
}

inline nlohmann::json example_json() {
  return nlohmann::json::parse(example_text());
}

inline analysis::result example() {
  return analysis::parse_result(example_text(), "example.result.json");
}

/// A run in which nothing completed.
inline nlohmann::json empty_run_json() {
  nlohmann::json document = example_json();
  const nlohmann::json nothing = nlohmann::json::parse(
      R"({"count":0,"sum":0,"min":null,"max":null,"p50":null,"p90":null,"p99":null,"p99_9":null,
          "p99_99":null,"bins":[]})");
  for (const char* kind : {"translation", "read", "write"}) document["latency"][kind] = nothing;
  for (auto& stage : document["stages"]) stage["sum_ps"] = stage["count"] = stage["max_ps"] = 0;
  for (auto& s : document["structures"]) s["lookups"] = s["hits"] = s["misses"] = 0;
  for (const char* key : {"accesses", "requests", "completed", "bytes", "time_ps", "bytes_per_s"}) {
    document["run"][key] = 0;
  }
  for (const char* key : {"count", "reads", "config_reads"}) document["walks"][key] = 0;
  for (const char* key : {"up_busy_ps", "down_busy_ps", "time_ps"}) document["link"][key] = 0;
  document["run"]["note"] = "the trace holds no accesses";
  return document;
}

/// What newer versions add to a result, fitting the example: two streams of its 100 requests.
inline nlohmann::json observed_json() {
  return nlohmann::json::parse(R"({
    "streams": [
      {"name": "StreamID 0x8", "requests": 90, "faulted": 1, "whole_sum_ps": 30000000,
       "translation": {"sum_ps": 812000, "p50_ps": 1000, "p99_ps": 143000, "max_ps": 144000}},
      {"name": "StreamID 0x10 PASID 5", "requests": 10, "faulted": 0, "whole_sum_ps": 8272000,
       "translation": {"sum_ps": 1000000, "p50_ps": 2000, "p99_ps": 426000, "max_ps": 426000}}],
    "evictions": {"path": "smmu.tbu.main_tlb", "label": "Main TLB",
                  "parties": ["StreamID 0x8", "StreamID 0x10 PASID 5"],
                  "pairs": [[0, 0, 3], [1, 0, 40]]},
    "occupancy": {"window_end_ps": [10000000, 40000000],
                  "series": [{"path": "device.dma.in_flight", "label": "Requests in flight",
                              "unit": "requests", "capacity": 64, "mean_milli": [2000, 4000]}]}
  })");
}

/// The example as an SVA workload: a fault of 4 us in three hops on the path, and one beside.
inline nlohmann::json sva_json() {
  nlohmann::json document = example_json();
  document["sva"] = nlohmann::json::parse(R"({
    "variant": "b", "title": "vSVA, virtio-iommu in the VMM",
    "faults": 32, "faults_unresolved": 1, "fault_p50_ps": 4000000, "fault_p99_ps": 9000000,
    "unmap_p50_ps": 2500000, "unmap_p99_ps": null, "message_p50_ps": 70000000,
    "messages_failed": 0, "time_ps": 100000000, "bytes": 6400, "bytes_per_s": 64000000,
    "cpu_ps": {"HK": 25000000, "VMM": 5000000, "GK": null},
    "hops": [
      {"step": "b.1", "actor": "DEV", "what": "ATC miss", "on_path": true, "ps": 1000000},
      {"step": "b.9", "actor": "VMM", "what": "fault thread", "on_path": true, "ps": 2000000},
      {"step": "b.20", "actor": "VMM", "what": "status", "on_path": false, "ps": 500000},
      {"step": "b.21", "actor": "SMMU/DEV", "what": "retry", "on_path": true, "ps": 1000000}]})");
  return document;
}

}  // namespace svasim::test
