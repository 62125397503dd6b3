// Misses of the ATC: pages that are asked for, absent ones, and who waits for them. Pages that
// nobody waits for yet are in atc_ahead.cpp.
#include <algorithm>
#include <utility>

#include "arch/ats_entries.h"
#include "base/bits.h"
#include "tlm/device/atc.h"

namespace svasim::device {

using arch::transaction_kind;
using kit::dma_extension;
using kit::enter_stage;
using kit::extension_of;
using kit::later;
using kit::now;
using kit::stage;

// --- pages and who waits for them ---------------------------------------------------------------

void atc::miss(std::uint32_t index) {
  const access& a = m_accesses[index];
  const std::uint64_t number = a.address >> m_stu_shift;
  if (m_params.coalesce) {
    const auto known = m_asked.find(page_id{a.key.tag(), number});
    if (known != m_asked.end()) {
      page& w = m_pages[known->second];
      m_stats.coalesced += 1;
      if (w.speculative) w.missed = w.round = now();
      w.speculative = false;
      wait_for(known->second, index);
      enter_stage(extension_of(*a.p),
                  w.now == state::absent ? stage::atc_page_request : stage::atc_wait, now());
      return;
    }
  }
  const std::uint32_t asked = new_page(a.key, number);
  wait_for(asked, index);
  ask(asked);
}

std::uint32_t atc::new_page(const atc_key& key, std::uint64_t number) {
  if (m_free_pages.empty()) {
    m_free_pages.push_back(static_cast<std::uint32_t>(m_pages.size()));
    m_pages.emplace_back();
  }
  const std::uint32_t index = m_free_pages.back();
  m_free_pages.pop_back();
  page& w = m_pages[index];
  w = page{};
  w.key = key;
  w.number = number;
  w.missed = w.round = now();
  m_pages_in_use += 1;
  m_stats.pages.change(now(), 1);
  if (m_params.coalesce) m_asked.emplace(page_id{key.tag(), number}, index);
  return index;
}

void atc::free_page(std::uint32_t index) {
  page& w = m_pages[index];
  if (m_params.coalesce) m_asked.erase(page_id{w.key.tag(), w.number});
  w.now = state::free;
  m_free_pages.push_back(index);
  m_pages_in_use -= 1;
  m_stats.pages.change(now(), -1);
}

void atc::wait_for(std::uint32_t index, std::uint32_t waiter) {
  page& w = m_pages[index];
  (w.first == none ? w.first : m_accesses[w.last].next) = waiter;
  w.last = waiter;
  m_accesses[waiter].next = none;
}

void atc::enter_waiters(page& w, stage first, stage others) {
  for (std::uint32_t i = w.first; i != none; i = m_accesses[i].next) {
    enter_stage(extension_of(*m_accesses[i].p), i == w.first ? first : others, now());
  }
}

atc::needs atc::needs_of(const page& w) const {
  needs n;
  for (std::uint32_t i = w.first; i != none; i = m_accesses[i].next) {
    (m_accesses[i].write ? n.write : n.read) = true;
  }
  return n;
}

// --- Translation Requests -----------------------------------------------------------------------

void atc::ask(std::uint32_t index) {
  page& w = m_pages[index];
  w.now = state::queued;
  enter_waiters(w, stage::atc_wait, stage::atc_wait);
  if (m_requests < m_params.requests) {
    send_request(index);
  } else {
    m_to_ask.push(index);
  }
}

void atc::send_request(std::uint32_t index) {
  page& w = m_pages[index];
  w.now = state::asked;
  w.stale_shift = 0;
  w.write = needs_of(w).write;
  const std::uint32_t count = w.asked_before ? 1 : take_riders(index);
  w.asked_before = true;
  // That of an access, as a completion may cover less than the STU.
  w.address =
      w.first == none ? w.number << m_stu_shift : m_accesses[w.first].address & ~base::low_mask(12);
  enter_waiters(w, stage::atc_translation, stage::atc_wait);
  m_requests += 1;
  m_stats.requests.change(now(), 1);
  m_stats.asked += 1;
  if (count > 1) {
    w.address = w.number << m_stu_shift;
    std::fill_n(&m_entries[w.entries], count, arch::ats_completion{});
  }
  w.request =
      &m_pool.take(w.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, w.address, 8 * count);
  w.completion = arch::ats_completion{};
  dma_extension& ext = extension_of(*w.request);
  ext.id = m_stats.asked.value();
  ext.kind = kit::traffic::dma;
  ext.at = transaction_kind::translation_request;
  ext.timing_only = true;
  ext.requester_id = w.key.requester_id;
  ext.has_ssid = w.key.has_ssid;
  ext.ssid = base::substream_id(w.key.ssid);
  ext.privileged = w.key.privileged;
  ext.speculative = w.speculative;
  ext.address = ext.virtual_address = base::iova(w.address);
  ext.atc_slot = index;
  ext.completion = count > 1 ? &m_entries[w.entries] : &w.completion;
  ext.message = nullptr;
  ext.log->start(stage::atc_wait, w.round);
  enter_stage(ext, stage::device_issue, now());
  put(*w.request);
  if (!w.speculative && w.attempts == 0) prefetch_behind(w);
}

void atc::answers() {
  const duration present = now();
  while (m_answers.due(present)) {
    const std::uint32_t index = m_answers.front();
    m_answers.pop();
    completed(index);
    while (m_requests < m_params.requests && !m_to_ask.empty()) send_request(m_to_ask.pop());
  }
  m_answers.rearm(present);
  pump();
}

// When each part of its way was over, from the stages of the Translation Request.
void atc::note_path(page& w) {
  kit::stage_log& log = *extension_of(*w.request).log;
  log.finish(now());
  const duration over = now();
  std::array<duration, 4> began{log.started(), kit::never, kit::never, kit::never};
  std::size_t part = 0;  // device, link up, SMMU, link down
  duration t = log.started();
  for (const kit::stage_log::segment& s : log) {
    const kit::stage_group group = kit::about(s.what).group;
    const bool own = s.what >= stage::atc_wait && s.what <= stage::atc_page_request;
    std::size_t here = part;
    if (group == kit::stage_group::link) here = part < 2 ? 1 : 3;
    if (group == kit::stage_group::translation && !own) here = 2;
    if (here > part) std::fill(began.begin() + part + 1, began.begin() + here + 1, t);
    part = std::max(part, here);
    t += s.length;
  }
  for (duration& b : began) b = b == kit::never ? over : b;
  w.path = {began[0], began[1], began[2], began[3], over};
}

// What was invalidated in the meantime is part of what the completion covers.
bool atc::is_stale(const page& w) const {
  if (w.stale_shift == 0 || !w.completion.granted()) return false;
  const unsigned used =
      std::min<unsigned>(w.completion.size_shift, std::max(m_params.largest_shift(), m_stu_shift));
  return overlap(w.address, used, w.stale_address, w.stale_shift);
}

void atc::completed(std::uint32_t index) {
  page& w = m_pages[index];
  note_path(w);
  const std::uint32_t rider = std::exchange(w.next_rider, none);
  several of{std::exchange(w.entries, none), 1, w.address, w.path};
  if (of.place != none) {
    w.completion = m_entries[of.place];
    of.count = arch::entries_of(&m_entries[of.place], w.request->get_data_length() / 8);
  }
  leader_completed(index);
  if (of.place != none) riders_completed(rider, of);
}

void atc::leader_completed(std::uint32_t index) {
  page& w = m_pages[index];
  if (w.request->is_response_error()) w.completion.status = arch::ats_status::unsupported_request;
  w.request->release();
  w.request = nullptr;
  m_requests -= 1;
  m_stats.requests.change(now(), -1);
  m_stats.translation.add(now() - w.path.missed);
  if (w.completion.status != arch::ats_status::success) {
    const bool ca = w.completion.status == arch::ats_status::completer_abort;
    (ca ? m_stats.aborted : m_stats.unsupported) += 1;
    return fail_page(index);
  }
  if (is_stale(w)) {
    m_stats.stale += 1;
    return w.first == none ? conclude(index, true) : ask(index);
  }
  if (!w.completion.granted()) return w.first == none ? conclude(index, true) : absent(index);
  m_stats.granted += 1;
  m_store.fill(w.key, w.address, w.completion);
  serve(index);
}

// Those that the completion allows go; the others wait on.
void atc::serve(std::uint32_t index) {
  page& w = m_pages[index];
  const arch::ats_completion& c = w.completion;
  std::uint32_t i = w.first;
  w.first = w.last = none;
  bool all_covered = true;
  while (i != none) {
    const access& a = m_accesses[i];
    const std::uint32_t next = a.next;
    const bool covered = overlap(a.address, 0, w.address, c.size_shift);
    if (covered && (a.write ? c.write : c.read)) {
      grant(i, c.address + (a.address & base::low_mask(c.size_shift)));
    } else {
      all_covered = all_covered && covered;
      wait_for(index, i);
    }
    i = next;
  }
  if (w.first == none) return conclude(index, true);
  const bool upgrade = needs_of(w).write && !w.write;
  m_stats.upgrades += upgrade ? 1 : 0;
  if (upgrade || !all_covered) return ask(index);
  absent(index);
}

// --- absent pages -------------------------------------------------------------------------------

void atc::absent(std::uint32_t index) {
  page& w = m_pages[index];
  m_stats.absent += 1;
  w.was_absent = true;
  m_pri.concluded(w.group, false);
  w.group = page_request_interface::no_group;
  if (!m_pri.enabled()) return fail_page(index);
  // A read was requested, and now a write waits as well: no fault of the host.
  if (needs_of(w).write && !w.requested_write) w.attempts = 0;
  if (w.attempts > m_params.page_requests.retries) {
    m_stats.gave_up += 1;
    return fail_page(index);
  }
  w.now = state::absent;
  enter_waiters(w, stage::atc_page_request, stage::atc_page_request);
  if (w.attempts == 0) return request_page(index);
  const std::uint32_t doublings = std::min(w.attempts - 1, m_params.page_requests.backoff);
  m_retries.push(index, now() + m_params.page_requests.retry_pause * (1u << doublings));
}

void atc::retries() {
  const duration present = now();
  while (m_retries.due(present)) {
    const std::uint32_t index = m_retries.front();
    m_retries.pop();
    request_page(index);
  }
  m_retries.rearm(present);
}

void atc::request_page(std::uint32_t index) {
  page& w = m_pages[index];
  if (!m_pri.enabled()) return fail_page(index);
  const needs n = needs_of(w);
  w.attempts += 1;
  w.requested_write = n.write;
  page_request_interface::absent_page wanted;
  wanted.id = index;
  wanted.sid = base::stream_id(m_segment << 16 | w.key.requester_id);
  wanted.has_ssid = w.key.has_ssid;
  wanted.ssid = base::substream_id(w.key.ssid);
  wanted.privileged = w.key.privileged;
  wanted.read = n.read;
  wanted.write = n.write;
  wanted.address = w.address;
  wanted.attempt = w.attempts - 1;
  wanted.path = w.path;
  m_pri.request(wanted);
}

void atc::group_answered(std::uint32_t index, std::uint32_t group,
                         page_request_interface::answer what) {
  page& w = m_pages[index];
  w.group = group;
  w.round = now();
  if (what == page_request_interface::answer::ask_again) {
    ask(index);
  } else {
    fail_page(index);
  }
  pump();
}

void atc::fail_page(std::uint32_t index) {
  page& w = m_pages[index];
  std::uint32_t i = w.first;
  w.first = w.last = none;
  while (i != none) {
    const std::uint32_t next = m_accesses[i].next;
    fail(i);
    i = next;
  }
  conclude(index, false);
}

// Nobody waits for it any more.
void atc::conclude(std::uint32_t index, bool resolved) {
  const page& w = m_pages[index];
  if (w.was_absent) {
    (resolved ? m_stats.resolved : m_stats.unresolved) += 1;
    if (resolved) m_stats.fault.add(now() - w.missed);
    m_pri.concluded(w.group, resolved);
  }
  free_page(index);
}

}  // namespace svasim::device
