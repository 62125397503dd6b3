#include "workloads/line_reader.h"

#include <cstring>

#include "base/error.h"

namespace svasim::workloads {

line_reader::line_reader(const std::string& path)
    : m_path(path), m_decoder(open_decoder(path)), m_buffer(4 * max_line) {}

bool line_reader::next(std::string_view& line) {
  std::size_t searched = 0;
  if (m_dropping && !drop_rest()) return false;
  for (;;) {
    const char* begin = m_buffer.data() + m_begin;
    const std::size_t held = m_end - m_begin;
    const void* found = std::memchr(begin + searched, '\n', held - searched);
    const bool whole = found != nullptr;
    std::size_t length =
        whole ? static_cast<std::size_t>(static_cast<const char*>(found) - begin) : held;
    if (!whole && length <= max_line) {
      searched = held;
      if (refill()) continue;
      if (m_end == m_begin) return false;
      begin = m_buffer.data() + m_begin;
    }
    ++m_number;
    if (length > max_line) {
      m_dropping = true;
      fail(0, "the line is longer than 64 KiB");
    }
    m_begin += length + (whole ? 1 : 0);
    if (length != 0 && begin[length - 1] == '\r') --length;
    line = std::string_view(begin, length);
    return true;
  }
}

// To behind the next line feed; false at the end of the file.
bool line_reader::drop_rest() {
  for (;;) {
    const char* begin = m_buffer.data() + m_begin;
    if (const void* found = std::memchr(begin, '\n', m_end - m_begin)) {
      m_begin += static_cast<std::size_t>(static_cast<const char*>(found) - begin) + 1;
      m_dropping = false;
      return true;
    }
    m_begin = m_end;
    if (!refill()) return false;
  }
}

// Moves the rest of the buffer to its front and reads on behind it.
bool line_reader::refill() {
  std::memmove(m_buffer.data(), m_buffer.data() + m_begin, m_end - m_begin);
  m_end -= m_begin;
  m_begin = 0;
  const std::size_t got = m_decoder->read(m_buffer.data() + m_end, m_buffer.size() - m_end);
  m_end += got;
  return got != 0;
}

void line_reader::fail(std::uint64_t column, const std::string& message) const {
  throw base::input_error(base::problem{m_path, m_number, column, message});
}

}  // namespace svasim::workloads
