// Every recorded trace against tests/golden/ground_truth.json and, for virtio-iommu logs and the
// accesses of programs, ground_truth.json here: the curves, the counts, the stack
// distances and the entries that invalidations remove, each figure exactly. The figures of
// `mapping_size_entries` are left out: entries here are pages.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "analysis/reuse/reuse.h"
#include "base/file.h"
#include "workloads/open_trace.h"

using namespace svasim;
using nlohmann::json;

namespace {

// Of the traces with accesses.
const json& truth() {
  static const json all = [] {
    json out;
    for (const char* name : {"ground_truth.json", "reuse/ground_truth.json"}) {
      const json file =
          json::parse(base::read_file(std::string(SVASIM_SOURCE_DIR "/tests/golden/") + name));
      for (const auto& [key, of] : file.items()) {
        if (of.contains("tlb")) out[key] = of;
      }
    }
    return out;
  }();
  return all;
}

std::string file_of(const std::string& key) {
  const std::string folder = SVASIM_SOURCE_DIR "/workloads/traces/";
  const std::string name = key.substr(key.find('/') + 1);
  if (key.rfind("app/", 0) == 0) return folder + "app_" + name + ".pages.txt.gz";
  const bool virtio = key.rfind("virtio-iommu/", 0) == 0;
  return folder + (virtio ? "virtio_iommu_" : "") + name + ".qemu.log.gz";
}

// The accesses of programs come as runs, and nothing invalidates their pages.
bool is_program(const json& of) {
  return of.contains("runs");
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
    INFO(key);
    ++traces;
    reuse::options o;
    o.caches.ways = 4;
    const reuse::result r = analysed(key, o);
    CHECK(r.accesses == of["accesses"]);
    CHECK(r.runs == of[is_program(of) ? "runs" : "accesses"]);
    CHECK(r.distinct_pages == of["distinct_pages"]);
    for (const bool invalidations : {false, true}) {
      const bool apart = invalidations && !is_program(of);
      const json& tlb = of["tlb"][apart ? "with_invalidation" : "no_invalidation"];
      const reuse::curve& full = find(r, "total", 0, invalidations);
      CHECK(compare(full, tlb["fully_assoc_lru"]) == 9);
      CHECK(compare(find(r, "total", 4, invalidations), tlb["set_assoc_4way_lru"]) == 3);
      CHECK(full.floor == tlb["unbounded"]["misses"]);
    }
  }
  CHECK(traces == 14 + 4 + 1);
}

TEST_CASE("the accesses and pages of each stream are those of ground truth") {
  for (const auto& [key, of] : truth().items()) {
    INFO(key);
    const reuse::result r = analysed(key, {});
    CHECK(r.curves.size() == 2 * (1 + of["distinct_pages_per_stream"].size()));
    for (const auto& [sid, pages] : of["distinct_pages_per_stream"].items()) {
      const reuse::curve& c = find(r, "sid:" + sid, 0, true);
      CHECK(c.accesses == (is_program(of) ? of["accesses"] : of["accesses_per_stream"][sid]));
      CHECK(c.distinct_pages == pages);
    }
  }
}

TEST_CASE("stack distances and the entries invalidated are those of ground truth") {
  for (const auto& [key, of] : truth().items()) {
    INFO(key);
    const auto source = workloads::open_trace(file_of(key));
    const reuse::stream_tags tags(source->about().streams);
    reuse::scope_options o;
    o.page_shift = of["page_shift"].get<unsigned>();
    o.caches.ways = 4;
    reuse::scope scope(o, tags);
    reuse::invalidation_reader reader(tags, source->about().granule_shift);
    for (trace::record r; source->next(r);) {
      if (r.kind == trace::record_kind::access) {
        scope.access(r.sid, r.address, r.repeats);
      } else {
        scope.invalidate(reader.read(r));
      }
    }
    const reuse::depth_histogram& depths = scope.caches(false).depths();
    CHECK(depths.compulsory() == of["lru_stack_distance"]["cold"]);
    CHECK(depths.coherence() == 0);
    for (const auto& [n, hits] : of["lru_stack_distance"]["hits_with_distance_below"].items()) {
      // That of a program counts hits of runs.
      CHECK(of.value("runs", depths.accesses()) - depths.misses(std::stoull(n)) == hits);
    }
    if (is_program(of)) {
      CHECK(scope.caches(true).invalidated(~std::uint64_t{0}) == 0);
      continue;
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

TEST_CASE("the domain of each stream of a virtio-iommu log is that of ground truth") {
  unsigned streams = 0;
  for (const auto& [key, of] : truth().items()) {
    if (key.rfind("virtio-iommu/", 0) != 0) continue;
    INFO(key);
    const auto source = workloads::open_trace(file_of(key));
    const trace::summary& about = source->about();
    CHECK(about.streams.size() == of["translation_tag_of_stream"].size());
    for (const trace::stream_tag& t : about.streams) {
      const std::string sid = fmt::format("{:#x}", t.sid.value());
      CHECK(t.has_domain);
      CHECK(t.domain == of["translation_tag_of_stream"][sid]["domain"]);
      CHECK(t.accesses == of["accesses_per_stream"][sid]);
      ++streams;
    }
  }
  CHECK(streams == 5);
}

TEST_CASE("the requests and pages unmapped of a virtio-iommu log are those of ground truth") {
  for (const auto& [key, of] : truth().items()) {
    if (key.rfind("virtio-iommu/", 0) != 0) continue;
    INFO(key);
    const auto source = workloads::open_trace(file_of(key));
    const auto& requests = source->about().requests_by_type;
    const json& events = of["event_counts"];
    const auto count = [&](trace::request_type type) {
      const auto found = requests.find(type);
      return found == requests.end() ? std::uint64_t{0} : found->second;
    };
    CHECK(count(trace::request_type::attach) == events.value("virtio_iommu_attach", 0u));
    CHECK(count(trace::request_type::detach) == 0);
    CHECK(count(trace::request_type::map) == events["virtio_iommu_map"]);
    CHECK(count(trace::request_type::unmap) == events["virtio_iommu_unmap"]);
    CHECK(count(trace::request_type::unmap) == of["invalidation_ops"]["range"]);
    const auto asked = events["virtio_iommu_translate"].get<std::uint64_t>();
    CHECK(source->about().untranslated == asked - of["accesses"].get<std::uint64_t>());
    CHECK_FALSE(source->about().lazy);
    std::uint64_t pages = 0;
    for (trace::record r; source->next(r);) {
      if (r.request != trace::request_type::unmap) continue;
      pages += (r.last + 1 - r.address.value()) / 4096;
    }
    CHECK(pages == of["invalidation_ops"]["pages_in_ranges"]);
  }
}

// The page form of this program was made from the log, of which the repository has the first lines.
TEST_CASE("a lackey log folded into runs is the beginning of the same program's page form") {
  const std::string program = SVASIM_SOURCE_DIR "/workloads/traces/app_sqlite";
  const auto single = workloads::open_trace(program + ".lackey.gz");
  const auto runs = workloads::open_trace(program + ".pages.txt.gz");
  CHECK(single->about().accesses == 16150);
  CHECK(single->about().runs == 16150);
  trace::record expected;
  trace::record r;
  std::uint64_t left = 0;
  bool stored = false;
  while (single->next(r)) {
    if (left == 0) {
      REQUIRE(runs->next(expected));
      left = std::uint64_t{1} + expected.repeats;
      stored = false;
    }
    REQUIRE(r.address.page(12) == expected.address.page(12));
    stored = stored || r.write;
    if (--left == 0) CHECK(stored == expected.write);
  }
}
