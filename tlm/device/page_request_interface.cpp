#include "tlm/device/page_request_interface.h"

#include <algorithm>

namespace svasim::device {

using kit::now;
using kit::to_sc;

page_request_interface::page_request_interface(sc_core::sc_module_name name,
                                               const page_request_params& params,
                                               std::uint32_t pages, stats::group* parent)
    : sc_module(name),
      m_params(params),
      m_stats(parent),
      m_enabled(params.enabled),
      m_allocation(params.allocation),
      m_groups(params.indices),
      m_patience(params.timeout),
      m_sent(2 * params.indices),
      m_tick("tick_due") {
  m_waiting.reserve(pages);
  m_members.reserve(params.group_pages);
  for (group& g : m_groups) g.pages.reserve(params.group_pages);
  SC_HAS_PROCESS(page_request_interface);
  SC_METHOD(tick);
  sensitive << m_tick;
  dont_initialize();
}

std::uint32_t page_request_interface::limit() const {
  return std::min(m_params.capacity, m_allocation);
}

void page_request_interface::request(const absent_page& page) {
  m_waiting.push_back({page, now(), false});
  m_stats.waiting.change(now(), 1);
  // At the end of this moment, when all that is absent is known.
  m_tick.notify(sc_core::SC_ZERO_TIME);
}

void page_request_interface::allocate(std::uint32_t requests) {
  m_allocation = requests;
  m_tick.notify(sc_core::SC_ZERO_TIME);
}

void page_request_interface::stop(base::stream_id sid, base::substream_id ssid) {
  m_endings.push_back({sid, ssid});
  m_tick.notify(sc_core::SC_ZERO_TIME);
}

bool page_request_interface::together(const absent_page& a, const absent_page& b) {
  return a.sid == b.sid && a.has_ssid == b.has_ssid && a.ssid == b.ssid;
}

void page_request_interface::tick() {
  give_up_groups();
  while (form_group()) {
  }
  send_stop_markers();
  duration next = kit::never;
  const bool room = m_outstanding < limit() && free_index() != no_group;
  if (room && !m_waiting.empty()) next = m_waiting.front().since + m_params.window;
  if (!m_sent.empty()) {
    const group& oldest = m_groups[m_sent.front().index];
    next = std::min(next, oldest.since + oldest.patience);
  }
  if (next != kit::never) m_tick.notify(to_sc(kit::later(next, now()) - now()));
}

// --- groups go out ------------------------------------------------------------------------------

std::uint32_t page_request_interface::free_index() {
  for (std::uint32_t n = 0; n < m_params.indices; ++n) {
    const std::uint32_t i = (m_next_index + n) % m_params.indices;
    if (m_groups[i].open == 0) return i;
  }
  return no_group;
}

std::uint32_t page_request_interface::pages_with(const absent_page& first) const {
  const std::uint32_t halved = m_params.group_pages >> std::min(first.attempt, m_params.backoff);
  return std::max(halved, 1u);
}

// Makes the oldest page and others of its PASID a group; false where it has to wait.
bool page_request_interface::form_group() {
  if (m_waiting.empty() || !m_enabled) return false;
  const std::uint32_t credits = limit() > m_outstanding ? limit() - m_outstanding : 0;
  const std::uint32_t index = free_index();
  if (credits == 0 || index == no_group) {
    for (waiting_page& w : m_waiting) {
      m_stats.credit_waits += w.counted ? 0 : 1;
      w.counted = true;
    }
    return false;
  }
  const absent_page first = m_waiting.front().page;
  const std::size_t room = std::min(credits, pages_with(first));
  const auto members = static_cast<std::size_t>(
      std::count_if(m_waiting.begin(), m_waiting.end(),
                    [&](const waiting_page& w) { return together(w.page, first); }));
  if (members < room && now() < m_waiting.front().since + m_params.window) return false;
  m_members.clear();
  const auto left = std::remove_if(m_waiting.begin(), m_waiting.end(), [&](const waiting_page& w) {
    if (m_members.size() == room || !together(w.page, first)) return false;
    m_members.push_back(w.page);
    return true;
  });
  m_waiting.erase(left, m_waiting.end());
  m_stats.waiting.change(now(), -static_cast<std::int64_t>(m_members.size()));
  send_group(index, first);
  return true;
}

void page_request_interface::send_group(std::uint32_t index, const absent_page& first) {
  m_next_index = (index + 1) % m_params.indices;
  group& g = m_groups[index];
  g.sent = true;
  g.resolved = true;
  g.open = static_cast<std::uint32_t>(m_members.size());
  g.serial += 1;
  g.since = now();
  g.patience = m_patience;
  g.sid = first.sid;
  g.has_ssid = first.has_ssid;
  g.ssid = first.ssid;
  g.pages.clear();
  m_outstanding += g.open;
  m_stats.outstanding.change(now(), g.open);
  m_stats.open_groups.change(now(), 1);
  m_stats.groups += 1;
  m_stats.requests += g.open;
  if (m_sent.full()) forget_answered();
  static_cast<void>(m_sent.push({index, g.serial}));
  if (hops != nullptr) log_group(index, first);
  for (const absent_page& page : m_members) {
    g.pages.push_back(page.id);
    arch::page_request r;
    r.sid = page.sid;
    r.has_ssid = page.has_ssid;
    r.ssid = page.ssid;
    r.privileged = page.privileged;
    r.read = page.read;
    r.write = page.write;
    r.last = &page == &m_members.back();
    r.prg_index = static_cast<std::uint16_t>(index);
    r.address = page.address;
    send(r);
  }
}

kit::fault_key page_request_interface::key_of(std::uint32_t index) const {
  const group& g = m_groups[index];
  return {g.sid, g.has_ssid ? g.ssid.value() : 0, index};
}

// The group has the way of its oldest page.
void page_request_interface::log_group(std::uint32_t index, const absent_page& first) {
  const kit::fault_key key = key_of(index);
  hops->begin(key, first.path.missed, kit::hop::dev_request);
  hops->enter(key, kit::hop::rc_request, first.path.on_link);
  hops->enter(key, kit::hop::smmu_walk, first.path.at_smmu);
  hops->enter(key, kit::hop::smmu_completion, first.path.walked);
  hops->enter(key, kit::hop::dev_page_request, first.path.completed);
}

// Behind the last page request of the PASID.
void page_request_interface::send_stop_markers() {
  const auto ended = [this](const ending& e) {
    for (const waiting_page& w : m_waiting) {
      if (w.page.sid == e.sid && w.page.has_ssid && w.page.ssid == e.ssid) return false;
    }
    arch::page_request r;
    r.sid = e.sid;
    r.has_ssid = true;
    r.ssid = e.ssid;
    r.last = true;
    m_stats.stop_markers += 1;
    send(r);
    return true;
  };
  m_endings.erase(std::remove_if(m_endings.begin(), m_endings.end(), ended), m_endings.end());
}

// --- answers ------------------------------------------------------------------------------------

void page_request_interface::respond(const arch::prg_response& r) {
  if (!m_enabled) {
    m_stats.ignored += 1;
    return;
  }
  const std::uint32_t index = r.prg_index;
  if (index >= m_groups.size() || !m_groups[index].sent ||
      (r.has_ssid && (!m_groups[index].has_ssid || m_groups[index].ssid != r.ssid))) {
    m_stats.unexpected += 1;
    return;
  }
  m_stats.response.add(now() - m_groups[index].since);
  switch (r.code) {
    case arch::prg_code::success:
      m_stats.succeeded += 1;
      return close(index, answer::ask_again);
    case arch::prg_code::invalid_request:
      m_stats.invalid += 1;
      return close(index, answer::failed);
    case arch::prg_code::failure:
      break;
  }
  turn_off();
}

// The group is answered, or given up: its credits are back.
void page_request_interface::close(std::uint32_t index, answer what) {
  group& g = m_groups[index];
  g.sent = false;
  m_outstanding -= static_cast<std::uint32_t>(g.pages.size());
  m_stats.outstanding.change(now(), -static_cast<std::int64_t>(g.pages.size()));
  if (hops != nullptr) hops->enter(key_of(index), kit::hop::dev_retry, now());
  // concluded() may free the index, but nothing takes it before the next tick.
  for (const std::uint32_t id : g.pages) on_answer(id, index, what);
  m_tick.notify(sc_core::SC_ZERO_TIME);
}

void page_request_interface::turn_off() {
  m_enabled = false;
  for (std::uint32_t i = 0; i < m_groups.size(); ++i) {
    if (!m_groups[i].sent) continue;
    m_stats.failures += 1;
    close(i, answer::failed);
  }
  m_stats.waiting.change(now(), -static_cast<std::int64_t>(m_waiting.size()));
  for (const waiting_page& w : m_waiting) on_answer(w.page.id, no_group, answer::failed);
  m_waiting.clear();
}

void page_request_interface::concluded(std::uint32_t index, bool resolved) {
  if (index == no_group) return;
  group& g = m_groups[index];
  g.resolved = g.resolved && resolved;
  if (--g.open != 0) return;
  m_stats.open_groups.change(now(), -1);
  if (hops != nullptr) hops->end(key_of(index), now(), g.resolved);
  m_tick.notify(sc_core::SC_ZERO_TIME);
}

bool page_request_interface::answered(const sent_group& s) const {
  return !m_groups[s.index].sent || m_groups[s.index].serial != s.serial;
}

// Those in the middle; there are never more others than indices.
void page_request_interface::forget_answered() {
  for (std::uint32_t n = m_sent.size(); n > 0; --n) {
    const sent_group s = m_sent.pop();
    if (!answered(s)) static_cast<void>(m_sent.push(s));
  }
}

void page_request_interface::give_up_groups() {
  while (!m_sent.empty()) {
    const sent_group oldest = m_sent.front();
    const bool over = answered(oldest);
    const group& g = m_groups[oldest.index];
    if (!over && now() < g.since + g.patience) return;
    m_sent.pop();
    if (over) continue;
    m_stats.timeouts += 1;
    if (g.patience == m_patience && m_doublings < m_params.backoff) {
      m_patience += m_patience;
      ++m_doublings;
    }
    close(oldest.index, answer::ask_again);
  }
}

}  // namespace svasim::device
