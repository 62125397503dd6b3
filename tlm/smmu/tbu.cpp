#include "tlm/smmu/tbu.h"

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

constexpr unsigned page_shift = tlb::page_shift;

// Devices send unprivileged data accesses; the STE may make others of them (IHI 0070 13.7).
bool allowed(const arch::translation& t, const tlm::tlm_generic_payload& p) {
  const arch::permission both = t.s1.allowed & t.s2.allowed;
  return both.allows(p.is_write(), t.privcfg == 3, t.instcfg == 3);
}

// Streams of one address space may differ in PRIVCFG and INSTCFG.
std::uint64_t shared_tag(const arch::translation& t) {
  return space_tag(t) | std::uint64_t{t.privcfg} << 40 | std::uint64_t{t.instcfg} << 42;
}

}  // namespace

tbu::tbu(sc_core::sc_module_name name, const tbu_params& params, stats::group* parent)
    : sc_module(name),
      from_root_complex("from_root_complex"),
      to_interconnect("to_interconnect"),
      to_tcu("to_tcu"),
      m_params(params),
      m_cycle(period(params.clock)),
      m_miss_time(params.utlb.lookup_time() + params.main_tlb.lookup_time()),
      m_stats(parent, "tbu"),
      m_utlb(params.utlb, params.span, 1, m_stats.utlb),
      m_main(params.main_tlb, params.span, 2, m_stats.main_tlb),
      m_streams({params.stream_tags, params.stream_tags}, uarch::replacement::lru),
      m_hazards(params.slots, params.slots),
      m_misses(params.slots),
      m_answers("answer_due", params.slots),
      m_in_time("its_time"),
      m_egress(params.egress + params.slots) {  // answered misses bring the room of their slots
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
  return m_slots_used == 0 && m_offered == nullptr && m_egress.empty();
}

