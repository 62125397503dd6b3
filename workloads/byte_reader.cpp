#include "workloads/byte_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/error.h"

namespace svasim::workloads {

byte_reader::byte_reader(const std::string& path)
    : m_path(path), m_decoder(open_decoder(path)), m_buffer(2 * max_take) {}

const unsigned char* byte_reader::take(std::size_t n) {
  while (left() < n) {
    if (!refill()) return nullptr;
  }
  const unsigned char* out = m_buffer.data() + m_begin;
  m_begin += n;
  m_position += n;
  return out;
}

bool byte_reader::skip(std::uint64_t n) {
  while (n != 0) {
    if (left() == 0 && !refill()) return false;
    const std::size_t part = static_cast<std::size_t>(std::min<std::uint64_t>(n, left()));
    m_begin += part;
    m_position += part;
    n -= part;
  }
  return true;
}

// Moves the rest of the buffer to its front and reads on behind it.
bool byte_reader::refill() {
  std::memmove(m_buffer.data(), m_buffer.data() + m_begin, left());
  m_end -= m_begin;
  m_begin = 0;
  char* to = reinterpret_cast<char*>(m_buffer.data()) + m_end;
  const std::size_t got = m_decoder->read(to, m_buffer.size() - m_end);
  m_end += got;
  return got != 0;
}

void byte_reader::fail(const std::string& message) const {
  throw base::input_error(
      base::problem{m_path, 0, 0, fmt::format("{} at byte {}", message, m_position)});
}

}  // namespace svasim::workloads
