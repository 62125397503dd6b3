// Flow-control credits of one kind of TLP as a transmitter sees them (PCIe Base Spec 2.6): free
// ones, and those on their way back, in order of time.
#pragma once

#include <cstdint>
#include <vector>

#include "tlm/kit/time.h"

namespace svasim::pcie {

class credit_pool {
 public:
  using duration = base::duration;

  /// What the receiver grants; a data credit is 16 bytes.
  credit_pool(std::uint64_t headers, std::uint64_t data)
      : m_headers(headers), m_data(data), m_returning(headers) {}
  /// When (not before `t`) so many are free; kit::never when the receiver has not yet freed enough.
  duration available(duration t, std::uint64_t data, std::uint64_t headers = 1) {
    while (m_headers < headers || m_data < data) {
      if (m_count == 0) return kit::never;
      t = kit::later(t, m_returning[m_head].at);
      collect();
    }
    return t;
  }
  /// Use them; available() said when.
  void take(std::uint64_t data, std::uint64_t headers = 1) {
    m_headers -= headers;
    m_data -= data;
  }
  /// They are back at `at`, not before those that were given back earlier.
  void give_back(duration at, std::uint64_t data, std::uint64_t headers = 1) {
    m_returning[wrap(m_head + m_count++)] = {at, data, headers};
  }

 private:
  struct returning {
    duration at;
    std::uint64_t data;
    std::uint64_t headers;
  };
  std::size_t wrap(std::size_t i) const {
    return i < m_returning.size() ? i : i - m_returning.size();
  }
  // Moves the oldest returning credits to the free ones.
  void collect() {
    m_headers += m_returning[m_head].headers;
    m_data += m_returning[m_head].data;
    m_head = wrap(m_head + 1);
    --m_count;
  }

  std::uint64_t m_headers;
  std::uint64_t m_data;
  std::vector<returning> m_returning;  // ring; each has a header or more
  std::size_t m_head = 0;
  std::size_t m_count = 0;
};

}  // namespace svasim::pcie
