#include "tlm/virtio/request_replay.h"

#include <utility>

#include "tlm/kit/time.h"

namespace svasim::virtio {

using arch::viommu_request;
using arch::viommu_status;
using trace::request_type;

void request_replay_params::describe(describe::visitor& v) {
  v.field("prepare", prepare, base::ns(0), base::us(100),
          "Processor time to make a request and add it to the ring, without its accesses.",
          "A: assumed");
  v.field("poll", poll, base::ns(0), base::us(100), "One turn of a busy poll, without its read.",
          "A: assumed");
  v.choice("sync", sync, {{"each", replay_sync::each}, {"runs", replay_sync::runs}},
           "The driver synchronises after each request, or after each run of maps or unmaps that "
           "stand next to each other in the log.",
           "A: a log does not say; runs is what scatter lists do");
}

viommu_request request_of(const trace::record& r) {
  viommu_request out;
  out.type = static_cast<arch::viommu_type>(r.request);
  out.domain = r.domain;
  if (r.request == request_type::attach || r.request == request_type::detach) {
    out.endpoint = r.sid.value();
    return out;
  }
  out.virt_start = r.address.value();
  out.virt_end = r.last;
  if (r.request == request_type::map) {
    out.phys_start = r.output;
    out.flags = r.permission;
  }
  return out;
}

request_replay::request_replay(const request_replay_params& params, kit::virtqueue_driver& ring,
                               std::uint64_t buffers, std::function<void(kit::task&)> kick,
                               stats::group* parent, const char* name)
    : m_params(params),
      m_ring(ring),
      m_buffers(buffers),
      m_kick(std::move(kick)),
      m_stats(parent, name),
      m_work(sc_core::sc_gen_unique_name("viommu_replay")),
      m_queue(capacity),
      m_slots(ring.entries()),
      m_used(ring.entries()) {
  for (std::uint32_t i = ring.entries(); i-- > 0;) m_free.push_back(i);
}

bool request_replay::submit(const trace::record& r, bool more) {
  if (!m_queue.push({r, kit::now(), more})) return false;
  ++m_outstanding;
  m_work.raise();
  return true;
}

void request_replay::run(kit::task& t) {
  m_ring.disable_interrupts(t);
  for (;;) {
    if (m_queue.empty()) {
      t.sleep(m_work);
    } else {
      serve_next(t);
    }
  }
}

void request_replay::serve_next(kit::task& t) {
  const waiting w = m_queue.pop();
  put(t, w);
  if (!goes_on(w)) synchronise(t);
}

// Does a run go on? Where the next request is still to come, the reader's word counts.
bool request_replay::goes_on(const waiting& w) const {
  const bool alone =
      w.record.request == request_type::attach || w.record.request == request_type::detach;
  if (m_params.sync == replay_sync::each || alone || !w.more || m_queue.empty()) return false;
  const trace::record& next = m_queue.front().record;
  return next.request == w.record.request && next.domain == w.record.domain;
}

void request_replay::put(kit::task& t, const waiting& w) {
  while (m_free.empty() && !m_ring.broken()) synchronise(t);
  t.compute(m_params.prepare);
  const auto bytes = encode(request_of(w.record));
  if (m_free.empty()) return give_up(w);
  const std::uint32_t slot = m_free.back();
  m_free.pop_back();  // now: a synchronisation gives others back
  const std::uint64_t at = m_buffers + slot * slot_bytes;
  kit::write_memory(t, at, bytes.bytes.data(), bytes.size);
  const kit::ring_part parts[] = {{at, bytes.size}, {at + tail_offset, arch::viommu_tail_size}};
  while (!m_ring.add(t, parts, 1, 1, slot)) {
    if (m_ring.broken() || m_ring.outstanding() == 0) {  // it never fits
      m_free.push_back(slot);
      return give_up(w);
    }
    synchronise(t);
  }
  m_slots[slot] = w;
  m_used[slot] = true;
  m_ring.publish(t);
  ++m_stats.requests;
}

void request_replay::synchronise(kit::task& t) {
  const base::duration begun = kit::now();
  if (m_ring.kick_needed(t)) m_kick(t);
  ++m_stats.syncs;
  while (m_ring.outstanding() != 0) {
    collect(t);
    if (m_ring.broken()) give_up_all();
    if (m_ring.broken() || m_ring.outstanding() == 0) break;
    t.compute(m_params.poll);
    ++m_stats.polls;
  }
  m_stats.sync_time.add(kit::now() - begun);
  if (on_synced) on_synced();
}

void request_replay::collect(kit::task& t) {
  while (const auto used = m_ring.collect(t)) {
    std::uint8_t status = static_cast<std::uint8_t>(viommu_status::ioerr);
    if (used->written == arch::viommu_tail_size) {
      t.read(m_buffers + used->token * slot_bytes + tail_offset, &status, 1);
    }
    finish(used->token, static_cast<viommu_status>(status));
  }
}

void request_replay::finish(std::size_t slot, viommu_status s) {
  m_used[slot] = false;
  m_free.push_back(static_cast<std::uint32_t>(slot));
  --m_outstanding;
  m_stats.latency.add(kit::now() - m_slots[slot].submitted);
  if (s == viommu_status::ok) return;
  ++m_stats.failed;
  if (on_refused) on_refused(m_slots[slot].record, s);
}

void request_replay::give_up(const waiting& w) {
  --m_outstanding;
  ++m_stats.failed;
  if (on_refused) on_refused(w.record, viommu_status::deverr);
}

// Nothing comes back from a broken ring.
void request_replay::give_up_all() {
  for (std::size_t slot = 0; slot < m_used.size(); ++slot) {
    if (m_used[slot]) finish(slot, viommu_status::deverr);
  }
}

}  // namespace svasim::virtio
