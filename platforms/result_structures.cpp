#include "platforms/result_structures.h"

#include <fmt/format.h>

namespace svasim::platforms {
namespace {

using nlohmann::json;

struct structure_counts {
  std::uint64_t lookups, hits, misses, fills, evictions, invalidated;
};

json structure_json(const std::string& path, const std::string& label, const structure_counts& c,
                    std::uint64_t entries, std::uint64_t ways) {
  return {{"path", path},
          {"label", label},
          {"lookups", c.lookups},
          {"hits", c.hits},
          {"misses", c.misses},
          {"fills", c.fills},
          {"evictions", c.evictions},
          {"invalidated", c.invalidated},
          {"entries", entries},
          {"ways", ways}};
}

structure_counts counts_of(const smmu::tlb_stats& s) {
  return {s.lookups.value(), s.hits.value(),      s.misses.value(),
          s.fills.value(),   s.evictions.value(), s.invalidated.value()};
}

// "smmu.left.tbu0" and "Main TLB (left.tbu0)"; without names "smmu.tbu" and "Main TLB".
class structure_list {
 public:
  /// `name`: of the part among others of its kind, empty where there is one.
  void add(const char* kind, const std::string& name, const std::string& path, const char* label,
           const structure_counts& c, const kit::cache_params& shape) {
    if (shape.present()) add(kind, name, path, label, c, shape.entries, shape.ways);
  }
  void add(const char* kind, const std::string& name, const std::string& path,
           const std::string& label, const structure_counts& c, std::uint64_t entries,
           std::uint64_t ways) {
    const bool alone = name.empty();
    m_out.push_back(structure_json(
        alone ? fmt::format("{}.{}", kind, path) : fmt::format("{}.{}.{}", kind, name, path),
        alone ? label : fmt::format("{} ({})", label, name), c, entries, ways));
  }
  json result() { return std::move(m_out); }

 private:
  json m_out = json::array();
};

void add_tbus(structure_list& out, const smmu_part& s) {
  for (std::size_t i = 0; i < s.tbus.size(); ++i) {
    const smmu::tbu_stats& t = s.tbus[i]->statistics();
    const std::string dot = s.name.empty() ? "" : s.name + ".";
    const std::string own = s.tbus.size() == 1 ? s.name : fmt::format("{}tbu{}", dot, i);
    const std::string inside = s.tbus.size() == 1 ? "tbu." : "";
    out.add("smmu", own, inside + "utlb", "uTLB", counts_of(t.utlb), s.params.tbu.utlb);
    out.add("smmu", own, inside + "main_tlb", "Main TLB", counts_of(t.main_tlb),
            s.params.tbu.main_tlb);
  }
}

void add_tcu(structure_list& out, const smmu_part& s) {
  const smmu::tcu_params& p = s.params.tcu;
  const smmu::configuration_cache& c = s.tcu.configurations();
  out.add("smmu", s.name, "tcu.configuration_cache", "Configuration cache",
          counts_of(c.statistics()), p.configuration_cache);
  out.add("smmu", s.name, "tcu.ste_cache", "STE cache", counts_of(c.ste_statistics()), p.ste_cache);
  out.add("smmu", s.name, "tcu.cd_cache", "CD cache", counts_of(c.cd_statistics()), p.cd_cache);
  out.add("smmu", s.name, "tcu.ipa_cache", "IPA cache", counts_of(s.walker.ipas().statistics()),
          p.ipa_cache);
  out.add("smmu", s.name, "tcu.tlb", "TCU TLB", counts_of(s.tcu.statistics().tlb), p.tlb);
  for (unsigned stage = 1; stage <= 2; ++stage) {
    for (unsigned level = 0; level < smmu::walk_cache::levels; ++level) {
      const smmu::walk_cache& cache = s.walker.cache();
      const smmu::walk_cache_level_stats& w = cache.statistics(stage, level);
      out.add("smmu", s.name, fmt::format("tcu.walk_cache.s{}_l{}", stage, level),
              fmt::format("Walk cache S{} L{}", stage, level).c_str(),
              {w.lookups.value(), w.hits.value(), w.lookups.value() - w.hits.value(),
               w.fills.value(), w.evictions.value(), w.invalidated.value()},
              cache.params_of(stage, level));
    }
  }
}

}  // namespace

nlohmann::json structures_json(const run_parts& p) {
  structure_list out;
  for (const device_part& d : p.devices) {
    if (d.atc == nullptr) continue;
    const device::atc_store_stats& c = d.atc->cache_statistics();
    out.add("device", d.name, "atc", "ATC",
            {c.lookups.value(), c.hits.value(), c.misses.value(), c.fills.value(),
             c.evictions.value(), c.invalidated.value()},
            d.params.atc);
  }
  for (const smmu_part& s : p.smmus) {
    add_tbus(out, s);
    add_tcu(out, s);
  }
  const memory::system_level_cache_params& slc = p.params.memory.system_level_cache;
  for (const cache_part& m : p.caches) {
    const memory::system_level_cache_stats& c = m.slc.statistics();
    out.add("memory", m.name, "system_level_cache", std::string("System-level cache"),
            {c.lookups.value(), c.hits.value(), c.misses.value(), c.fills.value(),
             c.evictions.value(), 0},
            slc.size.value() >> memory::system_level_cache::line_shift, slc.ways);
  }
  return out.result();
}

nlohmann::json walks_json(const run_parts& p) {
  std::uint64_t walks = 0, all_reads = 0, config_reads = 0;
  for (const smmu_part& s : p.smmus) {
    const smmu::walker_stats& w = s.walker.statistics();
    walks += w.walks.value();
    all_reads += w.descriptor_reads();
    config_reads += w.config_reads.value();
  }
  nlohmann::json levels = json::array();
  for (unsigned stage = 1; stage <= 2; ++stage) {
    for (unsigned level = 0; level < 4; ++level) {
      std::uint64_t reads = 0, hits = 0;
      for (const smmu_part& s : p.smmus) {
        const smmu::walker_stats& w = s.walker.statistics();
        reads += (stage == 1 ? w.s1_reads[level] : w.s2_reads[level])->value();
        if (level >= smmu::walk_cache::levels) continue;
        hits += s.walker.cache().statistics(stage, level).hits.value();
      }
      levels.push_back(
          {{"stage", stage}, {"level", level}, {"reads", reads}, {"cache_hits", hits}});
    }
  }
  return {
      {"count", walks}, {"reads", all_reads}, {"config_reads", config_reads}, {"by_level", levels}};
}

}  // namespace svasim::platforms
