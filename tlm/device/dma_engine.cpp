#include "tlm/device/dma_engine.h"

#include <fmt/format.h>

#include <algorithm>

namespace svasim::device {

using kit::extension_of;
using kit::from_sc;
using kit::later;
using kit::now;
using kit::stage;
using kit::to_sc;

void dma_engine_params::describe(describe::visitor& v) {
  v.choice(
      "mode", mode,
      {{"open", issue_mode::open}, {"closed", issue_mode::closed}, {"serial", issue_mode::serial}},
      "When accesses are issued: at trace time, as tags allow, or one packet at a time.",
      "A: recorded times are those of an emulator");
  v.field("outstanding_reads", outstanding_reads, {1, 65536}, "requests",
          "Read requests under way (tags).", "A: measurements 11 gives 96-256");
  v.field("outstanding_writes", outstanding_writes, {1, 65536}, "requests",
          "Write requests not yet in memory.", "A: as for reads");
  v.field("packet", packet, {1, 65536}, "accesses",
          "Accesses of a packet in serial mode: under way together, the next packet after all.",
          "A: one access at a time");
  v.field("issue_interval", issue_interval, base::ps(0), base::us(100),
          "Least time between two requests of the engine.", "A: not limited");
  v.field("time_scale_ppm", time_scale_ppm, {0, 1000000000}, "ppm",
          "Trace time is stretched by this in open mode; 1000000 leaves it as recorded.",
          "A: as recorded");
}

dma_engine::dma_engine(sc_core::sc_module_name name, const dma_engine_params& params, limits tlp,
                       trace::feed& feed, stats::group* parent)
    : sc_module(name),
      to_link("to_link"),
      m_params(params),
      m_limits(tlp),
      m_feed(feed),
      m_notify_feed(feed.wants_completions()),
      m_ahead_of_time(!m_notify_feed && params.mode != issue_mode::open &&
                      params.issue_interval.value() == 0 && tlp.credits_cover_outstanding),
      m_stats(parent),
      m_completions("completion_due", params.outstanding_reads + params.outstanding_writes),
      m_issue_event("issue_due") {
  to_link.register_nb_transport_bw(this, &dma_engine::response);
  feed.on_ready([this] { m_issue_event.notify(sc_core::SC_ZERO_TIME); });
  SC_HAS_PROCESS(dma_engine);
  SC_METHOD(issue_now);
  sensitive << m_issue_event;
  SC_METHOD(complete);
  sensitive << m_completions.event();
  dont_initialize();
}

void dma_engine::issue_now() {
  m_link_freed = false;
  issue(now());
}

// Sends as long as records, tags, time and the link allow.
void dma_engine::issue(duration at) {
  while (!m_link_busy && take_record(at) && may_send() && !wait_for_time(at)) send_piece(at);
  if (m_feed_ended && !m_have_record && m_live_count == 0 && !m_finished) {
    m_finished = true;
    if (on_finished) on_finished(at);
  }
}

// In serial mode. Where its first accesses are answered before the last is taken, it stays one.
bool dma_engine::packet_is_full() {
  if (m_in_packet < m_params.packet) return false;
  if (m_live_count != 0) return true;
  m_in_packet = 0;
  return false;
}

// True when there is an access to send a piece of.
bool dma_engine::take_record(duration at) {
  if (m_have_record) return true;
  if (m_feed_ended) return false;
  if (m_params.mode == issue_mode::serial && packet_is_full()) return false;
  if (m_free_slots.empty()) {
    m_free_slots.push_back(static_cast<std::uint32_t>(m_live.size()));
    m_live.emplace_back();
  }
  const std::uint32_t slot = m_free_slots.back();
  live_access& access = m_live[slot];
  const trace::pull answer = m_feed.next(access.record);
  m_feed_ended = answer == trace::pull::end;
  if (answer != trace::pull::ready) return false;
  m_free_slots.pop_back();
  access.pending = 0;
  access.all_sent = access.failed = false;
  m_slot = slot;
  m_have_record = true;
  m_sent_bytes = 0;
  m_live_count += 1;
  m_in_packet += 1;
  m_stats.accesses += 1;
  m_due = later(at, m_paced);
  if (m_params.mode == issue_mode::open) {
    const auto scaled = static_cast<unsigned __int128>(access.record.time.value()) *
                        m_params.time_scale_ppm / 1000000;
    m_due = duration(static_cast<std::uint64_t>(scaled));
  }
  return true;
}

bool dma_engine::may_send() const {
  return m_live[m_slot].record.write ? m_writes < m_params.outstanding_writes
                                     : m_reads < m_params.outstanding_reads;
}

// True, with a wake-up set, when the request lies in the future.
bool dma_engine::wait_for_time(duration at) {
  const duration earliest = later(m_due, m_paced);
  if (earliest <= at) return false;
  m_issue_event.notify(to_sc(earliest - now()));
  return true;
}

std::uint32_t dma_engine::piece_length() const {
  const trace::record& r = m_live[m_slot].record;
  const std::uint64_t at = r.address.value() + m_sent_bytes;
  const std::uint64_t limit = (r.write ? m_limits.mps : m_limits.mrrs).value();
  const std::uint64_t to_boundary = 4096 - at % 4096;
  const std::uint64_t left = r.length - m_sent_bytes;
  return static_cast<std::uint32_t>(std::min({limit, to_boundary, left}));
}

void dma_engine::send_piece(duration at) {
  live_access& access = m_live[m_slot];
  const trace::record& r = access.record;
  const std::uint32_t length = piece_length();
  const base::iova address = r.address + m_sent_bytes;
  payload& p = m_pool.take(r.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND,
                           address.value(), length);
  kit::dma_extension& ext = extension_of(p);
  ext.id = m_stats.issued.value();
  ext.kind = kit::traffic::dma;
  ext.timing_only = true;
  ext.requester_id = static_cast<std::uint16_t>(r.sid.value());
  ext.has_ssid = r.has_ssid;
  ext.ssid = r.ssid;
  ext.address = address;
  ext.has_expected = r.has_output;
  ext.expected_output = r.output + m_sent_bytes;
  ext.record_slot = m_slot;
  // In a closed loop a request is due when it can be made; only a trace has a time of its own.
  ext.log->start(stage::device_issue, m_params.mode == issue_mode::open ? m_due : at);

  access.pending += 1;
  m_sent_bytes += length;
  if (m_sent_bytes >= r.length) {
    access.all_sent = true;
    m_have_record = false;
  }
  (r.write ? m_writes : m_reads) += 1;
  m_stats.issued += 1;
  m_stats.in_flight.change(at, 1);

  const duration at_link = later(at, m_next_request);
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time t = to_sc(at_link - now());
  m_next_request = at_link;
  if (m_params.issue_interval.value() != 0) m_paced = at_link + m_params.issue_interval;
  switch (to_link->nb_transport_fw(p, phase, t)) {
    case tlm::TLM_ACCEPTED:
      m_link_busy = true;
      break;
    case tlm::TLM_UPDATED:
      m_next_request = later(m_next_request, now() + from_sc(t));
      break;
    case tlm::TLM_COMPLETED:
      m_completions.push(&p, now() + from_sc(t));
      break;
  }
}

tlm::tlm_sync_enum dma_engine::response(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t) {
  if (phase == tlm::END_REQ) {
    m_link_busy = false;
    m_link_freed = true;
    m_next_request = later(m_next_request, now() + from_sc(t));
    m_issue_event.notify(t);
    return tlm::TLM_ACCEPTED;
  }
  const duration at = now() + from_sc(t);
  if (m_ahead_of_time && !m_link_busy && !m_link_freed && m_completions.empty()) {
    finish(p, at);
  } else {
    m_completions.push(&p, at);
  }
  return tlm::TLM_COMPLETED;
}

void dma_engine::complete() {
  const duration present = now();
  while (m_completions.due(present)) {
    payload& p = *m_completions.front();
    m_completions.pop();
    finish(p, present);
  }
  m_completions.rearm(present);
}

// A response has arrived; what it makes room for goes out.
void dma_engine::finish(payload& p, duration at) {
  account(p, at);
  m_last_done = at;
  const std::uint32_t slot = extension_of(p).record_slot;
  p.release();
  live_access& access = m_live[slot];
  access.pending -= 1;
  if (access.pending == 0 && access.all_sent) release(access, slot);
  issue(at);
}

void dma_engine::account(payload& p, duration at) {
  kit::dma_extension& ext = extension_of(p);
  ext.log->finish(at);
  const duration total = at - ext.log->started();
  const duration translation = m_stages.add(*ext.log);
  if (on_request_done) on_request_done(p, at, translation);
  m_stats.translation.add(translation);
  (p.is_write() ? m_stats.write : m_stats.read).add(total);
  (p.is_write() ? m_writes : m_reads) -= 1;
  m_stats.in_flight.change(at, -1);
  if (p.is_response_ok()) {
    m_stats.completed += 1;
    m_stats.bytes += p.get_data_length();
    if (ext.has_expected && ext.stage1_output != ext.expected_output) compare_output(p);
  } else {
    m_stats.faulted += 1;
    m_live[ext.record_slot].failed = true;
  }
  if ((++m_done & 0xffff) == 0 && on_progress) on_progress(m_done);
}

void dma_engine::compare_output(const payload& p) {
  const kit::dma_extension& ext = extension_of(p);
  m_stats.mismatches += 1;
  if (!m_first_mismatch.empty()) return;
  m_first_mismatch = fmt::format(
      "access to IOVA {:#x} of StreamID {:#x} (line {}): stage-1 output {:#x}, the trace says "
      "{:#x}",
      ext.address.value(), ext.sid.value(), m_live[ext.record_slot].record.line, ext.stage1_output,
      ext.expected_output);
}

void dma_engine::release(live_access& access, std::uint32_t slot) {
  m_live_count -= 1;
  m_free_slots.push_back(slot);
  if (!m_notify_feed) return;
  if (access.failed) {
    m_feed.failed(access.record);
  } else {
    m_feed.completed(access.record);
  }
}

}  // namespace svasim::device
