// The bytes of a binary trace, plain or compressed, front to back, with the position for messages.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "workloads/decoder.h"

namespace svasim::workloads {

class byte_reader {
 public:
  explicit byte_reader(const std::string& path);
  /// Exactly `n` bytes, valid until the next call; nullptr where fewer are left (left() tells how
  /// many, and they stay). n is at most 64 KiB.
  const unsigned char* take(std::size_t n);
  /// What take() could not give.
  std::size_t left() const { return m_end - m_begin; }
  /// Passes over `n` bytes; false where the file ends before.
  bool skip(std::uint64_t n);
  /// Of the plain bytes, from 0.
  std::uint64_t position() const { return m_position; }
  const std::string& path() const { return m_path; }
  const file_digest& bytes_digest() const { return m_decoder->bytes_digest(); }
  /// Throws base::input_error "FILE: MESSAGE at byte POSITION".
  [[noreturn]] void fail(const std::string& message) const;

 private:
  static constexpr std::size_t max_take = 64 << 10;
  bool refill();

  std::string m_path;
  std::unique_ptr<decoder> m_decoder;
  std::vector<unsigned char> m_buffer;
  std::size_t m_begin = 0;
  std::size_t m_end = 0;
  std::uint64_t m_position = 0;
};

}  // namespace svasim::workloads
