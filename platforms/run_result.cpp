#include "platforms/run_result.h"

#include <fmt/format.h>

#include "describe/effective.h"

namespace svasim::platforms {
namespace {

using nlohmann::json;

constexpr const char* version = "0.1.0";

json platform_json(const platform_params& p, const std::map<std::string, std::string>& provenance) {
  return {{"name", p.name},
          {"digest", describe::effective_digest(p)},
          {"parameters", describe::effective(p)},
          {"provenance", provenance}};
}

std::string input_note(const trace::summary& about) {
  std::string note;
  const auto add = [&note](const std::string& text) { note += (note.empty() ? "" : "; ") + text; };
  if (about.incomplete_commands != 0) {
    add(fmt::format("{} commands of which the log lacks the operands were left out",
                    about.incomplete_commands));
  }
  if (about.untranslated != 0) {
    add(fmt::format("{} accesses that no table translated were left out", about.untranslated));
  }
  if (about.clock_steps_back != 0) {
    add(fmt::format("the clock stepped back {} times", about.clock_steps_back));
  }
  return note;
}

std::string run_note(platform& p, const trace::summary& about) {
  if (about.accesses == 0) {
    return about.events != 0
               ? fmt::format("the trace holds no accesses, only {} fault events", about.events)
               : "the trace holds no accesses";
  }
  const replay::counts& c = p.traced().statistics();
  std::string note;
  if (c.forced_invalidations != 0) {
    note = fmt::format("{} pages changed without an invalidation in the trace; the replay added it",
                       c.forced_invalidations);
  }
  if (c.atc_invalidations != 0) {
    note += fmt::format("{}{} CMD_ATC_INV were added for the device's ATC",
                        note.empty() ? "" : "; ", c.atc_invalidations);
  }
  return note;
}

json run_json(platform& p, const trace::summary& about) {
  const device::dma_engine_stats& d = p.dma().statistics();
  const replay::counts& c = p.traced().statistics();
  const std::uint64_t ps = p.finished_at().value();
  const auto rate = static_cast<unsigned __int128>(d.bytes.value()) * 1000000000000u;
  return {{"accesses", d.accesses.value()},
          {"requests", d.issued.value()},
          {"completed", d.completed.value()},
          {"faulted", d.faulted.value()},
          {"in_flight", d.in_flight.current()},
          {"bytes", d.bytes.value()},
          {"time_ps", ps},
          {"bytes_per_s", ps == 0 ? 0 : static_cast<std::uint64_t>(rate / ps)},
          {"commands", c.commands},
          {"commands_by_opcode", c.by_opcode},
          {"table_changes", p.spaces().changes()},
          {"note", run_note(p, about)}};
}

json stages_json(const run_parts& p) {
  json out = json::array();
  for (std::size_t i = 0; i < kit::stage_count; ++i) {
    const auto s = static_cast<kit::stage>(i);
    const kit::breakdown::total& t = p.dma.stages().of(s);
    out.push_back({{"stage", kit::about(s).name},
                   {"label", kit::about(s).label},
                   {"group", kit::to_string(kit::about(s).group)},
                   {"sum_ps", t.sum_ps},
                   {"count", t.count},
                   {"max_ps", t.max_ps}});
  }
  return out;
}

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

json structures_json(const run_parts& p) {
  json out = json::array();
  const auto add = [&out](const char* path, const char* label, const structure_counts& c,
                          const kit::cache_params& shape) {
    if (shape.present()) out.push_back(structure_json(path, label, c, shape.entries, shape.ways));
  };
  if (p.atc != nullptr) {
    const device::atc_store_stats& c = p.atc->cache_statistics();
    add("device.atc", "ATC",
        {c.lookups.value(), c.hits.value(), c.misses.value(), c.fills.value(), c.evictions.value(),
         c.invalidated.value()},
        p.params.device.atc);
  }
  const smmu::smmu_params& s = p.params.smmu;
  add("smmu.tbu.utlb", "uTLB", counts_of(p.tbu.statistics().utlb), s.tbu.utlb);
  add("smmu.tbu.main_tlb", "Main TLB", counts_of(p.tbu.statistics().main_tlb), s.tbu.main_tlb);
  add("smmu.tcu.configuration_cache", "Configuration cache",
      counts_of(p.tcu.configurations().statistics()), s.tcu.configuration_cache);
  add("smmu.tcu.ste_cache", "STE cache", counts_of(p.tcu.configurations().ste_statistics()),
      s.tcu.ste_cache);
  add("smmu.tcu.cd_cache", "CD cache", counts_of(p.tcu.configurations().cd_statistics()),
      s.tcu.cd_cache);
  add("smmu.tcu.ipa_cache", "IPA cache", counts_of(p.walker.ipas().statistics()), s.tcu.ipa_cache);
  add("smmu.tcu.tlb", "TCU TLB", counts_of(p.tcu.statistics().tlb), s.tcu.tlb);
  for (unsigned stage = 1; stage <= 2; ++stage) {
    for (unsigned level = 0; level < smmu::walk_cache::levels; ++level) {
      const smmu::walk_cache& cache = p.walker.cache();
      const smmu::walk_cache_level_stats& c = cache.statistics(stage, level);
      add(fmt::format("smmu.tcu.walk_cache.s{}_l{}", stage, level).c_str(),
          fmt::format("Walk cache S{} L{}", stage, level).c_str(),
          {c.lookups.value(), c.hits.value(), c.lookups.value() - c.hits.value(), c.fills.value(),
           c.evictions.value(), c.invalidated.value()},
          cache.params_of(stage, level));
    }
  }
  const memory::system_level_cache_stats& c = p.slc.statistics();
  const memory::system_level_cache_params& slc = p.params.memory.system_level_cache;
  out.push_back(structure_json("memory.system_level_cache", "System-level cache",
                               {c.lookups.value(), c.hits.value(), c.misses.value(),
                                c.fills.value(), c.evictions.value(), 0},
                               slc.size.value() >> memory::system_level_cache::line_shift,
                               slc.ways));
  return out;
}

json walks_json(const run_parts& p) {
  const smmu::walker_stats& w = p.walker.statistics();
  json levels = json::array();
  for (unsigned stage = 1; stage <= 2; ++stage) {
    for (unsigned level = 0; level < 4; ++level) {
      const auto& reads = stage == 1 ? w.s1_reads[level] : w.s2_reads[level];
      const std::uint64_t hits = level < smmu::walk_cache::levels
                                     ? p.walker.cache().statistics(stage, level).hits.value()
                                     : 0;
      levels.push_back(
          {{"stage", stage}, {"level", level}, {"reads", reads->value()}, {"cache_hits", hits}});
    }
  }
  return {{"count", w.walks.value()},
          {"reads", w.descriptor_reads()},
          {"config_reads", w.config_reads.value()},
          {"by_level", levels}};
}

// Units of statistics and of those parameters that are bare counts, by path, for readers of the
// file.
json units_json(const run_parts& p) {
  json out = json::object();
  for (const describe::parameter_info& i : describe::parameters(p.params)) {
    if (i.kind == describe::declaration::kind::count) out["parameters." + i.path] = i.unit;
  }
  for (const stats::documentation& d : p.statistics.document()) out[d.path] = d.unit;
  return out;
}

}  // namespace

json input_json(const trace::summary& about, const run_input& input) {
  return {{"kind", input.kind},         {"name", input.name},     {"format", about.format},
          {"digest", about.digest},     {"lines", about.lines},   {"accesses", about.accesses},
          {"commands", about.commands}, {"events", about.events}, {"note", input_note(about)}};
}

json common_result(const run_parts& p, const std::map<std::string, std::string>& provenance) {
  const device::dma_engine_stats& d = p.dma.statistics();
  const pcie::link_stats& l = p.link.statistics();
  return {{"format", 1},
          {"svasim", version},
          {"platform", platform_json(p.params, provenance)},
          {"confidence", confidence_json(p.params, p.kind, provenance)},
          {"latency",
           {{"translation", d.translation.to_json(stats::span::whole)},
            {"read", d.read.to_json(stats::span::whole)},
            {"write", d.write.to_json(stats::span::whole)}}},
          {"stages", stages_json(p)},
          {"structures", structures_json(p)},
          {"walks", walks_json(p)},
          {"link",
           {{"up_busy_ps", l.up_busy.value()},
            {"down_busy_ps", l.down_busy.value()},
            {"time_ps", p.finished_at.value()}}},
          {"statistics", p.statistics.to_json()},
          {"units", units_json(p)}};
}

json run_result(platform& p, const trace::summary& about, const run_input& input,
                const std::map<std::string, std::string>& provenance) {
  json out = common_result(
      {p.params(),
       p.dma(),
       p.tbu(),
       p.tcu(),
       p.walker(),
       p.slc(),
       p.link(),
       p.statistics(),
       p.finished_at(),
       p.atc(),
       {false, p.traced().statistics().commands != 0, p.dma().statistics().faulted.value() != 0}},
      provenance);
  out["input"] = input_json(about, input);
  out["run"] = run_json(p, about);
  p.observed().add_to(out, p.finished_at());
  return out;
}

std::string canonical_text(const json& result) {
  return result.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace svasim::platforms
