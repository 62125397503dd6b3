// Lines of a trace in text form, without their line feed, and the position for messages. A line may
// be 64 KiB long: longer ones are no trace, and would let a file fill memory.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/decoder.h"

namespace svasim::workloads {

class line_reader {
 public:
  static constexpr std::size_t max_line = 64 << 10;

  explicit line_reader(const std::string& path);
  /// The next line, without "\n" or "\r\n"; valid until the next call. False at the end. After
  /// throwing for a line that is too long it goes on with the line behind.
  bool next(std::string_view& line);
  /// Of the line that next() gave last, from 1.
  std::uint64_t number() const { return m_number; }
  const std::string& path() const { return m_path; }
  const file_digest& bytes_digest() const { return m_decoder->bytes_digest(); }
  /// Throws base::input_error at this line; `column` counts from 1, 0 for none.
  [[noreturn]] void fail(std::uint64_t column, const std::string& message) const;

 private:
  bool refill();
  bool drop_rest();
  std::string m_path;
  std::unique_ptr<decoder> m_decoder;
  std::vector<char> m_buffer;
  std::size_t m_begin = 0;
  std::size_t m_end = 0;
  std::uint64_t m_number = 0;
  bool m_dropping = false;  // the rest of a line that was too long
};

}  // namespace svasim::workloads
