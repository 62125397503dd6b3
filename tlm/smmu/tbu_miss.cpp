// The part of the TBU that waits for translations: slots, hazards, tokens, answers, prefetch.
#include <stdexcept>

#include "tlm/smmu/stream_keys.h"
#include "tlm/smmu/tbu.h"
#include "tlm/smmu/tbu_access.h"

namespace svasim::smmu {

using kit::dma_extension;
using kit::enter_stage;
using kit::extension_of;
using kit::from_sc;
using kit::later;
using kit::now;
using kit::stage;
using kit::to_sc;
using uarch::miss_outcome;

namespace {

constexpr unsigned page_shift = tlb::page_shift;

// Streams of one address space may differ in PRIVCFG and INSTCFG.
std::uint64_t shared_tag(const arch::translation& t) {
  return space_tag(t) | std::uint64_t{t.privcfg} << 40 | std::uint64_t{t.instcfg} << 42;
}

}  // namespace

// --- a miss -------------------------------------------------------------------------------------

void tbu::wait_aside(payload& p, std::uint64_t tag, duration at) {
  m_stats.aside += 1;
  enter_stage(extension_of(p), stage::tbu_wait, at);
  if (!m_aside.push({&p, tag})) throw std::logic_error("TBU: no place aside");
}

void tbu::miss_path(payload& p, std::uint64_t tag, duration at) {
  ++m_slots_used;
  m_stats.slots.change(now(), 1);
  join_or_ask(p, tag, at, false);
}

// `after_table`: it has waited for its leaf table already.
void tbu::join_or_ask(payload& p, std::uint64_t tag, duration at, bool after_table) {
  dma_extension& ext = extension_of(p);
  const std::uint64_t page = ext.address.page(page_shift);
  bool leads = false;
  if (m_params.hazard == hazard_rule::leaf_table && !after_table &&
      !m_hazards.contains(tag, page)) {
    leads =
        m_table_hazards.request(tag, table_of(ext.address.value()), &p) == miss_outcome::primary;
    if (!leads) {
      m_stats.table_hazards += 1;
      return enter_stage(ext, stage::tbu_hazard, at);
    }
  }
  if (m_params.hazard != hazard_rule::none &&
      m_hazards.request(tag, page, &p) == miss_outcome::secondary) {
    m_stats.hazards += 1;
    return enter_stage(ext, stage::tbu_hazard, at);
  }
  ask_tcu(&p, ext, ext.address.value(), tag, at).leads_table = leads;
}

std::uint64_t tbu::table_of(std::uint64_t address) const {
  return address / m_params.leaf_table_span.value();
}

// `like`: whose stream it is. Without `origin` it is a prefetch.
tbu::miss& tbu::ask_tcu(payload* origin, const dma_extension& like, std::uint64_t address,
                        std::uint64_t tag, duration at) {
  const std::uint32_t index = m_free_misses.back();
  m_free_misses.pop_back();
  miss& m = m_misses[index];
  m.origin = origin;
  m.tag = tag;
  m.page = base::iova(address).page(page_shift);
  m.leads_table = m.stale = false;
  m.used = true;
  m.request =
      &m_pool.take(origin == nullptr ? tlm::TLM_READ_COMMAND : origin->get_command(), address, 8);
  dma_extension& ext = extension_of(*m.request);
  ask_for(ext, like, base::iova(address), index, m.result);
  ext.speculative = origin == nullptr;
  if (origin == nullptr) ext.log = nullptr;
  m.ready = at;
  if (m_tokens_used == m_params.tokens_or_slots()) {
    m_stats.waited_token += 1;
    enter_stage(ext, stage::tbu_token, at);
    if (!m_token_queue.push(index)) throw std::logic_error("TBU: more requests than slots");
  } else {
    send_request(index, at);
  }
  return m;
}

void tbu::send_request(std::uint32_t index, duration at) {
  payload& p = *m_misses[index].request;
  ++m_tokens_used;
  m_stats.translations += 1;
  if (m_misses[index].origin != nullptr) {
    extension_of(*m_misses[index].origin).epoch = m_epochs.enter();
  }
  enter_stage(extension_of(p), stage::tbu_dti_up, at);
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time t = to_sc(at + m_params.dti_latency - now());
  to_tcu->nb_transport_fw(p, phase, t);  // a slot there goes with a slot here
}

// --- the TCU answers ----------------------------------------------------------------------------

// The answer takes effect here when it has crossed the link.
tlm::tlm_sync_enum tbu::translated(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t) {
  dma_extension& ext = extension_of(p);
  miss& m = m_misses[ext.record_slot];
  if (phase == kit::translation_stalled) {
    m_stats.stalled += 1;
    completed(extension_of(*m.origin), now());
    if (m.leads_table) wake_table(m, {}, false);
  } else if (phase == kit::translation_retried) {
    extension_of(*m.origin).epoch = m_epochs.enter();
    m.stale = false;  // it is walked anew
  }
  if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
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
    --m_tokens_used;
    miss& m = m_misses[index];
    finish_miss(m);
    m.request->release();
    m.used = false;
    m_free_misses.push_back(index);
    slots_freed();
  }
  m_answers.rearm(present);
}

void tbu::slots_freed() {
  while (!m_token_queue.empty() && m_tokens_used < m_params.tokens_or_slots()) {
    const std::uint32_t index = m_token_queue.pop();
    send_request(index, later(now(), m_misses[index].ready));
  }
  while (!m_aside.empty() && m_slots_used < m_params.slots) {
    const waiting w = m_aside.pop();
    miss_path(*w.p, w.tag, later(now(), extension_of(*w.p).log->since()));
  }
  retry_refused();
}

