#include "tlm/virtio/driver_queue.h"

#include <array>
#include <stdexcept>

#include "tlm/kit/time.h"
#include "tlm/virtio/ring_words.h"

namespace svasim::virtio {

using arch::virtqueue_descriptor;

driver_queue::driver_queue(const virtqueue_params& params, base::ipa memory, stats::group* parent,
                           const std::string& name)
    : m_params(params),
      m_ring(arch::virtqueue_layout::at(memory.value(), params.entries)),
      m_tables(memory.value() + arch::virtqueue_layout::size(params.entries)),
      m_stats(parent, name),
      m_entries(params.entries),
      m_free(params.entries) {
  if (memory.offset(6) != 0) throw std::invalid_argument(name + ": the ring is not aligned");
  for (std::uint32_t i = 0; i < params.entries; ++i) {
    m_entries[i].next = static_cast<std::uint16_t>(i + 1);
  }
}

// --- giving chains to the device ----------------------------------------------------------------

bool driver_queue::add(kit::task& t, const kit::ring_part* parts, unsigned readable,
                       unsigned writable, std::uint64_t token) {
  const one_task guard(m_inside, m_stats.name());
  const unsigned count = readable + writable;
  const bool indirect = m_params.indirect && count > 1 && count <= indirect_parts;
  const unsigned needed = indirect ? 1 : count;
  if (needed == 0 || m_broken) return false;
  if (needed > m_free) {
    ++m_stats.full;
    return false;
  }
  const std::uint16_t head = m_free_head;
  entry& e = m_entries[head];
  e.length = static_cast<std::uint16_t>(needed);
  e.token = token;
  if (indirect) {
    const std::uint64_t table =
        m_tables + std::uint64_t{head} * indirect_parts * virtqueue_descriptor::bytes;
    write_chain(t, table, parts, readable, count, false);
    virtqueue_descriptor d;
    d.address = table;
    d.length = count * virtqueue_descriptor::bytes;
    d.flags = virtqueue_descriptor::indirect_flag;
    const auto bytes = encode(d);
    t.write(m_ring.descriptor(head), bytes.data(), virtqueue_descriptor::bytes);
    m_free_head = e.next;
  } else {
    write_chain(t, m_ring.descriptors, parts, readable, count, true);
  }
  write16(t, m_ring.avail_entry(m_avail), head);
  ++m_avail;
  m_free -= needed;
  ++m_outstanding;
  ++m_stats.chains;
  m_stats.outstanding.change(kit::now(), 1);
  m_stats.descriptors.change(kit::now(), needed);
  return true;
}

// Descriptors from the free list, or those of a table one after the other.
void driver_queue::write_chain(kit::task& t, std::uint64_t table, const kit::ring_part* parts,
                               unsigned readable, unsigned count, bool in_ring) {
  std::uint16_t at = in_ring ? m_free_head : std::uint16_t{0};
  for (unsigned i = 0; i < count; ++i) {
    virtqueue_descriptor d;
    d.address = parts[i].address;
    d.length = parts[i].length;
    const auto next = in_ring ? m_entries[at].next : static_cast<std::uint16_t>(i + 1);
    if (i >= readable) d.flags |= virtqueue_descriptor::write_flag;
    if (i + 1 < count) {
      d.flags |= virtqueue_descriptor::next_flag;
      d.next = next;
    }
    const auto bytes = encode(d);
    t.write(table + std::uint64_t{at} * virtqueue_descriptor::bytes, bytes.data(),
            virtqueue_descriptor::bytes);
    at = next;
  }
  if (in_ring) m_free_head = at;
}

void driver_queue::publish(kit::task& t) {
  const one_task guard(m_inside, m_stats.name());
  if (m_published == m_avail) return;
  const auto n = static_cast<std::uint16_t>(m_avail - m_published);
  m_published = m_avail;
  m_since_kick += n;
  write16(t, m_ring.avail_index(), m_avail);
}

bool driver_queue::kick_needed(kit::task& t) {
  const one_task guard(m_inside, m_stats.name());
  const std::uint32_t since = m_since_kick;
  if (since == 0 || m_broken) return false;
  m_since_kick = 0;
  bool needed;
  if (m_params.event_idx) {
    const std::uint16_t event = read16(t, m_ring.avail_event());
    const auto before = static_cast<std::uint16_t>(m_published - since);
    needed = since > 0xffff || arch::virtqueue_need_event(event, m_published, before);
  } else {
    needed = (read16(t, m_ring.used_flags()) & arch::virtqueue_no_notify) == 0;
  }
  ++(needed ? m_stats.kicks : m_stats.kicks_suppressed);
  return needed;
}

// --- taking them back ---------------------------------------------------------------------------

bool driver_queue::more_used(kit::task& t) {
  const std::uint16_t index = read16(t, m_ring.used_index());
  const auto n = static_cast<std::uint16_t>(index - m_last_used);
  if (n > m_outstanding) fail();
  return n != 0 && !m_broken;
}

std::optional<driver_queue::used> driver_queue::collect(kit::task& t) {
  const one_task guard(m_inside, m_stats.name());
  if (m_broken) return std::nullopt;
  if (!more_used(t)) {
    if (!m_broken) ++m_stats.polls;
    return std::nullopt;
  }
  const std::uint64_t words = read_words(t, m_ring.used_entry(m_last_used));
  const auto id = static_cast<std::uint32_t>(words);
  if (id >= m_ring.entries || m_entries[id].length == 0) {
    fail();
    return std::nullopt;
  }
  ++m_last_used;
  const used out{m_entries[id].token, static_cast<std::uint32_t>(words >> 32)};
  release(static_cast<std::uint16_t>(id));
  if (m_interrupts && m_params.event_idx) write16(t, m_ring.used_event(), m_last_used);
  return out;
}

void driver_queue::release(std::uint16_t head) {
  const unsigned length = m_entries[head].length;
  std::uint16_t last = head;
  for (unsigned i = 1; i < length; ++i) last = m_entries[last].next;
  m_entries[head].length = 0;
  m_entries[last].next = m_free_head;
  m_free_head = head;
  m_free += length;
  --m_outstanding;
  ++m_stats.used;
  m_stats.outstanding.change(kit::now(), -1);
  m_stats.descriptors.change(kit::now(), -static_cast<std::int64_t>(length));
}

void driver_queue::fail() {
  m_broken = true;
  ++m_stats.errors;
}

bool driver_queue::enable_interrupts(kit::task& t) {
  const one_task guard(m_inside, m_stats.name());
  if (m_params.event_idx) {
    write16(t, m_ring.used_event(), m_last_used);
  } else if (!m_interrupts) {
    write16(t, m_ring.avail_flags(), 0);
  }
  m_interrupts = true;
  return !m_broken && more_used(t);
}

// With EVENT_IDX the index asked for is left just behind: it comes up once in 65536 chains.
void driver_queue::disable_interrupts(kit::task& t) {
  const one_task guard(m_inside, m_stats.name());
  if (!m_interrupts) return;
  m_interrupts = false;
  if (m_params.event_idx) {
    write16(t, m_ring.used_event(), static_cast<std::uint16_t>(m_last_used - 1));
  } else {
    write16(t, m_ring.avail_flags(), arch::virtqueue_no_interrupt);
  }
}

}  // namespace svasim::virtio
