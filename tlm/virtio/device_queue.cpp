#include "tlm/virtio/device_queue.h"

#include <utility>

#include "tlm/kit/time.h"
#include "tlm/virtio/ring_words.h"

namespace svasim::virtio {

using arch::virtqueue_descriptor;

const char* to_string(ring_defect d) {
  constexpr const char* texts[] = {"none",           "bad index",    "chain without end",
                                   "bad descriptor", "chain reused", "address outside memory"};
  return texts[static_cast<std::size_t>(d)];
}

device_queue::device_queue(const virtqueue_params& params, const arch::virtqueue_layout& ring,
                           kit::guest_memory memory, stats::group* parent, const std::string& name)
    : m_params(params),
      m_ring(ring),
      m_memory(std::move(memory)),
      m_stats(parent, name),
      m_held(ring.entries) {}

// --- taking chains ------------------------------------------------------------------------------

bool device_queue::more_available(kit::task& t) {
  m_seen_avail = read16(t, m_ring.avail_index());
  const auto n = static_cast<std::uint16_t>(m_seen_avail - m_last_avail);
  if (broken() || (n > m_ring.entries && !fail(ring_defect::index))) return false;
  return n != 0;
}

bool device_queue::pop(kit::task& t, kit::ring_chain& out) {
  const one_task guard(m_inside, m_stats.name());
  if (broken()) return false;
  if (m_last_avail == m_seen_avail && !more_available(t)) {
    if (!broken()) ++m_stats.idle;
    return false;
  }
  const std::uint16_t head = read16(t, m_ring.avail_entry(m_last_avail));
  if (broken()) return false;
  if (head >= m_ring.entries) return fail(ring_defect::index);
  if (m_held[head]) return fail(ring_defect::reused);
  out.head = head;
  out.parts.clear();
  out.readable_parts = 0;
  out.readable = out.writable = 0;
  if (!follow(t, out)) return false;
  ++m_last_avail;
  m_held[head] = true;
  ++m_stats.popped;
  m_stats.held.change(kit::now(), 1);
  return true;
}

bool device_queue::follow(kit::task& t, kit::ring_chain& out) {
  table in{m_ring.descriptors, m_ring.entries, m_ring.entries, false};
  for (std::uint32_t index = out.head;;) {
    arch::virtqueue_descriptor_bytes bytes;
    const std::uint64_t at = in.address + std::uint64_t{index} * virtqueue_descriptor::bytes;
    if (!read_guest(t, at, bytes.data(), virtqueue_descriptor::bytes)) return false;
    const virtqueue_descriptor d = arch::decode_virtqueue_descriptor(bytes);
    if (d.indirect()) {
      if (!enter_indirect(d, in)) return false;
      index = 0;
      continue;
    }
    if (out.parts.size() >= in.longest) return fail(ring_defect::loop);
    if (!take_part(d, out)) return false;
    if (!d.has_next()) return true;
    if (d.next >= in.entries) return fail(ring_defect::index);
    index = d.next;
  }
}

bool device_queue::enter_indirect(const virtqueue_descriptor& d, table& in) {
  const bool good = m_params.indirect && !in.indirect && !d.has_next() && d.length != 0 &&
                    d.length % virtqueue_descriptor::bytes == 0;
  if (!good) return fail(ring_defect::descriptor);
  in = {d.address, d.length / virtqueue_descriptor::bytes, max_indirect, true};
  return true;
}

bool device_queue::take_part(const virtqueue_descriptor& d, kit::ring_chain& out) {
  if (d.length == 0 || (!d.writable() && out.writable != 0)) return fail(ring_defect::descriptor);
  if (d.address + (d.length - 1) < d.address) return fail(ring_defect::outside);
  out.parts.push_back({d.address, d.length});
  if (d.writable()) {
    out.writable += d.length;
  } else {
    out.readable += d.length;
    out.readable_parts = out.parts.size();
  }
  return true;
}

// --- their bytes --------------------------------------------------------------------------------

template <class Access>
bool device_queue::access_chain(const kit::ring_chain& chain, bool writable, std::uint64_t offset,
                                std::uint32_t n, const Access& access) {
  const std::uint64_t size = writable ? chain.writable : chain.readable;
  if (broken() || offset > size || n > size - offset) return false;
  const std::size_t end = writable ? chain.parts.size() : chain.readable_parts;
  std::uint32_t done = 0;
  for (std::size_t i = writable ? chain.readable_parts : 0; i < end && done < n; ++i) {
    const kit::ring_part& part = chain.parts[i];
    if (offset >= part.length) {
      offset -= part.length;
      continue;
    }
    const auto piece =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(part.length - offset, n - done));
    if (!access(part.address + offset, done, piece)) return false;
    done += piece;
    offset = 0;
  }
  return true;
}

bool device_queue::read(kit::task& t, const kit::ring_chain& chain, std::uint64_t offset,
                        void* data, std::uint32_t n) {
  const one_task guard(m_inside, m_stats.name());
  return access_chain(chain, false, offset, n,
                      [&](std::uint64_t at, std::uint32_t done, std::uint32_t piece) {
                        return read_guest(t, at, static_cast<std::uint8_t*>(data) + done, piece);
                      });
}

