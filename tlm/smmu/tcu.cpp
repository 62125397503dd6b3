#include "tlm/smmu/tcu.h"

#include <stdexcept>

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
         unsigned tbus, const arch::register_view& regs, walker& walks, stats::group* parent)
    : sc_module(name),
      from_tbu("from_tbu", tbus),
      m_params(params),
      m_tags(tags),
      m_regs(regs),
      m_walker(walks),
      m_stats(parent),
      m_configs(params.configuration_cache.shape(), params.configuration_cache.policy, 3),
      m_tlb(params.tlb, tlb_span::leaf, 4, m_stats.tlb),
      m_arrivals("arrival_due", tags.slots * tbus),
      m_waiting(tags.slots * tbus),
      m_walk_queue(params.slots) {
  for (unsigned i = 0; i < tbus; ++i) {
    from_tbu[i].register_nb_transport_fw(this, &tcu::request, static_cast<int>(i));
  }
  walks.on_done = [this](payload& p, const arch::translation_result& r, duration at, bool stale) {
    return walk_done(p, r, at, stale);
  };
  walks.on_config = [this](const arch::config_key& key, const arch::decoded_config& config) {
    if (m_configs.capacity() == 0) return;
    m_stats.configuration_cache.fills += 1;
    // The StreamID is the address, so that neighbouring streams fall into different sets.
    if (m_configs.insert(substream_bits(key), key.sid.value(), 0, config)) {
      m_stats.configuration_cache.evictions += 1;
    }
  };
  SC_HAS_PROCESS(tcu);
  SC_METHOD(arrivals);
  sensitive << m_arrivals.event();
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
    enter_stage(extension_of(p), stage::tcu_wait, present);
    if (m_slots_used == m_params.slots) {
      m_stats.waited += 1;
      if (!m_waiting.push(&p)) throw std::logic_error("more translation requests than TBU slots");
      continue;
    }
    ++m_slots_used;
    m_stats.slots.change(now(), 1);
    accept(p, now());
  }
  m_arrivals.rearm(present);
}

// The request has a slot: configuration, TLB, and if need be a walk.
void tcu::accept(payload& p, duration at) {
  dma_extension& ext = extension_of(p);
  enter_stage(ext, stage::tcu_lookup, at);
  const arch::config_key key = config_key_of(ext);
  walker::job job;
  job.request = &p;
  job.ready = at + m_params.configuration_cache.lookup_time();
  if (m_params.configuration_cache.present()) {
    const arch::decoded_config* config = m_configs.lookup(substream_bits(key), key.sid.value(), 0);
    job.has_config = config != nullptr;
    m_stats.configuration_cache.count(job.has_config);
    if (job.has_config) job.config = *config;
  }
  // A configuration that is an error names no address space.
  const bool translates = job.has_config && job.config.action == arch::config_action::translate;
  if (translates && m_params.tlb.present()) {
    job.ready += m_params.tlb.lookup_time();
    if (from_tlb(p, job.config, job.ready)) return;
  }
  enter_stage(ext, stage::tcu_walk_slot, job.ready);
  if (m_walker.idle_slot()) return m_walker.start(job);
  m_stats.waited_walk += 1;
  if (!m_walk_queue.push(job)) throw std::logic_error("more walks than translation slots");
}

bool tcu::from_tlb(payload& p, const arch::decoded_config& config, duration at) {
  const dma_extension& ext = extension_of(p);
  const std::uint64_t tag = m_tags.tag == tlb_tag::asid
                                ? space_tag(kind_of(config), config.world, config.asid, config.vmid)
                                : stream_key(ext);
  const arch::translation* t = m_tlb.find(tag, config.lookup_address(ext.address.value()));
  const arch::access_request access = access_of(p);
  const bool hit = t != nullptr && !arch::needs_update(*t, access);
  m_stats.tlb.count(hit);
  if (!hit) return false;
  const arch::translation_result result = arch::hit(*t, config, m_regs, access);
  respond(p, result, at);
  slot_freed();
  return true;
}

void tcu::respond(payload& p, const arch::translation_result& result, duration at) {
  dma_extension& ext = extension_of(p);
  *ext.translation = result;
  if (result.outcome != arch::outcome::ok) {
    m_stats.faults += 1;
    if (result.outcome == arch::outcome::fault && on_event) on_event(result.event);
  }
  p.set_response_status(tlm::TLM_OK_RESPONSE);
  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  sc_core::sc_time t = to_sc(later(at, now()) - now());
  from_tbu[ext.port]->nb_transport_bw(p, phase, t);
}

// --- walks end ----------------------------------------------------------------------------------

const walker::job* tcu::walk_done(payload& p, const arch::translation_result& result, duration at,
                                  bool stale) {
  if (result.outcome == arch::outcome::ok && !stale) keep(result.entry, p);
  respond(p, result, at);
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
  const std::uint64_t tag = m_tags.tag == tlb_tag::asid ? space_tag(t) : stream_key(ext);
  m_tlb.fill(tag, t, ext.address.value());
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
  m_tlb.invalidate(inv);
}

void tcu::invalidate_config(const arch::invalidation& inv) {
  m_walker.overtake_configs();
  m_stats.configuration_cache.invalidated += m_configs.invalidate_if(
      [&inv](std::uint64_t tag, std::uint64_t sid, unsigned, const arch::decoded_config&) {
        return inv.covers(config_key_of(tag | sid));
      });
  // What waits for a walk slot with a configuration in hand reads it anew.
  for (std::uint32_t i = 0; i < m_walk_queue.size(); ++i) {
    walker::job& waiting = m_walk_queue[i];
    if (inv.covers(config_key_of(extension_of(*waiting.request)))) waiting.has_config = false;
  }
  if (m_tags.tag != tlb_tag::stream || !m_tags.cfgi_drops_entries) return;
  m_tlb.invalidate_streams(inv);
}

}  // namespace svasim::smmu
