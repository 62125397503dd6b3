#include "tlm/software/viommu_driver.h"

#include "tlm/kit/time.h"

namespace svasim::software {

using arch::viommu_request;
using arch::viommu_type;
using kit::hop;
using kit::now;

namespace {
constexpr unsigned page_shift = 12;
constexpr std::uint64_t page_bytes = 1ull << page_shift;
}  // namespace

void viommu_driver_params::describe(describe::visitor& v) {
  v.field("event_buffers", event_buffers, {1, 32768}, "buffers",
          "Buffers for event records; at most as many as the event queue has entries.",
          "A: assumed");
  v.field("page_requests", page_requests, {1, 65536}, "requests",
          "Page requests that may wait for the thread of viommu-pri-wq.",
          "A: bounded FIFO; the RFC has one place and overwrites it (virtio-iommu 4.2)");
}

viommu_driver::viommu_driver(const viommu_driver_params& params, const kernel_costs& costs,
                             const wiring& w, stats::group* parent)
    : m_params(params),
      m_costs(costs),
      m_wiring(w),
      m_stats(parent),
      m_pri_queue(
          "viommu_pri_wq", *w.machine, kit::actor::gk, 1, params.page_requests, costs.work_dispatch,
          [this](kit::task& t, arch::page_request& r) {
            m_faults->report(t, r);
            if (m_waits) read_events(t);
          },
          &m_stats) {
  for (std::uint64_t i = w.requests->entries(); i-- > 0;) m_free_slots.push_back(i);
  m_interrupt = w.machine->add_interrupt("viommu_event", kit::actor::gk, w.cpu,
                                         [this](kit::task& t) { read_events(t); });
}

std::uint64_t viommu_driver::buffer_bytes() const {
  return (m_wiring.requests->entries() + std::uint64_t{m_params.event_buffers}) * slot_bytes;
}

// --- requests -----------------------------------------------------------------------------------

// With the lock held.
void viommu_driver::add(kit::task& t, const viommu_request& r) {
  while (m_free_slots.empty()) synchronise(t);
  t.compute(m_costs.queue_add);
  const arch::viommu_request_bytes bytes = arch::encode(r);
  const std::uint64_t token = m_free_slots.back();
  m_free_slots.pop_back();
  kit::write_memory(t, slot(token), bytes.bytes.data(), bytes.size);
  const kit::ring_part parts[] = {{slot(token), bytes.size},
                                  {slot(token) + tail_offset, arch::viommu_tail_size}};
  while (!m_wiring.requests->add(t, parts, 1, 1, token)) synchronise(t);
  m_wiring.requests->publish(t);
  m_stats.requests += 1;
}

// Kick, and poll until everything is back; with the lock held and interrupts off.
void viommu_driver::synchronise(kit::task& t) {
  const base::duration begun = now();
  if (m_wiring.requests->kick_needed(t)) t.write_register(m_wiring.request_kick, 0);
  m_stats.syncs += 1;
  while (m_wiring.requests->outstanding() != 0 && !m_wiring.requests->broken()) {
    collect(t);
    if (m_wiring.requests->outstanding() == 0) break;
    t.compute(m_costs.poll);
    m_stats.polls += 1;
  }
  m_stats.sync_time.add(now() - begun);
}

void viommu_driver::collect(kit::task& t) {
  while (const auto used = m_wiring.requests->collect(t)) {
    std::uint8_t status = 0xff;
    t.read(slot(used->token) + tail_offset, &status, 1);
    if (status != 0) m_stats.failed += 1;
    m_free_slots.push_back(used->token);
  }
}

void viommu_driver::respond(kit::task& t, const fault_group& group, bool success) {
  if (m_wiring.log != nullptr) m_wiring.log->enter(group.key(), hop::gk_page_response, now());
  viommu_request r;
  r.type = viommu_type::page_resp;
  r.domain = m_wiring.domain;
  r.endpoint = group.sid.value();
  if (group.has_pasid) {
    r.flags = arch::viommu_resp_pasid_valid;
    r.pasid = group.pasid.value();
    r.pasid_valid = 1;
  }
  r.group = group.tag;
  using code = arch::viommu_page_code;
  r.code = static_cast<std::uint16_t>(success ? code::success : code::invalid);
  const spin_guard locked(m_lock, t, m_costs.poll);
  add(t, r);
  synchronise(t);
}

void viommu_driver::invalidate(kit::task& t, const invalidation_range& range) {
  viommu_request r;
  r.type = viommu_type::invalidate;
  r.domain = m_wiring.domain;
  r.inv_gran = range.pages == 0 ? arch::viommu_inv_pasid : arch::viommu_inv_va;
  r.inv_type = arch::viommu_inv_iotlb | arch::viommu_inv_dev_iotlb;
  r.flags = arch::viommu_inv_pasid_valid | arch::viommu_inv_archid_valid;
  r.pasid = range.pasid.value();
  r.archid = range.asid.value();
  r.virt_start = range.first;
  r.pages = range.pages;
  r.granule = page_shift;
  const spin_guard locked(m_lock, t, m_costs.poll);
  add(t, r);
  synchronise(t);
}

// One request for each run of frames that lie side by side, then one synchronisation.
void viommu_driver::map(kit::task& t, const process_memory& mm, std::uint64_t first,
                        std::uint64_t pages) {
  const spin_guard locked(m_lock, t, m_costs.poll);
  for (std::uint64_t i = 0; i < pages;) {
    const std::uint64_t at = first + i * page_bytes;
    const std::uint64_t frame = mm.frame_of(at);
    std::uint64_t n = 1;
    while (i + n < pages && mm.frame_of(at + n * page_bytes) == frame + n * page_bytes) ++n;
    viommu_request r;
    r.type = viommu_type::map;
    r.domain = m_wiring.domain;
    r.virt_start = at;
    r.virt_end = at + n * page_bytes - 1;
    r.phys_start = frame;
    r.flags = arch::viommu_map_read | arch::viommu_map_write;
    add(t, r);
    i += n;
  }
  synchronise(t);
}

void viommu_driver::unmap(kit::task& t, const process_memory&, std::uint64_t first,
                          std::uint64_t pages) {
  viommu_request r;
  r.type = viommu_type::unmap;
  r.domain = m_wiring.domain;
  r.virt_start = first;
  r.virt_end = first + pages * page_bytes - 1;
  const spin_guard locked(m_lock, t, m_costs.poll);
  add(t, r);
  synchronise(t);
}

// --- events -------------------------------------------------------------------------------------

void viommu_driver::give_buffer(kit::task& t, std::uint64_t index) {
  const kit::ring_part part{event_buffer(index), arch::viommu_fault_size(m_wiring.layout)};
  if (m_wiring.events->add(t, &part, 0, 1, index)) m_wiring.events->publish(t);
}

void viommu_driver::set_up(kit::task& t) {
  m_wiring.requests->disable_interrupts(t);
  for (std::uint64_t i = 0; i < m_params.event_buffers; ++i) give_buffer(t, i);
  m_wiring.events->enable_interrupts(t);
}

void viommu_driver::read_events(kit::task& t) {
  if (m_reading) {
    m_read_again = true;
    return;
  }
  m_reading = true;
  const base::duration begun = now();
  bool more = true;
  while (more) {
    m_waits = m_read_again = false;
    collect_events(t, begun);
    if (m_wiring.events->kick_needed(t)) t.write_register(m_wiring.event_kick, 0);
    more = (!m_waits && m_wiring.events->enable_interrupts(t)) || m_read_again;
  }
  m_reading = false;
}

void viommu_driver::collect_events(kit::task& t, base::duration begun) {
  for (;;) {
    if (m_pri_queue.full()) {
      m_waits = true;
      m_stats.held_back += 1;
      m_wiring.events->disable_interrupts(t);
      return;
    }
    const auto used = m_wiring.events->collect(t);
    if (!used) return;
    event(t, *used, begun);
  }
}

void viommu_driver::event(kit::task& t, const kit::virtqueue_driver::used& used,
                          base::duration begun) {
  std::uint8_t bytes[arch::viommu_fault_bytes::max_size] = {};
  kit::read_memory(t, event_buffer(used.token), bytes, used.written);
  t.compute(m_costs.fault_decode);
  m_stats.events += 1;
  const auto f = arch::decode_viommu_fault(bytes, used.written, m_wiring.layout);
  give_buffer(t, used.token);
  if (!f || !f->page_request) {
    m_stats.other_events += 1;
    return;
  }
  arch::page_request r;
  r.sid = base::stream_id(f->endpoint);
  r.has_ssid = f->has_pasid;
  r.ssid = base::substream_id(f->pasid);
  r.read = f->read;
  r.write = f->write;
  r.execute = f->execute;
  r.privileged = f->privileged;
  r.last = f->last;
  r.prg_index = static_cast<std::uint16_t>(f->group);
  r.address = f->address;
  if (m_wiring.log != nullptr && r.last) {
    m_wiring.log->enter_no_earlier(key_of(r), hop::gk_event_irq, begun);
    m_wiring.log->enter(key_of(r), hop::gk_work, now());
  }
  static_cast<void>(m_pri_queue.queue(r));  // there is room
}

}  // namespace svasim::software
