// Little-endian structures of virtio, field by field: one function that names the fields in their
// order serves a reader and a writer, so that a layout is written down once.
#pragma once

#include <cstddef>
#include <cstdint>

namespace svasim::arch {

/// Writes fields one behind the other; what lies beyond the end is dropped.
class wire_writer {
 public:
  wire_writer(std::uint8_t* bytes, std::size_t size) : m_bytes(bytes), m_size(size) {}
  template <class T>
  void field(const T& v) {
    for (std::size_t i = 0; i < sizeof v; ++i) put(static_cast<std::uint8_t>(v >> 8 * i));
  }
  void reserved(std::size_t n) {
    while (n-- != 0) put(0);
  }
  /// Bytes so far, those beyond the end too.
  std::size_t size() const { return m_at; }

 private:
  void put(std::uint8_t v) {
    if (m_at < m_size) m_bytes[m_at] = v;
    ++m_at;
  }
  std::uint8_t* m_bytes;
  std::size_t m_size;
  std::size_t m_at = 0;
};

/// Reads them back; what lies beyond the end is zero and makes it too_short().
class wire_reader {
 public:
  wire_reader(const std::uint8_t* bytes, std::size_t size) : m_bytes(bytes), m_size(size) {}
  template <class T>
  void field(T& v) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < sizeof v; ++i) sum |= std::uint64_t{take()} << 8 * i;
    v = static_cast<T>(sum);
  }
  void reserved(std::size_t n) {
    while (n-- != 0) m_reserved_set |= take() != 0;
  }
  bool too_short() const { return m_at > m_size; }
  /// A reserved byte was not zero.
  bool reserved_set() const { return m_reserved_set; }
  std::size_t size() const { return m_at; }

 private:
  std::uint8_t take() {
    const std::uint8_t v = m_at < m_size ? m_bytes[m_at] : std::uint8_t{0};
    ++m_at;
    return v;
  }
  const std::uint8_t* m_bytes;
  std::size_t m_size;
  std::size_t m_at = 0;
  bool m_reserved_set = false;
};

}  // namespace svasim::arch
