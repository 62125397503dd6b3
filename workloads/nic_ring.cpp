#include "workloads/nic_ring.h"

#include <algorithm>

namespace svasim::workloads {

void nic_ring::receive(std::uint64_t bytes, const trace::record& like, record_runs& to) {
  const std::uint64_t buffers = m_layout.base + 2 * m_layout.ring_size();
  while (bytes != 0) {
    const std::uint32_t slot = m_receive;
    m_receive = (m_receive + 1) % m_layout.entries;
    const std::uint64_t descriptor = m_layout.base + slot * nic_layout::descriptor;
    if (slot % m_layout.burst == 0) {
      add(like, descriptor, m_layout.burst * nic_layout::descriptor, false, to);
    }
    const std::uint64_t part = std::min(bytes, m_layout.buffer);
    add(like, buffers + slot * m_layout.buffer, part, true, to);
    add(like, descriptor, nic_layout::descriptor, true, to);
    bytes -= part;
  }
}

void nic_ring::transmit(std::uint64_t bytes, const trace::record& like, record_runs& to) {
  const std::uint64_t ring = m_layout.base + m_layout.ring_size();
  const std::uint64_t buffers = ring + m_layout.ring_size() + m_layout.buffers_size();
  while (bytes != 0) {
    const std::uint32_t slot = m_transmit;
    m_transmit = (m_transmit + 1) % m_layout.entries;
    const std::uint64_t descriptor = ring + slot * nic_layout::descriptor;
    const std::uint64_t part = std::min(bytes, m_layout.buffer);
    add(like, descriptor, nic_layout::descriptor, false, to);
    add(like, buffers + slot * m_layout.buffer, part, false, to);
    add(like, descriptor, nic_layout::descriptor, true, to);
    bytes -= part;
  }
}

void nic_ring::add(trace::record like, std::uint64_t address, std::uint64_t bytes, bool write,
                   record_runs& to) {
  like.address = base::iova(address);
  like.write = write;
  to.add_run(like, bytes);
}

}  // namespace svasim::workloads
