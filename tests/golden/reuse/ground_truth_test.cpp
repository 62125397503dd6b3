// Every recorded trace against tests/golden/ground_truth.json: the curves, the counts, the stack
// distances and the entries that invalidations remove, each figure exactly. The figures of
// `mapping_size_entries` are left out: entries here are pages.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "analysis/reuse/reuse.h"
#include "base/file.h"
#include "workloads/open_trace.h"

using namespace svasim;
using nlohmann::json;

namespace {

const json& truth() {
  static const json all =
      json::parse(base::read_file(SVASIM_SOURCE_DIR "/tests/golden/ground_truth.json"));
  return all;
}

// Ground truth has traces that are not kept in this repository in their original form.
bool is_smmu_log_with_accesses(const std::string& key, const json& of) {
  return of.contains("tlb") && (key.rfind("smmuv3/", 0) == 0 || key.rfind("passthrough/", 0) == 0);
}

std::string file_of(const std::string& key) {
  return SVASIM_SOURCE_DIR "/workloads/traces/" + key.substr(key.find('/') + 1) + ".qemu.log.gz";
}

const reuse::curve& find(const reuse::result& r, const std::string& scope, std::uint32_t ways,
                         bool invalidations) {
  for (const reuse::curve& c : r.curves) {
    if (c.scope == scope && c.ways == ways && c.invalidations == invalidations) return c;
  }
  throw std::runtime_error("no curve of " + scope);
}

// Compares every size that ground truth has; returns how many.
unsigned compare(const reuse::curve& c, const json& sizes) {
  unsigned compared = 0;
  for (const auto& [entries, expected] : sizes.items()) {
    for (const reuse::miss_point& p : c.points) {
      if (std::to_string(p.entries) != entries) continue;
      INFO(c.ways << " ways, " << entries << " entries, invalidations " << c.invalidations);
      CHECK(p.misses == expected["misses"]);
      ++compared;
    }
  }
  return compared;
}

reuse::result analysed(const std::string& key, const reuse::options& o) {
  return reuse::analyse(*workloads::open_trace(file_of(key)), o);
}

}  // namespace

TEST_CASE("misses of every recorded trace are those of ground truth") {
  unsigned traces = 0;
  for (const auto& [key, of] : truth().items()) {
    if (!is_smmu_log_with_accesses(key, of)) continue;
    INFO(key);
    ++traces;
    reuse::options o;
    o.caches.ways = 4;
    const reuse::result r = analysed(key, o);
    CHECK(r.accesses == of["accesses"]);
    CHECK(r.runs == of["accesses"]);
    CHECK(r.distinct_pages == of["distinct_pages"]);
    for (const bool invalidations : {false, true}) {
      const json& tlb = of["tlb"][invalidations ? "with_invalidation" : "no_invalidation"];
      const reuse::curve& full = find(r, "total", 0, invalidations);
      CHECK(compare(full, tlb["fully_assoc_lru"]) == 9);
      CHECK(compare(find(r, "total", 4, invalidations), tlb["set_assoc_4way_lru"]) == 3);
      CHECK(full.floor == tlb["unbounded"]["misses"]);
    }
  }
  CHECK(traces == 14);
}

TEST_CASE("the accesses and pages of each stream are those of ground truth") {
  for (const auto& [key, of] : truth().items()) {
    if (!is_smmu_log_with_accesses(key, of)) continue;
    INFO(key);
    const reuse::result r = analysed(key, {});
    CHECK(r.curves.size() == 2 * (1 + of["accesses_per_stream"].size()));
    for (const auto& [sid, accesses] : of["accesses_per_stream"].items()) {
      const reuse::curve& c = find(r, "sid:" + sid, 0, true);
      CHECK(c.accesses == accesses);
      CHECK(c.distinct_pages == of["distinct_pages_per_stream"][sid]);
    }
  }
}

TEST_CASE("stack distances and the entries invalidated are those of ground truth") {
  for (const auto& [key, of] : truth().items()) {
    if (!is_smmu_log_with_accesses(key, of)) continue;
    INFO(key);
    const auto source = workloads::open_trace(file_of(key));
    const reuse::stream_tags tags(source->about().streams);
    reuse::scope_options o;
    o.page_shift = of["page_shift"].get<unsigned>();
    o.caches.ways = 4;
    reuse::scope scope(o, tags);
    reuse::invalidation_reader reader(tags, source->about().granule_shift);
    for (trace::record r; source->next(r);) {
      if (r.kind == trace::record_kind::access) scope.access(r.sid, r.address);
      if (r.kind == trace::record_kind::command) scope.invalidate(reader.read(r));
    }
    const reuse::depth_histogram& depths = scope.caches(false).depths();
    CHECK(depths.compulsory() == of["lru_stack_distance"]["cold"]);
    CHECK(depths.coherence() == 0);
    for (const auto& [n, hits] : of["lru_stack_distance"]["hits_with_distance_below"].items()) {
      CHECK(depths.accesses() - depths.misses(std::stoull(n)) == hits);
    }
    const json& tlb = of["tlb"]["with_invalidation"];
    for (const auto& [entries, figures] : tlb["fully_assoc_lru"].items()) {
      CHECK(scope.caches(true).invalidated(std::stoull(entries)) == figures["entries_invalidated"]);
    }
    CHECK(scope.caches(true).invalidated(~std::uint64_t{0}) ==
          tlb["unbounded"]["entries_invalidated"]);
    for (const auto& [entries, figures] : tlb["set_assoc_4way_lru"].items()) {
      CHECK(scope.caches(true).set_invalidated(std::stoull(entries)) ==
            figures["entries_invalidated"]);
    }
  }
}