void tbu::free_slot() {
  --m_slots_used;
  m_stats.slots.change(now(), -1);
}

void tbu::finish_miss(miss& m) {
  const arch::translation_result& r = m.result;
  const bool ok = r.outcome == arch::outcome::ok;
  arch::translation entry = r.entry;
  if (ok && entry.size_shift == 0) {
    // Bypass: good for this page as far as those that wait are concerned.
    entry.input = extension_of(*m.request).address.page_base(page_shift).value();
    entry.ipa = entry.input;
    entry.output = r.output.page_base(page_shift);
    entry.size_shift = page_shift;
  }
  if (ok && !m.stale) enter_tlbs(m);
  free_slot();
  if (m.origin != nullptr && ok) {
    pass_on(*m.origin, entry);
    prefetch(m);
  } else if (m.origin != nullptr) {
    fail(*m.origin, r);
  }
  if (m_params.hazard == hazard_rule::none) return;
  wake_page(m, entry, ok && !m.stale);
  if (m.leads_table) wake_table(m, entry, ok && !m.stale);
}

// A waiter that `entry` serves goes on; its slot is free.
bool tbu::serve(payload& p, const arch::translation& entry) {
  if (!entry.contains(extension_of(p).address.value()) || !allowed(entry, p)) return false;
  free_slot();
  extension_of(p).epoch = m_epochs.enter();
  pass_on(p, entry);
  return true;
}

// Those that the answer does not serve keep their slots and ask for themselves: they may fault in
// their own right.
void tbu::wake_page(const miss& m, const arch::translation& entry, bool shareable) {
  payload* const origin = m.origin;
  const std::uint64_t tag = m.tag;
  m_hazards.release(tag, m.page, [&](payload* waiter) {
    if (waiter == origin || (shareable && serve(*waiter, entry))) return;
    const dma_extension& ext = extension_of(*waiter);
    if (m_hazards.request(tag, ext.address.page(page_shift), waiter) == miss_outcome::primary) {
      ask_tcu(waiter, ext, ext.address.value(), tag, later(now(), ext.log->since()));
    }
  });
}

void tbu::wake_table(miss& m, const arch::translation& entry, bool shareable) {
  payload* const origin = m.origin;
  const std::uint64_t tag = m.tag;
  m.leads_table = false;
  m_table_hazards.release(tag, table_of(m.page << page_shift), [&](payload* waiter) {
    if (waiter == origin || (shareable && serve(*waiter, entry))) return;
    join_or_ask(*waiter, tag, later(now(), extension_of(*waiter).log->since()), true);
  });
}

void tbu::enter_tlbs(const miss& m) {
  const arch::translation& t = m.result.entry;
  const dma_extension& ext = extension_of(*m.request);
  std::uint64_t tag = input_key(ext);
  const bool is_translated = ext.at == arch::transaction_kind::translated;
  if (t.kind == arch::translation_kind::disabled) return;  // says nothing of the stream
  const bool no_entry = t.kind == arch::translation_kind::bypass;
  if (no_entry && !is_translated) return;
  if (!m_by_stream || is_translated) {
    const std::uint64_t found_by = m_params.tag == tlb_tag::asid ? shared_tag(t) : tag;
    m_streams.insert(tag, 0, page_shift, {found_by, t.vmid, no_entry});
    tag = found_by;
  }
  if (no_entry) return;
  const std::uint64_t address = ext.address.value();
  m_main.fill(tag, t, address, m_params.main_tlb.partition.of(t.vmid, ext.has_ssid, ext.ssid));
  m_utlb.fill(tag, t, address, m_params.utlb.partition.of(t.vmid, ext.has_ssid, ext.ssid));
}

// --- prefetch -----------------------------------------------------------------------------------

// Behind a miss that was translated: ask for what the stream may want next, if there is room.
void tbu::prefetch(const miss& m) {
  const arch::translation& t = m.result.entry;
  if (!m_prefetcher.on() || t.kind == arch::translation_kind::bypass ||
      t.kind == arch::translation_kind::disabled) {
    return;
  }
  const dma_extension& ext = extension_of(*m.request);
  const auto next = m_prefetcher.after_miss(input_key(ext), ext.address.value(), t.size_shift);
  if (!next) return;
  const place at = place_of(ext);
  const std::uint64_t tag = at.known ? at.tag : input_key(ext);
  const std::uint64_t page = base::iova(*next).page(page_shift);
  if (m_main.find(tag, *next, at.main_part) != nullptr ||
      m_utlb.find(tag, *next, at.utlb_part) != nullptr || m_hazards.contains(tag, page)) {
    return;
  }
  // A miss that waits for a slot or token comes first.
  if (m_slots_used >= m_params.slots || m_tokens_used == m_params.tokens_or_slots() ||
      !m_aside.empty() || m_refused != nullptr) {
    m_stats.prefetches_dropped += 1;
    return;
  }
  m_stats.prefetches += 1;
  ++m_slots_used;
  m_stats.slots.change(now(), 1);
  if (m_params.hazard != hazard_rule::none) {
    static_cast<void>(m_hazards.request(tag, page, nullptr));
  }
  ask_tcu(nullptr, ext, *next, tag, now());
}

}  // namespace svasim::smmu
