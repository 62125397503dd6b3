#include "tlm/smmu/tcu.h"

#include <stdexcept>

#include "arch/ats.h"
#include "tlm/smmu/stream_keys.h"

namespace svasim::smmu {

using kit::dma_extension;
using kit::enter_stage;
using kit::extension_of;
using kit::from_sc;
using kit::later;
using kit::now;
using kit::stage;
using kit::to_sc;

namespace {

arch::translation_kind kind_of(const arch::decoded_config& config) {
  using kind = arch::translation_kind;
  if (config.s1_on) return config.s2_on ? kind::nested : kind::s1;
  return config.s2_on ? kind::s2 : kind::bypass;
}

}  // namespace

tcu::tcu(sc_core::sc_module_name name, const tcu_params& params, const tbu_params& tags,
         unsigned tbus, const arch::register_view& regs, walker& walks, stats::group* parent,
         std::uint32_t ats_slots)
    : sc_module(name),
      from_tbu("from_tbu", tbus + (ats_slots != 0)),
      m_params(params),
      m_tags(tags),
      m_regs(regs),
      m_walker(walks),
      m_stats(parent),
      m_configs(params, &m_stats),
      m_tlb(params.tlb, tlb_span::leaf, tags.nested_entries, 4, m_stats.tlb),
      m_tlb_ports(params.tlb.ports),
      m_arrivals("arrival_due", tags.slots * tbus + ats_slots),
      m_waiting(tags.slots * tbus + ats_slots),
      m_walk_queue(params.slots),
      m_stalls(params.stalls),
      m_prefetch_due("prefetch_due") {
  for (unsigned i = 0; i < from_tbu.size(); ++i) {
    from_tbu[i].register_nb_transport_fw(this, &tcu::request, static_cast<int>(i));
  }
  walks.on_done = [this](payload& p, const arch::translation_result& r,
                         const arch::decoded_config& config, duration at,
                         bool stale) { return walk_done(p, r, config, at, stale); };
  walks.on_config = [this](const arch::config_key& key, const arch::decoded_config& config) {
    m_configs.keep(key, config);
  };
  walks.on_structure = [this](arch::fetch_kind kind, const arch::config_key& key,
                              const arch::structure_words& words) {
    kind == arch::fetch_kind::ste ? m_configs.keep_ste(key.sid, words)
                                  : m_configs.keep_cd(key, words);
  };
  SC_HAS_PROCESS(tcu);
  SC_METHOD(arrivals);
  sensitive << m_arrivals.event();
  dont_initialize();
  SC_METHOD(prefetch_next);
  sensitive << m_prefetch_due;
  dont_initialize();
}

// --- requests -----------------------------------------------------------------------------------

tlm::tlm_sync_enum tcu::request(int tbu, payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t) {
  extension_of(p).port = static_cast<std::uint8_t>(tbu);
  m_arrivals.push(&p, now() + from_sc(t));
  phase = tlm::END_REQ;
  return tlm::TLM_UPDATED;
}

void tcu::arrivals() {
  const duration present = now();
  while (m_arrivals.due(present)) {
    payload& p = *m_arrivals.front();
    m_arrivals.pop();
    m_stats.requests += 1;
    take_slot(p, present);
  }
  m_arrivals.rearm(present);
}

// Those that find no slot free wait in order.
void tcu::take_slot(payload& p, duration at) {
  enter_stage(extension_of(p), stage::tcu_wait, at);
  if (m_slots_used == m_params.slots) {
    m_stats.waited += 1;
    if (!m_waiting.push(&p)) throw std::logic_error("more translation requests than TBU slots");
    return;
  }
  ++m_slots_used;
  m_stats.slots.change(now(), 1);
  accept(p, at);
}

// The request has a slot: configuration, TLB, and if need be a walk.
void tcu::accept(payload& p, duration at) {
  dma_extension& ext = extension_of(p);
  enter_stage(ext, stage::tcu_lookup, at);
  walker::job& job = m_new_job;
  job.request = &p;
  look_up_config(job, config_key_of(ext), at);
  job.config_only = is_config_prefetch(p);
  if (job.config_only && job.has_config) {
    reply(p, job.ready);
    return slot_freed();
  }
  // A configuration that is an error names no address space.
  const bool translates = job.has_config && job.config.action == arch::config_action::translate;
  if (translates && m_params.tlb.present() && from_tlb(p, job)) return;
  enter_stage(ext, stage::tcu_walk_slot, job.ready);
  if (m_walker.idle_slot()) return m_walker.start(job);
  m_stats.waited_walk += 1;
  if (!m_walk_queue.push(job)) throw std::logic_error("more walks than translation slots");
}

void tcu::look_up_config(walker::job& job, const arch::config_key& key, duration at) {
  const configuration_cache::found f = m_configs.lookup(key, at);
  job.ready = f.done;
  job.has_config = f.config != nullptr;
  job.has_ste = f.ste != nullptr;
  job.has_cd = f.cd != nullptr;
  if (job.has_config) job.config = *f.config;
  if (job.has_ste) job.ste = *f.ste;
  if (job.has_cd) job.cd = *f.cd;
}

std::uint64_t tcu::tag_for(const dma_extension& ext, const arch::decoded_config& config) const {
  if (m_tags.tag == tlb_tag::stream) return input_key(ext);
  if (ext.at == arch::transaction_kind::translated) {
    return space_tag(arch::translation_kind::s2, config.world, base::asid{}, config.vmid);
  }
  return space_tag(kind_of(config), config.world, config.asid, config.vmid);
}

bool tcu::from_tlb(payload& p, walker::job& job) {
  const dma_extension& ext = extension_of(p);
  const arch::decoded_config& config = job.config;
  const arch::access_request access = access_of(p);
  // What ATS does not admit, and what passes, the walk tells without a read.
  const bool ats = access.kind != arch::transaction_kind::untranslated;
  if (ats && !arch::ats_admitted(config, m_regs)) return false;
  if (access.kind == arch::transaction_kind::translated && config.eats == 1) return false;
  job.ready = m_tlb_ports.take(job.ready, m_params.tlb.latency) + m_params.tlb.latency;
  const arch::translation* t =
      m_tlb.find(tag_for(ext, config), config.lookup_address(ext.address.value()),
                 m_params.tlb.partition.of(config.vmid, ext.has_ssid, ext.ssid));
  const bool hit = t != nullptr && !arch::needs_update(*t, access);
  m_stats.tlb.count(hit);
  if (!hit) return false;
  respond(p, arch::hit(*t, config, m_regs, access), config, job.ready);
  slot_freed();
  return true;
}

// --- walks end ----------------------------------------------------------------------------------

const walker::job* tcu::walk_done(payload& p, const arch::translation_result& result,
                                  const arch::decoded_config& config, duration at, bool stale) {
  if (m_params.tlb.present() && result.outcome == arch::outcome::ok && !stale) {
    keep(result.entry, p);
  }
  respond(p, result, config, at);
  slot_freed();
  if (m_walk_queue.empty()) return nullptr;
  m_next_job = m_walk_queue.pop();
  m_next_job.ready = later(m_next_job.ready, now());
  return &m_next_job;
}

void tcu::keep(const arch::translation& t, const payload& p) {
  using kind = arch::translation_kind;
  if (t.kind == kind::bypass || t.kind == kind::disabled) return;
  const dma_extension& ext = extension_of(p);
  const std::uint64_t tag = m_tags.tag == tlb_tag::asid ? space_tag(t) : input_key(ext);
  m_tlb.fill(tag, t, ext.address.value(),
             m_params.tlb.partition.of(t.vmid, ext.has_ssid, ext.ssid));
}

// The slot goes to the request that has waited longest.
void tcu::slot_freed() {
  if (!m_waiting.empty()) return accept(*m_waiting.pop(), now());
  --m_slots_used;
  m_stats.slots.change(now(), -1);
}

void tcu::invalidate(const arch::invalidation& inv) {
  m_stats.invalidations += 1;
  if (inv.is_config()) return invalidate_config(inv);
  if (!m_tags.apply_invalidations) return;
  m_walker.overtake_walks();
  m_walker.cache().invalidate(inv);
  m_walker.ipas().invalidate(inv);
  m_tlb.invalidate(inv);
}

void tcu::invalidate_config(const arch::invalidation& inv) {
  m_walker.overtake_configs();
  m_configs.invalidate(inv);
  // What waits for a walk slot with a configuration in hand reads it anew.
  for (std::uint32_t i = 0; i < m_walk_queue.size(); ++i) {
    walker::job& waiting = m_walk_queue[i];
    if (inv.covers(config_key_of(extension_of(*waiting.request)))) {
      waiting.has_config = waiting.has_ste = waiting.has_cd = false;
    }
  }
  if (m_tags.tag != tlb_tag::stream || !m_tags.cfgi_drops_entries) return;
  m_tlb.invalidate_streams(inv);
}

}  // namespace svasim::smmu