bool device_queue::write(kit::task& t, const kit::ring_chain& chain, std::uint64_t offset,
                         const void* data, std::uint32_t n) {
  const one_task guard(m_inside, m_stats.name());
  return access_chain(
      chain, true, offset, n, [&](std::uint64_t at, std::uint32_t done, std::uint32_t piece) {
        return write_guest(t, at, static_cast<const std::uint8_t*>(data) + done, piece);
      });
}

template <class Access>
bool device_queue::access_guest(std::uint64_t address, std::uint32_t n, const Access& access) {
  return kit::for_each_line(address, n,
                            [&](std::uint64_t at, std::uint32_t done, std::uint32_t piece) {
                              const auto where = m_memory(base::ipa(at));
                              if (!where) return fail(ring_defect::outside);
                              access(where->value(), done, piece);
                              return true;
                            });
}

bool device_queue::read_guest(kit::task& t, std::uint64_t address, void* data, std::uint32_t n) {
  return access_guest(address, n, [&](std::uint64_t at, std::uint32_t done, std::uint32_t piece) {
    t.read(at, static_cast<std::uint8_t*>(data) + done, piece);
  });
}

bool device_queue::write_guest(kit::task& t, std::uint64_t address, const void* data,
                               std::uint32_t n) {
  return access_guest(address, n, [&](std::uint64_t at, std::uint32_t done, std::uint32_t piece) {
    t.write(at, static_cast<const std::uint8_t*>(data) + done, piece);
  });
}

std::uint16_t device_queue::read16(kit::task& t, std::uint64_t address) {
  std::uint8_t b[2] = {};
  read_guest(t, address, b, 2);
  return static_cast<std::uint16_t>(b[0] | b[1] << 8);
}

void device_queue::write16(kit::task& t, std::uint64_t address, std::uint16_t v) {
  const std::uint8_t b[2] = {static_cast<std::uint8_t>(v), static_cast<std::uint8_t>(v >> 8)};
  write_guest(t, address, b, 2);
}

// --- giving them back ---------------------------------------------------------------------------

void device_queue::push(kit::task& t, const kit::ring_chain& chain, std::uint32_t written) {
  const one_task guard(m_inside, m_stats.name());
  if (broken()) return;
  std::uint8_t entry[8];
  for (unsigned i = 0; i < 4; ++i) {
    entry[i] = i < 2 ? static_cast<std::uint8_t>(chain.head >> 8 * i) : std::uint8_t{0};
    entry[4 + i] = static_cast<std::uint8_t>(written >> 8 * i);
  }
  if (!write_guest(t, m_ring.used_entry(m_used), entry, 8)) return;
  ++m_used;
  ++m_since_interrupt;
  m_held[chain.head] = false;  // the driver may use it again once it sees the index
  ++m_stats.pushed;
  m_stats.held.change(kit::now(), -1);
  write16(t, m_ring.used_index(), m_used);
}

bool device_queue::interrupt_needed(kit::task& t) {
  const one_task guard(m_inside, m_stats.name());
  const std::uint32_t since = m_since_interrupt;
  if (since == 0 || broken()) return false;
  m_since_interrupt = 0;
  bool needed;
  if (m_params.event_idx) {
    const std::uint16_t event = read16(t, m_ring.used_event());
    const auto before = static_cast<std::uint16_t>(m_used - since);
    needed = since > 0xffff || arch::virtqueue_need_event(event, m_used, before);
  } else {
    needed = (read16(t, m_ring.avail_flags()) & arch::virtqueue_no_interrupt) == 0;
  }
  if (broken()) return false;
  ++(needed ? m_stats.interrupts : m_stats.interrupts_suppressed);
  return needed;
}

bool device_queue::enable_kicks(kit::task& t) {
  const one_task guard(m_inside, m_stats.name());
  if (broken()) return false;
  if (m_params.event_idx) {
    write16(t, m_ring.avail_event(), m_last_avail);
  } else if (!m_kicks) {
    write16(t, m_ring.used_flags(), 0);
  }
  m_kicks = true;
  return !broken() && more_available(t);
}

// With EVENT_IDX there is nothing to say: the index asked for last is behind already.
void device_queue::disable_kicks(kit::task& t) {
  const one_task guard(m_inside, m_stats.name());
  if (broken() || !m_kicks) return;
  m_kicks = false;
  if (!m_params.event_idx) write16(t, m_ring.used_flags(), arch::virtqueue_no_notify);
}

bool device_queue::fail(ring_defect what) {
  stats::counter* counters[] = {nullptr,         &m_stats.bad_index,
                                &m_stats.loops,  &m_stats.bad_descriptor,
                                &m_stats.reused, &m_stats.outside};
  if (!broken()) {
    m_defect = what;
    ++*counters[static_cast<std::size_t>(what)];
  }
  return false;
}

}  // namespace svasim::virtio
