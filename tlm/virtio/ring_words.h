// What both ends of a virtqueue use: small accesses, and who is inside.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

#include "tlm/kit/virtqueue.h"

namespace svasim::virtio {

inline std::uint16_t read16(kit::task& t, std::uint64_t address) {
  std::uint8_t b[2];
  t.read(address, b, 2);
  return static_cast<std::uint16_t>(b[0] | b[1] << 8);
}

inline void write16(kit::task& t, std::uint64_t address, std::uint16_t v) {
  const std::uint8_t b[2] = {static_cast<std::uint8_t>(v), static_cast<std::uint8_t>(v >> 8)};
  t.write(address, b, 2);
}

inline std::uint64_t words_of(const std::uint8_t (&b)[8]) {
  std::uint64_t v = 0;
  for (unsigned i = 0; i < 8; ++i) v |= std::uint64_t{b[i]} << 8 * i;
  return v;
}

/// A used entry: id, and the length above it. It may lie in two lines.
inline std::uint64_t read_words(kit::task& t, std::uint64_t address) {
  std::uint8_t b[8];
  kit::read_memory(t, address, b, 8);
  return words_of(b);
}

/// Held during a call of a queue: accesses take time, in which no other task may call it. Throws
/// std::logic_error where one does: its caller lacks a lock.
class one_task {
 public:
  one_task(bool& inside, const std::string& queue) : m_inside(inside) {
    if (inside) throw std::logic_error(queue + ": two tasks in one virtqueue");
    inside = true;
  }
  one_task(const one_task&) = delete;
  one_task& operator=(const one_task&) = delete;
  ~one_task() { m_inside = false; }

 private:
  bool& m_inside;
};

}  // namespace svasim::virtio
