#include "tlm/smmu/tbu.h"

#include "arch/translation.h"
#include "tlm/smmu/stream_keys.h"
#include "tlm/smmu/tbu_access.h"

namespace svasim::smmu {

using kit::dma_extension;
using kit::enter_stage;
using kit::extension_of;
using kit::from_sc;
using kit::now;
using kit::stage;
using kit::to_sc;

namespace {

bool has_vmid_partition(const tbu_params& p) {
  return p.utlb.partition.by == partition_key::vmid ||
         p.main_tlb.partition.by == partition_key::vmid;
}
bool has_partitions(const tbu_params& p) {
  return p.utlb.partition.partitions() != 1 || p.main_tlb.partition.partitions() != 1;
}

}  // namespace

tbu::tbu(sc_core::sc_module_name name, const tbu_params& params, stats::group* parent,
         const char* stats_name)
    : sc_module(name),
      from_root_complex("from_root_complex"),
      to_interconnect("to_interconnect"),
      to_tcu("to_tcu"),
      m_params(params),
      m_cycle(period(params.clock)),
      m_miss_time(params.utlb.lookup_time() + params.main_tlb.lookup_time()),
      m_by_stream(params.tag == tlb_tag::stream && !has_vmid_partition(params)),
      m_undivided(m_by_stream && !has_partitions(params)),
      m_stats(parent, stats_name),
      m_utlb(params.utlb, params.span, nested_entries::merged, 1, m_stats.utlb),
      m_main(params.main_tlb, params.span, params.nested_entries, 2, m_stats.main_tlb),
      m_utlb_ports(params.utlb.ports),
      m_main_ports(params.main_tlb.ports),
      m_prefetcher(params.prefetch),
      m_streams({params.stream_tags, params.stream_tags}, uarch::replacement::lru),
      m_plain(m_undivided),
      m_hazards(params.slots, params.slots),
      m_table_hazards(params.slots, params.slots),
      m_aside(params.issue == issue_order::out_of_order ? params.reorder_slots : 0),
      m_misses(params.slots),
      m_token_queue(params.slots),
      m_answers("answer_due", params.slots),
      m_in_time("its_time"),
      m_egress(params.egress + params.slots),  // answered misses bring the room of their slots
      m_order(params.egress + 2 * params.slots + m_aside.capacity() + 1) {
  from_root_complex.register_nb_transport_fw(this, &tbu::request);
  to_interconnect.register_nb_transport_bw(this, &tbu::response);
  to_tcu.register_nb_transport_bw(this, &tbu::translated);
  for (std::uint32_t i = params.slots; i-- > 0;) m_free_misses.push_back(i);
  SC_HAS_PROCESS(tbu);
  SC_METHOD(answers);
  sensitive << m_answers.event();
  dont_initialize();
  SC_METHOD(in_time);
  sensitive << m_in_time;
  dont_initialize();
}

// --- a request arrives -------------------------------------------------------------------------

tlm::tlm_sync_enum tbu::request(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t) {
  duration answered = kit::never;
  const taking outcome = take(p, now() + from_sc(t), answered);
  if (outcome != taking::taken) {
    m_refused = &p;
    m_early = outcome == taking::too_early;
    m_early ? m_in_time.notify(t) : count_refusal(outcome);
    return tlm::TLM_ACCEPTED;
  }
  if (answered != kit::never) {
    t = to_sc(answered - now());
    return tlm::TLM_COMPLETED;
  }
  phase = tlm::END_REQ;
  return tlm::TLM_UPDATED;
}

bool tbu::idle() const {
  return m_slots_used == 0 && m_offered == nullptr && m_egress.empty() && !m_utlb_ports.limited() &&
         m_order.waiting() == 0;
}

tbu::place tbu::place_of(const dma_extension& ext) {
  place at;
  const bool is_translated = ext.at == arch::transaction_kind::translated;
  if (!m_enabled) return at;
  at.passes = is_translated && !m_check_translated;
  base::vmid vmid;
  if (m_by_stream && !is_translated) {
    at.known = true;
    at.tag = stream_key(ext);
  } else if (const stream_state* known = m_streams.lookup(input_key(ext), 0)) {
    at.known = true;
    at.tag = known->tag;
    at.passes |= known->passes;
    vmid = known->vmid;
  }
  at.utlb_part = m_params.utlb.partition.of(vmid, ext.has_ssid, ext.ssid);
  at.main_part = m_params.main_tlb.partition.of(vmid, ext.has_ssid, ext.ssid);
  return at;
}

// Takes the ports it needs; a request that is then refused has used them all the same.
[[gnu::always_inline]] inline tbu::found tbu::look_up(const dma_extension& ext, const place& at,
                                                      duration present) {
  const std::uint64_t address = ext.address.value();
  duration time;
  if (m_utlb.present()) {
    m_utlb_ports.take(present, m_params.utlb.latency);
    time = m_params.utlb.latency;
    if (const arch::translation* t = m_utlb.find(at.tag, address, at.utlb_part)) {
      return {t, time, true, false};
    }
  }
  if (m_main.present()) {
    const arch::translation* const t = m_main.find(at.tag, address, at.main_part);
    const duration busy = m_main.lookups() * m_params.main_tlb.latency;
    time = m_main_ports.take(present + time, busy) + busy - present;
    if (t != nullptr) return {t, time, false, true};
  }
  return {nullptr, time, false, false};
}

[[gnu::always_inline]] inline void tbu::count_lookup(const found& f) {
  if (m_utlb.present()) m_stats.utlb.count(f.utlb_hit);
  if (!f.utlb_hit && m_main.present()) m_stats.main_tlb.count(f.main_hit);
}

// `answered`: when memory's answer is here, if that is known already.
tbu::taking tbu::take(payload& p, duration present, duration& answered) {
  const bool early = present != now();
  if (early && !idle()) return taking::too_early;
  if (m_egress.size() + m_order.waiting() >= m_params.egress) return taking::no_egress;
  if (m_utlb_ports.limited() && m_utlb_ports.free_from(present) > present) return taking::no_port;
  dma_extension& ext = extension_of(p);
  const bool plain = m_plain && ext.at != arch::transaction_kind::translated;
  const place at = plain ? place{stream_key(ext), 0, 0, true, false} : place_of(ext);
  const found f = at.known && !at.passes ? look_up(ext, at, present)
                                         : found{nullptr, m_miss_time, false, false};
  const bool hit = at.passes || (f.entry != nullptr && allowed(*f.entry, p));
  if (!hit && early) return taking::too_early;
  const bool slot = m_slots_used != m_params.slots;
  if (!hit && !slot && m_aside.full()) return taking::no_slot;

  if (!at.passes) count_lookup(f);
  m_stats.taken += 1;
  if (hit) ext.epoch = m_epochs.enter();
  if (m_params.release == release_rule::in_order) m_order.enter(order_key(p), &p);
  enter_stage(ext, stage::tbu_lookup, present);
  if (at.passes) {
    answered = forward(p, identity_of(ext), present);
  } else if (!hit) {
    const std::uint64_t tag = at.known ? at.tag : input_key(ext);
    slot ? miss_path(p, tag, present + f.latency) : wait_aside(p, tag, present + f.latency);
  } else if (f.main_hit && m_utlb.present()) {
    const arch::translation entry = *f.entry;
    m_utlb.fill(at.tag, entry, ext.address.value(), at.utlb_part);
    answered = forward(p, entry, present + f.latency);
  } else {
    answered = forward(p, *f.entry, present + f.latency);
  }
  return taking::taken;
}

// Something was freed, or its time has come: the request that waits outside may now be taken.
tbu::taking tbu::retry_refused() {
  if (m_refused == nullptr || m_early) return taking::too_early;
  payload& p = *m_refused;
  duration answered = kit::never;
  const taking outcome = take(p, now(), answered);
  if (outcome == taking::no_port) wake_at_port();
  if (outcome != taking::taken) return outcome;
  m_refused = nullptr;
  if (answered != kit::never) {
    answer(p, answered);
    return outcome;
  }
  tlm::tlm_phase phase = tlm::END_REQ;
  sc_core::sc_time t;
  from_root_complex->nb_transport_bw(p, phase, t);
  return outcome;
}

void tbu::in_time() {
  m_early = false;
  const taking outcome = retry_refused();
  if (outcome != taking::taken) count_refusal(outcome);
}

void tbu::wake_at_port() {
  m_in_time.notify(to_sc(m_utlb_ports.free_from(now()) - now()));
}

void tbu::count_refusal(taking why) {
  if (why == taking::no_port) {
    m_stats.refused_ports += 1;
    return wake_at_port();
  }
  (why == taking::no_slot ? m_stats.refused_slots : m_stats.refused_egress) += 1;
}

void tbu::follow(const arch::register_view& regs) {
  m_check_translated = regs.ats_check;
  m_enabled = regs.enabled;
  m_plain = m_undivided && m_enabled;
}

// --- invalidation -------------------------------------------------------------------------------

void tbu::invalidate(const arch::invalidation& inv) {
  m_stats.invalidations += 1;
  if (inv.is_config()) return invalidate_config(inv);
  if (!m_params.apply_invalidations) return;
  m_utlb.invalidate(inv);
  m_main.invalidate(inv);
  // What is under way may have read the old descriptors. Whose it is is known only at the end, so
  // all of it is kept out of the TLBs.
  for (miss& m : m_misses) m.stale |= m.used;
}

// A stream may have another address space now. What is known by ASID stays good, what is known by
// stream is not.
void tbu::invalidate_config(const arch::invalidation& inv) {
  m_streams.clear();
  for (miss& m : m_misses) {
    m.stale |= m.used && inv.covers(config_key_of(extension_of(*m.request)));
  }
  if (m_params.tag != tlb_tag::stream || !m_params.cfgi_drops_entries) return;
  m_utlb.invalidate_streams(inv);
  m_main.invalidate_streams(inv);
}

}  // namespace svasim::smmu
