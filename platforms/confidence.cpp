#include "platforms/confidence.h"

#include <algorithm>
#include <initializer_list>

#include "describe/effective.h"
#include "describe/ranges.h"

namespace svasim::platforms {
namespace {

using nlohmann::json;

bool under(const std::string& path, const char* group) {
  const std::string g = group;
  return path.compare(0, g.size(), g) == 0 && (path.size() == g.size() || path[g.size()] == '.');
}

bool under_any(const std::string& path, std::initializer_list<const char*> groups) {
  return std::any_of(groups.begin(), groups.end(),
                     [&path](const char* g) { return under(path, g); });
}

bool is_in_guest(variant v) {
  return v != variant::bare_metal && v != variant::stall;
}

bool has_viommu(variant v) {
  return v == variant::vmm_viommu || v == variant::kernel_viommu;
}

// Groups that only runs with cores and kernels have; in those, what the variant has.
bool reaches_software(const platform_params& p, const run_kind& run, const std::string& path) {
  if (!run.software) {
    if (under(path, "software.smmu_driver")) return run.commands || run.faults;
    return !under_any(path, {"cpu", "gic", "vm", "viommu", "software", "smmu.control",
                             "smmu.broadcast", "smmu.pri_queue", "device.work"});
  }
  if (under_any(path, {"software.smmu_driver", "device.dma.time_scale_ppm"})) return false;
  if (under_any(path, {"vm", "software.guest"})) return is_in_guest(p.served);
  if (under(path, "viommu")) return has_viommu(p.served);
  if (under(path, "software.host.vmm")) return is_in_guest(p.served);
  return true;
}

bool has_ats(const platform_params& p, const run_kind& run) {
  return run.software ? p.served != variant::stall && p.served != variant::pinned : p.device.ats;
}

bool reaches_device(const platform_params& p, const run_kind& run, const std::string& path) {
  using device::issue_mode;
  if (under(path, "device.atc.page_requests")) return run.software && has_ats(p, run);
  if (under_any(path, {"device.atc", "smmu.ats", "pcie.link.down_posted_headers",
                       "pcie.link.down_posted_data"})) {
    return has_ats(p, run);
  }
  const issue_mode mode = p.device.dma.mode;
  if (path == "device.dma.time_scale_ppm") return mode == issue_mode::open;
  if (path == "device.dma.packet") return mode == issue_mode::serial;
  if (under_any(path, {"device.dma.outstanding_reads", "device.dma.outstanding_writes"})) {
    return mode != issue_mode::serial;
  }
  if (path == "pcie.link.completion_data") return p.pcie.link.completion_headers != 0;
  return true;
}

bool reaches_queues(const platform_params&, const run_kind& run, const std::string& path) {
  if (under_any(path, {"smmu.command_queue", "smmu.tcu.prefetch_limit"})) {
    return run.software || run.commands;
  }
  if (under_any(path, {"smmu.event_queue", "smmu.tcu.stalls"})) return run.faults;
  return true;
}

bool has_stage1(const tables_params& t) {
  return t.mode == arch::table_mode::stage1 || t.mode == arch::table_mode::nested;
}

bool has_stage2(const tables_params& t) {
  return t.mode == arch::table_mode::stage2 || t.mode == arch::table_mode::nested;
}

bool reaches_walk_cache(const platform_params& p, const run_kind& run, const std::string& path) {
  if (!under(path, "smmu.tcu.walk_cache")) return true;
  const smmu::walk_cache_params& w = p.smmu.tcu.walk_cache;
  const bool shared = w.store == smmu::walk_cache_store::shared;
  if (under(path, "smmu.tcu.walk_cache.shared")) return shared;
  const bool level =
      path.find(".s1_l") != std::string::npos || path.find(".s2_l") != std::string::npos;
  if (level && shared) return false;
  // Software decides about stages itself: by the variant.
  const bool guest = run.software && is_in_guest(p.served);
  if (path.find(".s1_l") != std::string::npos) return run.software || has_stage1(p.tables);
  if (path.find(".s2_l") != std::string::npos) return guest || has_stage2(p.tables);
  // Each level has its own latency; that of all together is for parallel lookups.
  return true;
}

bool reaches_smmu(const platform_params& p, const run_kind& run, const std::string& path) {
  const smmu::tbu_params& t = p.smmu.tbu;
  const bool partitioned = path.find(".partition.count") != std::string::npos;
  if (path == "smmu.tbu.leaf_table_span") return t.hazard == smmu::hazard_rule::leaf_table;
  if (path == "smmu.tbu.reorder_slots") return t.issue == smmu::issue_order::out_of_order;
  if (path == "smmu.tbu.prefetch.streams") return t.prefetch.rule == smmu::prefetch_rule::stride;
  if (path == "smmu.tbu.stream_tags") {
    return t.tag == smmu::tlb_tag::asid || t.utlb.partition.by == smmu::partition_key::vmid ||
           t.main_tlb.partition.by == smmu::partition_key::vmid;
  }
  if (partitioned) {
    const smmu::partition_params& part = under(path, "smmu.tbu.utlb")       ? t.utlb.partition
                                         : under(path, "smmu.tbu.main_tlb") ? t.main_tlb.partition
                                         : under(path, "smmu.tcu.tlb")
                                             ? p.smmu.tcu.tlb.partition
                                             : p.smmu.tcu.walk_cache.partition;
    return part.by != smmu::partition_key::none;
  }
  const bool guest = run.software && is_in_guest(p.served);
  if (under_any(path, {"tables.ipa_bits", "smmu.tcu.ipa_cache"})) {
    return guest || has_stage2(p.tables);
  }
  return true;
}

// The rest of a structure that has no entries.
bool absent(const json& parameters, const std::string& path) {
  const std::size_t dot = path.rfind('.');
  if (dot == std::string::npos) return false;
  const std::string name = path.substr(dot + 1);
  if (name == "entries") return false;
  const json* at = &parameters;
  for (std::size_t from = 0; from < dot;) {
    const std::size_t to = std::min(path.find('.', from), dot);
    const std::string part = path.substr(from, to - from);
    if (!at->is_object() || !at->contains(part)) return false;
    at = &at->at(part);
    const auto entries = at->is_object() ? at->find("entries") : at->end();
    if (at->is_object() && entries != at->end() && entries->is_number() && *entries == 0) {
      return true;
    }
    from = to + 1;
  }
  return false;
}

bool reaches(const platform_params& p, const run_kind& run, const json& effective,
             const std::string& path) {
  // Where the device window lies in the address map changes no time.
  if (under_any(path, {"memory.interconnect.device_base", "memory.interconnect.device_size"})) {
    return false;
  }
  if (path == "memory.interconnect.remote_latency") return p.memory.interconnect.remote_buffers;
  return reaches_software(p, run, path) && reaches_device(p, run, path) &&
         reaches_queues(p, run, path) && reaches_walk_cache(p, run, path) &&
         reaches_smmu(p, run, path) && !absent(effective, path);
}

json counts_json(const describe::trust_counts& c) {
  return {{"measured", c.measured},
          {"documents", c.documents},
          {"derived", c.derived},
          {"assumed", c.assumed},
          {"own", c.own}};
}

}  // namespace

bool reaches(const platform_params& p, const run_kind& run, const std::string& path) {
  return reaches(p, run, describe::effective(p), path);
}

describe::trust_counts count_reached(const platform_params& p, const run_kind& run,
                                     const sources& from) {
  describe::trust_counts out;
  const json effective = describe::effective(p);
  for (const describe::parameter_info& i : describe::parameters(p)) {
    if (!describe::is_number(i.kind) || !reaches(p, run, effective, i.path)) continue;
    out.add(describe::trust_of(from, i.path));
  }
  return out;
}

json confidence_json(const platform_params& p, const run_kind& run, const sources& from) {
  return {{"platform", counts_json(describe::count_trust(describe::declare(p), from))},
          {"reached", counts_json(count_reached(p, run, from))}};
}

}  // namespace svasim::platforms
