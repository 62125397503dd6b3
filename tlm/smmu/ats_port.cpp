#include "tlm/smmu/ats_port.h"

#include <algorithm>

#include "base/bits.h"
#include "tlm/kit/time.h"

namespace svasim::smmu {

using arch::ats_message_code;
using kit::extension_of;
using kit::now;
using kit::to_sc;

ats_port::ats_port(sc_core::sc_module_name name, const ats_params& params, stats::group* parent)
    : sc_module(name),
      to_device("to_device"),
      m_params(params),
      m_stats(parent),
      m_open(params.outstanding),
      m_closed("closed"),
      m_timer("timer"),
      m_wire("wire") {
  SC_HAS_PROCESS(ats_port);
  SC_METHOD(time_out);
  sensitive << m_timer;
  dont_initialize();
}

// --- invalidations ------------------------------------------------------------------------------

void ats_port::invalidate(ats_account& by, const arch::command& atc_inv) {
  open_request* r = take_itag(atc_inv.sid);
  if (r == nullptr) m_stats.itag_waits += 1;
  while (r == nullptr) {
    sc_core::wait(m_closed);
    r = take_itag(atc_inv.sid);
  }
  r->by = &by;
  r->sent = now();
  ++by.open;
  ++m_open_count;
  m_stats.invalidations += 1;
  m_stats.itags.change(now(), 1);
  m_timer.notify(to_sc(m_params.timeout));  // one that is due earlier stays
  const std::uint8_t itag = r->itag;
  if (send(arch::invalidate_request(atc_inv, itag))) return;
  m_stats.unsupported += 1;
  // The wait for the wire may have been longer than the timeout.
  if (r->by == &by && r->sid == atc_inv.sid && r->itag == itag) close(*r);
}

// A free place with an ITag that its destination does not use; null where there is none.
ats_port::open_request* ats_port::take_itag(base::stream_id sid) {
  open_request* free = nullptr;
  std::uint64_t used = 0;
  for (open_request& r : m_open) {
    if (r.by == nullptr) {
      free = free == nullptr ? &r : free;
    } else if (r.sid == sid) {
      used |= 1ull << r.itag;
    }
  }
  std::uint8_t itag = 0;
  while (base::bit(used, itag)) ++itag;
  if (free == nullptr || itag >= m_params.itags) return nullptr;
  *free = open_request{};
  free->sid = sid;
  free->itag = itag;
  return free;
}

void ats_port::close(open_request& r) {
  --r.by->open;
  r.by = nullptr;
  m_stats.itags.change(now(), -1);
  // A timer that runs on would keep the simulation going.
  if (--m_open_count == 0) m_timer.cancel();
  m_closed.notify(sc_core::SC_ZERO_TIME);
}

void ats_port::completed(open_request& r, std::uint8_t wanted) {
  if (++r.received < wanted) return;
  m_stats.completed += 1;
  m_stats.invalidation_time.add(now() - r.sent);
  close(r);
}

void ats_port::time_out() {
  base::duration next = kit::never;
  for (open_request& r : m_open) {
    if (r.by == nullptr) continue;
    const base::duration due = r.sent + m_params.timeout;
    if (due <= now()) {
      r.by->failed = true;
      m_stats.timeouts += 1;
      close(r);
    } else {
      next = std::min(next, due);
    }
  }
  if (next != kit::never) m_timer.notify(to_sc(next - now()));
}

bool ats_port::wait_answered(ats_account& by) {
  while (by.open != 0) sc_core::wait(m_closed);
  const bool good = !by.failed;
  by.failed = false;
  return good;
}

// --- messages -----------------------------------------------------------------------------------

void ats_port::respond(const arch::prg_response& r) {
  m_stats.responses += 1;
  if (m_hops != nullptr) {
    m_hops->enter({r.sid, r.has_ssid ? r.ssid.value() : 0, r.prg_index}, kit::hop::smmu_response,
                  now());
  }
  send(arch::message_of(r));
}

void ats_port::receive(const arch::ats_message& m) {
  if (m.code == ats_message_code::page_request) {
    m_stats.page_requests += 1;
    if (on_page_request) on_page_request(m.request);
    return;
  }
  if (m.code != ats_message_code::invalidate_completion) return;
  std::uint32_t unknown = m.itags;
  for (open_request& r : m_open) {
    if (r.by == nullptr || r.sid != m.sid || !base::bit(m.itags, r.itag)) continue;
    unknown &= ~(1u << r.itag);
    completed(r, m.count);
  }
  for (; unknown != 0; unknown &= unknown - 1) m_stats.unexpected += 1;
}

// False where the function does not exist, or does not know the message (UR).
bool ats_port::send(const arch::ats_message& m) {
  constexpr std::uint32_t header = 16, body = 8;
  m_wire.lock();
  const bool with_data = m.code == ats_message_code::invalidate_request;
  tlm::tlm_generic_payload& p =
      m_pool.take(tlm::TLM_WRITE_COMMAND, 0, with_data ? header + body : header);
  kit::dma_extension& ext = extension_of(p);
  ext.kind = kit::traffic::message;
  ext.log = nullptr;
  ext.sid = m.sid;
  ext.has_ssid = m.has_ssid;
  ext.ssid = m.ssid;
  ext.message = &m;
  sc_core::sc_time t;
  to_device->b_transport(p, t);
  sc_core::wait(t);
  ext.message = nullptr;
  const bool good = p.is_response_ok();
  p.release();
  m_wire.unlock();
  return good;
}

}  // namespace svasim::smmu
