#include "tlm/smmu/tcu.h"

#include <stdexcept>

#include "base/bits.h"

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

std::uint64_t config_tag(const arch::config_key& key) {
  const std::uint64_t substream =
      key.has_ssid ? std::uint64_t{key.ssid.value()} | 1ull << 20 : std::uint64_t{0};
  return substream << 32;
}

arch::config_key key_of(const dma_extension& ext) {
  return {ext.sid, ext.has_ssid, ext.has_ssid ? ext.ssid : base::substream_id{}};
}

// The inverse: of config_tag() with the StreamID in the low bits.
arch::config_key key_of(std::uint64_t tag) {
  return {base::stream_id(static_cast<std::uint32_t>(tag)), base::bit(tag, 52),
          base::substream_id(static_cast<std::uint32_t>(base::bits(tag, 51, 32)))};
}

arch::access_request access_of(const tlm::tlm_generic_payload& p, const dma_extension& ext) {
  arch::access_request r;
  r.sid = ext.sid;
  r.has_ssid = ext.has_ssid;
  r.ssid = ext.ssid;
  r.address = ext.address.value();
  r.write = p.is_write();
  return r;
}

constexpr unsigned page_shift = 12;

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
      m_tlb(params.tlb.shape(), params.tlb.policy, 4),
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
    if (m_configs.insert(config_tag(key), key.sid.value(), 0, config)) {
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
  const arch::config_key key = key_of(ext);
  walker::job job;
  job.request = &p;
  job.ready = at + m_params.configuration_cache.lookup_time();
  if (m_params.configuration_cache.present()) {
    m_stats.configuration_cache.lookups += 1;
    const arch::decoded_config* config = m_configs.lookup(config_tag(key), key.sid.value(), 0);
    job.has_config = config != nullptr;
    (job.has_config ? m_stats.configuration_cache.hits : m_stats.configuration_cache.misses) += 1;
    if (job.has_config) job.config = *config;
  }
  if (job.has_config && m_params.tlb.present()) {
    job.ready += m_params.tlb.lookup_time();
    if (from_tlb(p, job.config, job.ready)) return;
  }
  enter_stage(ext, stage::tcu_walk_slot, job.ready);
  if (m_walker.idle_slot()) return m_walker.start(job);
  m_stats.waited_walk += 1;
  if (!m_walk_queue.push(job)) throw std::logic_error("more walks than translation slots");
}

std::uint64_t tcu::tlb_tag_of(const dma_extension& ext, base::asid asid, base::vmid vmid) const {
  if (m_tags.tag == tlb_tag::asid)
    return asid.value() | std::uint64_t{vmid.value()} << 16 | 1ull << 63;
  return config_tag(key_of(ext)) | ext.sid.value();
}

bool tcu::from_tlb(payload& p, const arch::decoded_config& config, duration at) {
  const dma_extension& ext = extension_of(p);
  m_stats.tlb.lookups += 1;
  const arch::translation* t = m_tlb.lookup(tlb_tag_of(ext, config.asid, config.vmid),
                                            config.lookup_address(ext.address.value()));
  if (t == nullptr) {
    m_stats.tlb.misses += 1;
    return false;
  }
  m_stats.tlb.hits += 1;
  const arch::translation_result result = arch::hit(*t, config, m_regs, access_of(p, ext));
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
  if (m_tlb.capacity() == 0 || t.kind == kind::bypass || t.kind == kind::disabled) return;
  const dma_extension& ext = extension_of(p);
  m_stats.tlb.fills += 1;
  if (m_tlb.insert(tlb_tag_of(ext, t.asid, t.vmid), t.input, t.size_shift, t)) {
    m_stats.tlb.evictions += 1;
  }
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
  m_stats.tlb.invalidated += m_tlb.invalidate_if(
      [&inv](std::uint64_t, std::uint64_t, unsigned, const arch::translation& t) {
        return inv.covers(arch::tag_of(t));
      });
}

void tcu::invalidate_config(const arch::invalidation& inv) {
  m_walker.overtake_configs();
  m_stats.configuration_cache.invalidated += m_configs.invalidate_if(
      [&inv](std::uint64_t tag, std::uint64_t sid, unsigned, const arch::decoded_config&) {
        return inv.covers(key_of(tag | sid));
      });
  // What waits for a walk slot with a configuration in hand reads it anew.
  for (std::uint32_t i = 0; i < m_walk_queue.size(); ++i) {
    walker::job& waiting = m_walk_queue[i];
    if (inv.covers(key_of(extension_of(*waiting.request)))) waiting.has_config = false;
  }
  if (m_tags.tag != tlb_tag::stream || !m_tags.cfgi_drops_entries) return;
  m_stats.tlb.invalidated +=
      m_tlb.invalidate_if([&inv](std::uint64_t tag, std::uint64_t, unsigned,
                                 const arch::translation&) { return inv.covers(key_of(tag)); });
}

}  // namespace svasim::smmu