// `answered`: when memory's answer is here, if that is known already.
tbu::taking tbu::take(payload& p, duration present, duration& answered) {
  const bool early = present != now();
  if (early && !idle()) return taking::too_early;
  if (m_egress.size() >= m_params.egress) return taking::no_egress;
  dma_extension& ext = extension_of(p);
  std::uint64_t tag = 0;
  const bool tag_known = tag_of(ext, tag);
  const found f = tag_known ? look_up(ext, tag) : found{nullptr, m_miss_time, false, false};
  const bool hit = f.entry != nullptr && allowed(*f.entry, p);
  if (!hit && early) return taking::too_early;
  if (!hit && m_slots_used == m_params.slots) return taking::no_slot;

  count_lookup(f);
  m_stats.taken += 1;
  ext.epoch = m_epochs.enter();
  enter_stage(ext, stage::tbu_lookup, present);
  if (!hit) {
    miss_path(p, tag_known ? tag : stream_key(ext), present + f.latency);
  } else if (f.main_hit && m_utlb.present()) {
    const arch::translation entry = *f.entry;
    m_utlb.fill(tag, entry, ext.address.value());
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

void tbu::count_refusal(taking why) {
  (why == taking::no_slot ? m_stats.refused_slots : m_stats.refused_egress) += 1;
}

// False when tags are by ASID and the stream's is not known yet.
bool tbu::tag_of(const dma_extension& ext, std::uint64_t& tag) {
  if (m_params.tag == tlb_tag::stream) {
    tag = stream_key(ext);
    return true;
  }
  const stream_tag* known = m_streams.lookup(stream_key(ext), 0);
  if (known == nullptr) return false;
  tag = known->tag;
  return true;
}

tbu::found tbu::look_up(const dma_extension& ext, std::uint64_t tag) {
  const std::uint64_t address = ext.address.value();
  if (m_utlb.present()) {
    if (const arch::translation* t = m_utlb.find(tag, address)) {
      return {t, m_params.utlb.latency, true, false};
    }
  }
  if (m_main.present()) {
    if (const arch::translation* t = m_main.find(tag, address)) {
      return {t, m_miss_time, false, true};
    }
  }
  return {nullptr, m_miss_time, false, false};
}

void tbu::count_lookup(const found& f) {
  if (m_utlb.present()) m_stats.utlb.count(f.utlb_hit);
  if (!f.utlb_hit && m_main.present()) m_stats.main_tlb.count(f.main_hit);
}

// --- misses ------------------------------------------------------------------------------------

void tbu::miss_path(payload& p, std::uint64_t tag, duration at) {
  ++m_slots_used;
  m_stats.slots.change(now(), 1);
  if (m_params.hazard == hazard_rule::page) {
    const std::uint64_t page = extension_of(p).address.page(page_shift);
    if (m_hazards.request(tag, page, &p) == uarch::miss_outcome::secondary) {
      m_stats.hazards += 1;
      enter_stage(extension_of(p), stage::tbu_hazard, at);
      return;
    }
  }
  ask_tcu(p, tag, at);
}

void tbu::ask_tcu(payload& p, std::uint64_t tag, duration at) {
  const dma_extension& origin = extension_of(p);
  const std::uint32_t index = m_free_misses.back();
  m_free_misses.pop_back();
  miss& m = m_misses[index];
  m.origin = &p;
  m.tag = tag;
  m.page = origin.address.page(page_shift);
  m.stale = false;
  m.used = true;
  m.request = &m_pool.take(p.get_command(), origin.address.value(), 8);
  dma_extension& ext = extension_of(*m.request);
  ext.kind = kit::traffic::dma;
  ext.sid = origin.sid;
  ext.has_ssid = origin.has_ssid;
  ext.ssid = origin.ssid;
  ext.address = origin.address;
  ext.record_slot = index;
  ext.log = origin.log;
  ext.translation = &m.result;
  m_stats.translations += 1;
  enter_stage(ext, stage::tbu_dti_up, at);
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time t = to_sc(at + m_params.dti_latency - now());
  to_tcu->nb_transport_fw(*m.request, phase, t);  // a slot there goes with a slot here
}

// The TCU answers; the answer takes effect here when it has crossed the link.
tlm::tlm_sync_enum tbu::translated(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t) {
  if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
  dma_extension& ext = extension_of(p);
  const duration at = now() + from_sc(t);
  enter_stage(ext, stage::tbu_dti_down, at);
  m_answers.push(ext.record_slot, at + m_params.dti_latency);
  return tlm::TLM_COMPLETED;
}

void tbu::answers() {
  const duration present = now();
  while (m_answers.due(present)) {
    const std::uint32_t index = m_answers.front();
    m_answers.pop();
    miss& m = m_misses[index];
    finish_miss(m);
    m.request->release();
    m.used = false;
    m_free_misses.push_back(index);
    retry_refused();
  }
  m_answers.rearm(present);
}

void tbu::finish_miss(miss& m) {
  const arch::translation_result& r = m.result;
  const bool ok = r.outcome == arch::outcome::ok;
  const auto free_slot = [this] {
    --m_slots_used;
    m_stats.slots.change(now(), -1);
  };
  arch::translation entry = r.entry;
  if (ok && entry.size_shift == 0) {
    // Bypass: good for this page as far as those that wait are concerned.
    entry.input = extension_of(*m.origin).address.page_base(page_shift).value();
    entry.ipa = entry.input;
    entry.output = r.output.page_base(page_shift);
    entry.size_shift = page_shift;
  }
  if (ok && !m.stale) enter_tlbs(m);
  free_slot();
  if (ok) {
    pass_on(*m.origin, entry);
  } else {
    fail(*m.origin);
  }
  if (m_params.hazard == hazard_rule::none) return;
  payload* const origin = m.origin;
  const bool shareable = ok && !m.stale;
  const std::uint64_t tag = m.tag;
  m_hazards.release(tag, m.page, [&](payload* waiter) {
    if (waiter == origin) return;
    if (shareable && entry.contains(extension_of(*waiter).address.value()) &&
        allowed(entry, *waiter)) {
      free_slot();
      pass_on(*waiter, entry);
    } else {
      // It keeps its slot and asks for itself: it may fault in its own right.
      if (m_hazards.request(tag, extension_of(*waiter).address.page(page_shift), waiter) ==
          uarch::miss_outcome::primary) {
        ask_tcu(*waiter, tag, later(now(), extension_of(*waiter).log->since()));
      }
    }
  });
}

void tbu::enter_tlbs(const miss& m) {
  const arch::translation& t = m.result.entry;
  if (t.kind == arch::translation_kind::bypass || t.kind == arch::translation_kind::disabled)
    return;
  const dma_extension& ext = extension_of(*m.request);
  std::uint64_t tag = stream_key(ext);
  if (m_params.tag == tlb_tag::asid) {
    const std::uint64_t shared = shared_tag(t);
    m_streams.insert(tag, 0, page_shift, {shared});
    tag = shared;
  }
  m_main.fill(tag, t, ext.address.value());
  m_utlb.fill(tag, t, ext.address.value());
}

// --- translated: on to the interconnect ---------------------------------------------------------

// A transaction that had to wait for its translation; its own lookup may not be over yet.
void tbu::pass_on(payload& p, const arch::translation& t) {
  const duration answered = forward(p, t, later(now(), extension_of(p).log->since()));
  if (answered != kit::never) answer(p, answered);
}

// Returns when memory's answer is here; kit::never while that is not known.
base::duration tbu::forward(payload& p, const arch::translation& t, duration at) {
  dma_extension& ext = extension_of(p);
  const std::uint64_t offset = offset_in(t, ext.address.value());
  ext.translated = t.output + offset;
  ext.stage1_output = t.ipa + offset;
  if (on_translated) on_translated(access_of(p), t, ext.translated);
  p.set_address(ext.translated.value());
  enter_stage(ext, stage::tbu_egress, at);
  if (m_offered == nullptr && m_egress.empty()) return send(p, at);
  if (!m_egress.push(&p)) throw std::logic_error("TBU egress overflow");
  return kit::never;
}

base::duration tbu::send(payload& p, duration at) {
  const duration start = later(at, m_egress_free);
  m_egress_free = start + m_cycle;
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  const duration present = now();
  sc_core::sc_time t = to_sc(start - present);
  if (to_interconnect->nb_transport_fw(p, phase, t) != tlm::TLM_COMPLETED) {
    m_offered = &p;
    return kit::never;
  }
  const duration answered = present + from_sc(t);
  completed(extension_of(p), answered);
  return answered;
}

void tbu::answer(payload& p, duration at) {
  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  sc_core::sc_time t = to_sc(at - now());
  from_root_complex->nb_transport_bw(p, phase, t);
}

// The answer to the request that the interconnect had not taken at once; those behind it go on.
tlm::tlm_sync_enum tbu::response(payload& p, tlm::tlm_phase&, sc_core::sc_time& t) {
  const duration at = now() + from_sc(t);
  m_offered = nullptr;
  completed(extension_of(p), at);
  answer(p, at);
  while (m_offered == nullptr && !m_egress.empty()) {
    payload& next = *m_egress.pop();  // its lookup may not be over yet
    const duration answered = send(next, later(now(), extension_of(next).log->since()));
    if (answered != kit::never) answer(next, answered);
  }
  retry_refused();
  return tlm::TLM_COMPLETED;
}

void tbu::fail(payload& p) {
  m_stats.faults += 1;
  p.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  completed(extension_of(p), now());
  answer(p, now());
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

void tbu::completed(const dma_extension& ext, duration at) {
  if (m_epochs.leave(ext.epoch, at) && on_sync) on_sync();
}

}  // namespace svasim::smmu
